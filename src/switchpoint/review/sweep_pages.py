"""Verdict, map, drivers, points of a sweep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.charts.sweeps import Driven, decision_map, driven, drivers_chart, drivers_note, drivers_words, map_note
from switchpoint.charts.vega import LIGHT
from switchpoint.decision.verdict import Action
from switchpoint.review.pages import Bars, Fact, Figure, Page, Series, Table, short
from switchpoint.study.sweep.drivers_and_map import Influence, capitalize_answer, in_words
from switchpoint.study.sweep.results import Results, VariedInput, asked_inputs
from switchpoint.study.sweep.study_file import Study
from switchpoint.study.sweep.summary import MOSTLY, SHOWN, Box, Failure, SweepSummary, point
from switchpoint.text import count, day, join_names, percent, usd, usd_range

LONGEST = 36
"""Letters of a name within a sentence."""
MOST_TOLD = 4
"""Answers that a sentence names."""


@dataclass(frozen=True)
class Swept:
    """A summary, and its words."""

    summary: SweepSummary

    @property
    def results(self) -> Results:
        """The points that could be computed."""
        return self.summary.results

    @cached_property
    def study(self) -> Study:
        """What was asked."""
        return self.results.manifest.study

    @property
    def content(self) -> Any:
        """What the manifest holds."""
        return self.results.manifest.content

    @property
    def scenarios(self) -> list[str]:
        """Names of the base scenarios."""
        return list(self.content["scenarios"])

    @property
    def base(self) -> str:
        """What each point is held against."""
        return "the base case of its scenario" if len(self.scenarios) > 1 else "the base case"

    @property
    def points(self) -> int:
        """How many points could be computed."""
        return len(self.results.points)

    @property
    def done(self) -> int:
        """How many points were run, those among them that could not be computed."""
        return self.points + self.results.failed

    @property
    def unfinished_words(self) -> str:
        """That not all points were run, in sentences; nothing where all were."""
        if self.done >= self.results.planned_points:
            return ""
        run = f"{count(self.done)} of {count(self.results.planned_points)} points were run"
        return f"The sweep is not finished: {run}, and those that are missing may say something else."

    @cached_property
    def answers(self) -> list[tuple[str, float]]:
        """Answers with the share of the points that get each, the most frequent first."""
        return [(answer, number / self.points) for answer, number in Counter(self.results.answer).most_common()]

    @property
    def division(self) -> str:
        """How the answers divide over the points, as a headline."""
        first = in_words(self.answers[0][0])
        if self.points == 1:
            return self.brief(f"In the only point the answer is: {first}")
        if len(self.answers) == 1:
            return self.brief(f"In all {count(self.points)} points the answer is: {first}")
        told = [f"{percent(share)} {in_words(answer)}" for answer, share in self.answers]
        if len(told) > MOST_TOLD:
            rest = sum(share for _, share in self.answers[MOST_TOLD - 1 :])
            told[MOST_TOLD - 1 :] = [f"{percent(rest)} something else"]
        told[0] = told[0].replace(" % ", " % say ", 1)
        return self.brief(f"Of {count(self.points)} points {join_names(told)}")

    @property
    def basis(self) -> str:
        """Which worlds stand behind the figures."""
        drawn = self.study.draws
        each = (
            f"{count(drawn)} draws of each, seed {self.study.seed}"
            if drawn
            else "base cases: the middle of every range"
        )
        failed = f", {count(self.results.failed)} of them without a result" if self.results.failed else ""
        of = "" if self.done >= self.results.planned_points else f" of {count(self.results.planned_points)}"
        points = f"{count(self.done)}{of} point{'s' * (self.done != 1)}{failed}"
        return f"{points}; {each}; Switchpoint {self.content['version']}"

    @cached_property
    def all_inputs(self) -> list[VariedInput]:
        """Every input of the study, without values."""
        return asked_inputs(self.results.manifest)

    @cached_property
    def _long(self) -> list[str]:
        """Names that are too long for a sentence, the longest first."""
        names = {*self.results.candidates, *self.scenarios, *(each.name for each in self.all_inputs)}
        return sorted((name for name in names if len(name) > LONGEST), key=len, reverse=True)

    def brief(self, text: str) -> str:
        """A text in which names are as long as a sentence can carry."""
        for name in self._long:
            for form in (name, name[:1].upper() + name[1:]):
                text = text.replace(form, short(form, LONGEST))
        return text

    def what(self, place: int) -> str:
        """What a point is advised, as something that one does."""
        found = self.results
        action, name = Action(str(found.action[place])), self.brief(found.candidate[place] or "")
        start = found.start_by[place]
        match action:
            case Action.START_BY:
                return f"start {name}{f' by {day(start)}' if start else ''}"
            case Action.START_NOW:
                return f"start {name} now"
            case Action.LATE:
                return f"start {name} now, already late"
            case Action.NO_REMEDY | Action.STAY:
                return in_words(action.value) + (f", though {name} saves" if name else "")


def money(amount: float) -> str:
    """Dollars, nothing at all as "$0"."""
    return usd(amount) if amount else "$0"


def _ends(low: float, high: float) -> str:
    return usd_range(low, high) if low and high else f"{money(low)} to {money(high)}"


NAMED = 24
"""Letters of an answer on a card."""


def verdict_page(swept: Swept) -> Page:
    """How the answers divide over the points."""
    sentence = verdict_sentence(swept)
    return Page("verdict", "Sweep", swept.division, (sentence,), tuple(_facts(swept)), notes=sentence)


def verdict_sentence(swept: Swept) -> str:
    """What decides the answer, how often the base case's is right, and what that was."""
    return swept.brief(" ".join(_sentences(swept)))


def _sentences(swept: Swept) -> Iterator[str]:
    if swept.unfinished_words:
        yield swept.unfinished_words
    regions = swept.summary.regions
    if regions is not None and len(swept.answers) > 1:
        yield f"{regions.edge or f'{regions.deciders} most'}."
    other, base = float(swept.results.other.mean()), swept.base
    if not any(failure.share for failure in swept.summary.failures):
        yield f"The advice of {base} holds in every point."
    elif not other:
        yield f"The answer of {base} is right in every point, but not always its date."
    elif swept.points > 1:
        often = f"{percent(other)} of the points" if other < 1 else "every point"
        yield f"In {often} another answer is right than in {base}."
    if len(swept.scenarios) == 1:
        (advice,) = swept.content["advice"].values()
        yield f"Base case: {advice['sentence']}"


def _facts(swept: Swept) -> Iterator[Fact]:
    found = swept.results
    inputs = len(swept.all_inputs)
    yield Fact("Points", count(swept.done), f"{inputs} input{'s' * (inputs != 1)} varied")
    for label, (answer, share) in zip(("Most often", "Next"), swept.answers, strict=False):
        yield Fact(label, short(capitalize_answer(answer), NAMED), f"in {percent(share)} of the points")
    starts = sorted(when for when in found.start_by if when is not None)
    if starts:
        due = percent(len(starts) / swept.points)
        to = "" if starts[0] == starts[-1] else f"to {day(starts[-1])}; "
        yield Fact("Start by", day(starts[0]), f"{to}in {due} of the points")
    low, middle, high = (float(value) for value in np.quantile(found.saving, (0, 0.5, 1)))
    yield Fact("Saves, at the median", money(middle), f"{_ends(low, high)}, in present value")
    if found.failed:
        yield Fact("Without a result", count(found.failed), "points that could not be computed")


def map_page(swept: Swept) -> Page | None:
    """Which answer is right over the two inputs that decide it most; None where one answer always is."""
    regions = swept.summary.regions
    if regions is None or len(swept.answers) == 1:
        return None
    title, note = swept.brief(regions.takeaway), f"{map_note(regions)}."
    spec = decision_map(regions, swept.results.candidates, titled=False).to_dict()
    figure = Figure(f"{title}. {note}", None, note, spec)
    answers = (("", _answers(swept)),)
    beneath, beside = (answers, ()) if regions.y is None else ((), answers)
    return Page("map", "Decision map", title, (note,), (), (figure,), beneath, beside, notes=note)


def _answers(swept: Swept) -> Table:
    """How many points get each answer."""
    rows = tuple(
        (swept.brief(capitalize_answer(answer)), count(round(share * swept.points)), percent(share))
        for answer, share in swept.answers
    )
    return Table(("Answer", "Points", "Share of the points"), rows, (5, 1, 1.4), frozenset({1, 2}))


AXIS = "Share of the variance that the input explains by itself"


def drivers_page(swept: Swept) -> Page | None:
    """What drives dates and savings; None where no input does so by itself."""
    found = driven(swept.summary.on_start, swept.summary.on_saving)
    if found is None:
        return None
    title, note = swept.brief(drivers_words(found)), f"{drivers_note(found)}."
    spec = drivers_chart(found, titled=False).to_dict()
    figure = Figure(f"{title}. {note}", _bars(swept, found), spec=spec)
    table = ("More of an input means", _table(swept, found))
    return Page("drivers", "What drives it", title, (note,), figures=(figure,), tables=(table,), notes=note)


def _bars(swept: Swept, found: Driven) -> Bars:
    names = tuple(swept.brief(each.name) for each in found.inputs)
    series = tuple(
        Series(name, tuple(shares.get(each.column, 0.0) for each in found.inputs), LIGHT.colour(place))
        for place, (name, shares) in enumerate(found.shares.items())
    )
    return Bars(names, series, AXIS, shares=True)


def _table(swept: Swept, found: Driven) -> Table:
    """Shares and directions."""
    start, saving = ({each.input.column: each for each in side} for side in (found.on_start, found.on_saving))
    rows = tuple(
        (
            swept.brief(each.name),
            *_cells(start.get(each.column), "later", "earlier"),
            *_cells(saving.get(each.column), "more", "less"),
        )
        for each in found.inputs
    )
    head = ("Input", "Start-by date: share", "More of it starts", "Saving: share", "More of it saves")
    return Table(head, rows, (3, 1.4, 1.4, 1.2, 1.4), frozenset({1, 3}))


def _cells(found: Influence | None, more: str, less: str) -> tuple[str, str]:
    if found is None:
        return "-", "-"
    return percent(found.share), {"+": more, "-": less}.get(found.direction, "no clear direction")


MOST_POINTS = 12
"""Where there are no more, all of them are told."""
MOST_INPUTS = 5
"""Inputs that a table of points has columns for."""
LONGEST_BOX, LONGEST_CELL, LONGEST_HEAD = 300, 60, 40
"""Letters."""
WORDS = {
    "answer": (
        "Another answer is right",
        "The base case's answer is right",
        "The base case's answer is right in every point",
    ),
    "date": (
        "The base case's date is too late",
        "The base case's date is not too late",
        "Where its answer is right, the base case's date is too late in no point",
    ),
}
"""What happens where the advice fails in some way, where it does not, and if it never does."""


def failures_page(swept: Swept) -> Page | None:
    """How often the advice of the base case is wrong, and where; None where it never is."""
    if not any(failure.share for failure in swept.summary.failures):
        return None
    bullets = tuple(swept.brief(text) for text in _failures(swept))
    title = _failure_words(swept)
    return Page("fails", "Where the advice fails", title, bullets=bullets, notes=title)


def _failure_words(swept: Swept) -> str:
    said = {
        "answer": f"another answer is right than in {swept.base}",
        "date": f"the start-by date of {swept.base} is too late",
    }
    found = [(said[each.name], each.share) for each in swept.summary.failures if each.share]
    (what, share), *more = found
    often = "every point" if share == 1 else f"{percent(share)} of the points"
    return f"In {often} {what}" + "".join(f", in {percent(other)} {also}" for also, other in more)


def _failures(swept: Swept) -> Iterator[str]:
    several = len(swept.scenarios) > 1
    yield f"Each point is held against {swept.base}: is what is advised there right here too?"
    for failure in swept.summary.failures:
        yield f"{_failure(failure)}{_box(failure)}"
    if any(failure.box for failure in swept.summary.failures):
        yield (
            "A box is where at most three inputs lie. The denser it is, the surer it tells; the more it covers, the "
            "less it misses."
        )
    for scenario, advice in swept.content["advice"].items():
        of = f" of {scenario}" if several else ""
        if not several or len(swept.scenarios) <= SHOWN:
            yield f"Base case{of}: {advice['sentence']}"


def _failure(each: Failure) -> str:
    if not each.share:
        return f"{WORDS[each.name][2]}."
    if each.share == 1:
        return f"In every point {each.what}."
    nowhere = "" if each.box else "; no simple box of inputs tells where"
    return f"In {percent(each.share)} of the points {each.what}{nowhere}."


def _box(each: Failure) -> str:
    """The box in plain words, with its density and coverage."""
    box = each.box
    if box is None:
        return ""
    what = WORDS[each.name][each.share > MOSTLY]
    return (
        f" {what} mostly where {short(box_words(box), LONGEST_BOX)}: that is so in {percent(box.density)} of the "
        f"points there (density), and {percent(box.coverage)} of all points where it is so lie there (coverage)."
    )


def box_words(box: Box) -> str:
    """A box within a sentence: "growth is under 4 % a month and GPU is L4"."""
    return " and ".join(
        each.text.replace(each.input.name, f"{each.input.name} is", 1) if each.input.has_order else each.text
        for each in box.limits
    )


def points_page(swept: Swept) -> Page:
    """The points that save most, and those that save least."""
    summary = swept.summary
    if swept.points <= MOST_POINTS:
        every = map(int, np.argsort(-swept.results.saving, kind="stable"))
        tables = [("All points, those that save most first", _points_table(swept, [*every]))]
    else:
        tables = [
            ("Saves most", _points_table(swept, summary.best)),
            ("Saves least", _points_table(swept, summary.worst)),
        ]
    left = len(swept.results.inputs) - MOST_INPUTS
    text = (f"{left} more inputs vary and stand in the table of all points.",) if left > 0 else ()
    title = _range_words(swept)
    return Page(
        "points", "Best and worst points", title, text, tables=tuple(tables), notes=" ".join((f"{title}.", *text))
    )


def _range_words(swept: Swept) -> str:
    low, high = (money(float(end)) for end in (swept.results.saving.min(), swept.results.saving.max()))
    if swept.points == 1:
        return f"In the only point the advice saves {high} in present value"
    if low == high:
        return f"The advice saves {high} in present value in every point"
    return f"From point to point the advice saves {low} to {high} in present value"


def shown_inputs(swept: Swept) -> Sequence[VariedInput]:
    """The inputs that tables of points show: those that drive the saving most, in the order of the study."""
    ranked = [each.input.column for each in swept.summary.on_saving]
    columns = {*ranked[:MOST_INPUTS]} if ranked else {each.column for each in swept.results.inputs[:MOST_INPUTS]}
    return [each for each in swept.results.inputs if each.column in columns]


def _points_table(swept: Swept, places: Sequence[int]) -> Table:
    inputs = shown_inputs(swept)
    rows = tuple(_row(swept, inputs, place) for place in places)
    head = ("Point", *(short(_capitalize(each.name), LONGEST_HEAD) for each in inputs), "What to do", "Saves")
    widths = (0.7, *(1.5,) * len(inputs), 3.0, 1.0)
    return Table(head, rows, widths, frozenset({0, len(head) - 1}))


def _row(swept: Swept, inputs: Sequence[VariedInput], place: int) -> tuple[str, ...]:
    told = point(swept.results, place)
    values = (short(each.with_unit(each.values[place]), LONGEST_CELL) for each in inputs)
    return (f"{told['point']}", *values, _capital(swept, place), money(told["npv_saving_usd"]))


def _capital(swept: Swept, place: int) -> str:
    return _capitalize(swept.what(place))


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
