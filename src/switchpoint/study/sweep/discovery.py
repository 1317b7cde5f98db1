"""Scenario discovery: the box of inputs in which something happens, in plain language.

The patient rule induction method of Friedman and Fisher (1999), as Bryant and Lempert (2010) use it on simulations:
peel thin slices off the ends of inputs, always the slice whose loss leaves the densest box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.clock import Bools
from switchpoint.study.sweep.results import Input
from switchpoint.words import listed

PEEL = 0.05
"""Part of the points in the box that one slice takes, at least one value."""
LEAST = 0.02
"""Part of all points below which a box is too small to mean anything."""
LEAST_POINTS = 4
WEIGHT = 0.25
"""Square of the weight of coverage against density."""
MOST_LIMITS = 3
"""Inputs that a box may name and still be plain."""
WORTH = 0.02
"""A limit is named only where leaving it out costs this much of the box's score."""


@dataclass(frozen=True, eq=False)
class Limit:
    """What a box asks of one input."""

    input: Input
    mask: Bools
    """The points that keep it."""

    @cached_property
    def kept(self) -> set[Any]:
        """The values that are allowed, of those that occur."""
        return {value for value, is_in in zip(self.input.values, self.mask, strict=True) if is_in}

    @property
    def text(self) -> str:
        """It in words: "growth under 4 %", "coverage over 70 % and under 90 %", "GPU is L4 or H100"."""
        if not self.input.ordered:
            names = [self.input.told(value) for value in self.input.distinct if value in self.kept]
            return f"{self.input.name} is {listed(names, 'or')}"
        low, high = min(self.kept), max(self.kept)
        below = [value for value in self.input.distinct if value < low]
        above = [value for value in self.input.distinct if value > high]
        parts = [f"over {self.input.told(below[-1])}"] if below else []
        parts += [f"under {self.input.told(above[0])}"] if above else []
        return f"{self.input.name} {' and '.join(parts)}"


@dataclass(frozen=True)
class Box:
    """Where something happens."""

    limits: tuple[Limit, ...]
    density: float
    """Part of the points in the box in which it happens."""
    coverage: float
    """Part of all points in which it happens that lie in the box."""
    size: float
    """Part of all points that lie in the box."""

    @property
    def text(self) -> str:
        """The box in words."""
        return " and ".join(limit.text for limit in self.limits)


def find_box(inputs: Sequence[Input], happens: Bools) -> Box | None:
    """The box with the best balance of density and coverage; None where none is better than all points together.

    Args:
        inputs: those that varied.
        happens: whether it happens, for each point.
    """
    if not happens.any() or happens.all() or not inputs:
        return None
    best = max(_peeled(inputs, happens), key=lambda mask: _score(mask, happens))
    kept = _limits(inputs, best)
    while len(kept) > 1:
        scores = {limit: _score(_inside(kept, limit), happens) for limit in kept}
        weakest = max(kept, key=lambda limit: scores[limit])
        now = _score(_inside(kept), happens)
        if scores[weakest] < now * (1 - WORTH) and len(kept) <= MOST_LIMITS:
            break
        kept.remove(weakest)
    if not kept:
        return None
    mask = _inside(kept)
    if _score(mask, happens) <= _score(np.ones_like(happens), happens) or happens[mask].mean() <= happens.mean():
        return None
    limits = sorted(kept, key=lambda limit: _score(_inside(kept, limit), happens) if len(kept) > 1 else 0)
    density, coverage = happens[mask].mean(), happens[mask].sum() / happens.sum()
    return Box(tuple(limits), float(density), float(coverage), float(mask.mean()))


def _peeled(inputs: Sequence[Input], happens: Bools) -> Iterator[Bools]:
    """Boxes, each a slice smaller than the one before, down to the least size."""
    mask = np.ones_like(happens)
    least = max(LEAST * len(mask), LEAST_POINTS)
    while True:
        yield mask
        smaller = [each for i in inputs for each in _slices(i, mask) if each.sum() >= least]
        if not smaller:
            return
        mask = max(smaller, key=lambda each: (happens[each].mean(), each.sum()))


def _slices(input_: Input, mask: Bools) -> Iterator[Bools]:
    """The box without a slice of one input: of its lowest values, of its highest, or of one of its names."""
    inside = np.sort(input_.numbers[mask])
    if inside[0] == inside[-1]:
        return
    if not input_.ordered:
        for value in np.unique(inside):
            yield mask & (input_.numbers != value)
        return
    place = int(PEEL * len(inside))
    low, high = inside[place], inside[-1 - place]
    yield mask & (input_.numbers > (low if low < inside[-1] else inside[0]))
    yield mask & (input_.numbers < (high if high > inside[0] else inside[-1]))


def _limits(inputs: Sequence[Input], mask: Bools) -> list[Limit]:
    """What a box asks of each input that it restricts; of an ordered one, all values between its ends."""
    found = []
    for each in inputs:
        numbers = each.numbers[mask]
        inside = (each.numbers >= numbers.min()) & (each.numbers <= numbers.max())
        if not each.ordered:
            inside = np.isin(each.numbers, numbers)
        if not inside.all():
            found.append(Limit(each, inside))
    return found


def _inside(limits: Sequence[Limit], without: Limit | None = None) -> Bools:
    """The points that keep all limits but one."""
    inside: Bools = np.logical_and.reduce([limit.mask for limit in limits if limit is not without])
    return inside


def _score(mask: Bools, happens: Bools) -> float:
    """Weighted harmonic mean of density and coverage, density counting twice: F with beta = 0.5.

    (1 + b)·hits/(size of the box + b·hits of all), b = 0.25.
    """
    hits = float(happens[mask].sum())
    return (1 + WEIGHT) * hits / (float(mask.sum()) + WEIGHT * float(happens.sum()))
