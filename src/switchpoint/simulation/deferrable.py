"""Work that can wait: the hours that it adds to those kept running anyway, and when they are worth it.

Amounts are in replica-hours: what a replica carries in an hour as planned with. All arrays are of one shape, one number
for each day of each start and world.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.finance import SAME
from switchpoint.horizon import Floats, Ints, on_days
from switchpoint.scenario.candidates import Fleet


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
class KeptHours:
    """The hours of a day, summed: what is kept running for the load that cannot wait, and how well it fits.

    Args:
        replica_hours: of the replicas kept.
        most: replicas of the busiest hour.
        room: what they could still carry; spare replicas stand aside unless work may go elsewhere.
        over: load of hours in which they are too few, spare ones at work too.
    """

    replica_hours: Floats
    most: Floats
    room: Floats
    over: Floats


@dataclass(frozen=True)
class Offers:
    """What decides whether work that can wait is worth extra hours; shape (days,), or (worlds, 1, days).

    Args:
        gpu_hour: dollars of a rented GPU-hour.
        elsewhere: dollars that the current route charges for one request that can wait.
    """

    gpu_hour: Floats
    elsewhere: Floats

    def on(self, day: Ints) -> Offers:
        """Those of given days."""
        return Offers(on_days(self.gpu_hour, day), on_days(self.elsewhere, day))

    def within(self, chosen: Any) -> Offers:
        """Those where a mask of days holds, as flat arrays."""
        return Offers(*(np.broadcast_to(each, chosen.shape)[chosen] for each in (self.gpu_hour, self.elsewhere)))


@dataclass(frozen=True)
class Extra:
    """What a rented fleet adds to its hours for work that can wait.

    Args:
        hours: replica-hours, in whole steps of billing.
        gpu_hours: GPU-hours paid for them, and for starting the replicas.
        left: work that is not done.
        fits: whether the hours fit under the cap.
    """

    hours: Floats
    gpu_hours: Floats
    left: Floats
    fits: Any


def unless_tiny(work: Floats, whole: Floats) -> Floats:
    """Work, or 0 where it is nothing but a rounding error of the whole."""
    left: Floats = np.where(work > SAME * np.maximum(whole, 1.0), work, 0.0)
    return left


def extra_hours(fleet: Fleet, kept: KeptHours, waiting: Floats) -> Extra:
    """The extra hours that work takes beyond what the day leaves free: rounded up to steps of `billing_minutes`.

    A fixed fleet has none. Under a cap they fit into what the hours leave below it.
    """
    left = unless_tiny(waiting - kept.room, waiting)
    if fleet.fixed_replicas is not None:
        return Extra(np.zeros_like(left), np.zeros_like(left), left, left <= 0)
    steps = left / _step(fleet)
    hours = np.ceil(steps - SAME * np.maximum(steps, 1.0)) * _step(fleet)
    fits = hours <= _below_cap(fleet, kept) + SAME
    return Extra(hours, paid_for(fleet, hours), np.zeros_like(left), fits)


def worthwhile_hours(fleet: Fleet, kept: KeptHours, waiting: Floats, offers: Offers, plan: Floats) -> Extra:
    """The extra hours that cost less than the current route would charge: none, the whole steps, or one step more.

    Args:
        fleet: the scenario's fleet.
        kept: what is kept running.
        waiting: work that can wait.
        offers: what an hour and a request elsewhere cost.
        plan: requests of a replica-hour.
    """
    left, step = unless_tiny(waiting - kept.room, waiting), _step(fleet)
    # Worlds may differ in prices alone: the shape is made whole before three choices are stacked in front of it.
    left = np.broadcast_to(left, np.broadcast_shapes(left.shape, offers.gpu_hour.shape, offers.elsewhere.shape))
    free = np.floor(_below_cap(fleet, kept) / step + SAME) * step
    whole = np.floor(left / step + SAME)
    hours = np.stack([np.minimum(steps * step, free) for steps in (np.zeros_like(whole), whole, whole + 1)])
    elsewhere = np.maximum(left - hours, 0.0) * plan * offers.elsewhere
    usd = paid_for(fleet, hours) * offers.gpu_hour + elsewhere
    good = usd <= usd.min(axis=0) * (1 + SAME)
    chosen: Floats = np.where(good, hours, np.inf).min(axis=0)
    return Extra(chosen, paid_for(fleet, chosen), unless_tiny(left - chosen, left), True)


def paid_for(fleet: Fleet, hours: Floats) -> Floats:
    """GPU-hours that extra replica-hours cost: whole nodes for whole steps, and starting ceil(hours/24) replicas.

    Of what comes some at a time, each step is that many.
    """
    step = _step(fleet)
    gpu_hours = gpus_paid(fleet, np.ceil(hours / step - SAME)) * step
    if fleet.startup_minutes:
        gpu_hours = gpu_hours + gpus_paid(fleet, np.ceil(hours / 24 - SAME)) * (fleet.startup_minutes / 60)
    return gpu_hours


def most_at_once(kept: KeptHours, extra: Floats) -> Floats:
    """The fewest replicas, all kept at some hour, that leave room for the extra hours within the day."""
    replicas: Floats = np.maximum(kept.most, np.ceil((extra + kept.replica_hours - SAME) / 24))
    return replicas


def enough_all_day(hours: Floats, now: Floats, waiting: Floats, spare: int) -> Floats:
    """Replicas that, running all day, carry the load that cannot wait and leave room for all that can.

    The room of c replicas is the most that any hours leave, k·c - their load; so c is the least of
    (waiting + load of the k quietest hours)/k.

    Args:
        hours: parts of the load in each hour, shape (24,).
        now: load that cannot wait, as if it came in one hour.
        waiting: work that can wait.
        spare: replicas that stand aside.
    """
    quietest = np.cumsum(np.sort(hours))
    needed = np.full(now.shape, np.inf)
    for number, part in enumerate(quietest, 1):
        needed = np.minimum(needed, (waiting * (1 - SAME) + now * part) / number)
    replicas: Floats = np.where(waiting > 0, np.ceil(needed - SAME) + spare, 0.0)
    return replicas


def _step(fleet: Fleet) -> float:
    """Replica-hours in which extra work is billed."""
    return fleet.billing_minutes / 60 * fleet.steps


def _below_cap(fleet: Fleet, kept: KeptHours) -> Floats:
    """Replica-hours between those kept and the cap."""
    if fleet.fixed_replicas is not None:
        return np.zeros_like(kept.replica_hours)
    if fleet.max_replicas is None:
        return np.full(kept.replica_hours.shape, np.inf)
    return 24.0 * fleet.max_replicas - kept.replica_hours
