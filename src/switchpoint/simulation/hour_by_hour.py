"""One day of a fleet, hour by hour: what it is asked for, what runs, what is idle and what goes elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.horizon import Floats, on_days
from switchpoint.simulation.deferrable import sold_together
from switchpoint.simulation.sizing import Serverless, Sizes, Sizing


@dataclass(frozen=True)
class HoursOfDay:
    """The hours of a day, from midnight on; arrays are of shape (24,), requests count their retries.

    Args:
        replicas: that run, those included that are added for work that can wait.
        now: requests an hour that cannot wait and are served.
        waiting: the same of those that can.
        over: requests an hour that cannot wait and go elsewhere.
        left: requests of the day that can wait and go elsewhere, at no hour in particular.
        full: requests an hour of a replica that is as busy as is planned with.
    """

    replicas: Floats
    now: Floats
    waiting: Floats
    over: Floats
    left: float
    full: float

    def replicas_for(self, requests: Floats) -> Floats:
        """How many replicas so many requests an hour keep as busy as is planned with."""
        return requests / self.full if self.full > 0 else np.zeros_like(requests)

    @property
    def idle(self) -> Floats:
        """Replicas that have nothing to do."""
        return np.maximum(self.replicas - self.replicas_for(self.now + self.waiting), 0.0)

    @property
    def elsewhere(self) -> float:
        """Part of the day's requests that goes elsewhere."""
        gone = float(self.over.sum()) + self.left
        asked = gone + float((self.now + self.waiting).sum())
        return gone / asked if asked > 0 else 0.0


def hours_of_day(sizing: Sizing, requests: float, day: int) -> HoursOfDay:
    """A day of a fleet, hour by hour.

    Work that can wait fills what the hours leave free, in all of them to the same part; what it adds runs in the hours
    in which least does, and where nothing else runs, as many replicas at a time as are sold together.

    Args:
        sizing: how many replicas a load takes.
        requests: of the day that it is asked for, retries included.
        day: whose capacity and prices count.
    """
    on = np.array([day])
    capacity = on_days(sizing.capacity, on)
    sizes = sizing.sizes(np.array([requests]), capacity, sizing.offers and sizing.offers.on(on))
    now = requests * (1 - sizing.waiting_share) * sizing.hours
    if sizing.serverless is not None:
        return _by_the_second(sizing, sizing.serverless, sizes, now, float(capacity[0]), requests)
    full = float(sizing.per_replica(capacity)[0]) if capacity[0] > 0 else 0.0
    bought = sizing.fleet.purchase_usd_per_gpu is not None
    kept = np.full(24, sizes.peak[0]) if bought else sizing.kept_by_hour(requests, float(capacity[0]))
    over = np.maximum(now - kept * full, 0.0) if sizing.overflows else np.zeros(24)
    aside = 0 if sizing.overflows else sizing.spare
    room = np.maximum((kept - aside) * full - (now - over), 0.0)
    left = 0.0 if sizes.over_waiting is None else float(sizes.over_waiting[0])
    work = max(requests * sizing.waiting_share - left, 0.0)
    filled = room * (min(work / room.sum(), 1.0) if room.sum() > 0 else 0.0)
    added = np.zeros(24) if bought else _added_hours(sizing, kept, sizes)
    more = added * (max(work - filled.sum(), 0.0) / added.sum() if added.sum() > 0 else 0.0)
    return HoursOfDay(kept + added, now - over, filled + more, over, left, full)


def _by_the_second(
    sizing: Sizing, serverless: Serverless, sizes: Sizes, now: Floats, capacity: float, requests: float
) -> HoursOfDay:
    """Of a serverless fleet, whose replicas are means over each hour; work that can wait runs apart."""
    alive = serverless.at(now / 3600, sizing.per_replica(np.full(24, capacity))).replica_hours
    added = _added_hours(sizing, alive, sizes)
    waiting = added * (requests * sizing.waiting_share / added.sum() if added.sum() > 0 else 0.0)
    return HoursOfDay(alive + added, now, waiting, np.zeros(24), 0.0, 3600 * capacity)


def _added_hours(sizing: Sizing, kept: Floats, sizes: Sizes) -> Floats:
    """Replicas that run for work that can wait, by hour: where least runs, up to the most that run at once."""
    hours = max(float(sizes.replica_hours[0] - kept.sum()), 0.0)
    most = float(sizes.peak[0])
    if not kept.any():
        most = max(most, min(sold_together(sizing.fleet)[0], sizing.cap or np.inf))
    free = np.maximum(most - kept, 0.0)
    order = np.argsort(kept, kind="stable")
    before = np.cumsum(free[order]) - free[order]
    added = np.zeros(24)
    added[order] = np.clip(hours - before, 0.0, free[order])
    return added
