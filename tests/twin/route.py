"""What a route paid by the token costs."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.scenario.candidates import ApiCandidate, HostedCandidate
from switchpoint.scenario.routes import Commitment, PricedRoute, TokenPrices
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from tests.twin.clock import DAILY, Clock, at_least
from tests.twin.usage import Demand


def batch_share(scenario: Scenario) -> float:
    """Part of the traffic that can wait."""
    return max(scenario.usage.batch_share, scenario.current.batch_share)


def usd_per_request(
    scenario: Scenario,
    route: PricedRoute,
    demand: Demand,
    clock: Clock,
    day: int,
    waiting: float | None = None,
) -> float:
    """Price of one request on a day, its share of retries included, before commitments and flat fee.

    `waiting` is the part of such requests that can wait; left out, that of the traffic.
    """
    asked = id(route), day, waiting
    if asked not in demand.prices:  # hundreds of starts ask for the price of each day
        demand.prices[asked] = _usd_per_request(scenario, route, demand, clock, day, waiting)
    return demand.prices[asked]


def _usd_per_request(
    scenario: Scenario, route: PricedRoute, demand: Demand, clock: Clock, day: int, waiting: float | None
) -> float:
    prices = route.usd_per_mtok or TokenPrices(input=0, output=0)
    waiting = batch_share(scenario) if waiting is None else waiting
    retry = num(scenario.current.retry_share)
    tokens_in, tokens_out = demand.input_tokens[day], demand.output_tokens[day]
    discount = route.batch_discount or 0.0
    if isinstance(route, ApiCandidate | HostedCandidate):
        if route.retry_share is not None:
            retry = num(route.retry_share)
        tokens_in *= num(route.input_tokens_factor)
        tokens_out *= num(route.output_tokens_factor)
    p_in = num(prices.input)
    p_cached = p_in if prices.cached_input is None else num(prices.cached_input)
    p_write = p_in if prices.cache_write is None else num(prices.cache_write)
    cached = num(scenario.usage.cached_input_share)
    written = min(num(route.cache_write_share), 1 - cached)
    usd = tokens_in * (cached * p_cached + written * p_write + (1 - cached - written) * p_in)
    usd += tokens_out * num(prices.output)
    usd = (usd / 1e6 + num(route.usd_per_request)) * (1 + retry)
    usd *= 1 - waiting * discount
    for change in route.price_changes:
        if change.probability >= 0.5 and day >= clock.day(change.date):
            usd *= num(change.factor)
    if route.retires_on is not None and day >= clock.day(route.retires_on):
        usd *= num(route.migration_price_factor)
    return usd * (1 + num(route.price_change_per_year)) ** (clock.t(day) / 12)


def migrations(route: PricedRoute, clock: Clock, in_use: list[bool]) -> list[float]:
    """What moving to the successor of a retired model costs, by the day; one that went before day 0 goes then."""
    costs = [0.0] * clock.days
    if route.retires_on is not None:
        day = max(clock.day(route.retires_on), 0)
        if day < clock.days and in_use[day]:
            costs[day] = num(route.usd_per_migration)
    return costs


def settle(clock: Clock, commitments: tuple[Commitment, ...], tokens_usd: list[float], first: int = 0) -> list[float]:
    """The token bill of every day after commitments, which count from day `first` on."""
    settled = list(tokens_usd)
    for begins, length, all_days in clock.calendar_months:
        days = [d for d in all_days if d >= first]
        if not days:
            continue
        part = len(days) / length
        bill = sum(tokens_usd[d] for d in days)
        discount, reached = 0.0, 0.0
        for c in commitments:
            if at_least(bill, c.usd_per_month * part) and c.usd_per_month > reached:
                discount, reached = c.discount, c.usd_per_month
        owed = bill * (1 - discount)
        missing = 0.0
        for c in commitments:
            if c.until is not None and begins < c.until:
                missing = max(missing, c.usd_per_month * part - owed)
        for d in days:
            settled[d] = tokens_usd[d] * (1 - discount) + missing / len(days)
    return settled


def flat_fee(route: PricedRoute) -> float:
    """The flat fee of a day."""
    return num(route.usd_per_month) * DAILY


@dataclass
class Overflow:
    """Requests of a day, retries left out, that come to the current route because a fleet is too small."""

    now: float = 0.0
    waiting: float = 0.0


def current_route(
    scenario: Scenario, demand: Demand, clock: Clock, shares: list[float], overflow: list[Overflow] | None = None
) -> list[float]:
    """Cost of the current route for every day, when it carries these shares of the requests, and what overflows."""
    tokens_usd = []
    for day in range(clock.days):
        one = usd_per_request(scenario, scenario.current, demand, clock, day)
        usd = one * demand.requests[day] * shares[day]
        if overflow is not None:
            usd += usd_per_request(scenario, scenario.current, demand, clock, day, 0.0) * overflow[day].now
            usd += usd_per_request(scenario, scenario.current, demand, clock, day, 1.0) * overflow[day].waiting
        tokens_usd.append(usd)
    costs, fee = settle(clock, scenario.current.commitments, tokens_usd), flat_fee(scenario.current)
    for day in range(clock.days):
        if shares[day] > 0 or overflow is not None:
            costs[day] += fee
    return costs
