"""Regions of the answer: what is advised over the two inputs that decide it most, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from switchpoint.clock import Ints
from switchpoint.decision.verdict import Action
from switchpoint.study.sweep.influence import MOST_VALUES
from switchpoint.study.sweep.results import Input

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

    input: Input
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


def begun(answer: str) -> str:
    """The same at the beginning of a sentence; names of candidates stay as they are."""
    text = in_words(answer)
    return text[:1].upper() + text[1:] if answer in ACTIONS else text


def regions(x: Input, y: Input | None, answer: list[str]) -> Regions:
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


def axis(input_: Input, points: int) -> Axis:
    """An input cut into places."""
    distinct = input_.distinct
    if len(distinct) <= MOST_VALUES or not input_.ordered:
        place = np.unique(input_.numbers, return_inverse=True)[1]
        return Axis(input_, place, tuple(map(input_.bare, distinct)), tuple(distinct) if input_.ordered else ())
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
                told = f"{begun(answer)} where {along.input.name} is {word} {along.input.told(along.starts[cut])}"
                best = max(best, (holds, f"{told}{' on' * side}{_elsewhere(found, answer)}"), key=lambda pair: pair[0])
    return best[1]


def _elsewhere(found: Regions, answer: str) -> str:
    """The other answers with their parts of the points."""
    others = [(name, share) for name, share in found.shares if name != answer]
    if len(others) == 1:
        return f", else {in_words(others[0][0])}"
    return "; else " + ", ".join(f"{in_words(name)} ({100 * share:.0f} %)" for name, share in others[:3])
