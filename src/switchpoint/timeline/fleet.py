"""The fleet: whole replicas sized for the load of each hour, rented by the hour or bought."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from switchpoint.clock import (
    MONTH_DAYS,
    NEVER,
    PER_DAY,
    Amount,
    Bools,
    Clock,
    Days,
    Floats,
    Ints,
    compounded,
    first_day,
    on_days,
    weighed_sum,
)
from switchpoint.finance import SAME, replacements, straight_line
from switchpoint.scenario.candidate import Fleet
from switchpoint.scenario.quantity import amount
from switchpoint.timeline.ledger import Component, Entries


@dataclass(frozen=True)
class Sizes:
    """A fleet day by day: replica-hours, the most replicas of any hour, and GPU-hours that are paid; of one shape."""

    replica_hours: Floats
    peak: Floats
    gpu_hours: Floats
    """Of the GPUs that the replicas take, or of the whole nodes that hold them where GPUs are sold so."""


def gpus_paid(fleet: Fleet, replicas: Floats) -> Floats:
    """GPUs that are paid for whole numbers of replicas, of their shape.

    Those that they take; or, of GPUs that are only sold in nodes, those of the fewest nodes that hold them.
    """
    holds, paid = sold_together(fleet)
    if holds == 1:
        return replicas * paid
    gpus: Floats = np.ceil(replicas / holds) * paid
    return gpus


def sold_together(fleet: Fleet) -> tuple[int, int]:
    """Replicas that share what is sold together, and the GPUs that are paid for them.

    A node holds floor(its GPUs/GPUs of a replica); a replica larger than a node takes whole nodes to itself.
    """
    each, node = fleet.gpus_per_replica, fleet.gpus_per_node or 1
    return max(1, node // each), node * -(-each // node)


@dataclass(frozen=True)
class Sizing:
    """How many replicas a load takes.

    Args:
        fleet: the scenario's fleet.
        hours: part of a day's load in each hour, shape (24,), summing to 1.
        capacity: requests per second of one replica on each day, shape (days,).
    """

    fleet: Fleet
    hours: Floats
    capacity: Floats

    @cached_property
    def levels(self) -> tuple[Floats, Floats]:
        """The distinct hourly weights that size the fleet, rising, and how many hours of the day each of them does.

        "hourly" takes the larger of an hour and the next, because a replica needs time to start; all else the peak.
        """
        return _levels(tuple(self.hours), self.fleet.scaling)

    def needed(self, requests: Floats, capacity: Floats) -> Floats:
        """Replicas that the load of each level takes: ceil(load/(capacity x target_utilisation)), shape (…, levels).

        Args:
            requests: served requests a day, retries included.
            capacity: of the same days; with 0 the load is not counted.
        """
        replicas: Floats = np.multiply.outer(requests / self.per_replica(capacity), self.levels[0])
        replicas -= SAME
        return np.ceil(replicas, out=replicas)

    def kept(self, requests: Floats, capacity: Floats) -> Floats:
        """Replicas kept running: the needed ones, at least the minimum, and the spare ones; at most the cap.

        Shape (…, levels), rising along the levels.
        """
        if self.fleet.fixed_replicas is not None:
            return np.full((*requests.shape, 1), float(self.fleet.fixed_replicas))
        return self.kept_of(np.multiply.outer(requests / self.per_replica(capacity), self.levels[0]))

    def sizes(self, requests: Floats, capacity: Floats) -> Sizes:
        """Replica-hours and peak of each day's requests, level by level, so that what is at work stays in cache."""
        if self.fleet.fixed_replicas is not None:
            shape = np.broadcast_shapes(requests.shape, capacity.shape)
            peak = np.full(shape, float(self.fleet.fixed_replicas))
            hours = peak * self.levels[1].sum()
            return Sizes(hours, peak, gpus_paid(self.fleet, peak) * self.levels[1].sum())
        load = requests / self.per_replica(capacity)
        shape = load.shape
        hours, replicas, counted, gpu_hours = np.zeros(shape), np.empty(shape), np.empty(shape), np.zeros(shape)
        for level, count in zip(*self.levels, strict=True):
            replicas = self.kept_of(np.multiply(load, level, out=replicas))
            hours += np.multiply(replicas, count, out=counted)
            if self.in_parts_of_nodes:
                gpu_hours += gpus_paid(self.fleet, replicas) * count
        return Sizes(hours, replicas, gpu_hours if self.in_parts_of_nodes else gpus_paid(self.fleet, hours))

    @property
    def in_parts_of_nodes(self) -> bool:
        """Whether a replica is less than the node that is sold, so that each hour's replicas must be packed."""
        return self.fleet.gpus_per_replica < (self.fleet.gpus_per_node or 1)

    def per_replica(self, capacity: Floats) -> Floats:
        """Requests an hour that a replica may carry: capacity x target_utilisation; with 0 no load is counted."""
        return 3600 * np.where(capacity > 0, capacity, np.inf) * self.fleet.target_utilisation

    def kept_of(self, load: Floats) -> Floats:
        """Replicas kept for a load in replicas; `load` is used up."""
        fleet = self.fleet
        load -= SAME
        replicas: Floats = np.ceil(load, out=load)
        np.maximum(replicas, fleet.min_replicas * fleet.regions, out=replicas)
        replicas += fleet.spare_replicas * fleet.regions
        return replicas if fleet.max_replicas is None else np.minimum(replicas, fleet.max_replicas, out=replicas)

    def by_hour(self, requests: float, capacity: float) -> tuple[Floats, Floats]:
        """Replicas kept in each hour of a day, and the part of what they carry that is asked for; shapes (24,).

        Args:
            requests: served on that day, retries included.
            capacity: requests per second of one replica on that day; with 0 nothing is carried, and the part is 0.
        """
        kept = self.kept(np.array([requests]), np.array([capacity]))[0]
        sizing = np.maximum(self.hours, np.roll(self.hours, -1)) if kept.size > 1 else np.zeros(self.hours.size)
        replicas = kept[np.searchsorted(self.levels[0], sizing)] if kept.size > 1 else np.full(self.hours.size, kept[0])
        carried = replicas * capacity * 3600
        return replicas, np.divide(requests * self.hours, carried, out=np.zeros_like(carried), where=carried > 0)

    def busiest(self, requests: Floats) -> Floats:
        """Replicas that the load of each day's busiest hour takes, shape of requests and capacity."""
        replicas: Floats = np.ceil(requests / self.per_replica(self.capacity) * self.levels[0][-1] - SAME)
        return replicas

    def outgrown(self, requests: Floats) -> Days:
        """First day on which a fixed or capped fleet cannot carry the load; NEVER where it always can."""
        most = self.fleet.fixed_replicas or self.fleet.max_replicas
        if most is None:
            return NEVER
        return first_day(self.busiest(requests) > most)

    def set_by_minimum(self, requests: Floats) -> Bools:
        """Days on which the minimum, not the load, sets the fleet at its busiest; shape (days,)."""
        floor = self.fleet.min_replicas * self.fleet.regions
        flags: Bools = self.busiest(requests) < floor
        return flags


@lru_cache(maxsize=64)
def _levels(hours: tuple[float, ...], scaling: str) -> tuple[Floats, Floats]:
    weights = np.array(hours)
    if scaling != "hourly":
        return weights.max(keepdims=True), np.array([24.0])
    sizing, counts = np.unique(np.maximum(weights, np.roll(weights, -1)), return_counts=True)
    return sizing, counts.astype(np.float64)


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
    clock: Clock
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
        change = compounded(amount(self.fleet.usd_per_gpu_hour_change_per_year), self.clock.t / 12)
        gpu_hour: Floats = self.usd_per_gpu_hour * change * self.market * (1 + amount(self.fleet.overhead_share))
        return gpu_hour

    @property
    def power_per_day(self) -> Amount:
        """Dollars a day of one bought GPU's power, overhead included: kW x PUE x 24 h x $/kWh x (1 + overhead)."""
        fleet = self.fleet
        kwh = fleet.power_kw_per_gpu * fleet.pue * 24
        return kwh * amount(fleet.usd_per_kwh) * (1 + amount(fleet.overhead_share))

    def owned(self, peak: Floats) -> Floats:
        """Bought GPUs: enough for the most replicas so far, in whole nodes where they are sold so; never returned."""
        return np.maximum.accumulate(gpus_paid(self.fleet, peak), axis=-1)

    def serving(self, sizes: Sizes, live: Bools) -> Entries:
        """Rent, or power, and all else that runs with the fleet; dollars a day while `live`."""
        if not self.bought:
            return {Component.FLEET: np.where(live, self.rented(sizes, self.clock.day), 0.0)}
        other = np.where(live, self.other_per_day, 0.0)
        return {Component.FLEET: other, Component.POWER: self.owned(sizes.peak) * self.power_per_day}

    @property
    def other_per_day(self) -> Amount:
        """Dollars a day of all else that runs with the fleet."""
        return amount(self.fleet.usd_per_month) * PER_DAY

    def rented(self, sizes: Sizes, day: Ints) -> Floats:
        """Dollars of a day of rented GPUs, and of what runs with them, for sizes on the given days."""
        rent = self.rent if day is self.clock.day else on_days(self.rent, day)
        usd: Floats = sizes.gpu_hours * rent + self.other_per_day
        return usd

    def amortisation(self, peak: Floats) -> Floats:
        """Dollars a day of bought GPUs in running cost: price x (1 - resale)/lifetime each; 0 where rented."""
        if not self.bought:
            return np.zeros_like(peak)
        days = self.fleet.lifetime_months * MONTH_DAYS
        return self.owned(peak) * (self.price * (1 - self.fleet.resale_share) / days)

    def capital(self, peak: Floats) -> tuple[Floats, Floats]:
        """Purchases and replacements.

        Args:
            peak: most replicas of each day, shape (starts, days); 0 before the fleet runs.

        Returns:
            Dollars a day, the credit of the last day included, and that credit alone, shape (starts,).
        """
        price = self.price
        new = np.diff(self.owned(peak), axis=-1, prepend=0.0)
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
