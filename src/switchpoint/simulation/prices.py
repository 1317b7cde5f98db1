"""Dollars per request a day: what the catalogue lists, price events, commitments, retirement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, reduce
from operator import attrgetter
from typing import Any

import numpy as np

from switchpoint.catalog.library_prices import Hours
from switchpoint.catalog.price_types import RoutePrice
from switchpoint.catalog.token_prices import route_price, scheduled_changes
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, PER_DAY, Amount, Days, Floats, Horizon, compound_factor, first_day
from switchpoint.scenario.current import CommonOfCurrent
from switchpoint.scenario.routes import Commitment, PriceChange, PricedRoute
from switchpoint.scenario.uncertain import amount, num
from switchpoint.simulation.chance import Chance, RandomSource, Shock
from switchpoint.simulation.ledger import Component, Entries
from switchpoint.simulation.usage import Traffic, refuse_absurd

# What the catalogue lists for a route --------------------------------------------------------------------------------

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


# Dollars per request a day, price events, commitments, retirement ----------------------------------------------------


def retirements(route: PricedRoute, clock: Horizon, chance: Chance) -> list[Shock]:
    """Each day within the horizon on which the route's model is taken away, and the price factor of its successor.

    First the known day, then those of the successors; where no day is known they come at `retirement_per_year` from day
    0 on.
    """
    known, factor = retires_on(route, clock), route.migration_price_factor
    luck = chance.of(
        RandomSource.CURRENT_RETIREMENTS if isinstance(route, CommonOfCurrent) else RandomSource.CANDIDATE_RETIREMENTS
    )
    if known is None:
        return list(luck.shocks(route.retirement_per_year, factor, clock.days))
    first = max(clock.day_of(known), 0)
    if first >= clock.days:
        return []
    successor = luck.value(factor)
    later = luck.shocks(route.retirement_per_year, factor, clock.days - first)
    return [Shock(first, successor), *(event._replace(day=first + event.day) for event in later)]


def migration(route: PricedRoute, clock: Horizon, chance: Chance, gone: Sequence[Shock] | None = None) -> Floats | None:
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


def retirement(route: PricedRoute, clock: Horizon) -> date | None:
    """When the provider retires the route's model, where that is known and lies in the horizon."""
    retired = retires_on(route, clock)
    return retired if retired and clock.day_of(retired) < clock.days else None


def retires_on(route: PricedRoute, clock: Horizon) -> date | None:
    """When the provider retires the route's model: as stated, else as the catalogue knows; None where it does not."""
    if route.retires_on is not None:
        return route.retires_on
    known = listed_price(route, clock.start)
    return None if known is None else known.retired_on


MOST_FACTOR = 1e9


@dataclass(frozen=True)
class Prices:
    """Dollars per million tokens of each day, each of shape (days,) or a number that holds on all days."""

    input: Amount
    cached: Amount
    cache_write: Amount
    output: Amount
    usd_per_request: Amount = 0.0


NOT_TOLD = np.full(1, np.nan)
"""Stands where nobody may ask."""


@dataclass(frozen=True)
class Tariff:
    """What a route costs: dollars per request and day by kind of token, and what does not follow requests."""

    input: Floats
    cached: Floats
    output: Floats
    usd_per_day: Amount
    commitments: tuple[Commitment, ...] = ()
    migration: Floats | None = None
    """Dollars of each day for moving to the successor of a retired model, shape (days,); None where there is none."""

    @cached_property
    def per_request(self) -> Floats:
        """Dollars per request, all tokens, before commitments; shape (days,)."""
        return self.input + self.cached + self.output

    def in_one(self) -> Tariff:
        """The same for who never asks for the kinds of tokens: no numbers, but where a commitment needs them."""
        if self.commitments:
            return self
        other = replace(self, input=NOT_TOLD, cached=NOT_TOLD, output=NOT_TOLD)
        other.__dict__["per_request"] = self.per_request
        return other

    def beside_tokens(self, days: int) -> Floats:
        """Dollars of each day while the route is in use, whatever the requests: flat fee and migrations."""
        flat = self.usd_per_day * np.ones(days)
        return flat if self.migration is None else flat + self.migration


def no_tariff(clock: Horizon) -> Tariff:
    """That of a route that is not paid by the token."""
    free = np.zeros(clock.days)
    return Tariff(free, free, free, 0.0)


@dataclass(frozen=True)
class RequestTerms:
    """What a route makes of a request: tokens against the scenario's, retries, cache, and traffic that can wait."""

    retry_share: Amount
    cached_share: Amount
    batch_share: float
    batch_discount: float | None
    """As stated for the route; None takes the catalogue's batch price of each kind of token, else none."""
    input_factor: Amount = 1.0
    output_factor: Amount = 1.0
    hours: Hours | None = None
    """Parts of a day's requests in each hour, for prices that depend on it; None where all hours are alike."""


def tariff(
    route: PricedRoute,
    terms: RequestTerms,
    traffic: Traffic,
    clock: Horizon,
    chance: Chance,
    where: tuple[str, ...] = ("current",),
) -> Tariff:
    """Dollars per request of each day.

    A price by the request, and a provider's fee per request where it has one, are counted with the input.

    (1 + retry)·((input·(1 - c - w)·p_in + input·c·p_cached + input·w·p_write + output·p_out)/10^6 + usd_per_request)·
    (1 - batch_share·batch_discount)·price factors in force·(1 + price_change_per_year)^(t/12). Where the discount is
    the catalogue's, each price is p·(1 - batch_share) + p_batch·batch_share instead.
    """
    input_tokens = traffic.input_tokens * terms.input_factor
    prices = _prices(route, input_tokens, clock, terms)
    discount = 0.0 if terms.batch_discount is None else terms.batch_discount
    scale = (1 + terms.retry_share) * (1 - terms.batch_share * discount) / 1e6
    gone = retirements(route, clock, chance)
    factors = scale * price_factors(route, clock, chance, where, gone)
    cached, written = terms.cached_share, np.minimum(amount(route.cache_write_share), 1 - terms.cached_share)
    inputs = input_tokens * factors
    return Tariff(
        input=inputs * (1 - cached - written) * prices.input
        + factors * 1e6 * amount(route.usd_per_request)
        + (1 + terms.retry_share) * prices.usd_per_request,
        cached=inputs * (cached * prices.cached + written * prices.cache_write),
        output=traffic.output_tokens * terms.output_factor * factors * prices.output,
        usd_per_day=amount(route.usd_per_month) * PER_DAY,
        commitments=tuple(sorted(route.commitments, key=lambda c: c.usd_per_month)),
        migration=migration(route, clock, chance, gone),
    )


def price_factors(
    route: PricedRoute,
    clock: Horizon,
    chance: Chance,
    where: tuple[str, ...] = ("current",),
    gone: Sequence[Shock] | None = None,
) -> Floats:
    """Smooth drift times the dated changes that happen, the sudden reprices and what successors cost; shape (days,).

    `gone` are the retirements of the route's model, where they are known already.

    Raises:
        CannotCompute: where they multiply beyond all bounds; `where` is the route's place in the scenario.
    """
    factors: Floats = compound_factor(amount(route.price_change_per_year), clock.months_since_start / 12)
    events = [*price_events(route, clock, chance), *(retirements(route, clock, chance) if gone is None else gone)]
    own = (chance.worlds, 1, 1) if any(event.world for event in events) else ()
    shape = np.broadcast_shapes(factors.shape, own, *{np.shape(event.factor) for event in events})
    factors = np.array(np.broadcast_to(factors, shape))
    with np.errstate(over="ignore", invalid="ignore"):
        for day, factor, world in events:
            since: Any = (*world, ..., slice(day, None))
            factors[since] *= factor
    refuse_absurd(factors, clock, (*where, "price_changes"), "times today's prices", MOST_FACTOR)
    return factors


def price_events(route: PricedRoute, clock: Horizon, chance: Chance) -> list[Shock]:
    """Every price change that happens within the horizon, in order; those before it hold from day 0."""
    found = []
    for change in counted_changes(route):
        happens = chance.happens(change.probability)
        if np.any(happens):
            factor = amount(change.factor) if np.all(happens) else np.where(happens, amount(change.factor), 1.0)
            found.append(Shock(max(clock.day_of(change.date), 0), factor))
    found += chance.shocks(route.price_shocks_per_year, route.price_shock_factor, clock.days)
    return sorted((event for event in found if event.day < clock.days), key=lambda event: event.day)


def _prices(route: PricedRoute, input_tokens: Floats, clock: Horizon, terms: RequestTerms) -> Prices:
    stated = route.usd_per_mtok
    if stated is not None:
        inp = amount(stated.input)
        cached = inp if stated.cached_input is None else amount(stated.cached_input)
        written = inp if stated.cache_write is None else amount(stated.cache_write)
        return Prices(inp, cached, written, amount(stated.output))
    if route.listed_model is None:
        return Prices(0.0, 0.0, 0.0, 0.0)
    return _catalogue_prices(route, input_tokens, clock, terms)


def _catalogue_prices(route: PricedRoute, input_tokens: Floats, clock: Horizon, terms: RequestTerms) -> Prices:
    share = terms.batch_share if terms.batch_discount is None else 0.0
    prices = listed_prices(route, clock, terms.hours)
    if len(prices) == 1 and len(prices[0][1].tiers) == 1:
        (_, price), only = prices[0], prices[0][1].blended_tiers(share)[0].price
        return Prices(only.input, only.cached_input, only.cache_write, only.output, price.usd_per_1000_requests / 1000)
    table = np.empty((5, *input_tokens.shape))
    for day, price in prices:
        tokens = input_tokens[..., day:]
        for place, tier in enumerate(price.blended_tiers(share)):
            column = np.array([tier.price.input, tier.price.cached_input, tier.price.cache_write, tier.price.output])
            beyond = tokens > tier.above_input_tokens if place else np.full(tokens.shape, True)
            table[:4, ..., day:][:, beyond] = column[:, None]
        table[4, ..., day:] = price.usd_per_1000_requests / 1000
    return Prices(*table)


def bill(
    tariff: Tariff,
    requests: Floats,
    on_route: Any,
    clock: Horizon,
    since: Any = 0,
    *,
    apart: bool = True,
    more: Sequence[tuple[Tariff, Floats]] = (),
) -> Entries:
    """Dollars a day of a route by component: tokens after discounts, and flat fees with what take-or-pay lacks.

    Args:
        tariff: the route's costs.
        requests: requests a day on the route, shape (…, days).
        on_route: whether the route is in use, bool, shape (…, days) or True.
        since: first day that counts for commitments, an int or shape (…, 1).
        apart: whether anybody asks for the kinds of tokens; else all may stand under the first, and no fees where there
            are none.
        more: other requests on it, each kind with its own prices.
    """
    every = ((tariff, requests), *more)
    if not apart and not tariff.commitments:
        fees = {Component.API_FLAT: np.where(on_route, tariff.usd_per_day, 0.0)} if np.any(tariff.usd_per_day) else {}
        return {Component.API_INPUT: reduce(np.add, (many * each.per_request for each, many in every)), **fees}
    inputs, cached, outputs = (
        reduce(np.add, (many * unit(each) for each, many in every))
        for unit in (attrgetter("input"), attrgetter("cached"), attrgetter("output"))
    )
    flat = np.where(on_route, tariff.usd_per_day, 0.0) + np.zeros_like(inputs)
    if tariff.commitments:
        kept, missing = settle(inputs + cached + outputs, tariff.commitments, clock, since)
        inputs, cached, outputs = inputs * kept, cached * kept, outputs * kept
        flat = flat + missing
    return {
        Component.API_INPUT: inputs,
        Component.API_CACHED: cached,
        Component.API_OUTPUT: outputs,
        Component.API_FLAT: flat,
    }


def settle(daily: Floats, commitments: Sequence[Commitment], clock: Horizon, since: Any = 0) -> tuple[Floats, Floats]:
    """Settle commitments per calendar month.

    Args:
        daily: undiscounted dollars a day, shape (…, days).
        commitments: by rising size.
        clock: the horizon.
        since: first day that counts, an int or shape (…, 1).

    Returns:
        What is left of each dollar after discount, and the dollars a day that take-or-pay adds; both of daily's shape.
    """
    counted = clock.by_month(np.broadcast_to(clock.day >= since, daily.shape).astype(float))
    part = clock.month_part * counted / clock.month_days
    billed = clock.by_month(daily)
    discount = np.zeros_like(billed)
    for commitment in commitments:
        reached = (part > 0) & (billed >= commitment.usd_per_month * part * (1 - SAME))
        discount = np.where(reached, commitment.discount, discount)
    owed = np.zeros_like(billed)
    for commitment in commitments:
        if commitment.until is not None:
            begins = np.array([month < commitment.until for month in clock.months])
            owed = np.maximum(owed, np.where(begins, commitment.usd_per_month * part, 0.0))
    missing = np.maximum(owed - billed * (1 - discount), 0.0) / np.maximum(counted, 1.0)
    kept = np.repeat(1 - discount, clock.month_days, axis=-1)
    spread = np.repeat(missing, clock.month_days, axis=-1) * (clock.day >= since)
    return kept, spread


def beyond_context(traffic: Traffic, terms: RequestTerms, max_context: int | None) -> Days:
    """First day on which input + output exceeds the model's context; NEVER where none does or none is known."""
    if max_context is None:
        return NEVER
    tokens = traffic.input_tokens * terms.input_factor + traffic.output_tokens * terms.output_factor
    return first_day(tokens > max_context * (1 + SAME))
