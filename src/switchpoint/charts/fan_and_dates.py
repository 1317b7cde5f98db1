"""Fan, dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.charts.takeaways import date_of, draws_words, leading, sentence_case, short
from switchpoint.charts.vega import (
    DASHED,
    DOTTED,
    FAR,
    LIGHT,
    Flag,
    Line,
    Look,
    Spec,
    channel,
    dress_chart,
    expr,
    flag_layers,
    headroom,
    layer,
    line_layer,
    moment,
    money_axis,
    pointer_layer,
    second,
    time_axis,
    tip,
    value,
    value_axis,
    window_layer,
)
from switchpoint.finance import per_month
from switchpoint.horizon import NEVER, Floats, Horizon, Ints
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_sentence import bill_clause
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days
from switchpoint.text import chance, percent, usd

HEIGHT = 420
WIDE = 1.05
"""Where the limit's middle 80 % in any month is wider than this ratio, the bill is shown as a share of it."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
BANDS = ((0, 4, 0.18), (1, 3, 0.26))
"""Lower and upper quantile of each band, by place, and how dark it is."""


def has_fan(findings: DrawFindings) -> bool:
    """Whether there are two months to draw a line between."""
    return len(findings.clock.months) > 1


def fan_chart(findings: DrawFindings, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """The bill of staying at the end of each month: the middle 80 and 50 % of the draws, their median, the base case
    and the limit where there is one; as an Altair chart.

    In dollars where the limit is about the same in all draws; where it differs, as a share of each draw's own limit.
    """
    fan, clock = fan_of(findings), findings.clock
    flags = _flags(findings)
    lines = _lines(findings, fan, look)
    top = max(float(fan.quantiles[-1].max()), float(lines[1].finite_values.max()))
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
    return dress_chart(layers, look, fan_words(findings), note, titled=titled, height=HEIGHT)


def fan_words(findings: DrawFindings) -> str:
    """The takeaway: when the bill reaches its limit, with its range; without a limit how much it is in the end."""
    if findings.limited:
        return sentence_case(bill_clause(findings))
    low, *_, high = ends = [float(row[-1]) for row in fan_of(findings).quantiles]
    spread = "" if low == high else f" ({usd(low)} to {usd(high)} in 80 % of the draws)"
    return f"The bill is {usd(ends[len(ends) // 2])} a month at the end in the middle draw{spread}"


def fan_note(findings: DrawFindings) -> str:
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


def fan_of(findings: DrawFindings) -> Fan:
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


def _limit_differs(findings: DrawFindings) -> bool:
    """Whether draws differ in their limit, bill over pressure."""
    bill, pressure = findings.survey.bill.astype(np.float64), findings.survey.pressure.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = bill / pressure
    if not (np.isfinite(pressure).all() and np.isfinite(limit).all()):
        return False
    low, high = np.quantile(limit, (QUANTILES[0], QUANTILES[-1]), axis=0)
    return bool((high > WIDE * low).any())


def _lines(findings: DrawFindings, fan: Fan, look: Look) -> list[Line]:
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


def _band(findings: DrawFindings, fan: Fan, low: int, high: int, dark: float, colour: str, axis: Spec) -> Spec:
    rows = [
        {"day": moment(findings.clock, int(day)), "value": float(bottom), "high": float(top)}
        for day, bottom, top in zip(fan.days, fan.quantiles[low], fan.quantiles[high], strict=True)
    ]
    encoding = {"x": channel("day:T"), "y": axis, "y2": second("high")}
    return layer(rows, "area", encoding, color=colour, opacity=dark, clip=True)


def _flags(findings: DrawFindings) -> list[Flag]:
    verdict, middle = findings.verdict, findings.median_threat
    flags = []
    if middle != NEVER:
        flags.append(Flag(middle, f"{findings.threat_called} {date_of(findings.base, middle)} in the middle draw"))
    if verdict.window is not None and verdict.window[1] > 0:
        flags.append(Flag(max(verdict.window[0], 0), "Warning window"))
    return flags


TEXT, BARS, GAP = 22, 46, 20
"""Heights within a row, pixels: its words, its bars, and the space below them."""
PITCH = TEXT + BARS + GAP
PIXELS = channel("y:Q", scale=None, axis=None)
LEAST = 0.02
"""Share of the draws in a month that fills a row's height where no month has more: a single draw never looks tall."""


@dataclass(frozen=True)
class Row:
    """One date over all draws: its name, its day in each draw, and the colour of its bars."""

    name: str
    days: Ints
    colour: str


def dates_chart(findings: DrawFindings, look: Look = LIGHT, *, titled: bool = True, name: str | None = None) -> Any:
    """When the limit is reached, if there is one, and when a candidate would have had to start, is live and is paid
    back, by month.

    Args:
        findings: what is shown.
        look: its colours.
        titled: whether the takeaway stands on it.
        name: of the candidate; left out, the one of the verdict.
    """
    clock, rows = findings.clock, date_rows(findings, look, name)
    ends = {"x": time_axis(clock), "x2": second("end"), "y": PIXELS, "y2": second("y2")}
    bars = [
        layer(
            _bars(row, i, clock, findings.draws),
            "rect",
            {**ends, "tooltip": [tip("month:N", row.name), tip("share:N", "Share of draws")]},
            color=row.colour,
        )
        for i, row in enumerate(rows)
    ]
    floors = layer([{"y": i * PITCH + TEXT + BARS} for i in range(len(rows))], "rule", {"y": PIXELS}, color=look.grid)
    layers = [floors, _frame(clock), *(bar for bar, row in zip(bars, rows, strict=True) if (row.days < NEVER).any())]
    layers += [*_middles(findings, rows, look), *_words(findings, rows, look)]
    height = PITCH * len(rows)
    return dress_chart(layers, look, dates_words(findings, name), dates_note(findings), titled=titled, height=height)


def dates_words(findings: DrawFindings, name: str | None = None) -> str:
    """The takeaway: how surely the candidate is live before the limit is reached, or without one is paid back."""
    found = _about(findings, name)
    if found is None or (findings.limited and findings.median_threat == NEVER):
        return sentence_case(bill_clause(findings))
    start = found.weighed.judged_start
    started = (
        "already under way" if found.weighed.outlook.starts.under_way is not None else _start_words(findings, start)
    )
    if not findings.limited:
        return f"{found.name}, {started}, is paid back within the horizon in {chance(_paid_back(found))} of the draws"
    return f"{found.name}, {started}, is live before the limit is reached in {chance(found.in_time[0])} of the draws"


def dates_note(findings: DrawFindings) -> str:
    """What is drawn, in one line."""
    return (
        f"{sentence_case(draws_words(findings))} by calendar month, each row scaled to its fullest month; "
        "the mark is the middle draw, in brackets the middle 80 %"
    )


def date_rows(findings: DrawFindings, look: Look, name: str | None = None) -> list[Row]:
    """The dates that are shown."""
    threat = Row(findings.threat_called, findings.survey.threat, look.colour(0))
    rows = [threat] if findings.tells_threat else []
    found = _about(findings, name)
    if found is None:
        return rows
    place = list(findings.candidates).index(found.name) + 1
    label, followed = short(found.name), found.followed_starts
    if found.weighed.outlook.starts.under_way is None:
        rows.append(Row(f"Start {label} by, as seen afterwards", found.weighed.start_by_each, look.colour(place)))
        label_live = f"{label} live, {_start_words(findings, found.weighed.judged_start)}"
    else:
        label_live = f"{label} live"
    rows.append(Row(label_live, followed.cutover[:, ADVISED], look.colour(place)))
    rows.append(Row(f"{label} paid back", followed.break_even[:, ADVISED], look.colour(place)))
    return rows


def by_month(days: Ints, clock: Horizon) -> Floats:
    """Share of the draws whose day falls into each calendar month, shape (months,); days before the start count into
    the first."""
    dated = np.maximum(days[days < clock.days], 0)
    month = np.searchsorted(clock.month_starts, dated, side="right") - 1
    return np.bincount(month, minlength=len(clock.months)) / len(days)


def _about(findings: DrawFindings, name: str | None) -> CandidateFindings | None:
    return leading(findings) if name is None else findings.candidates[name]


def _paid_back(found: CandidateFindings) -> float:
    return found.break_even(ADVISED).probability


def has_dates(findings: DrawFindings) -> bool:
    """Whether there is any date: of a limit or of a candidate."""
    return findings.limited or bool(findings.candidates)


def _start_words(findings: DrawFindings, day: int) -> str:
    return "started today" if day == 0 else f"started on {date_of(findings.base, day)}"


def _bars(row: Row, place: int, clock: Horizon, draws: int) -> list[dict[str, Any]]:
    shares = by_month(row.days, clock)
    floor, fullest = place * PITCH + TEXT + BARS, max(float(shares.max()), LEAST)
    return [
        {
            "day": moment(clock, int(first)),
            "end": moment(clock, int(first + length)),
            "y": float(floor - BARS * share / fullest),
            "y2": floor,
            "month": f"{month:%B %Y}",
            "share": f"{chance(float(share))} ({round(share * draws)} of {draws})",
        }
        for first, length, month, share in zip(clock.month_starts, clock.month_days, clock.months, shares, strict=True)
        if share > 0
    ]


def _middles(findings: DrawFindings, rows: list[Row], look: Look) -> list[Spec]:
    """A mark at the middle draw of each date that half of the draws reach."""
    clock = findings.clock
    middles = [Days.of(row.days).p50 for row in rows]
    marks = [
        {"day": moment(clock, max(middle, 0)), "y": i * PITCH + TEXT + BARS + 2, "what": date_of(findings.base, middle)}
        for i, middle in enumerate(middles)
        if middle < clock.days
    ]
    if not marks:
        return []
    shape = {"shape": "triangle-up", "filled": True, "size": 70, "color": look.ink, "yOffset": 4, "opacity": 1}
    return [
        layer(marks, "point", {"x": channel("day:T"), "y": PIXELS, "tooltip": [tip("what:N", "Middle draw")]}, **shape)
    ]


def _words(findings: DrawFindings, rows: list[Row], look: Look) -> list[Spec]:
    """Each row's name and its dates above its bars."""
    told = [
        {"y": i * PITCH + TEXT / 2 - 2, "text": f"{row.name}: {_spread(findings, row.days)}"}
        for i, row in enumerate(rows)
    ]
    place = {"align": "left", "baseline": "middle", "fontSize": 12.5, "limit": expr("width"), "color": look.ink}
    return [layer(told, "text", {"x": value(0), "y": PIXELS, "text": channel("text:N")}, **place)]


def _spread(findings: DrawFindings, days: Ints) -> str:
    """A date over all draws in words."""
    spread = Days.of(days)
    beyond = f"not within the horizon in {chance(1 - spread.probability)}"
    if spread.probability == 0:
        return "not within the horizon in any draw"
    if spread.p50 == NEVER:
        return beyond
    return _month(findings, spread.p50) + _ends(findings, spread) + (f", {beyond}" if spread.probability < 1 else "")


def _ends(findings: DrawFindings, spread: Days) -> str:
    first = _month(findings, spread.p10)
    if spread.p90 == NEVER:
        return f" ({first} or later)"
    last = _month(findings, spread.p90)
    return "" if first == last else f" ({first} to {last})"


def _month(findings: DrawFindings, day: int) -> str:
    return f"{findings.clock.date_of(day):%B %Y}"


def _frame(clock: Horizon) -> Spec:
    """The axis of days, also where no bar states it."""
    return layer([{"day": moment(clock, 0)}], "point", {"x": time_axis(clock)}, opacity=0)
