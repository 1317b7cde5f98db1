"""How many replicas a load takes, kept for the hours of a day or serverless, and what work that can wait adds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Bools, Days, Floats, first_day
from switchpoint.scenario.candidates import Fleet
from switchpoint.serving.scaler import Scaler, scaler_life
from switchpoint.simulation.deferrable import (
    KeptHours,
    Offers,
    enough_all_day,
    extra_hours,
    gpus_paid,
    most_at_once,
    unless_tiny,
    worthwhile_hours,
)

# Serverless fleets ---------------------------------------------------------------------------------------------------

ONE_IS_ENOUGH = 1 / 6
"""Up to this part of what a replica plans to carry, one of them is taken to be enough."""
RATIO = 1.5
"""Beyond it the scaler is simulated at loads this far apart, and interpolated."""
MOST = 16.0
"""The largest load that is simulated, in busy replicas; those beyond them grow with its square root from there on."""
FEW = 16
"""Up to so many requests at once are simulated as they are, more of them at steps of a fifth."""


@dataclass(frozen=True)
class HoursOfLoad:
    """Of one hour at a load, each of its shape.

    Args:
        replica_hours: billed, starts included.
        cold_share: part of the requests that wait for a start.
    """

    replica_hours: Floats
    cold_share: Floats


@dataclass(frozen=True)
class Serverless:
    """How a fleet follows its load by the second.

    Args:
        request_s: seconds of one request alone.
        timeout_s: a replica that has been idle for so long stops.
        startup_s: seconds that a start takes.
        concurrency: requests at once on a replica; None for floor(capacity·request_s), at least 1.
        always: replicas that are always alive.
        planned: part of its capacity that a replica is planned with.
    """

    request_s: float
    timeout_s: float
    startup_s: float
    concurrency: int | None
    always: int
    planned: float = 1.0

    @classmethod
    def of(cls, fleet: Fleet, request_s: float) -> Serverless:
        """That of a fleet whose requests take so long."""
        always = fleet.min_replicas * fleet.regions
        return cls(
            request_s, fleet.idle_timeout_s, fleet.startup_s, fleet.concurrency, always, fleet.target_utilisation
        )

    @property
    def hours_apart(self) -> float:
        """Hours of a start and of the idle end, of work that runs apart."""
        return (self.startup_s + self.timeout_s) / 3600

    def at(self, rate: Floats, plan: Floats) -> HoursOfLoad:
        """An hour with so many requests a second.

        Args:
            rate: requests a second.
            plan: requests of a planned replica-hour, of the same shape.
        """
        hours, cold = self.while_one_is_enough(rate)
        more = rate * 3600 > plan * ONE_IS_ENOUGH
        if more.any():
            at_once = self._at_once(np.broadcast_to(plan, rate.shape)[more])
            hours[more], cold[more] = self._interpolate(rate[more], at_once)
        return HoursOfLoad(hours, cold)

    def while_one_is_enough(self, rate: Floats) -> tuple[Floats, Floats]:
        """Replica-hours of an hour, and the part of the requests that meet a cold start.

        With e = exp(-rate·(request + timeout)) a request is the last one before its replica stops; k = 1 + rate·
        startup·e: alive (1 - e)/k, starts a second rate·e/k, cold e·(1 + rate·startup)/k. One replica that is always
        alive starts nothing.
        """
        if self.always:
            return np.full(rate.shape, float(self.always)), np.zeros(rate.shape)
        ends = np.exp(-rate * (self.request_s + self.timeout_s))
        k = 1 + rate * self.startup_s * ends
        hours = (1 - ends) / k + rate * ends / k * self.startup_s
        return hours, np.where(rate > 0, ends * (1 + rate * self.startup_s) / k, 0.0)

    def _at_once(self, plan: Floats) -> Floats:
        """Requests at once on a replica."""
        if self.concurrency is not None:
            return np.full(plan.shape, float(self.concurrency))
        at_once: Floats = np.maximum(np.floor(plan / (3600 * self.planned) * self.request_s + 1e-9), 1.0)
        return at_once

    def _interpolate(self, rate: Floats, at_once: Floats) -> tuple[Floats, Floats]:
        hours, cold = np.empty(rate.shape), np.empty(rate.shape)
        for number in np.unique(at_once):
            those = at_once == number
            busy = rate[those] * self.request_s / number
            table = self._table(_snap_concurrency(number), float(busy.min()), float(busy.max()))
            inside = np.minimum(busy, table[0][-1])
            beyond = np.interp(inside, table[0], table[1]) - inside
            hours[those] = busy + beyond * np.sqrt(busy / inside)
            cold[those] = np.interp(inside, table[0], table[2])
        return hours, cold

    def _table(self, concurrency: int, low: float, high: float) -> tuple[Floats, Floats, Floats]:
        """Busy replicas, replica-hours and cold share around these loads."""
        first = int(np.floor(np.log(low) / np.log(RATIO)))
        last = int(np.ceil(np.log(min(high, MOST)) / np.log(RATIO)))
        scaler = Scaler(self.request_s, self.timeout_s, self.startup_s, concurrency, self.always)
        rows = [_simulate_rate(scaler, RATIO**k) for k in range(min(first, last), last + 1)]
        busy, hours, cold = np.array(rows).T
        return busy, hours, cold


def _simulate_rate(scaler: Scaler, busy: float) -> tuple[float, float, float]:
    lived = scaler_life(scaler, busy * scaler.concurrency / scaler.request_s)
    return busy, lived.alive + lived.starts_per_s * scaler.startup_s, lived.cold_share


def _snap_concurrency(number: float) -> int:
    """Requests at once as they are simulated."""
    if number <= FEW:
        return int(number)
    return round(FEW * 1.2 ** round(math.log(number / FEW) / math.log(1.2)))


# How many replicas a load takes --------------------------------------------------------------------------------------


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

    @property
    def outgrown_from(self) -> Days:
        """First day on which it cannot carry what it is asked for; NEVER where it always can."""
        return NEVER if self.fits is None else first_day(~self.fits)

    def map(self, change: Callable[[str, Any], Any]) -> Sizes:
        """Each array changed, by its name."""
        present = {each.name: getattr(self, each.name) for each in fields(self)}
        changed: dict[str, Any] = {name: None if of is None else change(name, of) for name, of in present.items()}
        return Sizes(**changed)


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
        """Whether more than the load of each hour decides what runs: waiting work, overflow, reservations."""
        fleet = self.fleet
        some = self.waiting_share or fleet.reserved_replicas or fleet.idle_power_share < 1 or not fleet.min_replicas
        return bool(self.serverless or some or self.overflows)

    @property
    def overflows(self) -> bool:
        """Whether what it cannot carry goes to the current route."""
        return self.fleet.overflow == "current"

    def kept_replicas(self, requests: Floats, capacity: Floats) -> Floats:
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
            extra = worthwhile_hours(self.fleet, kept, waiting, offers or self._offers, _finite(plan))
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
        peak = np.ceil(most_at_once(KeptHours(hours, most, apart, apart), apart) - SAME)
        return Sizes(hours + apart, peak, (hours + apart) * self.fleet.gpus_per_replica, cold=cold)

    def _bought(self, kept: KeptHours, now: Floats, waiting: Floats, plan: Floats) -> Sizes:
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
        gone = self._over(KeptHours(24 * all_day, all_day, room, over), now, left, plan)
        work = now + waiting - unless_tiny(over, now) - left
        return Sizes(24 * all_day, all_day, 24 * all_day, self._work(work), **gone)

    def _holds(self, all_day: Floats, kept: KeptHours, waiting: Floats) -> Any:
        """Whether a bought fleet under a cap has room for the work that can wait."""
        if self.fleet.fixed_replicas is not None:
            return unless_tiny(waiting - kept.room, waiting) <= 0
        return all_day <= (self.cap or np.inf)

    def _work(self, load: Floats) -> Floats | None:
        """Replica-hours of a load at full capacity, where it matters."""
        return None if self.fleet.idle_power_share == 1 else load * self.fleet.target_utilisation

    def _over(self, kept: KeptHours, now: Floats, left: Floats, plan: Floats) -> dict[str, Any]:
        """Requests that go elsewhere; where nothing is carried there are none."""
        counted = _finite(plan)
        return {"over_now": unless_tiny(kept.over, now) * counted, "over_waiting": left * counted}

    @staticmethod
    def _carries(kept: KeptHours, now: Floats) -> Bools:
        """Whether the load that cannot wait is carried in every hour, spare replicas at work too."""
        carries: Bools = unless_tiny(kept.over, now) <= 0
        return carries

    def _through_the_day(self, now: Floats) -> tuple[KeptHours, Floats]:
        """The replicas kept in the hours of each day, and the GPU-hours that are paid for them on demand."""
        hours, most, counted, gpu_hours, room, over = (np.zeros(now.shape) for _ in range(6))
        watched, spare = self.waiting_share or self.cap is not None, 0 if self.overflows else self.spare
        for level, count, parts in zip(*self.levels, self.parts, strict=True):
            most = self.kept_of(np.multiply(now, level, out=most))
            hours += most if count == 1 else np.multiply(most, count, out=counted)
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
        return KeptHours(hours, most, room, over), gpu_hours

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

    def kept_by_hour(self, requests: float, capacity: float) -> Floats:
        """Replicas kept in each hour of a day for the load that cannot wait, as they are rented; shape (24,).

        Args:
            requests: asked for on that day, retries included.
            capacity: requests per second of one replica on that day.
        """
        kept = self.kept_replicas(np.array([requests]), np.array([capacity]))[0]
        replicas: Floats = kept[np.searchsorted(self.levels[0], _sizing_weights(self.hours, self.fleet.scaling))]
        return replicas

    def busiest(self, requests: Floats) -> Floats:
        """Replicas that the load of each day's busiest hour takes, shape of requests and capacity."""
        replicas: Floats = np.ceil(self.load_now(requests, self.capacity) * self.levels[0][-1] - SAME)
        return replicas

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


def _finite(plan: Floats) -> Floats:
    """Requests of a planned replica-hour, none where a replica carries nothing: work of none of them is none."""
    return np.where(np.isfinite(plan), plan, 0.0)
