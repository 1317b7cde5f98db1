"""The pages of single points: where the base case's advice fails, and which points save most and least."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from switchpoint.export.story import Page, Table
from switchpoint.export.words import short
from switchpoint.report.story.sweep.swept import Swept, money
from switchpoint.study.sweep.discovery import Box
from switchpoint.study.sweep.results import Input
from switchpoint.study.sweep.summary import MOSTLY, SHOWN, Failure, point
from switchpoint.words import percent

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
        each.text.replace(each.input.name, f"{each.input.name} is", 1) if each.input.ordered else each.text
        for each in box.limits
    )


def points_page(swept: Swept) -> Page:
    """The points that save most, and those that save least."""
    summary = swept.summary
    if swept.points <= MOST_POINTS:
        every = map(int, np.argsort(-swept.results.saving, kind="stable"))
        tables = [("All points, those that save most first", _table(swept, [*every]))]
    else:
        tables = [("Saves most", _table(swept, summary.best)), ("Saves least", _table(swept, summary.worst))]
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


def shown_inputs(swept: Swept) -> Sequence[Input]:
    """The inputs that tables of points show: those that drive the saving most, in the order of the study."""
    ranked = [each.input.column for each in swept.summary.on_saving]
    columns = {*ranked[:MOST_INPUTS]} if ranked else {each.column for each in swept.results.inputs[:MOST_INPUTS]}
    return [each for each in swept.results.inputs if each.column in columns]


def _table(swept: Swept, places: Sequence[int]) -> Table:
    inputs = shown_inputs(swept)
    rows = tuple(_row(swept, inputs, place) for place in places)
    head = ("Point", *(short(_begun(each.name), LONGEST_HEAD) for each in inputs), "What to do", "Saves")
    widths = (0.7, *(1.5,) * len(inputs), 3.0, 1.0)
    return Table(head, rows, widths, frozenset({0, len(head) - 1}))


def _row(swept: Swept, inputs: Sequence[Input], place: int) -> tuple[str, ...]:
    told = point(swept.results, place)
    values = (short(each.told(each.values[place]), LONGEST_CELL) for each in inputs)
    return (f"{told['point']}", *values, _capital(swept, place), money(told["npv_saving_usd"]))


def _capital(swept: Swept, place: int) -> str:
    return _begun(swept.what(place))


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
