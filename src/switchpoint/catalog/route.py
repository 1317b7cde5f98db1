"""What a route paid by the token costs: tiers of prices by context length, dated, with their source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class TokenPrice:
    """Prices in dollars per million tokens; where a source has no cache prices they are the input price."""

    input: float
    output: float
    cached_input: float
    cache_write: float


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
    """Day up to which the source had been brought up to date, where it says so."""
    batch_discount: float | None = None
    """Discount on input and output tokens of requests that can wait, None where none is known."""
    max_context: int | None = None
    """Longest request in tokens, None where it is not known."""
    retired_on: dt.date | None = None
    """Day on which the provider takes the model away, where it is known."""
    usd_per_1000_requests: float = 0.0
    """Fee per 1,000 requests on top of the tokens."""
    verified: bool = True
    """Whether the source is the provider's own list or a checked copy of it."""

    def at(self, input_tokens: float) -> TokenPrice:
        """The prices of a request with so many input tokens (cached ones included), $/Mtok.

        The catalogue's rule: strictly above a threshold the whole request is billed at the higher prices, not only
        the tokens beyond it.
        """
        for tier in reversed(self.tiers):
            if input_tokens > tier.above_input_tokens:
                return tier.price
        return self.tiers[0].price
