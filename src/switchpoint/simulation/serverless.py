"""Serverless fleets: replica-hours and cold starts of a load, by a closed form while one replica is enough."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.scenario.candidates import Fleet
from switchpoint.serving.capacity_cache import scaler_life
from switchpoint.serving.scaler import Scaler

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
