"""Retirement: the day on which a provider takes a model away, and what moving to its successor costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from switchpoint.catalog.listing import listed_price
from switchpoint.chance import Chance, Shock, Source
from switchpoint.clock import Clock, Floats
from switchpoint.scenario.quantity import amount
from switchpoint.scenario.schema import Current, PricedRoute


def retirements(route: PricedRoute, clock: Clock, chance: Chance) -> list[Shock]:
    """Each day within the horizon on which the route's model is taken away, and the price factor of its successor.

    First the known day, then those of the successors; where no day is known they come at `retirement_per_year` from day
    0 on.
    """
    known, factor = retires_on(route, clock), route.migration_price_factor
    luck = chance.of(Source.CURRENT_RETIREMENTS if isinstance(route, Current) else Source.CANDIDATE_RETIREMENTS)
    if known is None:
        return list(luck.shocks(route.retirement_per_year, factor, clock.days))
    first = max(clock.day_of(known), 0)
    if first >= clock.days:
        return []
    successor = luck.value(factor)
    later = luck.shocks(route.retirement_per_year, factor, clock.days - first)
    return [Shock(first, successor), *(event._replace(day=first + event.day) for event in later)]


def migration(route: PricedRoute, clock: Clock, chance: Chance, gone: Sequence[Shock] | None = None) -> Floats | None:
    """Dollars of each day for moving to a successor, while the route is in use; None where there is nothing to pay."""
    usd = amount(route.usd_per_migration)
    if not np.any(usd):
        return None
    gone = retirements(route, clock, chance) if gone is None else gone
    if not gone:
        return None
    own = (chance.worlds, 1, 1) if any(event.world for event in gone) else ()
    shape = np.broadcast_shapes(np.shape(usd), own, (clock.days,))
    daily, each = np.zeros(shape), np.broadcast_to(usd, shape)
    for day, _, world in gone:
        where: Any = (*world, ..., day)
        daily[where] += each[where]
    return daily


def retirement(route: PricedRoute, clock: Clock) -> date | None:
    """When the provider retires the route's model, where that is known and lies in the horizon."""
    retired = retires_on(route, clock)
    return retired if retired and clock.day_of(retired) < clock.days else None


def retires_on(route: PricedRoute, clock: Clock) -> date | None:
    """When the provider retires the route's model: as stated, else as the catalogue knows; None where it does not."""
    if route.retires_on is not None:
        return route.retires_on
    known = listed_price(route, clock.start)
    return None if known is None else known.retired_on
