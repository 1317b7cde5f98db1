"""Shares of variance; regions of the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from switchpoint.decision.verdict import Action
from switchpoint.horizon import Floats, Ints
from switchpoint.study.sweep.results import Results, VariedInput

MOST_VALUES = 24
"""An input with more values than this is cut into bins."""
BINS = 10
CLEAR = 0.1
"""Rank correlations below this size are told as no direction."""


@dataclass(frozen=True)
class Influence:
    """What one input explains of a result."""

    input: VariedInput
    share: float
    """First-order share of the variance, 0 to 1."""
    correlation: float
    """Spearman's rank correlation; NaN for an input without order."""

    @property
    def direction(self) -> str:
        """Whether more of the input means more of the result: "+", "-", or nothing clear."""
        return "" if not abs(self.correlation) >= CLEAR else ("+" if self.correlation > 0 else "-")


def influences(inputs: tuple[VariedInput, ...], result: Floats) -> list[Influence]:
    """The influence of each input on a number, the largest first; points without it (NaN) are left out.

    Empty where the number does not vary.
    """
    there = ~np.isnan(result)
    values = result[there]
    if values.size < 2 or np.ptp(values) == 0:
        return []
    found = [
        Influence(each, explained_share(bins(each)[there], values[:, None]), _correlation(each, there, values))
        for each in inputs
    ]
    return sorted(found, key=lambda each: -each.share)


def is_too_few(found: Sequence[Influence], points: int) -> bool:
    """Whether of some input each value, or bin, has but one of so many points: what it explains cannot be told."""
    return any(points <= len(np.unique(bins(each.input))) for each in found)


def on_the_answer(results: Results) -> list[Influence]:
    """The influence of each input on what is advised, the largest first.

    The result is one column of zeros and ones for each answer, and shares are of the sum of their variances.
    """
    answers = sorted(set(results.answer))
    each = np.array([[answer == name for name in answers] for answer in results.answer], dtype=np.float64)
    found = [Influence(i, explained_share(bins(i), each), float("nan")) for i in results.inputs]
    return sorted(found, key=lambda influence: -influence.share)


def explained_share(bin_: Ints, result: Floats) -> float:
    """First-order share of the variance: 1 - (1 - SSB/SST)·(n - 1)/(n - k), not below 0.

    SSB is the sum of squares of the means of the k bins around the mean of all n points, SST that of the points
    themselves. Without the factor, many bins would explain noise.

    Args:
        bin_: the bin of each point, from 0; shape (points,).
        result: shape (points, columns); sums of squares are added over columns.
    """
    count, (points, columns) = np.bincount(bin_), result.shape
    total = float(((result - result.mean(axis=0)) ** 2).sum())
    used = count > 0
    if total == 0 or points <= used.sum():
        return 0.0
    sums = np.stack([np.bincount(bin_, result[:, column]) for column in range(columns)], axis=1)[used]
    means = sums / count[used, None]
    between = float((count[used, None] * (means - result.mean(axis=0)) ** 2).sum())
    share = 1 - (1 - between / total) * (points - 1) / (points - used.sum())
    return max(float(share), 0.0)


def bins(input_: VariedInput) -> Ints:
    """The bin of each point: its value, or one of equally many ranks where there are many values."""
    values, place = np.unique(input_.numbers, return_inverse=True)
    if len(values) <= MOST_VALUES or not input_.has_order:
        return place
    ranks = np.argsort(np.argsort(input_.numbers, kind="stable"), kind="stable")
    cut: Ints = ranks * BINS // len(ranks)
    return cut


def _correlation(input_: VariedInput, there: np.ndarray[tuple[int], np.dtype[np.bool_]], values: Floats) -> float:
    if not input_.has_order:
        return float("nan")
    from scipy.stats import rankdata

    mine = input_.numbers[there]
    if np.ptp(mine) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(mine), rankdata(values))[0, 1])


ACTIONS = tuple(action.value for action in Action)
CELL_POINTS = 6
"""Points that a cell should have on average where an input is cut into ranges."""
LEAST_RANGES = 4
AGREE = 0.8
"""Part of a cell's points that must have its answer for it to be clear."""
PHRASES = {
    "start-by": "start by a date",
    "late": "start now, already late",
    "start-now": "start now",
    "no-remedy": "no remedy",
}
"""What to do, in words, where its name says too little."""
EDGE_HOLDS = 0.95
"""Part of an answer's cells on one side of a line, and of that side's cells with the answer, to say so aloud."""


@dataclass(frozen=True)
class Axis:
    """One input cut into places: its values, or ranges of equal width.

    Args:
        input: the input.
        place: the place of each point, from 0; shape (points,).
        labels: what each place is called.
        starts: the lowest value of each place; empty without order.
    """

    input: VariedInput
    place: Ints
    labels: tuple[str, ...]
    starts: tuple[Any, ...]


@dataclass(frozen=True)
class Cell:
    """One place of both inputs that has points."""

    x: int
    y: int
    answer: str
    """What most of its points are advised."""
    agree: float
    """Part of its points that are."""
    points: int


@dataclass(frozen=True)
class Regions:
    """The answer over one or two inputs, the others as they come."""

    x: Axis
    y: Axis | None
    cells: tuple[Cell, ...]
    shares: tuple[tuple[str, float], ...]
    """Answers with the part of all points that get each, the most frequent first."""

    @cached_property
    def by_place(self) -> dict[tuple[int, int], Cell]:
        """Cells by their places."""
        return {(cell.x, cell.y): cell for cell in self.cells}

    def borders(self) -> Iterator[tuple[Cell, Cell]]:
        """Neighbouring cells with different answers: right of one another, then above one another."""
        for cell in self.cells:
            for step in ((1, 0), (0, 1)):
                other = self.by_place.get((cell.x + step[0], cell.y + step[1]))
                if other is not None and other.answer != cell.answer:
                    yield cell, other

    @property
    def takeaway(self) -> str:
        """What the map says, in one sentence."""
        if len(self.shares) == 1:
            return f"In every point the answer is: {in_words(self.shares[0][0])}"
        told = ", ".join(f"{in_words(answer)} in {100 * share:.0f} %" for answer, share in self.shares[:3])
        return self.edge or f"{self.deciders}: {told}"

    @cached_property
    def edge(self) -> str:
        """The line on whose one side nearly always one answer is right, in a sentence; nothing where there is none."""
        return _edge(self)

    @property
    def deciders(self) -> str:
        """Which inputs decide the answer, as a sentence begins."""
        names = self.x.input.name if self.y is None else f"{self.x.input.name} and {self.y.input.name}"
        return f"{names[:1].upper()}{names[1:]} decide{'s' * (self.y is None)} the answer"


def in_words(answer: str) -> str:
    """An answer as people say it: what to do, or the name of a candidate.

    >>> in_words("no-remedy"), in_words("own-8b")
    ('no remedy', 'own-8b')
    """
    return PHRASES.get(answer, answer)


def capitalize_answer(answer: str) -> str:
    """The same at the beginning of a sentence; names of candidates stay as they are."""
    text = in_words(answer)
    return text[:1].upper() + text[1:] if answer in ACTIONS else text


def regions(x: VariedInput, y: VariedInput | None, answer: list[str]) -> Regions:
    """The regions of an answer over two inputs, or over one."""
    across = axis(x, len(answer))
    up = None if y is None else axis(y, len(answer))
    rows = np.zeros(len(answer), dtype=np.int64) if up is None else up.place
    found: dict[tuple[int, int], Counter[str]] = {}
    for place, name in zip(zip(across.place.tolist(), rows.tolist(), strict=True), answer, strict=True):
        found.setdefault(place, Counter())[name] += 1
    cells = [_cell(place, counts) for place, counts in sorted(found.items())]
    shares = [(name, count / len(answer)) for name, count in Counter(answer).most_common()]
    return Regions(across, up, tuple(cells), tuple(shares))


def axis(input_: VariedInput, points: int) -> Axis:
    """An input cut into places."""
    distinct = input_.distinct
    if len(distinct) <= MOST_VALUES or not input_.has_order:
        place = np.unique(input_.numbers, return_inverse=True)[1]
        return Axis(input_, place, tuple(map(input_.bare, distinct)), tuple(distinct) if input_.has_order else ())
    count = int(np.clip(np.sqrt(points / CELL_POINTS), LEAST_RANGES, MOST_VALUES))
    numbers = input_.numbers
    spread = np.geomspace if input_.log else np.linspace
    edges = spread(numbers.min(), numbers.max(), count + 1)
    place = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, count - 1)
    middles = [input_.at((low * high) ** 0.5 if input_.log else (low + high) / 2) for low, high in pairwise(edges)]
    return Axis(input_, place, tuple(map(input_.bare, middles)), tuple(map(input_.at, edges[:-1])))


def _cell(place: tuple[int, int], counts: Counter[str]) -> Cell:
    answer, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    total = sum(counts.values())
    return Cell(*place, answer, count / total, total)


def _edge(found: Regions) -> str:
    axes = [(found.x, {cell: cell.x for cell in found.cells})]
    axes += [(found.y, {cell: cell.y for cell in found.cells})] if found.y else []
    best = (EDGE_HOLDS, "")
    for along, at in axes:
        for cut in range(1, len(along.starts)):
            for side, word in ((False, "under"), (True, "from")):
                inside = [cell.answer for cell in found.cells if (at[cell] >= cut) is side]
                answer, hits = Counter(inside).most_common(1)[0]
                holds = min(hits / len(inside), hits / sum(cell.answer == answer for cell in found.cells))
                where = f"where {along.input.name} is {word} {along.input.with_unit(along.starts[cut])}"
                told = f"{capitalize_answer(answer)} {where}"
                best = max(best, (holds, f"{told}{' on' * side}{_elsewhere(found, answer)}"), key=lambda pair: pair[0])
    return best[1]


def _elsewhere(found: Regions, answer: str) -> str:
    """The other answers with their parts of the points."""
    others = [(name, share) for name, share in found.shares if name != answer]
    if len(others) == 1:
        return f", else {in_words(others[0][0])}"
    return "; else " + ", ".join(f"{in_words(name)} ({100 * share:.0f} %)" for name, share in others[:3])
