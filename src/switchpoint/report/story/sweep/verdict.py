"""The first pages of a sweep: how the answers divide, and where which of them is right."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from switchpoint.charts.decision_map import decision_map, map_note
from switchpoint.export.story import Fact, Figure, Page, Table
from switchpoint.export.words import short
from switchpoint.report.story.sweep.swept import Swept, money
from switchpoint.study.sweep.regions import begun
from switchpoint.words import count, day, percent

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
    if swept.unfinished:
        yield swept.unfinished
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
    inputs = len(swept.asked)
    yield Fact("Points", count(swept.done), f"{inputs} input{'s' * (inputs != 1)} varied")
    for label, (answer, share) in zip(("Most often", "Next"), swept.answers, strict=False):
        yield Fact(label, short(begun(answer), NAMED), f"in {percent(share)} of the points")
    starts = sorted(when for when in found.start_by if when is not None)
    if starts:
        due = percent(len(starts) / swept.points)
        to = "" if starts[0] == starts[-1] else f"to {day(starts[-1])}; "
        yield Fact("Start by", day(starts[0]), f"{to}in {due} of the points")
    low, middle, high = (float(value) for value in np.quantile(found.saving, (0, 0.5, 1)))
    yield Fact("Saves, at the median", money(middle), f"{money(low)} to {money(high)}, in present value")
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
        (swept.brief(begun(answer)), count(round(share * swept.points)), percent(share))
        for answer, share in swept.answers
    )
    return Table(("Answer", "Points", "Share of the points"), rows, (5, 1, 1.4), frozenset({1, 2}))
