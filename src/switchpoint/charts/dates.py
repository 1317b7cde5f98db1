"""The chart of dates: in how many draws each date falls into each month, one row for each date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.charts.lines import moment, time_axis
from switchpoint.charts.spec import Spec, channel, expr, layer, second, tip, value
from switchpoint.charts.spread import draws_words, leading, sentence_case
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import date_of, short
from switchpoint.clock import NEVER, Clock, Floats, Ints
from switchpoint.study.draws.findings import ADVISED, Finding, Findings
from switchpoint.study.draws.sentence import hit
from switchpoint.study.draws.spread import Days
from switchpoint.words import chance

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


def dates_chart(findings: Findings, look: Look = LIGHT, *, titled: bool = True, name: str | None = None) -> Any:
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
    return dressed(layers, look, dates_words(findings, name), dates_note(findings), titled=titled, height=height)


def dates_words(findings: Findings, name: str | None = None) -> str:
    """The takeaway: how surely the candidate is live before the limit is reached, or without one is paid back."""
    found = _about(findings, name)
    if found is None or (findings.limited and findings.median_threat == NEVER):
        return sentence_case(hit(findings))
    start = found.weighed.judged
    started = "already under way" if found.weighed.outlook.starts.under_way is not None else _started(findings, start)
    if not findings.limited:
        return f"{found.name}, {started}, is paid back within the horizon in {chance(_paid_back(found))} of the draws"
    return f"{found.name}, {started}, is live before the limit is reached in {chance(found.in_time[0])} of the draws"


def dates_note(findings: Findings) -> str:
    """What is drawn, in one line."""
    return (
        f"{sentence_case(draws_words(findings))} by calendar month, each row scaled to its fullest month; "
        "the mark is the middle draw, in brackets the middle 80 %"
    )


def date_rows(findings: Findings, look: Look, name: str | None = None) -> list[Row]:
    """The dates that are shown."""
    rows = [Row("Limit reached", findings.survey.threat, look.colour(0))] if findings.limited else []
    found = _about(findings, name)
    if found is None:
        return rows
    place = list(findings.candidates).index(found.name) + 1
    label, followed = short(found.name), found.followed
    if found.weighed.outlook.starts.under_way is None:
        rows.append(Row(f"Start {label} by, as seen afterwards", found.weighed.start_by_each, look.colour(place)))
        label_live = f"{label} live, {_started(findings, found.weighed.judged)}"
    else:
        label_live = f"{label} live"
    rows.append(Row(label_live, followed.cutover[:, ADVISED], look.colour(place)))
    rows.append(Row(f"{label} paid back", followed.break_even[:, ADVISED], look.colour(place)))
    return rows


def by_month(days: Ints, clock: Clock) -> Floats:
    """Share of the draws whose day falls into each calendar month, shape (months,); days before the start count into
    the first."""
    dated = np.maximum(days[days < clock.days], 0)
    month = np.searchsorted(clock.month_starts, dated, side="right") - 1
    return np.bincount(month, minlength=len(clock.months)) / len(days)


def _about(findings: Findings, name: str | None) -> Finding | None:
    return leading(findings) if name is None else findings.candidates[name]


def _paid_back(found: Finding) -> float:
    return found.break_even(ADVISED).probability


def has_dates(findings: Findings) -> bool:
    """Whether there is any date: of a limit or of a candidate."""
    return findings.limited or bool(findings.candidates)


def _started(findings: Findings, day: int) -> str:
    return "started today" if day == 0 else f"started on {date_of(findings.base, day)}"


def _bars(row: Row, place: int, clock: Clock, draws: int) -> list[dict[str, Any]]:
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


def _middles(findings: Findings, rows: list[Row], look: Look) -> list[Spec]:
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


def _words(findings: Findings, rows: list[Row], look: Look) -> list[Spec]:
    """Each row's name and its dates above its bars."""
    told = [
        {"y": i * PITCH + TEXT / 2 - 2, "text": f"{row.name}: {_spread(findings, row.days)}"}
        for i, row in enumerate(rows)
    ]
    place = {"align": "left", "baseline": "middle", "fontSize": 12.5, "limit": expr("width"), "color": look.ink}
    return [layer(told, "text", {"x": value(0), "y": PIXELS, "text": channel("text:N")}, **place)]


def _spread(findings: Findings, days: Ints) -> str:
    """A date over all draws in words."""
    spread = Days.of(days)
    beyond = f"not within the horizon in {chance(1 - spread.probability)}"
    if spread.probability == 0:
        return "not within the horizon in any draw"
    if spread.p50 == NEVER:
        return beyond
    return _month(findings, spread.p50) + _ends(findings, spread) + (f", {beyond}" if spread.probability < 1 else "")


def _ends(findings: Findings, spread: Days) -> str:
    first = _month(findings, spread.p10)
    if spread.p90 == NEVER:
        return f" ({first} or later)"
    last = _month(findings, spread.p90)
    return "" if first == last else f" ({first} to {last})"


def _month(findings: Findings, day: int) -> str:
    return f"{findings.clock.date_of(day):%B %Y}"


def _frame(clock: Clock) -> Spec:
    """The axis of days, also where no bar states it."""
    return layer([{"day": moment(clock, 0)}], "point", {"x": time_axis(clock)}, opacity=0)
