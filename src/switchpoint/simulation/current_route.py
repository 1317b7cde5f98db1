"""The current route beside its tokens: fleet, dedicated endpoints, upkeep, and what is owed or fetched at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from switchpoint.finance import replacements, straight_line
from switchpoint.horizon import (
    MONTH_DAYS,
    NEVER,
    PER_DAY,
    Amount,
    Bools,
    Days,
    Floats,
    Horizon,
    Ints,
    per_day,
    per_start,
)
from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.current import CommonOfCurrent
from switchpoint.scenario.routes import Endpoint
from switchpoint.scenario.uncertain import Quantity, amount
from switchpoint.simulation.deferrable import gpus_paid
from switchpoint.simulation.fleet import FleetCosts, FleetServing
from switchpoint.simulation.ledger import Component, Entries, total
from switchpoint.simulation.prices import RequestTerms
from switchpoint.simulation.sizing import Sizes
from switchpoint.simulation.usage import Traffic

# Dedicated endpoints as a fleet --------------------------------------------------------------------------------------


class Endpoints(Fleet):
    """A fleet of endpoints."""

    at_a_time: int = 1

    @property
    def steps(self) -> int:
        """How many more come at a time."""
        return self.at_a_time


def as_fleet(endpoint: Endpoint, usd_per_month: Quantity = 0.0) -> Endpoints:
    """The fleet that an endpoint is.

    Args:
        endpoint: as the scenario states it.
        usd_per_month: a flat fee beside it.
    """
    most = endpoint.max
    if most is not None:
        most = endpoint.min + (most - endpoint.min) // endpoint.step * endpoint.step
    return Endpoints.model_construct(
        usd_per_gpu_hour=endpoint.usd_per_hour,
        usd_per_gpu_hour_change_per_year=endpoint.usd_per_hour_change_per_year,
        min_replicas=endpoint.min,
        max_replicas=most,
        scaling=endpoint.scaling,
        fixed_replicas=endpoint.fixed,
        target_utilisation=endpoint.target_utilisation,
        billing_minutes=endpoint.billing_minutes,
        startup_minutes=endpoint.startup_minutes,
        reserved_replicas=endpoint.reserved,
        reserved_usd_per_gpu_hour=endpoint.reserved_usd_per_hour,
        reserved_months=endpoint.reserved_months,
        overflow=endpoint.overflow,
        usd_per_month=usd_per_month,
        at_a_time=endpoint.step,
    )


def endpoint_capacity(endpoint: Endpoint, flow: Traffic, terms: RequestTerms, days: int) -> Floats:
    """Requests per second of one endpoint on each day, as stated or by the tokens of a request, shape (…, days).

    tokens_per_minute/60/(input tokens + output_weight·output tokens)
    """
    if endpoint.requests_per_second is not None:
        return amount(endpoint.requests_per_second) * np.ones(days)
    output = flow.output_tokens * terms.output_factor
    tokens = flow.input_tokens * terms.input_factor + endpoint.output_weight * output
    rate: Floats = amount(endpoint.tokens_per_minute or 0.0) / 60 / np.where(tokens > 0, tokens, np.inf)
    return rate * np.ones(days)


# The current route beside its tokens ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class RouteCosts:
    """Dollars a day of a current route that carries some share of the requests, shape (…, days).

    Args:
        entries: by component.
        wear: what its GPUs lose in value, in place of what they cost as capital.
        end_credit: what they are worth on the last day.
    """

    entries: Entries
    wear: Floats | float = 0.0
    end_credit: Floats | float = 0.0

    @property
    def running(self) -> Floats:
        """What the limit is about, dollars a day: serving, power, fees, wear and upkeep."""
        billed = {component: daily for component, daily in self.entries.items() if component not in NO_BILL}
        return total(billed) if np.ndim(self.wear) == 0 else total(billed) + self.wear


NO_BILL = (
    Component.CURRENT_CAPITAL,
    Component.CURRENT_RETRAINING,
    Component.CURRENT_LEAVING,
)


@dataclass(frozen=True)
class LeavingCosts:
    """What leaving the current route comes to, dollars.

    Args:
        day: first day on which nothing is on it any more; NEVER where it is never left.
        sold: what its GPUs fetch on that day.
        owed: what is paid from then on for reserved terms and for the notice of its engineers.
        owed_after_horizon: what is owed for reserved terms after the last day.
        owed_for: what of that there is, in words.
    """

    day: int
    sold: float
    owed: float
    owed_after_horizon: float
    owed_for: str


@dataclass(frozen=True)
class OwnedGpus:
    """GPUs of the current route by the day: those that were there, those that came, and when all are sold.

    Args:
        costs: of the fleet.
        needed: GPUs that the load of each day takes, shape (…, days).
        left: first day on which nothing is on the route any more, shape (…); NEVER where it is never left.
        had: GPUs that were bought before the first day.
        bought_on: the day of that, at or before 0.
    """

    costs: FleetCosts
    needed: Floats
    left: Days
    had: int = 0
    bought_on: int = 0

    @cached_property
    def _held(self) -> Bools:
        """Days on which they are there."""
        held: Bools = self.costs.clock.day < per_day(self.left)
        return held

    @cached_property
    def _most(self) -> Floats:
        """The most that were needed or there so far."""
        return np.maximum(np.maximum.accumulate(self.needed, axis=-1), self.had)

    @cached_property
    def count(self) -> Floats:
        """GPUs of each day: never fewer than before, and none once they are sold."""
        return np.where(self._held, self._most, 0.0)

    @cached_property
    def _new(self) -> Floats:
        """GPUs that come on each day."""
        return np.where(self._held, np.diff(self._most, axis=-1, prepend=float(self.had)), 0.0)

    @cached_property
    def _ages(self) -> list[int]:
        """Ages at which a GPU is sold and bought again."""
        return replacements(self.costs.fleet.lifetime_months, self.costs.clock.days - self.bought_on)

    def capital(self) -> tuple[Floats, Floats]:
        """Dollars a day of purchases and replacements, less the sale of all and the credit of the last day; and that
        credit alone, shape (…).

        A GPU whose life ends on the day of the sale is sold like the others, not replaced.
        """
        day, days, last = self.costs.clock.day, self.costs.clock.days, self.costs.clock.days - 1
        sold, on = np.less(self.left, days), np.minimum(self.left, last)
        credit = np.where(sold, 0.0, self._worth(np.full_like(on, last), "right"))
        sale = np.where(sold, self._worth(on, "left"), 0.0)
        spent = np.where(self._held, self._purchases(days), 0.0)
        spent = spent - np.where(day == last, per_day(credit), 0.0)
        return spent - np.where(day == per_day(on), per_day(sale), 0.0), credit

    def _purchases(self, days: int) -> Floats:
        """Dollars a day of purchases and replacements, as if none were ever sold."""
        price, spent = self.costs.price, self._new * self.costs.price
        renewed = price * (1 - self.costs.fleet.resale_share)
        for age in self._ages:
            if age < days:
                spent[..., age:] += self._new[..., : days - age] * renewed
            if 0 <= (due := self.bought_on + age) < days:
                spent[..., due : due + 1] += self.had * renewed
        return spent

    def _worth(self, when: Ints, side: Literal["left", "right"]) -> Floats:
        """Dollars that all are worth on a day of each start, shape (…): with "left" before, with "right" after those
        are replaced that are on that day."""
        age = per_day(when) - self.costs.clock.day
        there = age > 0 if side == "left" else age >= 0
        came = np.where(there, self._new * self._value_share(np.maximum(age, 0), side), 0.0).sum(axis=-1)
        old = self.had * self._value_share(when - self.bought_on, side)
        return np.asarray(per_start(self.costs.price) * (came + old))

    def _value_share(self, age: Ints, side: Literal["left", "right"]) -> Floats:
        """Part of its price that a GPU is worth that was first bought so many days ago."""
        known = np.array([0, *self._ages])
        latest = known[np.maximum(np.searchsorted(known, age, side=side) - 1, 0)]
        fleet = self.costs.fleet
        return straight_line(1.0, age - latest, fleet.lifetime_months, fleet.resale_share)


@dataclass(frozen=True)
class CurrentRouteCosts:
    """What the current route costs beside tokens.

    Args:
        spec: as the scenario states it.
        clock: the horizon.
        carrier: its fleet or endpoints, asked for all requests; None where it is paid by the token.
    """

    spec: CommonOfCurrent
    clock: Horizon
    carrier: FleetServing | None = None

    @cached_property
    def is_plain(self) -> bool:
        """Whether there is nothing beside tokens and fees."""
        upkeep = self.spec.upkeep
        return self.carrier is None and not (
            upkeep.engineers or np.any(amount(upkeep.usd_per_month)) or upkeep.retrain_every_months
        )

    @property
    def engineers_per_day(self) -> Amount:
        """Dollars a day of the engineers who keep it running."""
        return self.spec.upkeep.engineers * amount(self.spec.project.usd_per_engineer_month) * PER_DAY

    @property
    def upkeep_per_day(self) -> Amount:
        """Dollars a day of upkeep while it is in use."""
        return self.engineers_per_day + amount(self.spec.upkeep.usd_per_month) * PER_DAY

    @property
    def notice_days(self) -> int:
        """Whole days for which its engineers are paid once it is left: floor(notice_months·30.4375)."""
        return math.floor(self.spec.upkeep.notice_months * MONTH_DAYS)

    @cached_property
    def outgrown_days(self) -> Bools | None:
        """Days on which it cannot carry all requests, shape (…, days); None where it always can."""
        return self.outgrown_with(np.ones(self.clock.days))

    def outgrown_with(self, share: Floats) -> Bools | None:
        """Days on which it cannot carry a share of the requests, shape (…, days); None where it always can."""
        carrier, day = self.carrier, self.clock.day
        if carrier is None:
            return None
        sizes = carrier.sizing.sizes(carrier.requests * share, carrier.sizing.capacity)
        short: Bools = (day >= per_day(carrier.context_from)) | (day >= per_day(carrier.helpless_from))
        short = (short if sizes.fits is None else short | ~sizes.fits) & (share > 0)
        return short if short.any() else None

    @property
    def why_outgrown(self) -> str:
        """What it cannot do, in a few words."""
        return "" if self.carrier is None else self.carrier.why_impossible

    def costs(self, share: Floats, left: Days, in_use: Bools) -> RouteCosts:
        """Everything beside tokens.

        Rent, fees, power, wear and upkeep are paid on the days on which it is in use; once it is left, reserved terms
        are paid to their end, GPUs are sold, and engineers are paid for their notice.

        Args:
            share: share of all requests on it, shape (…, days).
            left: first day on which nothing is on it any more, shape (…); NEVER where it is never left.
            in_use: days on which it is, shape (…, days).
        """
        entries: Entries = {}
        wear: Floats | float = 0.0
        credit: Floats | float = 0.0
        ending = np.where(self._under_notice(left) & ~in_use, self.engineers_per_day, 0.0)
        if self.carrier is not None:
            costs, sizes = self.carrier.costs, self.carrier.sizes(share, in_use)
            if costs.bought:
                wear, credit = self._own_gpus(entries, costs, sizes, left, in_use)
            else:
                entries[Component.CURRENT_FLEET] = np.where(in_use, costs.rent_of_days(sizes, self.clock.day), 0.0)
                ending = ending + np.where(self.in_term(left) & ~in_use, costs.reserved_per_day, 0.0)
        if np.any(self.upkeep_per_day):
            entries[Component.CURRENT_UPKEEP] = np.where(in_use, self.upkeep_per_day, 0.0)
        if np.any(retraining := self._retraining):
            entries[Component.CURRENT_RETRAINING] = np.where(in_use, retraining, 0.0)
        if np.any(ending):
            entries[Component.CURRENT_LEAVING] = ending
        return RouteCosts(entries, wear, credit)

    def running(self, share: Floats, left: Days) -> Floats:
        """What the limit is about, beside tokens: dollars a day for a share of all requests, shape (…, days)."""
        return self.costs(share, left, share > 0).running

    def _own_gpus(
        self, entries: Entries, costs: FleetCosts, sizes: Sizes, left: Days, in_use: Bools
    ) -> tuple[Floats, Floats]:
        """Book what runs with bought GPUs, their power and capital; their wear, and the credit of the last day."""
        gpus = self.gpus(sizes, left)
        powered = np.where(in_use, costs.powered_gpus(gpus.count, sizes.work), 0.0)
        entries[Component.CURRENT_FLEET] = np.where(in_use, costs.other_per_day, 0.0)
        entries[Component.CURRENT_POWER] = powered * costs.power_per_day
        entries[Component.CURRENT_CAPITAL], credit = gpus.capital()
        fleet = costs.fleet
        worn = costs.price * (1 - fleet.resale_share) / (fleet.lifetime_months * MONTH_DAYS)
        return np.where(in_use, gpus.count * worn, 0.0), credit

    def gpus(self, sizes: Sizes, left: Days) -> OwnedGpus:
        """The GPUs that are owned for such replicas."""
        assert self.carrier is not None
        costs, fleet = self.carrier.costs, self.carrier.costs.fleet
        had, since = 0, 0
        if fleet.owned_gpus is not None:
            had = fleet.owned_gpus
            since = 0 if fleet.owned_since is None else self.clock.day_of(fleet.owned_since)
        return OwnedGpus(costs, gpus_paid(fleet, sizes.peak), left, had, since)

    def in_term(self, left: Days) -> Bools:
        """Days of the terms of reserved replicas, which are renewed while the route is not left, shape (…, days)."""
        return np.asarray(self.clock.day < per_day(self.terms_end(left)))

    def terms_end(self, left: Days) -> Days:
        """Day on which the term that runs when the route is left is over, which one that ends on that day is; NEVER
        where it is never left. A term ends floor(k·reserved_months·30.4375) days after day 0."""
        if self.carrier is None or not self.carrier.costs.fleet.reserved_replicas:
            return left
        term = self.carrier.costs.fleet.reserved_months * MONTH_DAYS
        days = np.arange(math.ceil((self.clock.days + 1) / term) + 2)
        ends = np.floor(days * term).astype(np.int64)
        place = np.searchsorted(ends, np.minimum(left, self.clock.days), side="left")
        return np.where(np.less(left, self.clock.days), ends[place], NEVER)

    @property
    def owed_for(self) -> str:
        """What may have to be paid once it is left, in words."""
        reserved = self.carrier is not None and self.carrier.costs.fleet.reserved_replicas
        parts = [("reserved terms", reserved), ("the notice of its engineers", self.notice_days)]
        return " and ".join(word for word, due in parts if due)

    def owed_after(self, left: Days) -> Amount:
        """Dollars owed after the last day for terms of reserved replicas that still run then."""
        if self.carrier is None or not self.carrier.costs.fleet.reserved_replicas:
            return 0.0
        ends = np.where(np.less(left, self.clock.days), self.terms_end(left), 0)
        never_left = self.carrier.costs.owed_after(0)
        owed = np.maximum(ends - self.clock.days, 0) * self.carrier.costs.reserved_per_day
        return np.where(np.less(left, self.clock.days), owed, never_left)

    def _under_notice(self, left: Days) -> Bools:
        """Days on which its engineers are under notice, shape (…, days)."""
        day = self.clock.day
        return np.asarray((day >= per_day(left)) & (day < per_day(left) + self.notice_days))

    @cached_property
    def _retraining(self) -> Floats:
        """Dollars a day of retrainings, as if it were never left."""
        every, days = self.spec.upkeep.retrain_every_months, self.clock.days
        daily = np.zeros(days)
        if every:
            daily[replacements(every, days)] = 1.0
        return daily * amount(self.spec.project.usd_per_iteration)
