"""What the catalogue lists for a route: its prices over a horizon, as of the day and for the hours that count."""

from __future__ import annotations

from datetime import date

from switchpoint.catalog.library import Hours
from switchpoint.catalog.prices import route_price, scheduled
from switchpoint.catalog.route import RoutePrice
from switchpoint.clock import Clock
from switchpoint.scenario.schema import PricedRoute


def listed_price(route: PricedRoute, start: date, hours: Hours | None = None) -> RoutePrice | None:
    """The catalogue's price of a route on the first day, or as of the day it asks for; None where its price is stated.

    Args:
        route: the route.
        start: first simulated day.
        hours: weights of the 24 hours, UTC; all alike when left out.

    Raises:
        CatalogError: where the catalogue lacks the name or the service tier.
    """
    if route.listed is None:
        return None
    return route_price(*route.listed, route.as_of or start, hours, route.service_tier)


def listed_prices(route: PricedRoute, clock: Clock, hours: Hours | None = None) -> list[tuple[int, RoutePrice]]:
    """The catalogue's prices of a horizon: day 0's and those already scheduled; none where they are stated."""
    first = listed_price(route, clock.start, hours)
    if first is None or route.listed is None:
        return []
    last = clock.date_of(clock.days - 1)
    dated = scheduled(*route.listed, clock.start, last, hours, route.service_tier)
    return [(0, first), *((clock.day_of(day), price) for day, price in dated)]
