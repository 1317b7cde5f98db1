"""Routes that are paid by the token: what their requests cost, and how their prices move."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from switchpoint.scenario.fields import (
    Bounds,
    Day,
    EachTime,
    Factor,
    Part,
    Share,
    SureShare,
    Text,
    Unit,
    Usd,
    UsdPerMonth,
)
from switchpoint.scenario.uncertain import Choice, Quantity

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
