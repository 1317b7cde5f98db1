"""The box where advice fails; summary.

The patient rule induction method of Friedman and Fisher (1999), as Bryant and Lempert (2010) use it on simulations:
peel thin slices off the ends of inputs, always the slice whose loss leaves the densest box.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.files import Json
from switchpoint.horizon import Bools
from switchpoint.study.sweep.drivers_and_map import Influence, Regions, influences, on_the_answer, regions
from switchpoint.study.sweep.results import Results, VariedInput
from switchpoint.text import join_names

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
class BoxLimit:
    """What a box asks of one input."""

    input: VariedInput
    mask: Bools
    """The points that keep it."""

    @cached_property
    def allowed_values(self) -> set[Any]:
        """The values that are allowed, of those that occur."""
        return {value for value, is_in in zip(self.input.values, self.mask, strict=True) if is_in}

    @property
    def text(self) -> str:
        """It in words: "growth under 4 %", "coverage over 70 % and under 90 %", "GPU is L4 or H100"."""
        if not self.input.has_order:
            names = [self.input.with_unit(value) for value in self.input.distinct if value in self.allowed_values]
            return f"{self.input.name} is {join_names(names, 'or')}"
        low, high = min(self.allowed_values), max(self.allowed_values)
        below = [value for value in self.input.distinct if value < low]
        above = [value for value in self.input.distinct if value > high]
        parts = [f"over {self.input.with_unit(below[-1])}"] if below else []
        parts += [f"under {self.input.with_unit(above[0])}"] if above else []
        return f"{self.input.name} {' and '.join(parts)}"


@dataclass(frozen=True)
class Box:
    """Where something happens."""

    limits: tuple[BoxLimit, ...]
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


def find_box(inputs: Sequence[VariedInput], happens: Bools) -> Box | None:
    """The box with the best balance of density and coverage; None where none is better than all points together.

    Args:
        inputs: those that varied.
        happens: whether it happens, for each point.
    """
    if not happens.any() or happens.all() or not inputs:
        return None
    best = max(_peel_boxes(inputs, happens), key=lambda mask: _score(mask, happens))
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


def _peel_boxes(inputs: Sequence[VariedInput], happens: Bools) -> Iterator[Bools]:
    """Boxes, each a slice smaller than the one before, down to the least size."""
    mask = np.ones_like(happens)
    least = max(LEAST * len(mask), LEAST_POINTS)
    while True:
        yield mask
        smaller = [each for i in inputs for each in _slices(i, mask) if each.sum() >= least]
        if not smaller:
            return
        mask = max(smaller, key=lambda each: (happens[each].mean(), each.sum()))


def _slices(input_: VariedInput, mask: Bools) -> Iterator[Bools]:
    """The box without a slice of one input: of its lowest values, of its highest, or of one of its names."""
    inside = np.sort(input_.numbers[mask])
    if inside[0] == inside[-1]:
        return
    if not input_.has_order:
        for value in np.unique(inside):
            yield mask & (input_.numbers != value)
        return
    place = int(PEEL * len(inside))
    low, high = inside[place], inside[-1 - place]
    yield mask & (input_.numbers > (low if low < inside[-1] else inside[0]))
    yield mask & (input_.numbers < (high if high > inside[0] else inside[-1]))


def _limits(inputs: Sequence[VariedInput], mask: Bools) -> list[BoxLimit]:
    """What a box asks of each input that it restricts; of an ordered one, all values between its ends."""
    found = []
    for each in inputs:
        numbers = each.numbers[mask]
        inside = (each.numbers >= numbers.min()) & (each.numbers <= numbers.max())
        if not each.has_order:
            inside = np.isin(each.numbers, numbers)
        if not inside.all():
            found.append(BoxLimit(each, inside))
    return found


def _inside(limits: Sequence[BoxLimit], without: BoxLimit | None = None) -> Bools:
    """The points that keep all limits but one."""
    inside: Bools = np.logical_and.reduce([limit.mask for limit in limits if limit is not without])
    return inside


def _score(mask: Bools, happens: Bools) -> float:
    """Weighted harmonic mean of density and coverage, density counting twice: F with beta = 0.5.

    (1 + b)·hits/(size of the box + b·hits of all), b = 0.25.
    """
    hits = float(happens[mask].sum())
    return (1 + WEIGHT) * hits / (float(mask.sum()) + WEIGHT * float(happens.sum()))


MOSTLY = 0.5
"""Where the advice fails in more than this part of the points, it is told where it holds instead."""
SHOWN = 5
"""Points in the table of the best, and in that of the worst."""


@dataclass(frozen=True)
class Failure:
    """A way in which the base case's advice is wrong, how often, and the box in which it mostly is."""

    name: str
    what: str
    share: float
    box: Box | None
    """Where it is so; where it is so in most points, where it is not."""


ADVICE_ALONE = "Answers, dates and savings are those of the advice, whatever policy a scenario states"
"""What a stated policy comes to stands in the rows of each candidate."""


@dataclass(frozen=True)
class SweepSummary:
    """What a sweep says."""

    results: Results
    on_start: tuple[Influence, ...]
    on_saving: tuple[Influence, ...]
    on_answer: tuple[Influence, ...]
    regions: Regions | None
    failures: tuple[Failure, ...]
    best: tuple[int, ...]
    """Places of the points that save most, the most first."""
    worst: tuple[int, ...]

    @property
    def answers(self) -> list[tuple[str, int]]:
        """Actions with the points that are advised each, the most frequent first."""
        return Counter(map(str, self.results.action)).most_common()


def summarise(results: Results) -> SweepSummary:
    """The summary of what came out of a sweep."""
    answer = on_the_answer(results)
    order = np.argsort(-results.saving, kind="stable")
    worst = np.argsort(results.saving, kind="stable")
    shown = min(SHOWN, len(order))
    first_two = [each.input for each in answer[:2]]
    return SweepSummary(
        results,
        tuple(influences(results.inputs, results.start_days)),
        tuple(influences(results.inputs, results.saving)),
        tuple(answer),
        regions(first_two[0], first_two[1] if len(first_two) > 1 else None, results.answer) if first_two else None,
        _failures(results),
        tuple(map(int, order[:shown])),
        tuple(map(int, worst[:shown])),
    )


def _failures(results: Results) -> tuple[Failure, ...]:
    advised = results.manifest.content["advice"].values()
    found = [("answer", "another answer is right than in the base case", results.other)]
    if any(advice["action"] == "start-by" for advice in advised):
        found.append(
            ("date", "the answer is the same, but the base case's start-by date is too late", results.too_late)
        )
    return tuple(_failure_in(results, *each) for each in found)


def _failure_in(results: Results, name: str, what: str, happens: Bools) -> Failure:
    share = float(happens.mean())
    return Failure(name, what, share, find_box(results.inputs, happens if share <= MOSTLY else ~happens))


def as_json(summary: SweepSummary) -> Json:
    """A summary as JSON."""
    results = summary.results
    return {
        "study": results.manifest.study.name,
        "points": results.planned_points,
        "points_done": len(results.points) + results.failed,
        "points_failed": results.failed,
        "answers": {action: count / len(results.points) for action, count in summary.answers},
        "method": "first-order share of the variance explained by the means of bins; Spearman's rank correlation",
        "drivers": {
            "start_by": [_influence(each) for each in summary.on_start],
            "npv_saving_usd": [_influence(each) for each in summary.on_saving],
            "answer": [_influence(each) for each in summary.on_answer],
        },
        "map": None if summary.regions is None else _map(summary.regions),
        "advice": results.manifest.content["advice"],
        "fails": {each.name: _failure(each) for each in summary.failures},
        "best": [point(results, place) for place in summary.best],
        "worst": [point(results, place) for place in summary.worst],
    }


def point(results: Results, place: int) -> Json:
    """One point with its inputs and its answer."""
    return {
        "point": results.points[place],
        **{each.column: each.values[place] for each in results.inputs},
        "action": results.action[place],
        "candidate": results.candidate[place],
        "start_by": results.start_by[place],
        "npv_saving_usd": float(results.saving[place]),
    }


def _influence(each: Influence) -> Json:
    ranked = None if np.isnan(each.correlation) else each.correlation
    return {"input": each.input.column, "share_of_variance": each.share, "rank_correlation": ranked}


def _map(found: Regions) -> Json:
    return {
        "x": found.x.input.column,
        "y": found.y and found.y.input.column,
        "takeaway": found.takeaway,
        "cells": [
            {
                "x": found.x.labels[cell.x],
                "y": found.y.labels[cell.y] if found.y else None,
                "answer": cell.answer,
                "share_that_agrees": cell.agree,
                "points": cell.points,
            }
            for cell in found.cells
        ],
    }


def _failure(each: Failure) -> Json:
    box = each.box
    told = box and {"text": box.text, "density": box.density, "coverage": box.coverage, "share_of_points": box.size}
    return {
        "what": each.what,
        "share": each.share,
        "box_of": "points with it" if each.share <= MOSTLY else "others",
        "box": told,
    }
