"""Replicas for a load, rent or purchase; what serving costs, tokens or fleet."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

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
    compound_factor,
    earliest,
    on_days,
    per_day,
    weighed_sum,
)
from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.uncertain import amount
from switchpoint.simulation.deferrable import gpus_paid
from switchpoint.simulation.ledger import Component, Entries
from switchpoint.simulation.prices import Tariff, bill
from switchpoint.simulation.sizing import Sizes, Sizing


@dataclass(frozen=True)
class FleetCosts:
    """What a fleet costs.

    Args:
        fleet: the scenario's fleet.
        clock: the horizon.
        usd_per_gpu_hour: rent of a GPU-hour on day 0's terms; ignored where GPUs are bought.
        market: factors on the rent, shape (days,) or one for all days.
    """

    fleet: Fleet
    clock: Horizon
    usd_per_gpu_hour: Amount = 0.0
    market: Floats | float = 1.0

    @property
    def price(self) -> Amount:
        """Dollars of a bought GPU; 0 where they are rented."""
        stated = self.fleet.purchase_usd_per_gpu
        return 0.0 if stated is None else amount(stated)

    @property
    def bought(self) -> bool:
        """Whether GPUs are bought."""
        return self.fleet.purchase_usd_per_gpu is not None

    @cached_property
    def rent(self) -> Floats:
        """Dollars of a GPU-hour on each day: rent x (1 + change)^(t/12) x market x (1 + overhead)."""
        change = compound_factor(
            amount(self.fleet.usd_per_gpu_hour_change_per_year), self.clock.months_since_start / 12
        )
        gpu_hour: Floats = self.usd_per_gpu_hour * change * self.market * (1 + amount(self.fleet.overhead_share))
        return gpu_hour

    @property
    def power_per_day(self) -> Amount:
        """Dollars a day of one bought GPU's power, overhead included: kW x PUE x 24 h x $/kWh x (1 + overhead)."""
        fleet = self.fleet
        kwh = fleet.power_kw_per_gpu * fleet.pue * 24
        return kwh * amount(fleet.usd_per_kwh) * (1 + amount(fleet.overhead_share))

    def powered_gpus(self, owned: Floats, work: Floats | None) -> Floats:
        """GPUs, by what they draw: those that are busy count in full, idle ones by `idle_power_share`.

        Args:
            owned: bought GPUs of each day.
            work: replica-hours of what they serve, each as full as a replica can be; None where idle ones draw as much.
        """
        if work is None:
            return owned
        idle = self.fleet.idle_power_share
        busy = np.minimum(work / 24 * self.fleet.gpus_per_replica, owned)
        return owned * idle + (1 - idle) * busy

    @property
    def reserved_per_day(self) -> Amount:
        """Dollars a day of the reserved replicas' GPUs, day and night, overhead included; their price never drifts."""
        fleet = self.fleet
        if not fleet.reserved_replicas or fleet.reserved_usd_per_gpu_hour is None:
            return 0.0
        gpus = float(gpus_paid(fleet, np.array(float(fleet.reserved_replicas))))
        return 24 * gpus * amount(fleet.reserved_usd_per_gpu_hour) * (1 + amount(fleet.overhead_share))

    def owed_after(self, first: int) -> Amount:
        """Dollars that are owed beyond the last day for reserved replicas paid from `first` on, in whole terms.

        A term ends floor(k·reserved_months·30.4375) days after the first; the one that runs on the last day is paid on.
        """
        if first >= self.clock.days:
            return 0.0
        term, ends, k = self.fleet.reserved_months * MONTH_DAYS, first, 0
        while ends < self.clock.days:
            k += 1
            ends = first + math.floor(k * term)
        return (ends - self.clock.days) * self.reserved_per_day

    def owned_gpus(self, peak: Floats) -> Floats:
        """Bought GPUs: enough for the most replicas so far, in whole nodes where they are sold so; never returned."""
        return np.maximum.accumulate(gpus_paid(self.fleet, peak), axis=-1)

    def serving(self, sizes: Sizes, live: Bools) -> Entries:
        """Rent, or power, and all else that runs with the fleet; dollars a day while `live`."""
        if not self.bought:
            return {Component.FLEET: np.where(live, self.rent_of_days(sizes, self.clock.day), 0.0)}
        other = np.where(live, self.other_per_day, 0.0)
        powered = self.powered_gpus(self.owned_gpus(sizes.peak), sizes.work)
        return {Component.FLEET: other, Component.POWER: powered * self.power_per_day}

    @property
    def other_per_day(self) -> Amount:
        """Dollars a day of all else that runs with the fleet, reserved replicas included."""
        return amount(self.fleet.usd_per_month) * PER_DAY + self.reserved_per_day

    def rent_of_days(self, sizes: Sizes, day: Ints) -> Floats:
        """Dollars of a day of rented GPUs, and of what runs with them, for sizes on the given days."""
        rent = self.rent if day is self.clock.day else on_days(self.rent, day)
        usd: Floats = sizes.gpu_hours * rent + self.other_per_day
        return usd

    def amortisation(self, peak: Floats) -> Floats:
        """Dollars a day of bought GPUs in running cost: price x (1 - resale)/lifetime each; 0 where rented."""
        if not self.bought:
            return np.zeros_like(peak)
        days = self.fleet.lifetime_months * MONTH_DAYS
        return self.owned_gpus(peak) * (self.price * (1 - self.fleet.resale_share) / days)

    def capital(self, peak: Floats) -> tuple[Floats, Floats]:
        """Purchases and replacements.

        Args:
            peak: most replicas of each day, shape (starts, days); 0 before the fleet runs.

        Returns:
            Dollars a day, the credit of the last day included, and that credit alone, shape (starts,).
        """
        price = self.price
        new = np.diff(self.owned_gpus(peak), axis=-1, prepend=0.0)
        spent = new * price
        for age in replacements(self.fleet.lifetime_months, self.clock.days):
            spent[..., age:] += new[..., : self.clock.days - age] * (price * (1 - self.fleet.resale_share))
        credit: Floats = weighed_sum(new, self._value_left(price))
        spent[..., -1] -= credit
        return spent, credit

    def present_of_purchase(self, discount: Floats) -> Floats:
        """Present value of all that a GPU first bought on day d costs as capital, shape (days,).

        Its price, each replacement's price less the resale, less the credit of the last day.
        """
        price = self.price
        value: Floats = price * discount - self._value_left(price) * discount[-1]
        for age in replacements(self.fleet.lifetime_months, self.clock.days):
            value[..., :-age] += price * (1 - self.fleet.resale_share) * discount[age:]
        return value

    def _value_left(self, price: Amount) -> Floats:
        """What a GPU first bought on day d is worth on the last day, its age counted from its latest purchase."""
        age = self.clock.days - 1 - self.clock.day
        ages = np.array([0, *replacements(self.fleet.lifetime_months, self.clock.days)])
        since_latest = age - ages[np.searchsorted(ages, age, side="right") - 1]
        return straight_line(price, since_latest, self.fleet.lifetime_months, self.fleet.resale_share)


TOO_LONG = "requests grow beyond the model's context"
GONE = "the provider retires the model before it could be live"


@dataclass(frozen=True)
class Overflow:
    """What a fleet leaves to the current route of the share that it is asked for, shape (…, starts, days)."""

    now: Floats
    """Requests a day that cannot wait, retries left out."""
    waiting: Floats
    """The same of those that can."""
    served: Floats
    """Part of what it is asked for that it serves."""

    def while_(self, held: Bools) -> Overflow:
        """None at other times; what it serves is left as it is."""
        return Overflow(np.where(held, self.now, 0.0), np.where(held, self.waiting, 0.0), self.served)


@dataclass(frozen=True)
class FleetCost:
    """Dollars a day by component, shape (…, starts, days); of GPUs also the credit of the last day, and their peak."""

    entries: Entries
    end_credit: Floats | float = 0.0
    peak: Floats | None = None
    overflow: Overflow | None = None
    """None where everything that it is asked for is served or not possible."""


class ServingCost(Protocol):
    """Serves requests for money."""

    @property
    def impossible_from(self) -> Days:
        """First day on which it could not carry its whole share; NEVER where it always can."""

    @property
    def why_impossible(self) -> str:
        """What ends it, in one sentence."""

    def serve(self, share: Floats, live: Bools, since: Ints) -> FleetCost:
        """What serving costs.

        Args:
            share: share of all requests that it serves, shape (…, starts, days).
            live: whether it runs, same shape; it may run and serve nothing.
            since: its first day, shape (…, starts, 1).
        """

    @property
    def overflow(self) -> Overflow | None:
        """What it leaves to the current route of its whole share; None where nothing may be left."""

    def running(self) -> Floats:
        """Dollars a day of serving its whole share, live since day 0, capital spread over its life; shape (days,)."""


@dataclass(frozen=True)
class TokenServing:
    """Another API or a hosted model: paid by the token, perhaps with a flat fee."""

    tariff: Tariff
    requests: Floats
    coverage: Amount
    clock: Horizon
    impossible_from: Days = NEVER
    why_impossible: str = TOO_LONG
    apart: bool = True
    """Whether anybody asks for the kinds of tokens."""
    overflow: None = None

    def serve(self, share: Floats, live: Bools, since: Ints) -> FleetCost:
        """Tokens of the share, fees while live."""
        possible = self.clock.day < per_day(self.impossible_from)
        costs = bill(
            self.tariff, self.requests * np.where(possible, share, 0.0), live, self.clock, since, apart=self.apart
        )
        flat = costs.pop(Component.API_FLAT, np.zeros(1))
        return FleetCost({Component.TOKENS: sum(costs.values(), np.zeros(1)), Component.FLAT: flat})

    def running(self) -> Floats:
        """As if live since day 0."""
        whole = self.coverage * np.ones(self.clock.days)
        entries = self.serve(whole, whole >= 0, np.zeros(1, dtype=np.int64)).entries
        cost: Floats = entries[Component.TOKENS] + entries[Component.FLAT]
        return cost


@dataclass(frozen=True)
class FleetServing:
    """A model of your own on GPUs. `requests` are those of a day with retries, `tries` those of one request."""

    sizing: Sizing
    costs: FleetCosts
    requests: Floats
    coverage: Amount
    clock: Horizon
    context_from: Days = NEVER
    helpless_from: Days = NEVER
    why_helpless: str = ""
    tries: Amount = 1.0
    too_small: str = "its fleet is too small for the load"

    @cached_property
    def outgrown_from(self) -> Days:
        """First day on which the load is more than a fixed or capped fleet can carry."""
        return self.full.outgrown_from

    @cached_property
    def impossible_from(self) -> Days:
        """First day on which a replica can carry nothing, the fleet is too small or the context too short."""
        return earliest(self.outgrown_from, self.context_from, self.helpless_from)

    @property
    def why_impossible(self) -> str:
        """What ends it, in one sentence."""
        if self.helpless_from <= self.impossible_from:
            return self.why_helpless
        if self.context_from <= self.impossible_from:
            return TOO_LONG
        return self.too_small

    @cached_property
    def full(self) -> Sizes:
        """The fleet that carries the whole share, shape (days,)."""
        return self.sizing.sizes(self.requests * self.coverage, self.sizing.capacity)

    @cached_property
    def overflow(self) -> Overflow | None:
        """What it leaves to the current route of its whole share; None where nothing may be left."""
        return self.overflow_of(self.full, self.requests * self.coverage)

    def overflow_of(self, sizes: Sizes, requests: Floats) -> Overflow | None:
        """What a fleet of those sizes leaves of so many requests, retries included; None where nothing may be left."""
        if sizes.over_now is None or sizes.over_waiting is None:
            return None
        gone = sizes.over_now + sizes.over_waiting
        left_out = np.divide(gone, requests, out=np.zeros_like(gone), where=requests > 0)
        return Overflow(sizes.over_now / self.tries, sizes.over_waiting / self.tries, 1 - left_out)

    def serve(self, share: Floats, live: Bools, since: Ints) -> FleetCost:  # noqa: ARG002
        """Rent or power of the replicas kept, and purchases."""
        sizes = self.sizes(share, live)
        entries = self.costs.serving(sizes, live)
        overflow = self.overflow_of(sizes, self.requests * share)
        if not self.costs.bought:
            return FleetCost(entries, peak=sizes.peak, overflow=overflow)
        entries[Component.CAPITAL], credit = self.costs.capital(sizes.peak)
        return FleetCost(entries, credit, sizes.peak, overflow)

    def sizes(self, share: Floats, live: Bools) -> Sizes:
        """The whole fleet on most days; sized anew on those of a partial share, such as the ramp."""
        offers = self.sizing.offers
        apart = (self.requests, self.sizing.capacity, *((offers.gpu_hour, offers.elsewhere) if offers else ()))
        shape = np.broadcast_shapes(share.shape, live.shape, *(each.shape for each in apart))
        share, live = (
            np.broadcast_to(share, shape),
            np.broadcast_to(live, shape),
        )  # worlds may differ in one of them alone
        partial = live & (share < self.coverage)
        kept = replace(self.full, fits=None).map(lambda _, each: np.where(live, each, 0.0))
        if not partial.any():
            return kept
        requests, capacity = (
            np.broadcast_to(flow, partial.shape)[partial] for flow in (self.requests, self.sizing.capacity)
        )
        part = self.sizing.sizes(requests * share[partial], capacity, offers and offers.within(partial))

        def with_part(name: str, each: Floats) -> Floats:
            each[partial] = getattr(part, name)
            return each

        return kept.map(with_part)

    def idle(self) -> Floats:
        """Dollars a day of a rented fleet that serves nothing, shape (days,)."""
        empty = self.sizing.sizes(np.zeros(1), np.ones(1))  # whatever a replica can carry: without load all are alike
        return self.costs.rent_of_days(empty, self.clock.day)

    def running(self) -> Floats:
        """As if live since day 0."""
        entries = self.costs.serving(self.full, np.ones(self.clock.days, dtype=bool))
        return sum(entries.values(), self.costs.amortisation(self.full.peak))
