"""Start dates: what each would cost, the latest in time for the threat, and the best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.clock import NEVER, Bools, Clock, Days, Floats, Ints, latest_day
from switchpoint.finance import SAME
from switchpoint.timeline.path import Path, travel
from switchpoint.timeline.present import present_costs
from switchpoint.timeline.prospect import Prospect, starts_at
from switchpoint.timeline.schedule import Schedule

NEAR_BEST = 0.01
"""A start counts as good as the best when it costs at most this part of staying more."""


WHATEVER_THE_POLICY = frozenset(
    ("under_way", "in_time", "searched", "present_stay", "best", "_searched_schedule", "searched_cost", "start_by")
)
"""What of `Starts` does not hang on the policy."""
TRAVELLED = frozenset(("days", "path", "present_cost", "saving"))
"""What is the same for a policy whose day is travelled already."""


@dataclass(frozen=True)
class StartBy:
    """The latest day to start, and what sets it: "limit" (the threat) or "money" (waiting costs)."""

    day: int
    binds: str | None


def grid(clock: Clock) -> Ints:
    """Day 0 and the first of each later month."""
    return np.unique(np.append(0, clock.month_starts))


def searched_starts(prospect: Prospect) -> Ints:
    """The starts among which the best is sought; of a project under way the only one it has."""
    under_way = starts_at(prospect.spec, prospect.setting.clock)
    return grid(prospect.setting.clock) if under_way is None else np.array([under_way])


def latest_in_time(prospect: Prospect, threat: Days) -> Days:
    """Latest start whose cutover comes no later than the threat, never before day 0; NEVER without threat.

    Also NEVER for a project that is given up: no start makes it live.
    """
    goes_live = np.less(threat, NEVER) & np.less(prospect.planner.tail.cutover, NEVER)
    if not goes_live.any():
        return np.full(goes_live.shape, NEVER) if goes_live.ndim else NEVER
    due = np.atleast_1d(np.where(goes_live, threat, 0))
    latest = latest_day(lambda start: prospect.planner.schedule(start).cutover <= due, due)
    return np.where(goes_live, latest, NEVER) if goes_live.ndim else int(latest[0])


def best_start(searched: Ints, cost: Floats, live: Bools, present_stay: Floats) -> Ints:
    """The latest start that beats staying, is live, and costs at most the cheapest such + 1 % of staying.

    Args:
        searched: days of the starts, rising, shape (starts,).
        cost: discounted dollars of each start, shape (…, starts).
        live: whether its cutover lies inside the horizon, same shape.
        present_stay: discounted dollars of staying, shape (…).

    Returns:
        The days, shape (…); NEVER where no start beats staying.
    """
    stay = np.asarray(present_stay)[..., None]
    good: Bools = live & (stay - cost > SAME * stay)
    cheapest = np.where(good, cost, np.inf).min(axis=-1, keepdims=True)
    near = good & (cost <= cheapest + NEAR_BEST * stay)
    last = len(searched) - 1 - near[..., ::-1].argmax(axis=-1)
    return np.where(near.any(axis=-1), searched[last], NEVER)


def earlier(in_time: int, best: int) -> StartBy:
    """The start-by day: the earlier of the latest start in time for the threat and the best start."""
    if in_time == NEVER and best == NEVER:
        return StartBy(NEVER, None)
    return StartBy(min(in_time, best), "limit" if in_time <= best else "money")


@dataclass(frozen=True)
class Starts:
    """The starts worth looking at of one candidate; of many worlds at once, the latest in time and the best.

    Args:
        prospect: the candidate.
        stay: dollars a day of staying, shape (days,).
        discount: present value of a dollar on each day, shape (days,).
        threat: day of the threat, NEVER without.
        policy: day on which the scenario's policy starts it, NEVER where it never fires; None for the best start.
    """

    prospect: Prospect
    stay: Floats
    discount: Floats
    threat: Days
    policy: Days | None

    def under(self, policy: int) -> Starts:
        """The same starts with the project started on another day; what does not hang on that is not found anew."""
        if policy == self.policy:
            return self
        other, kept = replace(self, policy=policy), {*WHATEVER_THE_POLICY}
        if policy in self.days:
            kept |= TRAVELLED
        other.__dict__.update({name: found for name, found in self.__dict__.items() if name in kept})
        return other

    @cached_property
    def under_way(self) -> int | None:
        """Start of a project under way, which is the only start it has."""
        return starts_at(self.prospect.spec, self.prospect.setting.clock)

    @cached_property
    def in_time(self) -> Days:
        """Latest start in time for the threat."""
        late = latest_in_time(self.prospect, self.threat)
        if self.under_way is None:
            return late
        never = np.equal(late, NEVER)
        return np.where(never, NEVER, self.under_way) if never.ndim else NEVER if never else self.under_way

    @cached_property
    def searched(self) -> Ints:
        """The starts among which the best is sought."""
        return searched_starts(self.prospect)

    @cached_property
    def days(self) -> Ints:
        """The starts that are travelled, rising: today, in time, the best, the policy's, and none at all."""
        if self.under_way is not None:
            return np.array([self.under_way, NEVER])
        asked = [0, self.in_time, self.best, NEVER]
        return np.unique(np.array(asked if self.policy is None else [*asked, self.policy]))

    @cached_property
    def path(self) -> Path:
        """What happens for each of `days`."""
        return travel(self.prospect, self.days)

    def row(self, day: int) -> int:
        """Row of a start in `path`."""
        return int(np.searchsorted(self.days, day))

    @cached_property
    def present_cost(self) -> Floats:
        """Discounted dollars of the switch path for each of `days`."""
        cost: Floats = self.path.ledger.total @ self.discount
        return cost

    @cached_property
    def present_stay(self) -> Any:
        """Discounted dollars of staying."""
        present = self.stay @ self.discount
        return present if np.ndim(present) else float(present)

    @cached_property
    def saving(self) -> Floats:
        """Net present value of the saving for each of `days`."""
        saving: Floats = (self.stay - self.path.ledger.total) @ self.discount
        return saving

    def saves(self, day: int) -> bool:
        """Whether a start on that day beats staying."""
        return bool(self.saving[self.row(day)] > SAME * self.present_stay)

    @cached_property
    def best(self) -> Days:
        """The latest searched start that beats staying, is live in the horizon and costs at most the cheapest + 1 %.

        The 1 % are of the discounted stay cost. NEVER where none beats staying.
        """
        live = self._searched_schedule.cutover < self.stay.shape[-1]
        if not np.ndim(self.threat):
            return int(best_start(self.searched, self.searched_cost, live, np.array(self.present_stay)))
        stay = np.broadcast_to(self.present_stay, self.threat.shape)[:, 0]
        return best_start(self.searched, self.searched_cost, live, stay)[:, None]

    @cached_property
    def _searched_schedule(self) -> Schedule:
        return self.prospect.planner.schedule(self.searched[None] if np.ndim(self.threat) else self.searched)

    @cached_property
    def searched_cost(self) -> Floats:
        """Discounted dollars of each searched start, shape (starts,)."""
        return present_costs(self.prospect, self._searched_schedule, self.discount)

    @property
    def saving_by_start(self) -> Floats:
        """Net present value of what each searched start saves, dollars, shape (starts,)."""
        saving: Floats = self.present_stay - self.searched_cost
        return saving

    @cached_property
    def start_by(self) -> StartBy:
        """The earlier of the latest start in time for the threat and the best start."""
        return earlier(self.in_time, self.best)

    @property
    def judged(self) -> int:
        """The start that the candidate is judged by: its start-by day, else today."""
        if self.start_by.day != NEVER:
            return int(self.start_by.day)
        return 0 if self.under_way is None else self.under_way

    @property
    def chosen(self) -> int:
        """The start under the scenario's policy."""
        if self.under_way is not None:
            return self.under_way
        return int(self.best if self.policy is None else self.policy)
