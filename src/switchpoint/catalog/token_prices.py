"""Dated token prices: of genai-prices, and own rows where it has none; what a list said on which day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from switchpoint.catalog import library_prices
from switchpoint.catalog.library_prices import Hours
from switchpoint.catalog.price_types import PriceTier, RoutePrice, TokenPrice, mean_price
from switchpoint.catalog.tables import CatalogError, records, unknown

if TYPE_CHECKING:
    from genai_prices.types import Provider


# Own rows of token prices and retirements, where genai-prices has none -----------------------------------------------


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


def own_retirement(provider: str, model: str) -> dt.date | None:
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


# Dated token prices --------------------------------------------------------------------------------------------------

FIRST_SOLD = dt.date(2020, 6, 11)
"""The day on which OpenAI opened its API, the first that sold a language model by the token."""
_DATED = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True)
class FirstDay:
    """A day before which no model of a family was sold; models of which nothing is known are older than none."""

    name_begins: str
    first_day: dt.date
    verified: bool
    source: str
    date: str


@cache
def first_day(model: str) -> dt.date:
    """The earliest day on which a model can have been sold: by its family, and by the date in its name.

    >>> first_day("gpt-4o-2024-08-06").isoformat(), first_day("anthropic/claude-3-opus").isoformat()
    ('2024-08-06', '2024-03-04')
    """
    families = [row.first_day for row in records(FirstDay, "first_days") if _is_of(model.lower(), row.name_begins)]
    return max([FIRST_SOLD, *families, *_dates(model)])


def _is_of(model: str, family: str) -> bool:
    """Whether a word of the name begins as the family does, whoever's name stands before it."""
    return family in model and re.search(rf"(?<![a-z0-9]){re.escape(family)}", model) is not None


def _dates(model: str) -> list[dt.date]:
    found = []
    for year, month, day in _DATED.findall(model):
        try:
            found.append(dt.date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return found


OLD = dt.timedelta(days=183)
"""After so long a price that nobody compared again is called old."""
TOO_OLD = dt.timedelta(days=366)
"""After so long a scenario must say that it wants the price all the same."""


@dataclass(frozen=True)
class PriceRow:
    """One line of a price list; prices in $/Mtok of the first tier, means of the day where the hour matters."""

    provider: str
    model: str
    input: float
    cached_input: float
    output: float
    batch_input: float | None
    batch_output: float | None
    max_context: int | None
    tiered: bool
    by_hour: bool
    retired_on: dt.date | None
    checked: dt.date | None
    old: bool
    source: str
    date: str


@cache
def route_price(
    provider: str, model: str, as_of: dt.date, hours: Hours | None = None, service_tier: str | None = None
) -> RoutePrice:
    """The prices of a provider's model as of a day, $/Mtok.

    Args:
        provider: its key or full name.
        model: the model's key, full name, or a dated or platform's spelling of it.
        as_of: the day.
        hours: weights of the 24 hours (UTC) over which prices by the hour are averaged; all alike when left out.
        service_tier: such as flex or priority; the standard one when left out.

    Raises:
        CatalogError: with one line and the nearest known name, where provider or model is unknown, where the model is
            not priced by the token, or where it has no such service tier.
    """
    found = _provider(provider)
    own = own_price(found.id, model, as_of) if service_tier is None else None
    if own is None:
        known = library_prices.find_model(found, model)
        if known is None:
            raise library_prices.unknown_model(found, model, models(found.id))
        own = library_prices.price(found, known, as_of, hours, service_tier)
    return _with_dates(own, model)


def _with_dates(price: RoutePrice, name: str) -> RoutePrice:
    """A price with the day on which it was checked, and that on which the model is taken away."""
    retired_on = own_retirement(price.provider, name) or own_retirement(price.provider, price.model)
    day, who = last_check(price.provider, price.model) or (price.checked, price.checked_by)
    told = day.isoformat() if day is not None else price.date
    return replace(price, checked=day, checked_by=who, date=told, retired_on=retired_on)


@cache
def scheduled_changes(
    provider: str,
    model: str,
    after: dt.date,
    until: dt.date,
    hours: Hours | None = None,
    service_tier: str | None = None,
) -> tuple[tuple[dt.date, RoutePrice], ...]:
    """The price changes that the catalogue knows ahead: first day and prices, for days in (after, until].

    A date on which the prices stay as they were is left out.

    Raises:
        CatalogError: as `route_price`.
    """
    found = _provider(provider)
    known = library_prices.find_model(found, model)
    starts = {*own_start_dates(found.id, model), *(library_prices.start_dates(known) if known else ())}
    changes, before = [], route_price(provider, model, after, hours, service_tier)
    for start in sorted(start for start in starts if after < start <= until):
        price = route_price(provider, model, start, hours, service_tier)
        if price.tiers != before.tiers:
            changes.append((start, price))
        before = price
    return tuple(changes)


def stale(price: RoutePrice, as_of: dt.date, after: dt.timedelta = OLD) -> bool:
    """Whether nobody compared a price for long: from its check to the day asked for, the catalogue's own at most."""
    return price.checked is not None and min(as_of, library_prices.snapshot_date()) - price.checked > after


def search_prices(query: str, as_of: dt.date) -> tuple[PriceRow, ...]:
    """The price list as of a day: every model whose provider or name holds all words of the query; "" is all.

    A name that a scenario would understand is understood here too: `azure gpt-5`, `gpt-5-mini-2025-08-07`, `xai grok`,
    an id of Bedrock. A model is listed from the day on which it can first have been sold.
    """
    wanted = [(word, library_prices.alias(word)) for word in query.lower().split()]

    def is_wanted(text: str, provider: str) -> bool:
        return _holds(text.lower(), provider, wanted)

    own = [(text, route) for text, route in own_priced(as_of) if is_wanted(text, route.provider)]
    listed = (*own, *library_prices.priced_models(as_of, asked=is_wanted))
    found = [_with_dates(route, route.model) for _, route in listed]
    sold = (each for each in (*_prices_asked_for(query, as_of), *found) if first_day(each.model) <= as_of)
    rows = {(each.provider, each.model): _row(each, as_of) for each in sold}
    return tuple(sorted(rows.values(), key=lambda row: (row.provider, row.model)))


def price_lists(providers: Collection[str], as_of: dt.date) -> tuple[RoutePrice, ...]:
    """All that some providers sell by the token as of a day, in the order of provider and model.

    Raises:
        CatalogError: for a provider that is not in the catalogue.
    """
    keys = {_provider(name).id for name in providers}
    listed = (*own_priced(as_of), *library_prices.priced_models(as_of, sorted(keys)))
    sold = {(each.provider, each.model): each for _, each in listed if each.provider in keys}
    return tuple(_with_dates(sold[key], key[1]) for key in sorted(sold) if first_day(key[1]) <= as_of)


def _holds(text: str, provider: str, wanted: list[tuple[str, str | None]]) -> bool:
    """Whether a text holds every word; a word may also be the provider's name in another spelling."""
    return all(word in text or key == provider for word, key in wanted)


def _prices_asked_for(query: str, as_of: dt.date) -> list[RoutePrice]:
    """What a scenario would make of the words: a provider and its model, or a model of any provider that sells it."""
    words = query.split()
    splits = ((library_prices.alias(" ".join(words[:i])), " ".join(words[i:])) for i in range(1, len(words)))
    pairs = [(provider, model) for provider, model in splits if provider is not None]
    if not pairs and len(words) == 1:
        pairs = [(provider, query) for provider in library_prices.sellers(query)]
    prices = []
    for provider, model in pairs:
        try:
            prices.append(route_price(provider, model, as_of))
        except CatalogError:
            continue
    return prices


def _provider(name: str) -> Provider:
    found = library_prices.find_provider(name)
    if found is None:
        raise unknown("provider", name, library_prices.providers())
    return found


def _row(route: RoutePrice, as_of: dt.date) -> PriceRow:
    price, batch = route.tiers[0].price, route.batch[0].price if route.batch else None
    return PriceRow(
        provider=route.provider,
        model=route.model,
        input=price.input,
        cached_input=price.cached_input,
        output=price.output,
        batch_input=None if batch is None else batch.input,
        batch_output=None if batch is None else batch.output,
        max_context=route.max_context,
        tiered=len(route.tiers) > 1,
        by_hour=route.by_hour,
        retired_on=route.retired_on,
        checked=route.checked,
        old=stale(route, as_of),
        source=route.source,
        date=route.date,
    )
