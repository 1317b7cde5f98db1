"""The chart of waiting: what each start date saves on average, with how well that is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from switchpoint.charts.flags import Flag, flag_layers, headroom
from switchpoint.charts.lines import Line, line_layer, moment, money_axis, pointer_layer
from switchpoint.charts.spec import Spec, channel, layer, second, tip
from switchpoint.charts.spread import draws_words, leading
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import date_of, short
from switchpoint.clock import NEVER, Clock, Floats
from switchpoint.finance import SAME
from switchpoint.study.findings import Finding, Findings
from switchpoint.words import months, usd

HEIGHT = 400
SURE = 2
"""Standard errors that the band reaches to either side."""
LATER = (6, 3, 1)
"""Months of waiting that the takeaway tells of: the first of them that the horizon has room for."""


def has_waiting(findings: Findings) -> bool:
    """Whether there is a candidate that may still start on one day or another."""
    return bool(_open(findings))


def waiting_chart(findings: Findings, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Expected saving against start date, one line for each candidate.

    The band is two standard errors to either side; a dot is the start-by date, a diamond the best start.
    """
    clock, found, flags = findings.clock, _open(findings), _flags(findings)
    lines = [Line(short(f.name), by_day(f), look.colour(place)) for place, f in found]
    days = np.unique([day for _, f in found for day in f.weighed.searched])
    highest = [float((saving + SURE * error).max()) for saving, error in (f.saving_by_start for _, f in found)]
    lowest = [float((saving - SURE * error).min()) for saving, error in (f.saving_by_start for _, f in found)]
    top, bottom = max(0.0, *highest), min(0.0, *lowest)
    room = 0.04 * (top - bottom)
    axis = money_axis(
        "Dollars saved on average, present value", headroom(top + room, flags, HEIGHT, bottom - room), bottom - room
    )
    layers = [
        *flag_layers(flags, clock, look),
        layer([{"value": 0}], "rule", {"y": axis}, color=look.ink, strokeWidth=1),
        *(_band(f, clock, look.colour(place), axis) for place, f in found),
        line_layer(lines, days, clock, axis),
        *_marks(findings, look, axis),
        pointer_layer(lines, days, clock, look),
    ]
    return dressed(layers, look, waiting_words(findings), waiting_note(findings), titled=titled, height=HEIGHT)


def waiting_words(findings: Findings) -> str:
    """The takeaway: what the best start of the leading candidate saves, and what waiting beyond it costs."""
    best = leading(findings)
    assert best is not None
    saving, start = best.saving_by_start[0], best.weighed.best
    if start == NEVER:
        if saving.max() > SAME * best.weighed.expected_stay:
            return f"{best.name} saves on average only where it is not live in most draws"
        return f"{best.name} saves nothing on average, whenever it is started"
    when = "today" if start == 0 else f"on {date_of(findings.base, start)}"
    text = f"Started {when}, {best.name} saves {usd(_at(best, start))} on average"
    place = int(np.searchsorted(best.weighed.searched, start))
    wait = next((wait for wait in LATER if place + wait < len(saving)), None)
    if wait is None:
        return text
    less = float(saving[place] - saving[place + wait])
    return f"{text}, started {months(wait)} later {usd(abs(less))} {'less' if less >= 0 else 'more'}"


def waiting_note(findings: Findings) -> str:
    """What is drawn, in one line."""
    text = f"Against staying, up to the end of the horizon; mean of {draws_words(findings)}"
    if findings.draws > 1:
        text += ", shaded: two standard errors to either side"
    if _marked(findings):
        text += ". Dot: start-by date; diamond: best start, the latest within 1 % of the cheapest"
    return text


def by_day(finding: Finding) -> Floats:
    """Expected saving of a start on each day, dollars of present value; straight between the searched starts, NaN
    beyond the last; shape (days,)."""
    searched = finding.weighed.searched
    return np.interp(np.arange(finding.weighed.days), searched, finding.saving_by_start[0], right=np.nan)


def _open(findings: Findings) -> list[tuple[int, Finding]]:
    """The candidates that have more than one start left, with their place among all."""
    return [(place, f) for place, f in enumerate(findings.candidates.values(), 1) if len(f.weighed.searched) > 1]


def _at(finding: Finding, day: int) -> float:
    return float(by_day(finding)[day])


def _band(finding: Finding, clock: Clock, colour: str, axis: Spec) -> Spec:
    saving, error = finding.saving_by_start
    rows = [
        {"day": moment(clock, int(day)), "value": float(mean - SURE * wide), "high": float(mean + SURE * wide)}
        for day, mean, wide in zip(finding.weighed.searched, saving, error, strict=True)
    ]
    encoding = {"x": channel("day:T"), "y": axis, "y2": second("high")}
    return layer(rows, "area", encoding, color=colour, opacity=0.22, clip=True)


def _marked(findings: Findings) -> list[tuple[int, Finding, str, int]]:
    """The dated starts on the lines: place and candidate, shape of the mark, day."""
    return [
        (place, found, shape, day)
        for place, found in _open(findings)
        for shape, day in (("diamond", found.weighed.best), ("circle", found.weighed.start_by.day))
        if 0 <= day <= found.weighed.searched[-1]
    ]


def _marks(findings: Findings, look: Look, axis: Spec) -> list[Spec]:
    """A dot at the start-by date and a diamond at the best start of each candidate."""
    rows = [
        {
            "day": moment(findings.clock, day),
            "value": _at(found, day),
            "what": f"{found.name}: {'best start' if shape == 'diamond' else 'start-by date'}",
            "date": date_of(findings.base, day),
            "colour": look.colour(place),
            "shape": shape,
        }
        for place, found, shape, day in _marked(findings)
    ]
    if not rows:
        return []
    encoding = {
        "x": channel("day:T"),
        "y": axis,
        "color": channel("colour:N", scale=None),
        "shape": channel("shape:N", scale=None),
        "size": {"condition": {"test": "datum.shape == 'diamond'", "value": 190}, "value": 110},
        "tooltip": [tip("what:N", "Candidate"), tip("date:N", "Day")],
    }
    return [layer(rows, "point", encoding, filled=True, opacity=1, stroke=look.ground, strokeWidth=1.5)]


def _flags(findings: Findings) -> list[Flag]:
    best = leading(findings)
    if best is None or len(best.weighed.searched) == 1:
        return []
    name, by, start = short(best.name), best.weighed.start_by.day, best.weighed.best
    flags = []
    if by not in (NEVER, start):
        flags.append(Flag(by, f"Start {name} {'today' if by == 0 else f'by {date_of(findings.base, by)}'}"))
    if start != NEVER:
        both = "Best start and start-by date" if by == start else "Best start"
        flags.append(Flag(start, f"{both} of {name}: {date_of(findings.base, start)}"))
    return flags
