"""The fleet: whole replicas sized for the load of each hour, rented by the hour or bought."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

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
from switchpoint.timeline.nodes import gpus_paid
from switchpoint.timeline.serverless import Serverless
from switchpoint.timeline.waiting import (
    Kept,
    Offers,
    enough_all_day,
    extra_hours,
    most_at_once,
    unless_tiny,
    worthwhile_hours,
)


@dataclass(frozen=True)
class Sizes:
    """A fleet day by day, all of one shape; what nobody asks about is None."""

    replica_hours: Floats
    """Of the replicas kept, and the extra hours of work that can wait."""
    peak: Floats
    """Most replicas of any hour."""
    gpu_hours: Floats
    """Paid on demand: of the GPUs that the replicas take, or of the whole nodes that hold them."""
    work: Floats | None = None
    """Replica-hours of what it serves, each as full as a replica can be; where idle GPUs draw less power."""
    over_now: Floats | None = None
    """Requests that cannot wait and that go elsewhere, where they may."""
    over_waiting: Floats | None = None
    """The same of those that can wait."""
    fits: Bools | None = None
    """Whether it can carry all that it is asked for; where it might not."""
    cold: Floats | None = None
    """Requests that wait for a replica to start, of a serverless fleet."""

    def map(self, change: Callable[[str, Any], Any]) -> Sizes:
        """Each array changed, by its name."""
        present = {each.name: getattr(self, each.name) for each in fields(self)}
        return Sizes(**{name: None if of is None else change(name, of) for name, of in present.items()})


@dataclass(frozen=True)
class Sizing:
    """How many replicas a load takes.

    Args:
        fleet: the scenario's fleet.
        hours: part of a day's load that cannot wait in each hour, shape (24,), summing to 1.
        capacity: requests per second of one replica on each day, shape (days,).
        waiting_share: part of the load that can wait.
        offers: what an extra hour and a request elsewhere cost on each day, where work may go elsewhere.
        serverless: how it follows its load by the second, where it does.
    """

    fleet: Fleet
    hours: Floats
    capacity: Floats
    waiting_share: float = 0.0
    offers: Offers | None = None
    serverless: Serverless | None = None

    @cached_property
    def levels(self) -> tuple[Floats, Floats]:
        """The distinct hourly weights that size the fleet, rising, and how many hours of the day each of them does.

        "hourly" takes the larger of an hour and the next, because a replica needs time to start; all else the peak.
        """
        sizing, counts = np.unique(_sizing_weights(self.hours, self.fleet.scaling), return_counts=True)
        return sizing, counts.astype(np.float64)

    @cached_property
    def parts(self) -> list[list[tuple[float, int]]]:
        """For each level the distinct parts of the load that its hours carry, and how many hours each."""
        sizing = _sizing_weights(self.hours, self.fleet.scaling)
        of_level = (np.unique(self.hours[sizing == level], return_counts=True) for level in self.levels[0])
        return [list(zip(weights.tolist(), counts.tolist(), strict=True)) for weights, counts in of_level]

    @property
    def spare(self) -> int:
        """Replicas beyond what load needs, in all regions."""
        return self.fleet.spare_replicas * self.fleet.regions

    @property
    def cap(self) -> int | None:
        """Most replicas there can be: those of a fixed fleet, or of a capped one."""
        return self.fleet.fixed_replicas or self.fleet.max_replicas

    @property
    def is_packed(self) -> bool:
        """Whether more than the load of each hour decides what is paid: waiting work, overflow, reservations, nodes."""
        fleet = self.fleet
        some = self.waiting_share or fleet.reserved_replicas or fleet.idle_power_share < 1 or not fleet.min_replicas
        return bool(self.serverless or some or self.overflows or (fleet.gpus_per_node or 1) > 1)

    @property
    def overflows(self) -> bool:
        """Whether what it cannot carry goes to the current route."""
        return self.fleet.overflow == "current"

    def needed(self, requests: Floats, capacity: Floats) -> Floats:
        """Replicas that the load of each level takes: ceil(load/(capacity x target_utilisation)), shape (…, levels).

        Args:
            requests: served requests a day, retries included.
            capacity: of the same days; with 0 the load is not counted.
        """
        replicas: Floats = np.multiply.outer(self.load_now(requests, capacity), self.levels[0])
        replicas -= SAME
        return np.ceil(replicas, out=replicas)

    def kept(self, requests: Floats, capacity: Floats) -> Floats:
        """Replicas kept running: the needed ones, at least the minimum, and the spare ones; at most the cap.

        Shape (…, levels), rising along the levels. With a minimum of 0 an hour without load keeps none. A fixed fleet
        is what it is; reserved replicas are kept anyhow.
        """
        return self.kept_of(np.multiply.outer(self.load_now(requests, capacity), self.levels[0]))

    def sizes(self, requests: Floats, capacity: Floats, offers: Offers | None = None) -> Sizes:
        """The fleet of each day's requests, level by level, so that what is at work stays in cache.

        Args:
            requests: a day, retries included.
            capacity: of the same days.
            offers: of the same days; left out, those of all days.
        """
        plan = self.per_replica(capacity)
        if self.serverless is not None:
            return self._by_the_second(self.serverless, requests, plan)
        load = requests / plan
        now = load * (1 - self.waiting_share)
        kept, gpu_hours = self._through_the_day(now)
        waiting = load * self.waiting_share
        if self.fleet.purchase_usd_per_gpu is not None:
            return self._bought(kept, now, waiting, plan)
        if not self.waiting_share and not self.overflows:
            fits = None if self.cap is None else self._carries(kept, now)
            return Sizes(kept.replica_hours, kept.most, gpu_hours, fits=fits)
        if self.overflows:
            extra = worthwhile_hours(self.fleet, kept, waiting, offers or self._offers, plan)
            over: dict[str, Any] = self._over(kept, now, extra.left, plan)
        else:
            extra = extra_hours(self.fleet, kept, waiting)
            over = {} if self.cap is None else {"fits": self._carries(kept, now) & extra.fits}
        peak = most_at_once(kept, extra.hours)
        return Sizes(kept.replica_hours + extra.hours, peak, gpu_hours + extra.gpu_hours, **over)

    def _by_the_second(self, serverless: Serverless, requests: Floats, plan: Floats) -> Sizes:
        """What is billed of each day; work that can wait runs apart, with a start and an idle end of its own."""
        waiting = requests * self.waiting_share / plan
        hours, most, cold = (np.zeros(waiting.shape) for _ in range(3))
        plan = np.broadcast_to(plan, waiting.shape)
        for part, times in self.parts[0]:
            load = np.broadcast_to(requests * ((1 - self.waiting_share) * part), waiting.shape)
            hour = serverless.at(load / 3600, plan)
            hours += hour.replica_hours * times
            cold += hour.cold_share * load * times
            np.maximum(most, hour.replica_hours, out=most)
        apart = waiting + np.where(waiting > 0, serverless.hours_apart, 0.0)
        peak = np.ceil(most_at_once(Kept(hours, most, apart, apart), apart) - SAME)
        return Sizes(hours + apart, peak, (hours + apart) * self.fleet.gpus_per_replica, cold=cold)

    def _bought(self, kept: Kept, now: Floats, waiting: Floats, plan: Floats) -> Sizes:
        """GPUs are owned for all hours: the fewest replicas that carry the day, at most the cap."""
        all_day = kept.most
        if self.waiting_share and self.fleet.fixed_replicas is None:
            all_day = np.maximum(all_day, enough_all_day(self.hours, now, waiting, 0 if self.overflows else self.spare))
        if not self.overflows:
            fits = None if self.cap is None else self._carries(kept, now) & self._holds(all_day, kept, waiting)
            return Sizes(kept.replica_hours, all_day, kept.replica_hours, self._work(now + waiting), fits=fits)
        all_day = all_day if self.cap is None else np.minimum(all_day, self.cap)
        room = sum(np.maximum(all_day - now * part, 0.0) for part in self.hours)
        over = sum(np.maximum(now * part - all_day, 0.0) for part in self.hours)
        left = unless_tiny(waiting - room, waiting)
        gone = self._over(Kept(24 * all_day, all_day, room, over), now, left, plan)
        work = now + waiting - unless_tiny(over, now) - left
        return Sizes(24 * all_day, all_day, 24 * all_day, self._work(work), **gone)

    def _holds(self, all_day: Floats, kept: Kept, waiting: Floats) -> Any:
        """Whether a bought fleet under a cap has room for the work that can wait."""
        if self.fleet.fixed_replicas is not None:
            return unless_tiny(waiting - kept.room, waiting) <= 0
        return all_day <= (self.cap or np.inf)

    def _work(self, load: Floats) -> Floats | None:
        """Replica-hours of a load at full capacity, where it matters."""
        return None if self.fleet.idle_power_share == 1 else load * self.fleet.target_utilisation

    def _over(self, kept: Kept, now: Floats, left: Floats, plan: Floats) -> dict[str, Any]:
        """Requests that go elsewhere; where nothing is carried there are none."""
        counted = np.where(np.isfinite(plan), plan, 0.0)
        return {"over_now": unless_tiny(kept.over, now) * counted, "over_waiting": left * counted}

    @staticmethod
    def _carries(kept: Kept, now: Floats) -> Bools:
        """Whether the load that cannot wait is carried in every hour, spare replicas at work too."""
        carries: Bools = unless_tiny(kept.over, now) <= 0
        return carries

    def _through_the_day(self, now: Floats) -> tuple[Kept, Floats]:
        """The replicas kept in the hours of each day, and the GPU-hours that are paid for them on demand."""
        hours, most, counted, gpu_hours, room, over = (np.zeros(now.shape) for _ in range(6))
        watched, spare = self.waiting_share or self.cap is not None, 0 if self.overflows else self.spare
        for level, count, parts in zip(*self.levels, self.parts, strict=True):
            most = self.kept_of(np.multiply(now, level, out=most))
            hours += np.multiply(most, count, out=counted)
            if self.in_parts_of_nodes:
                gpu_hours += gpus_paid(self.fleet, most) * count
            for part, times in parts if watched else ():
                free = most - now * part
                room += np.maximum(free - spare, 0.0) * times
                over += np.maximum(-free, 0.0) * times
        if not self.in_parts_of_nodes:
            gpu_hours = gpus_paid(self.fleet, hours)
        if self.fleet.reserved_replicas:
            gpu_hours = gpu_hours - 24 * gpus_paid(self.fleet, np.array(float(self.fleet.reserved_replicas)))
        return Kept(hours, most, room, over), gpu_hours

    @property
    def in_parts_of_nodes(self) -> bool:
        """Whether a replica is less than the node that is sold, so that each hour's replicas must be packed."""
        return self.fleet.gpus_per_replica < (self.fleet.gpus_per_node or 1)

    @property
    def _offers(self) -> Offers:
        assert self.offers is not None  # a fleet that overflows has a current route to do so to
        return self.offers

    def per_replica(self, capacity: Floats) -> Floats:
        """Requests an hour that a replica may carry: capacity x target_utilisation; with 0 no load is counted."""
        return 3600 * np.where(capacity > 0, capacity, np.inf) * self.fleet.target_utilisation

    def load_now(self, requests: Floats, capacity: Floats) -> Floats:
        """Replicas that the load that cannot wait would take if it all came within one hour."""
        load: Floats = requests * (1 - self.waiting_share) / self.per_replica(capacity)
        return load

    def kept_of(self, load: Floats) -> Floats:
        """Replicas kept for a load in replicas; `load` is used up."""
        fleet = self.fleet
        load -= SAME
        replicas: Floats = np.ceil(load, out=load)
        if fleet.fixed_replicas is not None:
            replicas[...] = fleet.fixed_replicas
        elif fleet.min_replicas:
            np.maximum(replicas, fleet.min_replicas * fleet.regions, out=replicas)
            replicas += self.spare
        else:
            replicas += self.spare * (replicas > 0)
            np.maximum(replicas, 0.0, out=replicas)
        if fleet.reserved_replicas:
            np.maximum(replicas, fleet.reserved_replicas, out=replicas)
        if fleet.steps > 1 and fleet.fixed_replicas is None:
            replicas -= fleet.min_replicas
            replicas /= fleet.steps
            np.ceil(replicas, out=replicas)
            replicas *= fleet.steps
            replicas += fleet.min_replicas
        return replicas if fleet.max_replicas is None else np.minimum(replicas, fleet.max_replicas, out=replicas)

    def by_hour(self, requests: float, capacity: float) -> tuple[Floats, Floats]:
        """Replicas kept in each hour of a day, and the part of what they carry that is asked for; shapes (24,).

        Work that can wait fills what they leave free, in all hours to the same part; its extra hours are not counted.

        Args:
            requests: served on that day, retries included.
            capacity: requests per second of one replica on that day; with 0 nothing is carried, and the part is 0.
        """
        if self.serverless is not None:
            load, plan = requests * (1 - self.waiting_share) * self.hours, self.per_replica(np.full(24, capacity))
            replicas = self.serverless.at(load / 3600, plan).replica_hours
            carried = replicas * capacity * 3600
            return replicas, np.divide(load, carried, out=np.zeros_like(carried), where=carried > 0)
        kept = self.kept(np.array([requests]), np.array([capacity]))[0]
        replicas = kept[np.searchsorted(self.levels[0], _sizing_weights(self.hours, self.fleet.scaling))]
        if self.fleet.purchase_usd_per_gpu is not None:
            replicas = np.full(24, self.sizes(np.array([requests]), np.array([capacity])).peak[0])
        now = requests * (1 - self.waiting_share) * self.hours
        room = np.maximum((replicas - self.spare) * capacity * 3600 * self.fleet.target_utilisation - now, 0.0)
        filled = room * min(1.0, requests * self.waiting_share / room.sum()) if room.sum() else room
        carried = replicas * capacity * 3600
        return replicas, np.divide(now + filled, carried, out=np.zeros_like(carried), where=carried > 0)

    def busiest(self, requests: Floats) -> Floats:
        """Replicas that the load of each day's busiest hour takes, shape of requests and capacity."""
        replicas: Floats = np.ceil(self.load_now(requests, self.capacity) * self.levels[0][-1] - SAME)
        return replicas

    def outgrown(self, requests: Floats) -> Days:
        """First day on which a fixed or capped fleet cannot carry the load; NEVER where it always can."""
        fits = self.sizes(requests, self.capacity).fits
        return NEVER if fits is None else first_day(~fits)

    def set_by_minimum(self, requests: Floats) -> Bools:
        """Days on which the minimum, not the load, sets the fleet at its busiest; shape (days,)."""
        floor = self.fleet.min_replicas * self.fleet.regions
        flags: Bools = self.busiest(requests) < floor
        return flags


def _sizing_weights(hours: Floats, scaling: str) -> Floats:
    """The part of the load that sizes the fleet of each hour, shape (24,)."""
    if scaling != "hourly":
        return np.full(hours.shape, hours.max())
    return np.maximum(hours, np.roll(hours, -1))


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

    def powered(self, owned: Floats, work: Floats | None) -> Floats:
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

    def owned(self, peak: Floats) -> Floats:
        """Bought GPUs: enough for the most replicas so far, in whole nodes where they are sold so; never returned."""
        return np.maximum.accumulate(gpus_paid(self.fleet, peak), axis=-1)

    def serving(self, sizes: Sizes, live: Bools) -> Entries:
        """Rent, or power, and all else that runs with the fleet; dollars a day while `live`."""
        if not self.bought:
            return {Component.FLEET: np.where(live, self.rented(sizes, self.clock.day), 0.0)}
        other = np.where(live, self.other_per_day, 0.0)
        powered = self.powered(self.owned(sizes.peak), sizes.work)
        return {Component.FLEET: other, Component.POWER: powered * self.power_per_day}

    @property
    def other_per_day(self) -> Amount:
        """Dollars a day of all else that runs with the fleet, reserved replicas included."""
        return amount(self.fleet.usd_per_month) * PER_DAY + self.reserved_per_day

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
