"""Points run together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

from switchpoint.catalog import CatalogError
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.world_batch import simulated_groups
from switchpoint.errors import CannotCompute
from switchpoint.files import Json
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.schema import Scenario
from switchpoint.study.sweep.filled_rows import FilledRows, Row, failed_rows, good_rows
from switchpoint.study.sweep.folder import encode_rows
from switchpoint.study.sweep.plan import Base, Dimension, Point, SweepPlan
from switchpoint.study.sweep.row_table import RowTable
from switchpoint.study.workers import CHUNK_SECONDS

AT_ONCE = 128
"""Points whose arrays are held at a time, about a megabyte each."""
Evaluate = Callable[[Loaded, "Setup"], Json]


@dataclass(frozen=True)
class Setup:
    """What every chunk of a sweep needs beside its points."""

    bases: tuple[Base, ...]
    dimensions: tuple[Dimension, ...]
    columns: Mapping[str, str]
    draws: int | None
    seed: int
    mark: str
    """The fingerprint of the sweep, written into every file."""
    evaluate: Evaluate

    @classmethod
    def of(cls, plan: SweepPlan, columns: Mapping[str, str], mark: str, evaluate: Evaluate | None = None) -> Setup:
        """The setup of a plan."""
        study = plan.study
        return cls(plan.bases, plan.dimensions, columns, study.draws, study.seed, mark, evaluate or figures)


@dataclass(frozen=True)
class PointChunk:
    """Points that follow one another, run together and kept in one file."""

    setup: Setup
    number: int
    points: tuple[Point, ...]


def figures(loaded: Loaded, setup: Setup) -> Json:
    """What `run --json` says of a scenario, with draws where the sweep has them."""
    result = JudgedWorld(simulate(loaded.scenario, apart=bool(setup.draws)))
    if not setup.draws:
        return result.as_json(notes=False)
    from switchpoint.study.draw_sentence import as_json
    from switchpoint.study.monte_carlo import MonteCarlo

    return as_json(MonteCarlo(setup.draws, setup.seed, with_levers=True).study(loaded.scenario, result), notes=False)


def ran(chunk: PointChunk) -> bytes:
    """The file of a chunk; a point that cannot be computed has rows that say why."""
    return encode_rows(table_of_points(chunk.setup, chunk.points), chunk)


def table_of_points(setup: Setup, points: Sequence[Point]) -> RowTable:
    """The rows of some points; base cases of those that differ in numbers alone are simulated at once."""
    rows = FilledRows(setup, points)
    if setup.evaluate is figures and not setup.draws:
        for begin in range(0, len(points), AT_ONCE):
            _together(rows, range(begin, min(begin + AT_ONCE, len(points))))
    for place in sorted(rows.left):
        rows.put(place, point_rows(setup, points[place]))
    return rows.table


def _together(rows: FilledRows, places: Sequence[int]) -> None:
    """Fill in the rows of the base cases of some points; those with any fault are left out."""
    scenarios: dict[int, Scenario] = {}
    for place in places:
        with suppress(ScenarioError, CatalogError, CannotCompute):
            scenarios[place] = rows.setup.bases[rows.points[place].base].scenario_at(
                _changes(rows.setup, rows.points[place])
            )
    with suppress(Exception):  # whatever is wrong is told of the point that it is wrong with
        where, groups = list(scenarios), simulated_groups(list(scenarios.values()), apart=False)
        rows.put_groups([([where[place] for place in group.places], group) for group in groups])


def point_rows(setup: Setup, point: Point) -> list[Row]:
    """The rows of one point, one for each candidate."""
    try:
        told = setup.evaluate(_scenario(setup, point), setup)
    except (ScenarioError, CatalogError, CannotCompute) as fault:
        return failed_rows(setup, point, _plain(fault))
    except Exception as fault:  # a point must never stop the sweep, whatever is wrong with it
        return failed_rows(setup, point, f"{type(fault).__name__}: {fault}")
    return good_rows(setup, point, told)


def _scenario(setup: Setup, point: Point) -> Loaded:
    return setup.bases[point.base].at(_changes(setup, point))


def _changes(setup: Setup, point: Point) -> list[tuple[str, Any]]:
    return [(each.path, value) for each, value in zip(setup.dimensions, point.values, strict=True)]


def _plain(fault: Exception) -> str:
    if isinstance(fault, ScenarioError):
        return "; ".join(f"{each.field}: {each.message}" if each.field else each.message for each in fault.faults)
    return str(fault)


GOOD_CHUNK_SECONDS = 1.0
"""Work in one file where there is enough of it: writing and sending it is then a small part."""
SECONDS_PER_PROCESS = 0.02
"""Work in one file for each process that there is: with very many of them, who writes the files must keep up."""
HANDLING_SECONDS = 0.01
"""What one file costs whoever hands out and writes, on a cluster; measured by `benchmarks/sweep_cluster.py`."""
FILES_PER_JOB = 8
"""Files that each process should have to do, so that all end at about the same time."""
MOST_FILES = 5_000


@dataclass(frozen=True)
class Chunks(Sequence[PointChunk]):
    """The chunks of a plan, each made when it is asked for."""

    plan: SweepPlan
    setup: Setup
    size: int

    def __len__(self) -> int:
        return ceil(len(self.plan) / self.size)

    def __getitem__(self, number: int) -> PointChunk:  # type: ignore[override]
        points = tuple(self.plan.point(place) for place in self._points(number))
        return PointChunk(self.setup, number, points)

    def length(self, number: int) -> int:
        """Points of a chunk."""
        return len(self._points(number))

    def _points(self, number: int) -> range:
        return range(number * self.size, min((number + 1) * self.size, len(self.plan)))


@dataclass(frozen=True)
class Remaining(Sequence[PointChunk]):
    """Some of the chunks."""

    chunks: Chunks
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: int) -> PointChunk:  # type: ignore[override]
        return self.chunks[self.numbers[place]]


def chunk_size(points: int, pace: float, jobs: int) -> int:
    """Points of one file: a second of work or more, less where that leaves processes idle, at least a quarter second.

    Many processes wait for the one that hands out and writes, HANDLING_SECONDS for each of work/size files, and at the
    end for the last file, size seconds: the sum is least at size = √(work · HANDLING_SECONDS).

    Args:
        points: how many there are.
        pace: seconds that one takes.
        jobs: processes.
    """
    enough = SECONDS_PER_PROCESS * jobs
    good = ceil(max(GOOD_CHUNK_SECONDS, enough) / pace)
    fair = ceil(points / (FILES_PER_JOB * jobs))
    handled = min(enough, sqrt(points * pace * HANDLING_SECONDS))
    least = ceil(max(CHUNK_SECONDS, handled) / pace)
    return max(min(good, fair), least, ceil(points / MOST_FILES), 1)
