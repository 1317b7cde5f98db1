"""The current route: what is paid today, an API, a hosted model or a model of your own on GPUs."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Tag, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.candidates import Context, GpuCandidate, OwnModel, refuse_both_ways_to_pay
from switchpoint.scenario.fields import (
    Bounds,
    NonNegative,
    Part,
    SureShare,
    Unit,
    Usd,
    UsdPerMonth,
)
from switchpoint.scenario.routes import Endpoint, PricedRoute


class CurrentProject(Part):
    """What people and trainings of the current route cost; its own project is over."""

    usd_per_engineer_month: UsdPerMonth = 0.0
    """Full cost of an engineer a month."""
    usd_per_iteration: Usd = 0.0
    """Price of one retraining, paid when it starts."""


class CurrentUpkeep(Part):
    """What the current route costs beyond serving, until the last request leaves it."""

    engineers: Annotated[float, Bounds(0, 10_000, uncertain=False), Unit("people")] = 0.0
    """Engineers who keep it running, at `current.project.usd_per_engineer_month`."""
    usd_per_month: UsdPerMonth = 0.0
    """Anything else that recurs, such as monitoring and tools."""
    retrain_every_months: Annotated[float, Bounds(0, 600, uncertain=False), Unit("months")] = 0.0
    """A retraining, at the cost of one iteration, so often, counted from the first day; 0 is never."""
    notice_months: Annotated[float, Bounds(0, 240, uncertain=False), Unit("months")] = 0.0
    """So much longer its engineers are paid after the last request has left it, in whole days."""

    @model_validator(mode="after")
    def _consistent(self) -> CurrentUpkeep:
        if 0 < self.retrain_every_months < 0.25:
            told = "retrain_every_months must be 0 (never) or at least 0.25; got {got}"
            raise PydanticCustomError("upkeep", told, {"got": f"{self.retrain_every_months:g}"})
        if self.notice_months and not self.engineers:
            raise PydanticCustomError("upkeep", "notice_months needs engineers, whom it pays")
        return self


class CommonOfCurrent(Part):
    """What a current route of every kind may say."""

    retry_share: Annotated[NonNegative, Unit("share of requests")] = 0.0
    """Extra requests that are made because the first try failed; the default of every candidate."""
    batch_share: SureShare = 0.0
    """Part of the traffic that can wait, on any route: the older place of usage.batch_share."""
    project: CurrentProject = CurrentProject()
    """What its people and trainings cost."""
    upkeep: CurrentUpkeep = CurrentUpkeep()
    """What it costs beyond serving."""

    @property
    def input_tokens_factor(self) -> float:
        """Its requests are those of the scenario."""
        return 1.0

    @property
    def output_tokens_factor(self) -> float:
        """So are its answers."""
        return 1.0


class Current(CommonOfCurrent, PricedRoute):
    """The stay route, where it is an API that is paid by the token, or a model that a provider hosts."""

    kind: Literal["api", "hosted"] = "api"
    """Kind of route; left out, an API."""
    max_context: Context | None = None
    """Longest input plus output of its endpoints; left out: not checked."""
    endpoint: Endpoint | None = None
    """Dedicated endpoints, or units of provisioned throughput, that serve a hosted model for a price by the hour."""

    @model_validator(mode="after")
    def _one_way_to_pay(self) -> Current:
        refuse_both_ways_to_pay(self, self.endpoint)
        if self.endpoint is not None and self.kind != "hosted":
            raise PydanticCustomError("current", 'endpoint needs kind = "hosted"')
        if self.endpoint is None and self.max_context is not None:
            raise PydanticCustomError("current", "max_context needs endpoint: a route paid by the token answers today")
        if self.endpoint is not None and self.endpoint.overflow != "none":
            raise PydanticCustomError("current", "endpoint.overflow leads to the current route, which this is")
        return self

    def _free_of_tokens(self) -> bool:
        return self.endpoint is not None or super()._free_of_tokens()


class CurrentGpu(OwnModel, CommonOfCurrent):
    """The stay route, where it is a model of your own on GPUs."""

    @property
    def listed_model(self) -> None:
        """No list has a price by the token of a model of your own."""

    @model_validator(mode="after")
    def _goes_nowhere_else(self) -> CurrentGpu:
        if self.fleet.overflow != "none":
            raise PydanticCustomError("current", "fleet.overflow leads to the current route, which this is")
        return self


OwnRoute: TypeAlias = GpuCandidate | CurrentGpu
"""A model of your own on GPUs, as a candidate or as the current route."""


def _kind_of(raw: Any) -> str:
    kind = raw.get("kind", "api") if isinstance(raw, dict) else getattr(raw, "kind", "api")
    return "priced" if kind in ("api", "hosted") else str(kind)


CurrentRoute: TypeAlias = Annotated[
    Annotated[Current, Tag("priced")] | Annotated[CurrentGpu, Tag("gpu")], Discriminator(_kind_of)
]


def model_name(route: CurrentRoute) -> str | None:
    """What the model of a current route is called; None where it is not said."""
    if isinstance(route, CurrentGpu):
        return None if route.model is None else route.model.base
    return route.model


def is_paid_by_token(route: CurrentRoute) -> bool:
    """Whether a current route is paid by the token, so that one request more or less shows on its bill."""
    return isinstance(route, Current) and route.endpoint is None
