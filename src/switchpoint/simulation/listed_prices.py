"""What the catalogue lists for a route: its prices over a horizon, as of the day and for the hours that count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from switchpoint.catalog.library_prices import Hours
from switchpoint.catalog.price_types import RoutePrice
from switchpoint.catalog.token_prices import route_price, scheduled_changes
from switchpoint.horizon import Horizon
from switchpoint.scenario.routes import PriceChange, PricedRoute
from switchpoint.scenario.uncertain import num

SAME_NEWS = timedelta(days=31)
"""A stated change and one of the catalogue that lie no further apart and go the same way are the same news."""


@dataclass(frozen=True)
class Twice:
    """A price change that a scenario states and the catalogue has too."""

    place: int
    """Its place in the route's list."""
    stated: PriceChange
    first_day: date
    """First day of the catalogue's change."""
    before: RoutePrice
    after: RoutePrice


def listed_price(route: PricedRoute, start: date, hours: Hours | None = None) -> RoutePrice | None:
    """The catalogue's price of a route on the first day, or as of the day it asks for; None where its price is stated.

    Args:
        route: the route.
        start: first simulated day.
        hours: weights of the 24 hours, UTC; all alike when left out.

    Raises:
        CatalogError: where the catalogue lacks the name or the service tier.
    """
    if route.listed_model is None:
        return None
    return route_price(*route.listed_model, route.as_of or start, hours, route.service_tier)


def listed_prices(route: PricedRoute, clock: Horizon, hours: Hours | None = None) -> list[tuple[int, RoutePrice]]:
    """The catalogue's prices of a horizon: day 0's and those already scheduled; none where they are stated."""
    first = listed_price(route, clock.start, hours)
    if first is None or route.listed_model is None:
        return []
    last = clock.date_of(clock.days - 1)
    dated = scheduled_changes(*route.listed_model, clock.start, last, hours, route.service_tier)
    return [(0, first), *((clock.day_of(day), price) for day, price in dated)]


def stated_twice(route: PricedRoute) -> tuple[Twice, ...]:
    """The stated price changes that the catalogue has too; they count once, as the catalogue has them."""
    if route.listed_model is None or not route.price_changes:
        return ()
    first = min(change.date for change in route.price_changes) - SAME_NEWS
    last = max(change.date for change in route.price_changes) + SAME_NEWS
    before, known = route_price(*route.listed_model, first, None, route.service_tier), []
    for day, after in scheduled_changes(*route.listed_model, first, last, None, route.service_tier):
        known.append((day, before, after))
        before = after
    return tuple(
        Twice(place, change, day, old, new)
        for place, change in enumerate(route.price_changes)
        for day, old, new in known
        if abs(day - change.date) <= SAME_NEWS and _cheaper(old, new) == (num(change.factor) < 1)
    )


def counted_changes(route: PricedRoute) -> tuple[PriceChange, ...]:
    """The stated price changes without those that the catalogue has too."""
    twice = {each.place for each in stated_twice(route)}
    return tuple(change for place, change in enumerate(route.price_changes) if place not in twice)


def _cheaper(old: RoutePrice, new: RoutePrice) -> bool:
    """Whether a change of list prices is a cut, by input and output alike."""
    first, then = old.tiers[0].price, new.tiers[0].price
    return then.input + then.output < first.input + first.output
