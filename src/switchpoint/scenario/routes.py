"""Routes that are paid by the token, how their prices move, and endpoints that are paid by the hour."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.fields import (
    Bounds,
    Count,
    Day,
    EachTime,
    Factor,
    Part,
    Positive,
    Share,
    SureShare,
    Text,
    Unit,
    Usd,
    UsdPerMonth,
)
from switchpoint.scenario.uncertain import Choice, Quantity

# Routes that are paid by the token -----------------------------------------------------------------------------------

UsdPerMtok = Annotated[Quantity, Bounds(0, 1e6), Unit("$/million tokens")]


class TokenPrices(Part):
    """Prices of a route, dollars per million tokens."""

    input: UsdPerMtok
    """Price of input tokens."""
    output: UsdPerMtok
    """Price of output tokens."""
    cached_input: UsdPerMtok | None = None
    """Price of cached input tokens; left out, the input price."""
    cache_write: UsdPerMtok | None = None
    """Price of input tokens written to the cache; left out, the input price."""


class PriceChange(Part):
    """An announced or assumed change of all prices of a route, dated."""

    date: Day
    """First day on which it holds."""
    factor: Factor
    """What prices are multiplied with from then on; 0.6 is a cut of 40 %."""
    probability: SureShare = 1.0
    """How likely it is to happen; the base case counts it from 0.5."""


class Commitment(Part):
    """A spending commitment, settled per calendar month."""

    usd_per_month: Annotated[float, Bounds(above=0, uncertain=False), Unit("$/month")]
    """The monthly bill, before discount, from which the discount holds."""
    discount: SureShare = 0.0
    """Discount on the whole bill of a month that reaches the size."""
    until: Day | None = None
    """With a date it is take-or-pay: at least its size is owed for every calendar month that begins before it."""


class PricedRoute(Part):
    """What a route paid by the token costs: a catalogue price or stated prices, and how they move."""

    provider: Text | None = None
    """Provider in the price catalogue, such as openai or anthropic."""
    model: Text | None = None
    """Model in the price catalogue, priced as of the first simulated day."""
    as_of: Day | None = None
    """Day of the catalogue's prices; left out, the first simulated day. Needed to take a price that nobody has compared
    for more than a year."""
    service_tier: Literal["flex", "priority", "fast"] | None = None
    """Service tier of the catalogue's prices: slower and cheaper (flex), or faster and dearer (priority, fast)."""
    usd_per_mtok: TokenPrices | None = None
    """Stated prices instead of the catalogue's."""
    usd_per_request: Annotated[Quantity, Bounds(0, 1e6), Unit("$/request")] = 0.0
    """Price by the request, beside the tokens or instead of them: a minute of audio, a page, an image. Retries, batch
    discount, drift, changes and sudden reprices hold for it as for tokens."""
    batch_discount: SureShare | None = None
    """Discount on the traffic that can wait; left out, the catalogue's batch price of each kind of token, else none."""
    cache_write_share: Share = 0.0
    """Part of the input that is billed at the cache-write price."""
    usd_per_month: UsdPerMonth = 0.0
    """Flat fee, paid in full while any request stays on the route."""
    price_change_per_year: Annotated[Quantity, Bounds(above=-1, high=10), Unit("share/year")] = 0.0
    """Smooth drift of the prices; -0.3 is 30 % cheaper a year."""
    price_shocks_per_year: Annotated[float, Bounds(0, 100, uncertain=False), Unit("1/year")] = 0.0
    """Poisson rate of sudden reprices of the pinned model. The base case has none."""
    price_shock_factor: Annotated[Factor, EachTime()] = Choice((0.2, 0.5, 0.8, 1.5), (1, 2, 2, 1))
    """What a sudden reprice multiplies the prices with; drawn anew for each."""
    commitments: Annotated[tuple[Commitment, ...], Field(max_length=100)] = ()
    """Spending commitments: discounts by size, take-or-pay."""
    price_changes: Annotated[tuple[PriceChange, ...], Field(max_length=1000)] = ()
    """Announced or assumed price changes."""
    retires_on: Day | None = None
    """Day on which the provider takes the model away; left out, the catalogue's where it knows one."""
    retirement_per_year: Annotated[float, Bounds(0, 12, uncertain=False), Unit("1/year")] = 0.0
    """Poisson rate at which the provider takes the model away, and later each successor; closed models: 0.6
    (docs/validation-prices.md). Where the day is known it counts for the successors only. The base case has none."""
    usd_per_migration: Usd = 0.0
    """What moving to the successor of a retired model costs: tests, prompts, an evaluation. Paid on the day of its
    retirement, if the route is in use."""
    migration_price_factor: Annotated[Factor, EachTime()] = 1.0
    """Prices of a successor against those of the retired model, from its retirement on; drawn anew for each."""

    @model_validator(mode="after")
    def _one_price(self) -> PricedRoute:
        named = self.provider is not None and self.model is not None
        if (self.provider is None) != (self.model is None):
            raise PydanticCustomError("route", "provider and model go together: state both, or usd_per_mtok instead")
        if not named and self.usd_per_mtok is None and not self._free_of_tokens():
            raise PydanticCustomError("route", "has no price: state provider and model, or usd_per_mtok")
        if self.usd_per_mtok is not None and (idle := self._of_the_catalogue()):
            message = "{field} chooses among the catalogue's prices, but usd_per_mtok states the prices; leave one out"
            raise PydanticCustomError("route", message, {"field": idle})
        return self

    def _free_of_tokens(self) -> bool:
        """Whether the route can do without a token price."""
        return self.usd_per_request != 0.0

    def _of_the_catalogue(self) -> str:
        """The first stated field that means something only beside a price of the catalogue, else nothing."""
        return next((name for name in ("as_of", "service_tier") if getattr(self, name) is not None), "")

    @property
    def listed_model(self) -> tuple[str, str] | None:
        """Provider and model whose price is the catalogue's; None where the price is stated."""
        if self.usd_per_mtok is not None or self.provider is None or self.model is None:
            return None
        return self.provider, self.model


# Dedicated endpoints of a hosted model, or units of provisioned throughput -------------------------------------------


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
