"""The project that makes a candidate live, and what keeps it alive afterwards."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.fields import (
    Bounds,
    Day,
    Days,
    OrWord,
    Part,
    SureShare,
    Text,
    Unit,
    Usd,
    UsdPerMonth,
    Weeks,
    word_or_day,
)
from switchpoint.scenario.uncertain import Quantity


def _begin(raw: Any) -> Any:
    return word_or_day(raw, ("with-project", "from-start"))


Begin: TypeAlias = Annotated[Literal["with-project", "from-start"] | Day, BeforeValidator(_begin)]


class Training(Part):
    """What one training iteration costs, computed instead of stated."""

    method: Literal["full", "lora", "qlora"] = "lora"
    """full, lora or qlora: decides the operations per training token."""
    epochs: Annotated[float, Bounds(above=0, high=1000, uncertain=False), Unit("epochs")] = 3.0
    """How often each example is seen."""
    tokens_per_example: Annotated[Quantity, Bounds(above=0, high=1e8), Unit("tokens")] | None = None
    """Tokens in one labelled example; left out, the scenario's input and output tokens."""
    runs: Annotated[float, Bounds(above=0, high=1000, uncertain=False), Unit("runs/iteration")] = 1.0
    """Training runs in one iteration, such as a small hyperparameter search."""
    gpu: Text | None = None
    """GPU that trains; left out, the fleet's."""
    usd_per_gpu_hour: Annotated[Quantity, Bounds(0, 1e4), Unit("$/GPU-hour")] | None = None
    """Rent of the training GPU; left out, the catalogue's."""
    flops_utilisation: Annotated[float, Bounds(above=0, high=1, uncertain=False), Unit("share of peak")] = 0.33
    """Part of the GPU's dense bf16 peak that training reaches; 30-38 % on an ordinary A100."""


class Project(Part):
    """What it takes to make a candidate live. Left out entirely, it is live on the day it is started."""

    engineers: Annotated[float, Bounds(0, 10_000, uncertain=False), Unit("people")] = 0.0
    """Engineers on the project."""
    engineers_in_house: Annotated[float, Bounds(0, 10_000, uncertain=False), Unit("people")] | None = None
    """How many of them are there already; the rest are hired first. Left out: all of them."""
    hiring_weeks: Weeks = 0.0
    """How long it takes to find the missing engineers."""
    staffing: Literal["just-in-time", "with-project"] = "just-in-time"
    """When people come and are paid. just-in-time: in-house engineers cost a share of their pay until the first
    training, and people are recruited to come when data are complete; with-project: all from the project's start."""
    preparing_share: SureShare = 0.25
    """Part of the pay of in-house engineers while labels and people are still being gathered (assumption)."""
    usd_per_hire: Usd = 0.0
    """Price of finding one engineer, paid on the day on which they are found."""
    usd_per_engineer_month: UsdPerMonth = 0.0
    """Full cost of an engineer a month."""
    examples: Annotated[Quantity, Bounds(0, 1e9), Unit("examples")] = 0.0
    """Labelled examples that training needs."""
    examples_in_hand: Annotated[Quantity, Bounds(0, 1e9), Unit("examples")] = 0.0
    """Labelled examples there already."""
    usable_share: SureShare = 1.0
    """Part of production requests that may become examples."""
    labels_per_day: Annotated[Quantity, Bounds(above=0, high=1e9), Unit("examples/day")] | None = None
    """Labelling throughput; left out: no limit."""
    labelling: Begin = "with-project"
    """When labelling begins: with-project, from-start (day one), or a date."""
    hiring: Begin = "with-project"
    """When recruiting begins: with-project, from-start (day one), or a date."""
    upskilling_weeks: Weeks = 0.0
    """How long in-house engineers learn before the first training."""
    usd_per_example: Usd = 0.0
    """Price of one labelled example, paid as it is labelled."""
    usd_per_iteration: Usd = 0.0
    """Price of one training iteration, paid when its training starts."""
    training: Training | None = None
    """Computes the price of an iteration from tokens and GPU, instead of stating it; added to usd_per_iteration."""
    training_days: Days = 0.0
    """Length of one training."""
    evaluation_days: Days = 0.0
    """Length of one evaluation."""
    pass_probability: Annotated[tuple[SureShare, ...], Field(min_length=1, max_length=100)] = (1.0,)
    """Odds that iteration 1, 2, 3 … passes its evaluation; the last one holds for all later ones."""
    diagnosed_share: Annotated[SureShare, OrWord("measured")] = 1.0
    """Part of the interventions that are picked from error analysis; the others add nothing to the odds. measured takes
    it from the programme's log."""
    max_iterations: Annotated[int, Field(ge=1, le=1000, strict=True)] = 8
    """After so many failed iterations the project is given up."""
    intervention_days: Days = 0.0
    """From a failed evaluation to the next training."""
    hardening_days: Days = 0.0
    """From prototype to production: security, privacy, reliability; before shadow."""
    usd_hardening: Usd = 0.0
    """Price of hardening, paid when it starts."""
    shadow_days: Days = 0.0
    """Days on which the candidate answers beside the current route and both are paid."""
    ramp_days: Days = 0.0
    """Days over which traffic moves in equal steps."""
    usd_one_off: Usd = 0.0
    """Anything else, paid on the first day of the project."""
    started: Day | None = None
    """First day of a project already under way; before the first simulated day."""
    iterations_done: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0
    """Iterations of a project under way that have failed their evaluation so far."""

    @model_validator(mode="after")
    def _consistent(self) -> Project:
        if self.engineers_in_house is not None and self.engineers_in_house > self.engineers:
            raise PydanticCustomError("project", "engineers_in_house must be at most engineers")
        if self.iterations_done and self.started is None:
            raise PydanticCustomError("project", "iterations_done needs started, the first day of the project")
        if self.iterations_done >= self.max_iterations:
            raise PydanticCustomError("project", "iterations_done must be below max_iterations")
        return self

    @property
    def to_hire(self) -> float:
        """Engineers that have to be found."""
        return 0.0 if self.engineers_in_house is None else self.engineers - self.engineers_in_house


class Upkeep(Part):
    """What a live candidate costs beyond serving."""

    engineers: Annotated[float, Bounds(0, 10_000, uncertain=False), Unit("people")] = 0.0
    """Engineers who keep it running, at the project's cost of an engineer."""
    usd_per_month: UsdPerMonth = 0.0
    """Anything else that recurs, such as monitoring and tools."""
    retrain_every_months: Annotated[float, Bounds(0, 600, uncertain=False), Unit("months")] = 0.0
    """A retraining, at the cost of one iteration, so often, at most weekly (0.25); 0 is never."""
    incidents_per_year: Annotated[float, Bounds(0, 1000, uncertain=False), Unit("1/year")] = 0.0
    """Poisson rate of incidents that send traffic back to the current route. The base case has none."""
    incident_days: Days = 0.0
    """How long an incident keeps traffic on the current route."""

    @field_validator("retrain_every_months")
    @classmethod
    def _at_most_weekly(cls, months: float) -> float:
        if 0 < months < 0.25:
            raise PydanticCustomError("upkeep", "must be 0 (never) or at least 0.25; got {got}", {"got": f"{months:g}"})
        return months
