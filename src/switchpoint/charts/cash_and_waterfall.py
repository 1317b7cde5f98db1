"""Cash of a candidate or a plan by quarter, and the steps from what staying costs to what it saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from switchpoint.charts.takeaways import (
    date_of,
    horizon,
    label_of,
    main_path,
    path_name,
    policy_words,
    return_words,
    within,
)
from switchpoint.charts.vega import LIGHT, Look, channel, dress_chart, layer, money_axis, second, tip
from switchpoint.decision.cash import CashStep, CashView, Started, cash_view, first_year, waterfall
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER
from switchpoint.text import usd

HEIGHT, ROW = 380, 34
"""Height of the cash chart, and of a step of a waterfall, pixels."""
MOST_QUARTERS = 24
"""Longer horizons are drawn by fiscal year."""


def has_cash(result: JudgedWorld) -> bool:
    """Whether a plan is advised, or there is a candidate that is started within the horizon or is under way."""
    told = main_path(result)
    return told is not None and within(result, told.project_start)


def _main(result: JudgedWorld) -> Started:
    told = main_path(result)
    assert told is not None
    return told


def drawn_cash(told: Started) -> CashView:
    """The periods that are drawn: quarters, or fiscal years where these are many."""
    quarters = cash_view(told, "quarter")
    return quarters if len(quarters.periods.names) <= MOST_QUARTERS else cash_view(told, "year")


def cash_chart(result: JudgedWorld, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """What staying costs more than the switch in each period as bars, and their sum so far as a line."""
    view = drawn_cash(_main(result))
    names, net, so_far = view.periods.names, view.net.tolist(), view.cumulative.tolist()
    low, high = min(0.0, *net, *so_far), max(0.0, *net, *so_far)
    room = 0.06 * (high - low or 1.0)
    y = money_axis("Dollars", high + room, low - room if low < 0 else 0.0)
    x = channel("period:O", sort=list(names), axis={"title": None, "labelAngle": -40, "labelOverlap": "greedy"})
    tips = [tip("period:N", "Period"), tip("words:N", "Cash of the period"), tip("total:N", "So far")]
    rows = [
        {
            "period": name,
            "value": each,
            "total_value": total,
            "words": usd(each),
            "total": usd(total),
            "what": OF_PERIOD,
        }
        for name, each, total in zip(names, net, so_far, strict=True)
    ]
    lines = [{**row, "value": row["total_value"], "what": SO_FAR} for row in rows]
    colours = channel(
        "what:N",
        legend={"title": None, "orient": "top"},
        scale={"domain": [OF_PERIOD, SO_FAR], "range": [look.colour(0), look.colour(1)]},
    )
    layers = [
        layer(rows, "bar", {"x": x, "y": y, "color": colours, "tooltip": tips}),
        layer([{"value": 0}], "rule", {"y": y}, color=look.ink, strokeWidth=1),
        layer(lines, "line", {"x": x, "y": y, "color": colours, "tooltip": tips}, point=True, strokeWidth=2.4),
    ]
    return dress_chart(layers, look, cash_words(result), cash_note(result), titled=titled, height=HEIGHT)


OF_PERIOD, SO_FAR = "Cash of the period against staying", "So far"


def cash_words(result: JudgedWorld) -> str:
    """The takeaway: how far behind staying, when, and the return."""
    best = _main(result)
    amount, peak = best.peak_cash
    name = label_of(best)
    if peak == NEVER:
        return f"{name} is never behind staying"
    back = best.break_even.day
    paid = (
        f"paid back by {date_of(result, back)}" if within(result, back) else f"not paid back within {horizon(result)}"
    )
    rate = "" if best.internal_rate[0] is None else f", return {return_words(best)}"
    return f"{name} is behind staying by at most {usd(amount)}, on {date_of(result, peak)}; {paid}{rate}"


def cash_note(result: JudgedWorld) -> str:
    """What is drawn, in one line."""
    best = _main(result)
    credit = best.end_credit
    apart = f". What GPUs are worth in the end, {usd(credit)}, stands apart" if round(credit, 2) else ""
    return (
        f"What staying costs more than the way to {path_name(best)}, not discounted, in the base case{apart}. "
        f"{policy_words(result)}"
    )


@dataclass(frozen=True)
class Fall:
    """A bar of a waterfall: where it begins and ends, and its amount in words."""

    step: CashStep
    begin: float
    end: float

    @property
    def words(self) -> str:
        """Its amount: sums plain, steps with their sign."""
        sign = "+" if self.step.usd > 0 and not self.step.is_sum else ""
        return f"{sign}{usd(self.step.usd)}"


def falls(steps: Sequence[CashStep]) -> list[Fall]:
    """The bars of a waterfall: each step begins where the one before ends, sums begin at zero."""
    found, at = list[Fall](), 0.0
    for step in steps:
        begin, at = (0.0, step.usd) if step.is_sum else (at, at + step.usd)
        found.append(Fall(step, begin, at))
    return found


def fall_colour(fall: Fall, look: Look) -> str:
    """Sums in one colour, what is gained and what is spent in two others."""
    return look.colour(0) if fall.step.is_sum else look.colour(2) if fall.step.usd > 0 else look.colour(1)


def waterfall_chart(result: JudgedWorld, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """The steps from what staying costs to the saving, one below the other."""
    bars = falls(waterfall(_main(result)))
    rows = [
        {
            "step": fall.step.name,
            "begin": fall.begin,
            "end": fall.end,
            "most": max(fall.begin, fall.end),
            "words": fall.words,
            "kind": _kind(fall),
        }
        for fall in bars
    ]
    order = [fall.step.name for fall in bars]
    ends = [end for fall in bars for end in (fall.begin, fall.end)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    shape = "datum.value === 0 ? '$0' : replace(format(datum.value, '$~s'), 'G', 'B')"
    domain = {"domain": [low, low + (high - low or 1.0) * 1.12]}
    x = channel("begin:Q", axis={"title": "Dollars over the horizon", "labelExpr": shape, "tickCount": 6}, scale=domain)
    y = channel("step:N", sort=order, axis={"title": None, "labelLimit": 260, "labelFontSize": 13})
    kinds = [SUM, LESS, MORE]
    tints = [look.colour(0), look.colour(1), look.colour(2)]
    colours = channel("kind:N", legend={"title": None, "orient": "top"}, scale={"domain": kinds, "range": tints})
    tips = [tip("step:N", "Step"), tip("words:N", "Dollars")]
    bar = {"x": x, "x2": second("end"), "y": y, "color": colours, "tooltip": tips}
    text = {"x": channel("most:Q"), "y": y, "text": channel("words:N")}
    layers = [
        layer(rows, "bar", bar, cornerRadius=1),
        layer(rows, "text", text, align="left", dx=5, color=look.ink, fontSize=12.5),
    ]
    height = ROW * len(rows)
    return dress_chart(layers, look, waterfall_words(result), waterfall_note(result), titled=titled, height=height)


SUM, LESS, MORE = "A sum", "Lowers the saving", "Raises it"


def _kind(fall: Fall) -> str:
    return SUM if fall.step.is_sum else MORE if fall.step.usd > 0 else LESS


def waterfall_words(result: JudgedWorld) -> str:
    """The takeaway: what is avoided, and what is left of it."""
    best = _main(result)
    steps = {step.name: step.usd for step in waterfall(best) if step.is_sum}
    stay, avoided, saved = steps.values()
    left = f"{usd(saved)} is left after all costs" if saved >= 0 else f"all costs are {usd(-saved)} more than that"
    return f"Of {usd(stay)} that staying costs, {usd(avoided)} is avoided, and {left}"


def waterfall_note(result: JudgedWorld) -> str:
    """What is drawn, in one line."""
    best = _main(result)
    year = waterfall(best, first_year(best.clock))[-1].usd
    first = f"saves {usd(year)}" if year >= 0 else f"costs {usd(-year)} more than staying"
    return (
        f"Base case over {horizon(result)}, not discounted; in the first year {path_name(best)} {first}. "
        f"{policy_words(result)}"
    )
