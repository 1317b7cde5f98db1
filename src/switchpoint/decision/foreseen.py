"""What a monitor says of bills whose days differ by chance, and what of their future it is told."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from switchpoint.horizon import MONTH_DAYS, Amount, Floats, Horizon
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import amount
from switchpoint.simulation.limits import BillLimits
from switchpoint.simulation.listed_prices import counted_changes
from switchpoint.simulation.prices import retires_on
from switchpoint.warning.bills import WatchedBills
from switchpoint.warning.chances import FURTHEST
from switchpoint.warning.plain import Forecast

FURTHEST_FACTOR = 1e12
"""What changes together multiply a bill by, or divide it by, at most: beyond that a monitor says nothing else."""


def chance_forecast(
    billed: Floats, limits: BillLimits, clock: Horizon, warn_months: tuple[float, float], known: Floats | None = None
) -> Forecast:
    """What the monitor of real usage says each Monday.

    Args:
        billed: dollars a day of the current route, shape (days,) or (worlds, 1, days).
        limits: its limits.
        clock: the horizon.
        warn_months: the warning window.
        known: what is known to change multiplies the bill by, shape (worlds or 1, days from day 0 on).
    """
    daily = limits.daily.reshape(len(limits.daily), -1, clock.days)
    cost = billed.reshape(-1, clock.days)
    cost = np.broadcast_to(cost, (max(len(cost), daily.shape[1]), clock.days))
    watched = WatchedBills(cost, daily, int(clock.weekday[0]), known, warn_months)
    shape = (*np.broadcast_shapes(billed.shape, limits.daily.shape[1:])[:-1], watched.mondays.size)
    found = watched.chances
    return Forecast(watched.mondays, found.months_to_limit.reshape(shape), found.within(warn_months[1]).reshape(shape))


def known_factors(scenario: Scenario, clock: Horizon) -> Floats | None:
    """What dated changes that are certain to come multiply the bill by, shape (worlds or 1, days); None for none.

    The days are those of the horizon and as many beyond it as the monitor looks ahead.
    """
    changes = [*_known_prices(scenario, clock), *_known_launches(scenario, clock)]
    if not changes:
        return None
    ahead = max(FURTHEST, scenario.decision.warn_months[1])
    worlds = max(np.size(factor) for _, factor in changes)
    factors = np.ones((worlds, clock.days + round(ahead * MONTH_DAYS) + 1))
    for day, factor in changes:
        after = factors[:, max(day, 0) :] * np.reshape(np.clip(factor, 1 / FURTHEST_FACTOR, FURTHEST_FACTOR), (-1, 1))
        factors[:, max(day, 0) :] = np.clip(after, 1 / FURTHEST_FACTOR, FURTHEST_FACTOR)
    return factors


def _known_prices(scenario: Scenario, clock: Horizon) -> Iterator[tuple[int, Amount]]:
    """Announced changes of the current price, that of the model's known end among them."""
    route = scenario.current
    if not isinstance(route, PricedRoute):
        return
    for change in counted_changes(route):
        if change.probability == 1:
            yield clock.day_of(change.date), amount(change.factor)
    ends, factor = retires_on(route, clock), route.migration_price_factor
    if ends is not None and isinstance(factor, (int, float)):
        yield clock.day_of(ends), factor


def _known_launches(scenario: Scenario, clock: Horizon) -> Iterator[tuple[int, Amount]]:
    """Launches that are certain; none where the limit follows usage, and with it the launch."""
    limit = scenario.limit
    if (
        limit is None
        or limit.usd_per_1000_requests is not None
        or np.any(amount(scenario.revenue.usd_per_1000_requests))
    ):
        return
    for event in scenario.usage.events:
        if event.probability == 1 and np.all(np.greater(amount(event.factor), 0)):
            yield clock.day_of(event.date), amount(event.factor)
