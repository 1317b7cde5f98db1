"""The fan chart: the monthly bill of staying over all draws, against its limit where it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.charts.bill import FAR
from switchpoint.charts.flags import Flag, flag_layers, headroom, window_layer
from switchpoint.charts.lines import DASHED, DOTTED, Line, line_layer, moment, money_axis, pointer_layer, value_axis
from switchpoint.charts.spec import Spec, channel, layer, second
from switchpoint.charts.spread import draws_words, sentence_case
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import date_of
from switchpoint.clock import NEVER, Floats, Ints
from switchpoint.finance import per_month
from switchpoint.study.draws.findings import Findings
from switchpoint.study.draws.sentence import hit
from switchpoint.words import percent, usd

HEIGHT = 420
WIDE = 1.05
"""Where the limit's middle 80 % in any month is wider than this ratio, the bill is shown as a share of it."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
BANDS = ((0, 4, 0.18), (1, 3, 0.26))
"""Lower and upper quantile of each band, by place, and how dark it is."""


def has_fan(findings: Findings) -> bool:
    """Whether there are two months to draw a line between."""
    return len(findings.clock.months) > 1


def fan_chart(findings: Findings, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """The bill of staying at the end of each month: the middle 80 and 50 % of the draws, their median, the base case
    and the limit where there is one; as an Altair chart.

    In dollars where the limit is about the same in all draws; where it differs, as a share of each draw's own limit.
    """
    fan, clock = fan_of(findings), findings.clock
    flags = _flags(findings)
    lines = _lines(findings, fan, look)
    top = max(float(fan.quantiles[-1].max()), float(lines[1].drawn.max()))
    if fan.limit is not None and (fan.limit.max() <= FAR * top or top <= 0):
        top = max(top, fan.limit.max())
    word = usd if fan.dollars else percent
    axis = _axis(fan.dollars, headroom(1.03 * top, flags, HEIGHT))
    layers = [
        *window_layer(findings.verdict.window, clock, look, flags),
        *flag_layers(flags, clock, look),
        *(_band(findings, fan, low, high, dark, look.colour(0), axis) for low, high, dark in BANDS),
        line_layer(lines, fan.days, clock, axis),
        pointer_layer(lines, fan.days, clock, look, word),
    ]
    note = fan_note(findings)
    if fan.limit is not None and fan.limit.min() > top:
        note += f". The limit, {usd(float(fan.limit.min()))} or more, lies above the picture"
    return dressed(layers, look, fan_words(findings), note, titled=titled, height=HEIGHT)


def fan_words(findings: Findings) -> str:
    """The takeaway: when the bill reaches its limit, with its range; without a limit how much it is in the end."""
    if findings.limited:
        return sentence_case(hit(findings))
    low, *_, high = ends = [float(row[-1]) for row in fan_of(findings).quantiles]
    spread = "" if low == high else f" ({usd(low)} to {usd(high)} in 80 % of the draws)"
    return f"The bill is {usd(ends[len(ends) // 2])} a month at the end in the middle draw{spread}"


def fan_note(findings: Findings) -> str:
    """What is drawn, in one line."""
    of = "in dollars a month" if fan_of(findings).dollars else "as a share of the limit of each draw"
    return (
        f"Bill of staying at the end of each month, {of}; {draws_words(findings)}: "
        "their middle 80 % lightly shaded, their middle half darker"
    )


@dataclass(frozen=True)
class Fan:
    """The bill of staying over all draws, in dollars a month or as a share of the limit."""

    dollars: bool
    days: Ints
    """Last day of each calendar month, shape (months,)."""
    quantiles: Floats
    """Shape (quantiles, months)."""
    base: Floats
    """Of the base case, shape (months,)."""
    limit: Floats | None
    """Shape (months,); None without a limit."""


def fan_of(findings: Findings) -> Fan:
    """The bill of staying over all draws."""
    clock, case, seen = findings.clock, findings.base.case, findings.survey
    days = clock.month_starts + clock.month_days - 1
    dollars = not _limit_differs(findings)
    limit = None
    if findings.limited:
        limit = per_month(case.limits.trailing)[days] if dollars else np.ones(len(days))
    values = seen.bill if dollars else seen.pressure
    quantiles = np.quantile(values.astype(np.float64), QUANTILES, axis=0)
    return Fan(dollars, days, quantiles, (case.bill if dollars else case.pressure)[days], limit)


def _limit_differs(findings: Findings) -> bool:
    """Whether draws differ in their limit, bill over pressure."""
    bill, pressure = findings.survey.bill.astype(np.float64), findings.survey.pressure.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = bill / pressure
    if not (np.isfinite(pressure).all() and np.isfinite(limit).all()):
        return False
    low, high = np.quantile(limit, (QUANTILES[0], QUANTILES[-1]), axis=0)
    return bool((high > WIDE * low).any())


def _lines(findings: Findings, fan: Fan, look: Look) -> list[Line]:
    every = np.arange(findings.clock.days)
    first = int(fan.days[0])

    def daily(values: Floats) -> Floats:
        return np.interp(every, fan.days, values)

    median = fan.quantiles[len(QUANTILES) // 2]
    limit = [] if fan.limit is None else [Line("Limit", daily(fan.limit), look.ink, first, dash=DASHED)]
    return [
        Line("Median of the draws", daily(median), look.colour(0), first),
        Line("Base case", daily(fan.base), look.series[-1], first, dash=DOTTED),
        *limit,
    ]


def _axis(dollars: bool, top: float) -> Spec:
    if dollars:
        return money_axis("Dollars a month", top)
    return value_axis("Bill as a share of its limit", top, label="format(100 * datum.value, '~f') + ' %'")


def _band(findings: Findings, fan: Fan, low: int, high: int, dark: float, colour: str, axis: Spec) -> Spec:
    rows = [
        {"day": moment(findings.clock, int(day)), "value": float(bottom), "high": float(top)}
        for day, bottom, top in zip(fan.days, fan.quantiles[low], fan.quantiles[high], strict=True)
    ]
    encoding = {"x": channel("day:T"), "y": axis, "y2": second("high")}
    return layer(rows, "area", encoding, color=colour, opacity=dark, clip=True)


def _flags(findings: Findings) -> list[Flag]:
    verdict, middle = findings.verdict, findings.median_threat
    flags = []
    if middle != NEVER:
        flags.append(Flag(middle, f"Limit reached {date_of(findings.base, middle)} in the middle draw"))
    if verdict.window is not None and verdict.window[1] > 0:
        flags.append(Flag(max(verdict.window[0], 0), "Warning window"))
    return flags
