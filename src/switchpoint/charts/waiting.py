"""The chart of waiting: what each start date saves, in the base case, or over draws with how well that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.charts.flags import Flag, flag_layers, headroom
from switchpoint.charts.lines import Line, line_layer, moment, money_axis, pointer_layer
from switchpoint.charts.spec import Spec, channel, layer, second, tip
from switchpoint.charts.spread import draws_words, leading
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import date_of, lead, short
from switchpoint.clock import NEVER, Floats, Ints
from switchpoint.finance import SAME
from switchpoint.result import Result
from switchpoint.study.draws.findings import Findings
from switchpoint.study.draws.sentence import before_the_best
from switchpoint.words import months, usd

HEIGHT = 400
SURE = 2
"""Standard errors that the band reaches to either side."""
LATER = (6, 3, 1)
"""Months of waiting that the takeaway tells of: the first of them that the horizon has room for."""
AXIS = "Dollars saved, present value"


@dataclass(frozen=True)
class Choice:
    """The starts of one candidate that is not under way, and what each saves.

    Args:
        name: of the candidate.
        place: its place in the scenario, from 1.
        searched: days of the starts, rising, shape (starts,).
        saving: dollars of present value, shape (starts,).
        error: standard error of each, shape (starts,).
        best: the best start, NEVER for none.
        by: its start-by day, NEVER for none.
        stay: present value of staying, dollars.
    """

    name: str
    place: int
    searched: Ints
    saving: Floats
    error: Floats
    best: int
    by: int
    stay: float

    def at(self, days: Ints) -> Floats:
        """Saving of a start on each of some days, straight between the searched ones, NaN beyond the last."""
        return np.interp(days, self.searched, self.saving, right=np.nan)


@dataclass(frozen=True)
class Choices:
    """What is drawn: the base case, its candidates that may still start on one day or another, and the one that the
    chart is about, which is None where that one is under way; `draws` in words, nothing for the base case."""

    base: Result
    each: tuple[Choice, ...]
    lead: Choice | None
    draws: str = ""


def choices(told: Findings | Result) -> Choices:
    """The starts that are left, of many draws or of a base case."""
    base = told if isinstance(told, Result) else told.base
    best = lead(told) if isinstance(told, Result) else leading(told)
    each = _of_result(told) if isinstance(told, Result) else _of_findings(told)
    open_ones = tuple(choice for choice in each if len(choice.searched) > 1)
    about = next((choice for choice in open_ones if best is not None and choice.name == best.name), None)
    return Choices(base, open_ones, about, "" if isinstance(told, Result) else draws_words(told))


def _of_result(result: Result) -> list[Choice]:
    starts = [(outlook.name, outlook.starts) for outlook in result.case.outlooks]
    return [
        Choice(
            name,
            place,
            s.searched,
            s.saving_by_start,
            np.zeros(len(s.searched)),
            s.best,
            s.start_by.day,
            s.present_stay,
        )
        for place, (name, s) in enumerate(starts, 1)
    ]


def _of_findings(findings: Findings) -> list[Choice]:
    return [
        Choice(f.name, place, w.searched, *f.saving_by_start, w.best, w.start_by.day, w.expected_stay)
        for place, f in enumerate(findings.candidates.values(), 1)
        for w in (f.weighed,)
    ]


def has_waiting(told: Findings | Result) -> bool:
    """Whether there is a candidate that may still start on one day or another."""
    return bool(choices(told).each)


def waiting_chart(told: Findings | Result, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Saving against start date, one line for each candidate.

    A dot is the start-by date, a diamond the best start. Over draws it is the expected saving, with a band of two
    standard errors to either side.
    """
    found = choices(told)
    clock, flags, lines = found.base.case.clock, waiting_flags(found), waiting_lines(found, look)
    days = np.unique(np.concatenate([choice.searched for choice in found.each]))
    top = max(0.0, *(float((c.saving + SURE * c.error).max()) for c in found.each))
    bottom = min(0.0, *(float((c.saving - SURE * c.error).min()) for c in found.each))
    room = 0.04 * (top - bottom)
    axis = money_axis(AXIS, headroom(top + room, flags, HEIGHT, bottom - room), bottom - room)
    layers = [
        *flag_layers(flags, clock, look),
        layer([{"value": 0}], "rule", {"y": axis}, color=look.ink, strokeWidth=1),
        *(_band(found, choice, look, axis) for choice in found.each if choice.error.any()),
        line_layer(lines, days, clock, axis),
        *_marks(found, look, axis),
        pointer_layer(lines, days, clock, look),
    ]
    words, note = waiting_words(told), waiting_note(told)
    return dressed(layers, look, words, note, titled=titled, height=HEIGHT)


def waiting_words(told: Findings | Result) -> str:
    """The takeaway: what the best start of the leading candidate saves, and what waiting beyond it costs."""
    found = choices(told)
    choice = found.lead or found.each[0]
    average = " on average" if found.draws else ""
    if choice.best == NEVER:
        if choice.saving.max() > SAME * choice.stay:
            return f"{choice.name} saves{average} only where it is {'seldom' if average else 'not'} live in time"
        return f"{choice.name} saves nothing{average}, whenever it is started"
    when = "today" if choice.best == 0 else f"on {date_of(found.base, choice.best)}"
    place = int(np.searchsorted(choice.searched, choice.best))
    text = f"Started {when}, {choice.name} saves {usd(float(choice.saving[place]))}{average}"
    wait = next((wait for wait in LATER if place + wait < len(choice.saving)), None)
    if wait is None:
        return text
    less = float(choice.saving[place] - choice.saving[place + wait])
    return f"{text}, started {months(wait)} later {usd(abs(less))} {'less' if less >= 0 else 'more'}"


def waiting_note(told: Findings | Result) -> str:
    """What is drawn, in one line."""
    found = choices(told)
    text = f"Against staying, up to the end of the horizon; {f'mean of {found.draws}' if found.draws else 'base case'}"
    if any(choice.error.any() for choice in found.each):
        text += ", shaded: two standard errors to either side"
    if _marked(found):
        text += ". Dot: start-by date; diamond: best start, the one that costs least"
    drawn = told.candidates.get(found.lead.name) if isinstance(told, Findings) and found.lead else None
    return ". ".join(filter(None, [text, before_the_best(drawn) if drawn else ""]))


def waiting_lines(found: Choices, look: Look) -> list[Line]:
    """The saving of each candidate by start day."""
    every = np.arange(found.base.case.clock.days)
    return [Line(short(choice.name), choice.at(every), look.colour(choice.place)) for choice in found.each]


def waiting_flags(found: Choices) -> list[Flag]:
    """Start-by date and best start of the leading candidate."""
    choice = found.lead
    if choice is None:
        return []
    name, flags = short(choice.name), []
    if choice.by not in (NEVER, choice.best):
        when = "today" if choice.by == 0 else f"by {date_of(found.base, choice.by)}"
        flags.append(Flag(choice.by, f"Start {name} {when}"))
    if choice.best != NEVER:
        both = "Best start and start-by date" if choice.by == choice.best else "Best start"
        flags.append(Flag(choice.best, f"{both} of {name}: {date_of(found.base, choice.best)}"))
    return flags


def _band(found: Choices, choice: Choice, look: Look, axis: Spec) -> Spec:
    rows = [
        {
            "day": moment(found.base.case.clock, int(day)),
            "value": float(mean - SURE * wide),
            "high": float(mean + SURE * wide),
        }
        for day, mean, wide in zip(choice.searched, choice.saving, choice.error, strict=True)
    ]
    encoding = {"x": channel("day:T"), "y": axis, "y2": second("high")}
    return layer(rows, "area", encoding, color=look.colour(choice.place), opacity=0.22, clip=True)


def _marked(found: Choices) -> Sequence[tuple[Choice, str, int]]:
    """The dated starts on the lines: candidate, shape of the mark, day."""
    return [
        (choice, shape, day)
        for choice in found.each
        for shape, day in (("diamond", choice.best), ("circle", choice.by))
        if 0 <= day <= choice.searched[-1]
    ]


def _marks(found: Choices, look: Look, axis: Spec) -> list[Spec]:
    """A dot at the start-by date and a diamond at the best start of each candidate.

    A layer for each colour: a colour from the data would part the legend of the lines in two.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for choice, shape, day in _marked(found):
        what = f"{choice.name}: {'best start' if shape == 'diamond' else 'start-by date'}"
        mark: dict[str, Any] = {"what": what, "date": date_of(found.base, day), "shape": shape}
        mark |= {"day": moment(found.base.case.clock, day), "value": float(choice.at(np.array([day]))[0])}
        rows.setdefault(look.colour(choice.place), []).append(mark)
    encoding = {
        "x": channel("day:T"),
        "y": axis,
        "shape": channel("shape:N", scale=None, legend=None),
        "size": {"condition": {"test": "datum.shape == 'diamond'", "value": 190}, "value": 110},
        "tooltip": [tip("what:N", "Candidate"), tip("date:N", "Day")],
    }
    look_of = {"filled": True, "opacity": 1, "stroke": look.ground, "strokeWidth": 1.5}
    return [layer(each, "point", encoding, color=colour, **look_of) for colour, each in rows.items()]
