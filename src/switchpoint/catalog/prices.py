"""Prices of models paid by the token, as of a day: from genai-prices, and from own rows where it has none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from switchpoint.catalog import library, overlay
from switchpoint.catalog.errors import unknown
from switchpoint.catalog.first_days import first_day
from switchpoint.catalog.route import RoutePrice

if TYPE_CHECKING:
    from genai_prices.types import Provider


@dataclass(frozen=True)
class PriceRow:
    """One line of a price list; prices in $/Mtok of the first tier."""

    provider: str
    model: str
    input: float
    cached_input: float
    output: float
    max_context: int | None
    tiered: bool
    retired_on: dt.date | None
    source: str
    date: str


@cache
def route_price(provider: str, model: str, as_of: dt.date) -> RoutePrice:
    """The prices of a provider's model as of a day (noon UTC), $/Mtok.

    Raises:
        CatalogError: with one line and the nearest known name, where provider or model is unknown, or where the model
            is not priced by the token.
    """
    found = _provider(provider)
    own = overlay.price(found.id, model, as_of)
    if own is None:
        known = library.find_model(found, model)
        if known is None:
            raise library.unknown_model(found, model, overlay.models(found.id))
        own = library.price(found, known, as_of)
    return replace(own, retired_on=overlay.retired_on(found.id, own.model))


@cache
def scheduled(provider: str, model: str, after: dt.date, until: dt.date) -> tuple[tuple[dt.date, RoutePrice], ...]:
    """The price changes that the catalogue knows ahead: first day and prices, for days in (after, until].

    A date on which the prices stay as they were is left out.

    Raises:
        CatalogError: as `route_price`.
    """
    found = _provider(provider)
    known = library.find_model(found, model)
    starts = {*overlay.start_dates(found.id, model), *(library.start_dates(known) if known else ())}
    changes, before = [], route_price(provider, model, after)
    for start in sorted(start for start in starts if after < start <= until):
        price = route_price(provider, model, start)
        if price.tiers != before.tiers:
            changes.append((start, price))
        before = price
    return tuple(changes)


def search_prices(query: str, as_of: dt.date) -> tuple[PriceRow, ...]:
    """The price list as of a day: every model whose provider or name holds all words of the query; "" is all.

    A model is listed from the day on which it can first have been sold.
    """
    wanted = query.lower().split()
    listed = (*overlay.priced(as_of), *library.priced(as_of))
    found = (route for text, route in listed if all(word in text.lower() for word in wanted))
    found = (route for route in found if first_day(route.model) <= as_of)
    return tuple(sorted(map(_row, found), key=lambda row: (row.provider, row.model)))


def _provider(name: str) -> Provider:
    found = library.find_provider(name)
    if found is None:
        raise unknown("provider", name, library.providers())
    return found


def _row(route: RoutePrice) -> PriceRow:
    price = route.tiers[0].price
    return PriceRow(
        provider=route.provider,
        model=route.model,
        input=price.input,
        cached_input=price.cached_input,
        output=price.output,
        max_context=route.max_context,
        tiered=len(route.tiers) > 1,
        retired_on=overlay.retired_on(route.provider, route.model),
        source=route.source,
        date=route.date,
    )
