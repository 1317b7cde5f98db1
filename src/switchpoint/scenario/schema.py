"""The scenario: everything assumed, in one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.candidate import ApiCandidate, Candidate, GpuCandidate, HostedCandidate
from switchpoint.scenario.demand import Growth, Limit, Revenue, Usage, UsageEvent
from switchpoint.scenario.part import Day, Part, SureNonNegative, Text
from switchpoint.scenario.project import Project, Training, Upkeep
from switchpoint.scenario.quantity import Bounds, Unit, num
from switchpoint.scenario.route import Commitment, Current, PriceChange, PricedRoute, TokenPrices

__all__ = [
    "ApiCandidate",
    "Candidate",
    "Commitment",
    "Current",
    "Decision",
    "GpuCandidate",
    "Growth",
    "HostedCandidate",
    "Limit",
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

POLICIES = ("never", "now", "warn", "best")


def _policy(raw: Any) -> Any:
    if isinstance(raw, str) and raw[:1].isalpha() and raw not in POLICIES:
        raise PydanticCustomError(
            "policy", "must be never, now, warn, best or a date such as 2027-05-01; got {got}", {"got": repr(raw)[:60]}
        )
    return raw


Policy: TypeAlias = Annotated[Literal["never", "now", "warn", "best"] | Day, BeforeValidator(_policy)]


class Decision(Part):
    """When the project starts, and how money later is weighed against money now."""

    policy: Policy = "warn"
    """The rule that starts the project: never, now, warn (when the warning fires), best, or a date."""
    warn_months: tuple[SureNonNegative, SureNonNegative] = (2.0, 3.0)
    """The warning window: so many months ahead of the threat it closes and opens."""
    discount_rate_per_year: Annotated[float, Bounds(above=-1, high=10, uncertain=False), Unit("share/year")] = 0.0
    """Discount rate of net present values."""

    @field_validator("warn_months")
    @classmethod
    def _rising(cls, months: tuple[float, float]) -> tuple[float, float]:
        if months[0] > months[1]:
            raise PydanticCustomError("warn_months", "must be two numbers that do not fall, such as [2, 3]")
        return months


class Scenario(Part):
    """One scenario file: everything assumed."""

    name: Annotated[str, Field(min_length=1, max_length=300)] = "Scenario"
    """What the scenario is called in every output."""
    summary: Text = ""
    """One line on what it is about."""
    start: Day
    """First simulated day; today, as far as the verdict is concerned."""
    months: Annotated[int, Field(ge=1, le=240, strict=True), Unit("calendar months")] = 36
    """Horizon."""
    usage: Usage
    """What is asked of the model."""
    revenue: Revenue = Revenue()
    """What the product earns."""
    limit: Limit
    """What threatens unit economics."""
    current: Current
    """The stay route."""
    candidates: Mapping[Annotated[str, Field(min_length=1, max_length=80)], Candidate] = {}
    """The routes that could replace it, by name."""
    decision: Decision = Decision()
    """When the project starts."""

    @model_validator(mode="after")
    def _revenue_for_share(self) -> Scenario:
        only_share = self.limit.usd_per_month is None and self.limit.usd_per_1000_requests is None
        earns = num(self.revenue.usd_per_month) > 0 or num(self.revenue.usd_per_1000_requests) > 0
        if self.limit.share_of_revenue is not None and only_share and not earns:
            raise PydanticCustomError("limit", "limit.share_of_revenue is a share of nothing: state revenue.usd_per_month")
        return self

    @model_validator(mode="after")
    def _started_before(self) -> Scenario:
        for name, candidate in self.candidates.items():
            started = candidate.project.started
            if started is not None and started > self.start:
                raise PydanticCustomError(
                    "started",
                    "candidates.{name}.project.started must not be after start ({start}); to start later, use decision.policy",
                    {"name": name, "start": self.start.isoformat()},
                )
        return self
