"""Own rows of token prices and retirements, where genai-prices has none."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from switchpoint.catalog.price_types import PriceTier, RoutePrice, TokenPrice, mean_price
from switchpoint.catalog.tables import records


@dataclass(frozen=True)
class OwnPrice:
    """A price, $/Mtok, that holds from a date on, or always."""

    provider: str
    model: str
    from_date: dt.date | None
    input: float
    cached_input: float | None
    cache_write: float | None
    output: float
    batch_discount: float | None
    max_context: float | None
    verified: bool
    source: str
    date: str


@dataclass(frozen=True)
class Retirement:
    """The day on which a provider takes a model away."""

    provider: str
    model: str
    retired_on: dt.date
    verified: bool
    source: str
    date: str


@dataclass(frozen=True)
class PriceCheck:
    """The day on which somebody last compared a price with the provider's list."""

    provider: str
    model: str
    verified: bool
    source: str
    date: dt.date


def own_price(provider: str, model: str, as_of: dt.date) -> RoutePrice | None:
    """The newest own price of the model that is in force on the day, None where there is none."""
    active = [each for each in _own(provider, model) if _own_start(each) <= as_of]
    return _route(max(active, key=_own_start)) if active else None


def own_priced(as_of: dt.date) -> list[tuple[str, RoutePrice]]:
    """Every model with an own price on the day, each with the text that a search looks in."""
    keys = dict.fromkeys((each.provider, each.model) for each in records(OwnPrice, "prices"))
    routes = [(f"{provider} {model}", own_price(provider, model, as_of)) for provider, model in keys]
    return [(text, route) for text, route in routes if route is not None]


def models(provider: str) -> tuple[str, ...]:
    """The models of the provider that have an own price."""
    return tuple(each.model for each in records(OwnPrice, "prices") if each.provider == provider)


def own_start_dates(provider: str, model: str) -> tuple[dt.date, ...]:
    """The dates on which an own price of the model starts."""
    return tuple(each.from_date for each in _own(provider, model) if each.from_date is not None)


def retired_on(provider: str, model: str) -> dt.date | None:
    """The day on which the provider takes the model away, None where none is known."""
    known = _retirements().get(provider, {})
    exact = known.get(model.lower())
    if exact is not None:
        return exact
    tuned = (day for key, day in known.items() if key.startswith("ft:") and _names(key, model))
    return next(tuned, None)


@cache
def _retirements() -> dict[str, dict[str, dt.date]]:
    """The days by provider and model."""
    days: dict[str, dict[str, dt.date]] = {}
    for each in records(Retirement, "retirements"):
        days.setdefault(each.provider, {})[each.model] = each.retired_on
    return days


def last_check(provider: str, model: str) -> tuple[dt.date, str] | None:
    """When a price of the library was last compared, and by whom; None where nobody says."""
    found = _checks().get((provider, model))
    return None if found is None else (found.date, found.source)


@cache
def _checks() -> dict[tuple[str, str], PriceCheck]:
    return {(each.provider, each.model): each for each in records(PriceCheck, "checks")}


def _own(provider: str, model: str) -> list[OwnPrice]:
    return [each for each in records(OwnPrice, "prices") if each.provider == provider and _names(each.model, model)]


def _own_start(price: OwnPrice) -> dt.date:
    return price.from_date or dt.date.min


def _names(key: str, name: str) -> bool:
    """Whether the name is the key, the key without its date, or the key with an owner's suffix after a colon."""
    spelt, undated = name.lower(), re.sub(r"-\d{4}-\d{2}-\d{2}$", "", key)
    return spelt in (key, undated) or spelt.startswith((f"{key}:", f"{undated}:"))


def _route(own: OwnPrice) -> RoutePrice:
    price = TokenPrice(
        input=own.input,
        output=own.output,
        cached_input=own.input if own.cached_input is None else own.cached_input,
        cache_write=own.input if own.cache_write is None else own.cache_write,
    )
    return RoutePrice(
        provider=own.provider,
        model=own.model,
        tiers=(PriceTier(0.0, price),),
        source=own.source,
        date=own.date,
        from_date=own.from_date,
        batch=None
        if own.batch_discount is None
        else (PriceTier(0.0, mean_price((price,), (1 - own.batch_discount,))),),
        max_context=None if own.max_context is None else int(own.max_context),
        verified=own.verified,
    )
