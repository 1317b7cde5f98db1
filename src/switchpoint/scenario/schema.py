"""The scenario: everything assumed, in one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.bounds import Bounds, Unit
from switchpoint.scenario.candidate import ApiCandidate, Candidate, GpuCandidate, HostedCandidate
from switchpoint.scenario.crosscheck import Pieces, cross_faults
from switchpoint.scenario.demand import Growth, Limit, Revenue, Usage, UsageEvent
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.part import ONE_LINE, Day, Part, Text
from switchpoint.scenario.policy import POLICIES, Decision, Policy
from switchpoint.scenario.project import Project, Training, Upkeep
from switchpoint.scenario.route import Commitment, Current, PriceChange, PricedRoute, TokenPrices

__all__ = [
    "POLICIES",
    "ApiCandidate",
    "Candidate",
    "Commitment",
    "Current",
    "Decision",
    "GpuCandidate",
    "Growth",
    "HostedCandidate",
    "Limit",
    "Policy",
    "PriceChange",
    "PricedRoute",
    "Project",
    "Revenue",
    "Scenario",
    "TokenPrices",
    "Training",
    "Upkeep",
    "Usage",
    "UsageEvent",
]


class Scenario(Part):
    """One scenario file: everything assumed."""

    name: Annotated[str, Field(min_length=1, max_length=300), ONE_LINE] = "Scenario"
    """What the scenario is called in every output."""
    summary: Text = ""
    """One line on what it is about."""
    start: Day
    """First simulated day; today, as far as the verdict is concerned."""
    months: Annotated[int, Field(ge=1, le=240, strict=True), Unit("calendar months")] = 36
    """Horizon."""
    usd_per: Annotated[
        Mapping[
            Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")],
            Annotated[float, Bounds(above=0, high=1e6, uncertain=False), Unit("$")],
        ],
        Field(max_length=50),
    ] = {}
    """What one unit of another currency is worth in dollars, such as { EUR = 1.08 }. An amount may then be written as
    { eur = 12_000 } wherever dollars stand; everything that comes out is in dollars."""
    usd_per_as_of: Day | None = None
    """Day of those rates."""
    usage: Usage
    """What is asked of the model."""
    revenue: Revenue = Revenue()
    """What the product earns."""
    limit: Limit | None = None
    """What threatens unit economics; left out, the verdict is about money alone."""
    current: Current
    """The stay route."""
    candidates: Annotated[
        Mapping[Annotated[str, Field(min_length=1, max_length=80)], Candidate], Field(max_length=100)
    ] = {}
    """The routes that could replace it, by name."""
    decision: Decision = Decision()
    """When the project starts."""

    @property
    def batch_share(self) -> float:
        """Part of the traffic that can wait, wherever it is stated."""
        return self.usage.batch_share or self.current.batch_share

    @model_validator(mode="after")
    def _fitting(self) -> Scenario:
        for path, message in cross_faults(Pieces.of(dict(self))):
            raise PydanticCustomError("cross", "{message}", {"message": f"{dotted(path)}: {message}"})
        return self

    def with_(self, changes: Mapping[str, Any]) -> Scenario:
        """A copy with some values replaced, checked as a file with `--set` is.

        Args:
            changes: values by dotted path, such as `{"usage.growth.per_month": 0.05}`; numbers, texts, dates, or tables
                such as `{"low": 1, "high": 2}`. `candidates.*` means every candidate.

        Raises:
            ScenarioError: with every fault of the changes.
        """
        from switchpoint.checks import changed

        return changed(self, changes)

    def __repr__(self) -> str:
        names = ", ".join(self.candidates) or "no candidates"
        return f"Scenario({self.name!r}: {self.months} months from {self.start.isoformat()}; {names})"

    def __str__(self) -> str:
        return repr(self)
