"""What a study file says: which scenarios, which inputs vary and how, how many points, which results are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.bounds import Bounds
from switchpoint.scenario.part import ONE_LINE, Part, Text

MOST_POINTS = 1_000_000
MOST_STEPS = 10_000
MOST_DRAWS = 1_000_000

Number: TypeAlias = Annotated[float, Bounds(uncertain=False)]
Sample: TypeAlias = Literal["grid", "lhs", "sobol"]
SAMPLES: tuple[Sample, ...] = ("grid", "lhs", "sobol")
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=300), ONE_LINE]


class Vary(Part):
    """One input that varies: over the values of a list, or over a range from `low` to `high`."""

    path: Name
    """Where it stands in the scenario, as `--set` writes it: `usage.growth.per_month`, `candidates.*.coverage`."""
    values: Annotated[tuple[Any, ...], Field(min_length=1, max_length=MOST_STEPS)] | None = None
    """The values it takes: numbers, texts, dates, or uncertain numbers. In place of a range."""
    low: Number | None = None
    """Lower end of its range."""
    high: Number | None = None
    """Upper end of its range, above `low`."""
    steps: Annotated[int, Field(ge=2, le=MOST_STEPS, strict=True)] | None = None
    """How many values of the range a grid takes, both ends included. Needed for a range of a grid."""
    scale: Literal["linear", "log"] = "linear"
    """Whether the range is divided into equal differences or, with `log`, into equal ratios."""
    name: Text = ""
    """What summaries call it; left out, a name made from its path."""

    @model_validator(mode="after")
    def _one_way(self) -> Vary:
        for fault in _range_faults(self):
            raise PydanticCustomError("vary", "{message}", {"message": fault})
        return self


def _range_faults(vary: Vary) -> list[str]:
    ends = [end for end in (vary.low, vary.high) if end is not None]
    if vary.values is not None:
        stray = ends or vary.steps is not None or vary.scale != "linear"
        return ["must have either values, or low and high, not both"] if stray else []
    if vary.low is None or vary.high is None:
        return ["must have values, or both low and high"]
    if vary.low >= vary.high:
        return [f"has an empty range: low must be below high; got {vary.low:g} and {vary.high:g}"]
    if vary.scale == "log" and vary.low <= 0:
        return [f"needs a low above 0 for scale log; got {vary.low:g}"]
    return []


class Study(Part):
    """A sweep: everything that decides its rows, but for the scenarios themselves."""

    name: Name = "Sweep"
    """What the sweep is called in summaries."""
    summary: Text = ""
    """One line on the question that it answers."""
    scenarios: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]
    """Files of the scenarios that are varied, relative to this file."""
    set: Mapping[str, Any] = {}
    """Values replaced in every scenario beforehand, each under its path in quotes."""
    vary: Annotated[tuple[Vary, ...], Field(min_length=1, max_length=100)]
    """The inputs that vary."""
    sample: Sample = "grid"
    """Which points are run: every combination (`grid`), or `points` of them spread evenly, drawn by Latin hypercube
    (`lhs`) or as a scrambled Sobol' sequence (`sobol`)."""
    points: Annotated[int, Field(ge=1, le=MOST_POINTS, strict=True)] | None = None
    """How many points of each scenario `lhs` or `sobol` takes. Needed for both, and for nothing else."""
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS, strict=True)] | None = None
    """Draws of each point; left out, the base case of each point."""
    seed: Annotated[int, Field(ge=0, le=2**32, strict=True)] = 0
    """Seed of the points and of their draws. Every point has the same draws, so that differences are not noise."""
    outputs: Annotated[tuple[Name, ...], Field(max_length=1000)] = ()
    """Columns of results that are kept; `*` stands for any letters. Left out, all of them."""

    @model_validator(mode="after")
    def _sampled(self) -> Study:
        for fault in _sample_faults(self):
            raise PydanticCustomError("sample", "{message}", {"message": fault})
        return self


def _sample_faults(study: Study) -> list[str]:
    paths = [vary.path for vary in study.vary]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        return [f"varies {twice} twice"]
    if study.sample != "grid":
        return [] if study.points else [f"needs points, how many {study.sample} takes, such as points = 1000"]
    if study.points:
        return ['takes every combination as a grid, so points has no meaning; sample = "lhs" takes so many']
    stepless = [vary.path for vary in study.vary if vary.values is None and vary.steps is None]
    return [f"needs steps for {path}, how many values of its range a grid takes" for path in stepless]
