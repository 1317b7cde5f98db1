"""The summary of a sweep: what drives it, where which answer is right, and where the advice fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import Bools
from switchpoint.result import Json
from switchpoint.study.sweep.discovery import Box, find_box
from switchpoint.study.sweep.influence import Influence, influences, on_the_answer
from switchpoint.study.sweep.regions import Regions, regions
from switchpoint.study.sweep.results import Results

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


@dataclass(frozen=True)
class Summary:
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


def summarised(results: Results) -> Summary:
    """The summary of what came out of a sweep."""
    answer = on_the_answer(results)
    order = np.argsort(-results.saving, kind="stable")
    worst = np.argsort(results.saving, kind="stable")
    shown = min(SHOWN, len(order))
    first_two = [each.input for each in answer[:2]]
    return Summary(
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


def as_json(summary: Summary) -> Json:
    """A summary as JSON."""
    results = summary.results
    return {
        "study": results.manifest.study.name,
        "points": results.planned,
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
