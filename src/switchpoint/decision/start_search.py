"""Which starts are looked at, and which of them are in time for the threat, the best, and as good as the best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Bools, Days, Floats, Horizon, Ints, latest_day
from switchpoint.simulation.candidate import SimulatedCandidate, starts_at
from switchpoint.simulation.schedule import Schedule

AS_GOOD = 0.98
"""A start is as good as the best where it saves at least this part of what that saves."""
EQUAL_USD = 1.0
"""Starts whose costs differ by no more are equal."""


@dataclass(frozen=True)
class StartBy:
    """The latest day to start, and what sets it: "limit" (the threat) or "money" (waiting costs)."""

    day: int
    binds: str | None


def grid(clock: Horizon) -> Ints:
    """Day 0 and the first of each later month."""
    return np.unique(np.append(0, clock.month_starts))


def searched_starts(prospect: SimulatedCandidate) -> Ints:
    """The starts among which the best is sought; of a project under way the only one it has."""
    under_way = starts_at(prospect.spec, prospect.setting.clock)
    return grid(prospect.setting.clock) if under_way is None else np.array([under_way])


def latest_in_time(prospect: SimulatedCandidate, threat: Days, searched: Schedule | None = None) -> Days:
    """Latest start whose cutover comes no later than the threat, never before day 0; NEVER without threat.

    Also NEVER for a project that is given up: no start makes it live. Where the searched starts of many worlds are
    known, it is sought from the last of those in time to the one after it.
    """
    goes_live = np.less(threat, NEVER) & np.less(prospect.planner.tail.cutover, NEVER)
    if not goes_live.any():
        return np.full(goes_live.shape, NEVER) if goes_live.ndim else NEVER
    due = np.atleast_1d(np.where(goes_live, threat, 0))
    known, last = np.array(-1), due
    if searched is not None:
        days, kept = np.append(searched.start, NEVER), (searched.cutover <= due).sum(axis=-1, keepdims=True)
        known, last = np.where(kept, days[kept - 1], -1), np.minimum(due, days[kept] - 1)
    latest = latest_day(lambda start: prospect.planner.schedule(start).cutover <= due, last, known)
    return np.where(goes_live, latest, NEVER) if goes_live.ndim else int(latest[0])


def best_start(searched: Ints, cost: Floats, live: Bools, stay: Floats) -> Ints:
    """The start that beats staying, is live, and costs least; of equals, within a dollar, the latest.

    Args:
        searched: days of the starts, rising, shape (starts,).
        cost: weighed dollars of each start, shape (…, starts).
        live: whether it counts: its cutover lies inside the horizon, and the candidate is possible; same shape.
        stay: weighed dollars of staying, shape (…).

    Returns:
        The days, shape (…); NEVER where no start beats staying.
    """
    return cheapest_start(searched, cost, beats_staying(cost, live, stay))


def cheapest_start(searched: Ints, cost: Floats, counts: Bools) -> Ints:
    """The start that costs least, of equals (within a dollar) the latest; NEVER where none counts.

    >>> int(cheapest_start(np.array([0, 31, 59]), np.array([9.0, 7.0, 7.5]), np.array([True, True, True])))
    59
    """
    cheapest = np.where(counts, cost, np.inf).min(axis=-1, keepdims=True)
    near = counts & (cost <= cheapest + EQUAL_USD)
    last = len(searched) - 1 - near[..., ::-1].argmax(axis=-1)
    return np.where(near.any(axis=-1), searched[last], NEVER)


def beats_staying(cost: Floats, live: Bools, stay: Floats) -> Bools:
    """Which starts beat staying and count, shape (…, starts)."""
    staying = np.asarray(stay)[..., None]
    good: Bools = live & (staying - cost > SAME * staying)
    return good


@dataclass(frozen=True)
class AsGood:
    """The unbroken run of searched starts around the best that save at least 98 % of what it saves."""

    first: int
    last: int
    usd: float
    """What the worst of them saves less than the best."""
    live_before_limit: int = NEVER
    """The last of them that is live before the limit; NEVER where all or none are, and without a limit."""


def as_good(searched: Ints, saving: Floats, good: Bools, best: int, in_time: int = NEVER) -> AsGood | None:
    """How far a best start may be moved without harm; None where it stands alone.

    Args:
        searched: days of the starts, rising, shape (starts,).
        saving: weighed dollars that each saves, shape (starts,).
        good: whether it counts and beats staying.
        best: the best start.
        in_time: the latest start in time for the threat, NEVER without one; day 0 may be late too.
    """
    place = int(np.searchsorted(searched, best))
    near = good & (saving >= AS_GOOD * saving[place])
    first = last = place
    while first > 0 and near[first - 1]:
        first -= 1
    while last + 1 < len(searched) and near[last + 1]:
        last += 1
    if first == last:
        return None
    worst = float(saving[first : last + 1].min())
    begin, end = int(searched[first]), int(searched[last])
    return AsGood(begin, end, float(saving[place]) - worst, in_time if max(begin, 1) <= in_time < end else NEVER)


def start_by_day(in_time: Days, best: Days, limit_is_a_price: Bools | bool) -> Days:
    """The earlier of the latest start in time and the best one; the best alone where the limit is a price."""
    return np.minimum(np.where(limit_is_a_price, NEVER, in_time), best)


def earlier(in_time: int, best: int, *, limit_is_a_price: bool = False) -> StartBy:
    """The start-by day: the earlier of the latest start in time for the threat and the best start.

    Where being above the limit has its price, the limit is no wall, and it is the best start alone.
    """
    day = int(start_by_day(in_time, best, limit_is_a_price))
    if day == NEVER:
        return StartBy(NEVER, None)
    return StartBy(day, "limit" if in_time <= best and not limit_is_a_price else "money")
