"""Rows of points as they are filled in: of one after the other, or of many that were simulated at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from switchpoint.decision.case import SimulatedWorld
from switchpoint.decision.many_candidates import Column, Maker
from switchpoint.decision.many_figures import ManyFigures
from switchpoint.decision.result import COSTLY, JudgedWorld, results
from switchpoint.decision.world_batch import SimulatedGroup
from switchpoint.files import Json
from switchpoint.horizon import Horizon, Ints
from switchpoint.scenario.errors import visible
from switchpoint.study.sweep.columns import FAILED, OK, candidate_figures, shared_figures
from switchpoint.study.sweep.plan import Point
from switchpoint.study.sweep.row_table import RowTable
from switchpoint.version import __version__

if TYPE_CHECKING:
    from switchpoint.study.sweep.chunks import Setup

Row = dict[str, Any]


class FilledRows:
    """Rows of points, in the order of the points, one for each candidate.

    Args:
        setup: of their sweep.
        points: the points.
    """

    def __init__(self, setup: Setup, points: Sequence[Point]) -> None:
        self.setup, self.points = setup, points
        self.left = set(range(len(points)))
        """Places of the points that nobody filled in yet."""
        *self._first, rows = accumulate((self._count(point) for point in points), initial=0)
        self.table = RowTable(setup.columns, rows)

    def _count(self, point: Point) -> int:
        return max(len(self.setup.bases[point.base].candidates), 1)

    def put(self, place: int, rows: Sequence[Row]) -> None:
        """Fill in the rows of one point."""
        for number, row in enumerate(rows, self._first[place]):
            self.table.put_row(number, row)
        self.left.discard(place)

    def put_groups(self, groups: Sequence[tuple[Sequence[int], SimulatedGroup]]) -> None:
        """Fill in the rows of points that were simulated in groups, each with the places of its points; those that
        cannot be computed are left out."""
        cases = {place: case for places, group in groups for place, case in zip(places, group.cases, strict=True)}
        good = {place: case for place, case in cases.items() if isinstance(case, SimulatedWorld)}
        judged = dict(zip(good, self._verdicts_on(list(good.values())), strict=True))
        for places, group in groups:
            if group.batch is not None and not group.batch.in_stages:
                self._put_at_once(places, ManyFigures(group.batch, [judged[place] for place in places]))
        left_out = [part for part in COSTLY if not self._shows(part)]
        for place in judged.keys() & self.left:
            found = judged[place].as_json(notes=False, months_by_row=False, left_out=left_out)
            self.put(place, good_rows(self.setup, self.points[place], found))

    def _verdicts_on(self, cases: Sequence[SimulatedWorld]) -> list[JudgedWorld]:
        flips = self._shows("verdict.sentence") or self._shows("verdict.flips_at_requests_per_day")
        return results(cases, flips=flips)

    def _shows(self, part: str) -> bool:
        """Whether any column shows a part of `run --json`."""
        return any(name == part or name.startswith(f"{part}.") for name in self.setup.columns)

    def _put_at_once(self, places: Sequence[int], figures: ManyFigures) -> None:
        """Fill in what is told of many worlds at once."""
        clock = figures.batch.clock
        first = np.array([self._first[place] for place in places], dtype=np.int64)
        shared = self._columns_of({**figures.of_all, "sources": lambda: _sources(figures.judged)})
        number = len(figures.batch.outlooks)
        own = [self._columns_of(figures.of_candidate(place)) for place in range(number)] or [{}]
        every = [row for point in places for row in heads_of(self.setup, self.points[point])]
        for place, columns in enumerate(own):
            self._put_columns(first + place, {**shared, **columns}, clock)
            heads = every[place :: len(own)]
            self._put_columns(first + place, {name: [row[name] for row in heads] for name in heads[0]} if heads else {})
        self.left -= set(places)

    def _columns_of(self, makers: Mapping[str, Maker]) -> dict[str, Column]:
        """The columns that the sweep asks for."""
        return {name: makers[name]() for name in makers if name in self.setup.columns}

    def _put_columns(self, rows: Ints, columns: Mapping[str, Column], clock: Horizon | None = None) -> None:
        for name, values in columns.items():
            self.table.put(name, rows, values, clock)


def _sources(judged: Sequence[JudgedWorld]) -> list[str]:
    """What the catalogue says of each world, as JSON; mostly the same of all."""
    found: list[str] = []
    before: Any = None
    for each in judged:
        found.append(found[-1] if before is not None and each.sources == before else _json_of(each.sources))
        before = each.sources
    return found


def _json_of(sources: Any) -> str:
    return json.dumps(sources, default=str)


def good_rows(setup: Setup, point: Point, told: Json) -> list[Row]:
    """The rows of a point from what `run --json` says of it."""
    shared = shared_figures(told)
    return [{**head, **shared, **candidate_figures(told, head["candidate"])} for head in heads_of(setup, point)]


def failed_rows(setup: Setup, point: Point, why: str) -> list[Row]:
    """The rows of a point that could not be computed."""
    return [{**head, "status": FAILED, "error": visible(why)} for head in heads_of(setup, point)]


def heads_of(setup: Setup, point: Point) -> Iterator[Row]:
    """What is known of the rows of a point before anything is simulated."""
    base = setup.bases[point.base]
    inputs = {each.path: each.cell(value) for each, value in zip(setup.dimensions, point.values, strict=True)}
    for candidate in base.candidates or (None,):
        yield {
            "point": point.number,
            "scenario": base.name,
            "candidate": candidate,
            "status": OK,
            "seed": setup.seed,
            "draws": setup.draws or 0,
            "version": __version__,
            **inputs,
        }
