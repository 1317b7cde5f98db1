"""The work of a sweep: one chunk of points run, its rows as the bytes of a Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from switchpoint.catalog import CatalogError
from switchpoint.clock import Problem
from switchpoint.engine import Case, simulate, simulate_alike
from switchpoint.result import Json, Result, results
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.words import visible
from switchpoint.study.sweep.columns import FAILED, OK, candidate_figures, shared_figures
from switchpoint.study.sweep.dimension import Dimension
from switchpoint.study.sweep.parts import encoded
from switchpoint.study.sweep.plan import Base, Plan, Point
from switchpoint.version import __version__

Row = dict[str, Any]
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
    def of(cls, plan: Plan, columns: Mapping[str, str], mark: str, evaluate: Evaluate | None = None) -> Setup:
        """The setup of a plan."""
        study = plan.study
        return cls(plan.bases, plan.dimensions, columns, study.draws, study.seed, mark, evaluate or figures)


@dataclass(frozen=True)
class Chunk:
    """Points that follow one another, run together and kept in one file."""

    setup: Setup
    number: int
    points: tuple[Point, ...]


def figures(loaded: Loaded, setup: Setup) -> Json:
    """What `run --json` says of a scenario, with draws where the sweep has them."""
    result = Result(simulate(loaded.scenario))
    if not setup.draws:
        return result.as_json(notes=False)
    from switchpoint.study.draws.montecarlo import MonteCarlo
    from switchpoint.study.draws.output import as_json

    return as_json(MonteCarlo(setup.draws, setup.seed).study(loaded.scenario, result), notes=False)


def ran(chunk: Chunk) -> bytes:
    """The file of a chunk; a point that cannot be computed has rows that say why."""
    return encoded(rows_of(chunk.setup, chunk.points), chunk)


def rows_of(setup: Setup, points: Sequence[Point]) -> list[Row]:
    """The rows of some points; base cases of those that differ in numbers alone are simulated at once."""
    told = _together(setup, points) if setup.evaluate is figures and not setup.draws else {}
    alone = (point_rows(setup, point) if point.number not in told else None for point in points)
    rows = [
        _good_rows(setup, point, told[point.number]) if r is None else r for point, r in zip(points, alone, strict=True)
    ]
    return [row for each in rows for row in each]


def _together(setup: Setup, points: Sequence[Point]) -> dict[int, Json]:
    """What `run --json` says of the base cases of points, by number; those with any fault are left out."""
    scenarios: dict[int, Scenario] = {}
    for point in points:
        with suppress(ScenarioError, CatalogError, Problem):
            scenarios[point.number] = setup.bases[point.base].scenario_at(_changes(setup, point))
    try:
        cases = dict(zip(scenarios, simulate_alike(list(scenarios.values())), strict=True))
        good = {number: case for number, case in cases.items() if isinstance(case, Case)}
        return {n: found.as_json() for n, found in zip(good, results(list(good.values())), strict=True)}
    except Exception:  # whatever is wrong is told of the point that it is wrong with
        return {}


def point_rows(setup: Setup, point: Point) -> list[Row]:
    """The rows of one point, one for each candidate."""
    try:
        told = setup.evaluate(_scenario(setup, point), setup)
    except (ScenarioError, CatalogError, Problem) as fault:
        return failed_rows(setup, point, _plain(fault))
    except Exception as fault:  # a point must never stop the sweep, whatever is wrong with it
        return failed_rows(setup, point, f"{type(fault).__name__}: {fault}")
    return _good_rows(setup, point, told)


def _good_rows(setup: Setup, point: Point, told: Json) -> list[Row]:
    """The rows of a point from what `run --json` says of it."""
    shared = shared_figures(told)
    return [
        {**head, "status": OK, **shared, **candidate_figures(told, head["candidate"])} for head in _heads(setup, point)
    ]


def failed_rows(setup: Setup, point: Point, why: str) -> list[Row]:
    """The rows of a point that could not be computed."""
    return [{**head, "status": FAILED, "error": visible(why)} for head in _heads(setup, point)]


def _heads(setup: Setup, point: Point) -> Iterator[Row]:
    base = setup.bases[point.base]
    inputs = {each.path: each.cell(value) for each, value in zip(setup.dimensions, point.values, strict=True)}
    for candidate in base.candidates or (None,):
        yield {
            "point": point.number,
            "scenario": base.name,
            "candidate": candidate,
            "seed": setup.seed,
            "draws": setup.draws or 0,
            "version": __version__,
            **inputs,
        }


def _scenario(setup: Setup, point: Point) -> Loaded:
    return setup.bases[point.base].at(_changes(setup, point))


def _changes(setup: Setup, point: Point) -> list[tuple[str, Any]]:
    return [(each.path, value) for each, value in zip(setup.dimensions, point.values, strict=True)]


def _plain(fault: Exception) -> str:
    if isinstance(fault, ScenarioError):
        return "; ".join(f"{each.field}: {each.message}" if each.field else each.message for each in fault.faults)
    return str(fault)
