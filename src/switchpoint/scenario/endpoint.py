"""Dedicated endpoints of a hosted model, or units of provisioned throughput: paid by the hour, sized like a fleet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.fields import Bounds, Count, Part, Positive, Unit
from switchpoint.scenario.uncertain import Quantity


class Endpoint(Part):
    """Endpoints, or units of provisioned throughput, that serve a hosted model; paid by the hour, in whole ones."""

    usd_per_hour: Annotated[Quantity, Bounds(0, 1e6), Unit("$/hour")]
    """Price of one endpoint or unit."""
    usd_per_hour_change_per_year: Annotated[Quantity, Bounds(above=-1, high=10), Unit("share/year")] = 0.0
    """Smooth drift of that price."""
    requests_per_second: Annotated[Quantity, Bounds(low=1e-6, high=1e6), Unit("requests/s")] | None = None
    """What one of them carries; or tokens_per_minute."""
    tokens_per_minute: Annotated[Quantity, Bounds(above=0, high=1e12), Unit("tokens/minute")] | None = None
    """What one of them carries in tokens: those of the input count 1, those of the output output_weight."""
    output_weight: Annotated[float, Bounds(0, 1000, uncertain=False), Unit("factor")] = 1.0
    """What a token of the output counts against one of the input."""
    min: Count = 1
    """Fewest that can be had; with 0 an hour without load keeps none."""
    step: Positive = 1
    """How many more come at a time: min, min + step, min + 2 step and so on."""
    max: Positive | None = None
    """Most that can be had; left out: no cap."""
    scaling: Literal["hourly", "daily", "fixed"] = "hourly"
    """hourly follows the load, daily is sized for the day's peak hour, fixed is a fixed number."""
    fixed: Positive | None = None
    """The number of them, with scaling = "fixed"."""
    target_utilisation: Annotated[float, Bounds(above=0, high=1, uncertain=False), Unit("share, 0 to 1")] = 0.8
    """Part of an endpoint's capacity that is planned with."""
    billing_minutes: Annotated[float, Bounds(above=0, high=1440, uncertain=False), Unit("minutes")] = 60.0
    """Steps in which the extra hours of work that can wait are billed each day; 1 is by the minute."""
    startup_minutes: Annotated[float, Bounds(0, 1440, uncertain=False), Unit("minutes")] = 0.0
    """What starting an endpoint for work that can wait takes, paid beside its hours."""
    reserved: Count = 0
    """Endpoints or units that are paid around the clock for whole terms, used or not."""
    reserved_usd_per_hour: Annotated[Quantity, Bounds(0, 1e6), Unit("$/hour")] | None = None
    """Price of a reserved one, which does not drift."""
    reserved_months: Annotated[float, Bounds(low=0.1, high=240, uncertain=False), Unit("months")] = 12.0
    """Length of a term."""
    overflow: Literal["none", "current"] = "none"
    """Where work goes that fixed or capped endpoints cannot carry: with current to the current route, at its price."""

    @model_validator(mode="after")
    def _carries_something(self) -> Endpoint:
        if (self.requests_per_second is None) == (self.tokens_per_minute is None):
            told = "needs requests_per_second or tokens_per_minute, which one of them carries"
            raise PydanticCustomError("endpoint", told if self.requests_per_second is None else f"{told}; not both")
        if (self.scaling == "fixed") != (self.fixed is not None):
            raise PydanticCustomError("endpoint", 'fixed and scaling = "fixed" go together')
        if self.overflow == "current" and self.fixed is None and self.max is None:
            raise PydanticCustomError("endpoint", 'overflow = "current" needs fixed or max; without, nothing is left')
        if self.max is not None and self.max < self.min:
            raise PydanticCustomError("endpoint", f"max ({self.max}) must be at least min ({self.min})")
        return self

    @model_validator(mode="after")
    def _reserved_at_a_price(self) -> Endpoint:
        if bool(self.reserved) != (self.reserved_usd_per_hour is not None):
            raise PydanticCustomError("endpoint", "reserved and reserved_usd_per_hour go together")
        for name, most in (("fixed", self.fixed), ("max", self.max)):
            if most is not None and self.reserved > most:
                raise PydanticCustomError("endpoint", f"reserved ({self.reserved}) must be at most {name} ({most})")
        return self
