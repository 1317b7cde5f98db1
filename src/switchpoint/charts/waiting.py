"""Cost of waiting, regret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.charts.takeaways import date_of, draws_words, lead, leading, sentence_case, short
from switchpoint.charts.vega import (
    LIGHT,
    Flag,
    Line,
    Look,
    Spec,
    channel,
    dress_chart,
    flag_layers,
    headroom,
    layer,
    line_layer,
    moment,
    money_axis,
    pointer_layer,
    second,
    tip,
)
from switchpoint.decision.result import JudgedWorld
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Floats, Ints
from switchpoint.scenario.schema import WATCHING
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_sentence import before_the_best
from switchpoint.text import months, usd

HEIGHT = 400
SURE = 2
"""Standard errors that the band reaches to either side."""
LATER = (6, 3, 1)
"""Months of waiting that the takeaway tells of: the first of them that the horizon has room for."""
AXIS = "Dollars saved, present value"


@dataclass(frozen=True)
class StartChoice:
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

    base: JudgedWorld
    each: tuple[StartChoice, ...]
    lead: StartChoice | None
    draws: str = ""


def choices(told: DrawFindings | JudgedWorld) -> Choices:
    """The starts that are left, of many draws or of a base case."""
    base = told if isinstance(told, JudgedWorld) else told.base
    best = lead(told) if isinstance(told, JudgedWorld) else leading(told)
    each = _of_result(told) if isinstance(told, JudgedWorld) else _of_findings(told)
    open_ones = tuple(choice for choice in each if len(choice.searched) > 1)
    about = next((choice for choice in open_ones if best is not None and choice.name == best.name), None)
    return Choices(base, open_ones, about, "" if isinstance(told, JudgedWorld) else draws_words(told))


def _of_result(result: JudgedWorld) -> list[StartChoice]:
    starts = [(outlook.name, outlook.starts) for outlook in result.case.outlooks]
    return [
        StartChoice(
            name,
            place,
            s.searched_starts,
            s.saving_by_start,
            np.zeros(len(s.searched_starts)),
            s.best,
            s.start_by.day,
            s.present_stay,
        )
        for place, (name, s) in enumerate(starts, 1)
    ]


def _of_findings(findings: DrawFindings) -> list[StartChoice]:
    return [
        StartChoice(f.name, place, w.searched_starts, *f.saving_by_start, w.best, w.start_by.day, w.expected_stay)
        for place, f in enumerate(findings.candidates.values(), 1)
        for w in (f.weighed,)
    ]


def has_waiting(told: DrawFindings | JudgedWorld) -> bool:
    """Whether there is a candidate that may still start on one day or another."""
    return bool(choices(told).each)


def waiting_chart(told: DrawFindings | JudgedWorld, look: Look = LIGHT, *, titled: bool = True) -> Any:
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
    return dress_chart(layers, look, words, note, titled=titled, height=HEIGHT)


def waiting_words(told: DrawFindings | JudgedWorld) -> str:
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


def waiting_note(told: DrawFindings | JudgedWorld) -> str:
    """What is drawn, in one line."""
    found = choices(told)
    text = f"Against staying, up to the end of the horizon; {f'mean of {found.draws}' if found.draws else 'base case'}"
    if any(choice.error.any() for choice in found.each):
        text += ", shaded: two standard errors to either side"
    if _start_marks(found):
        text += ". Dot: start-by date; diamond: best start, the one that costs least"
    drawn = told.candidates.get(found.lead.name) if isinstance(told, DrawFindings) and found.lead else None
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


def _band(found: Choices, choice: StartChoice, look: Look, axis: Spec) -> Spec:
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


def _start_marks(found: Choices) -> Sequence[tuple[StartChoice, str, int]]:
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
    for choice, shape, day in _start_marks(found):
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


RULES = {
    "now": "Start today",
    "warn": "Wait for the warning",
    "lead": "As early as it is long",
    "staged": "Prepare, then commit",
    "best": "Best start date",
    "never": "Never start",
}
BAR, GAP = 22, 18
"""Heights of a bar and of the space between rules, pixels."""
NARROW = 86
"""Letters of a title's line beside the names of the rules."""
ROOM = 1.12
"""The axis is longer than the longest bar by this factor, for its label."""


def has_regret(findings: DrawFindings) -> bool:
    """Whether there is a candidate that has not begun, so that there is a rule to choose."""
    return bool(_open(findings))


def regret_chart(findings: DrawFindings, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Expected dollars beyond hindsight by rule, a bar for each candidate."""
    found = _open(findings)
    rows = [
        {
            "rule": title,
            "candidate": short(f.name),
            "usd": f.regret[rule],
            "words": dollars(f.regret[rule]),
            "means": _means(findings, f, rule),
        }
        for rule, title in rules(findings).items()
        for _, f in found
    ]
    named = [short(f.name) for _, f in found]
    names = {
        "title": None,
        "ticks": False,
        "domain": False,
        "labelColor": look.ink,
        "labelFontSize": 13,
        "labelLimit": 180,
    }
    padding = {"paddingInner": 0.3, "paddingOuter": 0.1}
    place = {
        "y": channel("rule:N", sort=list(rules(findings).values()), axis=names, scale=padding),
        "yOffset": channel("candidate:N", sort=named),
    }
    legend = {"title": None, "orient": "top", "symbolType": "square", "columns": 2, "columnPadding": 24}
    colours = {"domain": named, "range": [look.colour(place) for place, _ in found]}
    bars = {
        "x": channel("usd:Q", axis=_dollars(), scale={"domain": [0, _end(rows)], "nice": False}),
        "color": channel("candidate:N", scale=colours, legend=legend),
        "tooltip": [
            tip("candidate:N", "Candidate"),
            tip("means:N", "Rule"),
            tip("words:N", "Costs more than hindsight"),
        ],
    }
    drawn = layer(rows, "bar", {**place, **bars}, cornerRadiusEnd=3)
    words = {"x": channel("usd:Q"), "text": channel("words:N")}
    label = layer(rows, "text", {**place, **words}, align="left", dx=6, color=look.ink, fontSize=12.5)
    height = len(rules(findings)) * (BAR * len(found) + GAP)
    takeaway, note = regret_words(findings), regret_note(findings)
    return dress_chart([drawn, label], look, takeaway, note, titled=titled, height=height, wrap=NARROW)


def rules(findings: DrawFindings) -> dict[str, str]:
    """The rules that can be played: without a limit none that watches it."""
    return {rule: title for rule, title in RULES.items() if findings.limited or rule not in WATCHING}


def regret_words(findings: DrawFindings) -> str:
    """The takeaway: the rule that is best for the leading candidate, and what the worst costs."""
    best = _lead(findings)
    start = best.weighed.best
    said = {
        "never": "never starting",
        "now": "starting today",
        "warn": "waiting for the warning",
        "lead": "starting as early before the limit as the project is long",
        "staged": "preparing early and committing late",
        "best": f"starting {_on(findings, start)}",
    }
    played = [rule for rule in said if rule in rules(findings) and (rule != "best" or start != NEVER)]
    costs = {rule: best.regret[rule] for rule in played}
    rule, worst = min(costs, key=costs.__getitem__), max(costs, key=costs.__getitem__)
    if costs[worst] - costs[rule] < 1:
        return f"It makes no difference which rule starts {best.name}"
    return (
        f"{sentence_case(said[rule])} comes closest to hindsight for {best.name}: {dollars(costs[rule])} more on "
        f"average, against {dollars(costs[worst])} for {said[worst]}"
    )


def regret_note(findings: DrawFindings) -> str:
    """What is drawn, in one line."""
    text = (
        f"Present value, average of {draws_words(findings)}. Hindsight: the cheapest start of each draw, or none. "
        "Best start date: the one day that costs least on average"
    )
    return ". ".join(filter(None, [text, before_the_best(_lead(findings))]))


def dollars(amount: float) -> str:
    """An amount that is never negative, whole dollars where it is small.

    >>> dollars(0.2), dollars(412_000)
    ('$0', '$412k')
    """
    return f"${amount:.0f}" if amount < 10 else usd(amount)


def _lead(findings: DrawFindings) -> CandidateFindings:
    """The leading candidate, or the first one whose start is open."""
    best, found = leading(findings), [f for _, f in _open(findings)]
    return best if best in found else found[0]


def _open(findings: DrawFindings) -> list[tuple[int, CandidateFindings]]:
    named = enumerate(findings.candidates.values(), 1)
    return [(place, f) for place, f in named if f.weighed.outlook.starts.under_way is None]


def _on(findings: DrawFindings, day: int) -> str:
    if day == NEVER:
        return "on the best date"
    return "today" if day == 0 else f"on {date_of(findings.base, day)}"


def _means(findings: DrawFindings, finding: CandidateFindings, rule: str) -> str:
    if rule != "best":
        return RULES[rule]
    day = finding.weighed.best
    return "Best start date: none" if day == NEVER else f"Best start date: {date_of(findings.base, day)}"


def _end(rows: list[dict[str, Any]]) -> float:
    return ROOM * max(row["usd"] for row in rows) or 1.0


def _dollars() -> Spec:
    words = "datum.value === 0 ? '$0' : replace(format(datum.value, '$~s'), 'G', 'B')"
    title = "Dollars more than hindsight, present value"
    return {"title": title, "labelExpr": words, "tickCount": 6, "grid": True}
