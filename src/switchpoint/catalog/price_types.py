"""What a route paid by the token costs: tiers of prices by context length, dated, with their source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields

DIGITS = 12
"""Decimals of a mean price: enough for exact sums, and none of the dust of floating point."""


@dataclass(frozen=True)
class TokenPrice:
    """Prices in dollars per million tokens; where a source has no cache prices they are the input price."""

    input: float
    output: float
    cached_input: float
    cache_write: float


def mean_price(prices: Sequence[TokenPrice], weights: Sequence[float]) -> TokenPrice:
    """The mean of prices with weights that sum to 1, each kind of token by itself."""

    def mean(kind: str) -> float:
        each = (weight * float(getattr(price, kind)) for price, weight in zip(prices, weights, strict=True))
        return round(sum(each), DIGITS)

    return TokenPrice(*(mean(each.name) for each in fields(TokenPrice)))


@dataclass(frozen=True)
class PriceTier:
    """The prices of requests with more than so many input tokens."""

    above_input_tokens: float
    price: TokenPrice


@dataclass(frozen=True)
class RoutePrice:
    """The prices of one model of one provider on one day."""

    provider: str
    """Key of the provider."""
    model: str
    """Canonical name of the model."""
    tiers: tuple[PriceTier, ...]
    """Prices by context length, rising; the first is for requests above 0 tokens."""
    source: str
    """Where the prices are from."""
    date: str
    """ISO date of the source, as precise as the source states it."""
    from_date: dt.date | None = None
    """First day of these prices, where it is known."""
    checked: dt.date | None = None
    """Day on which this price was last compared with the provider's list, None where nobody says."""
    checked_by: str = ""
    """Who compared it."""
    batch: tuple[PriceTier, ...] | None = None
    """Prices of requests that can wait, tier by tier; None where none are known."""
    by_hour: bool = False
    """Whether the prices depend on the hour of the day (UTC); they are then a mean over the hours asked for."""
    max_context: int | None = None
    """Longest request in tokens, None where it is not known."""
    retired_on: dt.date | None = None
    """Day on which the provider takes the model away, where it is known."""
    usd_per_1000_requests: float = 0.0
    """Fee per 1,000 requests on top of the tokens."""
    verified: bool = True
    """Whether the source is the provider's own list or a checked copy of it."""

    @property
    def batch_discount(self) -> float | None:
        """The smaller of the discounts on input and output of requests that can wait, None where none is known."""
        if self.batch is None:
            return None
        full, low = self.tiers[0].price, self.batch[0].price
        pairs = ((full.input, low.input), (full.output, low.output))
        return min((round(1 - less / price, DIGITS) for price, less in pairs if price), default=None)

    def blended_tiers(self, batch_share: float) -> tuple[PriceTier, ...]:
        """The tiers of traffic of which a share can wait, each kind of token at its own batch price."""
        if self.batch is None or not batch_share:
            return self.tiers
        return tuple(
            PriceTier(each.above_input_tokens, mean_price((each.price, low.price), (1 - batch_share, batch_share)))
            for each, low in zip(self.tiers, self.batch, strict=True)
        )

    def at(self, input_tokens: float) -> TokenPrice:
        """The prices of a request with so many input tokens (cached ones included), $/Mtok.

        The catalogue's rule: strictly above a threshold the whole request is billed at the higher prices, not only
        the tokens beyond it.
        """
        for tier in reversed(self.tiers):
            if input_tokens > tier.above_input_tokens:
                return tier.price
        return self.tiers[0].price
