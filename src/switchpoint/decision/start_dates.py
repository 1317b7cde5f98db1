"""The starts of one candidate: today's, the one in time, the best, the policy's, and what each of them comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.decision.start_search import (
    AsGood,
    StartBy,
    as_good,
    beats_staying,
    best_start,
    earlier,
    latest_in_time,
    searched_starts,
    start_by_day,
)
from switchpoint.decision.started_candidate import Staged, Start, StartedCandidate, one_off_usd
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Bools, Days, Floats, Ints, per_start, weighed_sum
from switchpoint.simulation.candidate import SimulatedCandidate, starts_at
from switchpoint.simulation.limits import AboveLimit
from switchpoint.simulation.present_cost import PresentCosts
from switchpoint.simulation.rows import with_fields
from switchpoint.simulation.schedule import Schedule
from switchpoint.simulation.switch_costs import SwitchCosts, switch_costs, travel_along

TRAVELLED = frozenset(
    ("days", "path", "present_cost", "weighed_costs", "saving", "one_offs", "advised_course", "best_course")
)
"""What of `StartDates` hangs on the policy, but is the same for one whose day is travelled already."""
HANGS_ON_POLICY = TRAVELLED | {"staged_path", "policy", "policy_course"}
"""What of it hangs on the policy."""


@dataclass(frozen=True)
class StartDates:
    """The starts worth looking at of one candidate; of many worlds at once, the latest in time and the best.

    Args:
        prospect: the candidate.
        stay: dollars a day of staying, shape (days,).
        discount: present value of a dollar on each day, shape (days,).
        threat: day of the threat, NEVER without.
        above: what days above the limit cost.
        policy: how the scenario's policy starts it; None for the best start.
    """

    prospect: SimulatedCandidate
    stay: Floats
    discount: Floats
    threat: Days
    above: AboveLimit
    policy: Start

    def under(self, policy: Start) -> StartDates:
        """The same starts with the project started otherwise; what does not hang on that is not found anew."""
        if policy == self.policy:
            return self
        travelled = policy in self.days.tolist()
        other: StartDates = with_fields(
            self, HANGS_ON_POLICY - TRAVELLED if travelled else HANGS_ON_POLICY, policy=policy
        )
        return other

    @cached_property
    def under_way(self) -> int | None:
        """Start of a project under way, which is the only start it has."""
        return starts_at(self.prospect.spec, self.prospect.setting.clock)

    @property
    def possible(self) -> Any:
        """Whether the candidate can carry its share throughout the horizon."""
        possible = np.greater_equal(self.prospect.carrier.impossible_from, self.stay.shape[-1])
        return possible if possible.ndim else bool(possible)

    @cached_property
    def in_time(self) -> Days:
        """Latest start in time for the threat."""
        late = latest_in_time(self.prospect, self.threat)
        if self.under_way is None:
            return late
        never = np.equal(late, NEVER)
        return np.where(never, NEVER, self.under_way) if never.ndim else NEVER if never else self.under_way

    @cached_property
    def searched_starts(self) -> Ints:
        """The starts among which the best is sought."""
        return searched_starts(self.prospect)

    @cached_property
    def days(self) -> Ints:
        """The starts that are travelled, rising: today, in time, the best, the policy's, and none at all.

        In many worlds they have shape (worlds, starts): those that are followed, in some worlds one of them twice.
        """
        many = np.ndim(self.threat) > 0
        if self.under_way is not None:
            known = np.array([self.under_way, NEVER])
            return known[None] if many else known
        policy = [] if self.policy is None or isinstance(self.policy, Staged) else [self.policy]
        if not many:
            return np.unique(np.array([0, self.in_time, self.best, NEVER, *policy]))
        in_time = [self.in_time] if np.any(self.above.usd_per_month) else []
        return _each_once(self.threat.shape, [self.advised_start, self.best, *in_time, *policy])

    def with_day(self, day: int) -> StartDates:
        """These starts, or where one of a day is not travelled the same with that of the policy."""
        return self if day in self.days.tolist() else self.under(day)

    @cached_property
    def path(self) -> SwitchCosts:
        """What happens for each of `days`."""
        return switch_costs(self.prospect, self.days)

    @cached_property
    def staged_path(self) -> SwitchCosts:
        """What happens where the policy prepares early and commits late."""
        assert isinstance(self.policy, Staged)
        begins, commit = np.array([self.policy.prepare_from]), np.array([self.policy.commit])
        return travel_along(self.prospect, self.prospect.planner.staged_schedule(begins, commit))

    def row(self, day: Days) -> Any:
        """Row of a start in `path`; in many worlds of one in each, shape (worlds, 1)."""
        if np.ndim(self.threat):
            return np.broadcast_to((self.days < day).sum(axis=-1, keepdims=True), self.threat.shape)
        return int(np.searchsorted(self.days, day))

    @cached_property
    def present_cost(self) -> Floats:
        """Discounted dollars of the switch path for each of `days`."""
        return np.asarray(weighed_sum(self.path.ledger.total, self.discount))

    @cached_property
    def present_stay(self) -> Any:
        """Discounted dollars of staying."""
        present = weighed_sum(self.stay, self.discount)
        return present if np.ndim(present) else float(present)

    @cached_property
    def weighed_stay(self) -> Any:
        """Discounted dollars of staying, days above the limit with their price."""
        weighed = self.present_stay + self.above.of_staying
        return weighed if np.ndim(weighed) else float(weighed)

    def weighed_cost(self, day: int) -> float:
        """Discounted dollars of a start, days above the limit with their price."""
        starts = self.with_day(day)
        return float(starts.weighed_costs[starts.row(day)])

    def saving_of(self, day: int) -> float:
        """Net present value of what a start saves, dollars."""
        starts = self.with_day(day)
        return float(starts.saving[starts.row(day)])

    @cached_property
    def weighed_costs(self) -> Floats:
        """The same for each of `days`."""
        return np.asarray(self.present_cost + self.above.of_switch(self.path.schedule.cutover))

    @cached_property
    def one_offs(self) -> Floats:
        """What the project spends until cutover for each of `days`, dollars; see `StartedCandidate.one_off`."""
        return one_off_usd(self.prospect, self.path)

    @cached_property
    def saving(self) -> Floats:
        """Net present value of the saving for each of `days`."""
        return np.asarray(weighed_sum(self.stay - self.path.ledger.total, self.discount))

    def saves(self, day: int) -> bool:
        """Whether a start on that day beats staying."""
        return bool(self.possible and self.weighed_stay - self.weighed_cost(day) > SAME * self.present_stay)

    @property
    def today(self) -> int:
        """The earliest start that is left, the first that is searched: today, or that of a project under way."""
        return 0 if self.under_way is None else self.under_way

    @property
    def live_today(self) -> int:
        """First day live of a project that starts then."""
        return int(self.searched_schedule.cutover[0])

    @property
    def saves_today(self) -> bool:
        """Whether that start beats staying."""
        return bool(self.possible and self.weighed_stay - self.searched_cost[0] > SAME * self.present_stay)

    @cached_property
    def best(self) -> Days:
        """The searched start with the lowest weighed cost that beats staying and is live in the horizon; of equals,
        within a dollar, the latest. NEVER where none beats staying."""
        if not np.ndim(self.threat):
            return int(best_start(self.searched_starts, self.searched_cost, self.counts, np.array(self.weighed_stay)))
        stay = np.broadcast_to(self.weighed_stay, self.threat.shape)[:, 0]
        return best_start(self.searched_starts, self.searched_cost, self.counts, stay)[:, None]

    @property
    def counts(self) -> Bools:
        """Which searched starts count: live within the horizon, of a candidate that is possible; shape (…, starts)."""
        return np.asarray((self.searched_schedule.cutover < self.stay.shape[-1]) & self.possible)

    @cached_property
    def as_good(self) -> AsGood | None:
        """How far the best start may be moved without harm; told only where money sets the start."""
        if self.best == NEVER or self.under_way is not None:
            return None
        good = beats_staying(self.searched_cost, self.counts, np.array(self.weighed_stay))
        saving = self.weighed_stay - self.searched_cost
        return as_good(self.searched_starts, saving, good, int(self.best), int(self.in_time))

    @cached_property
    def searched_schedule(self) -> Schedule:
        """The days of a project for each searched start."""
        return self.prospect.planner.schedule(
            self.searched_starts[None] if np.ndim(self.threat) else self.searched_starts
        )

    @cached_property
    def searched_cost(self) -> Floats:
        """Weighed dollars of each searched start, shape (starts,)."""
        return self.weighed_cost_of(self.searched_schedule)

    def weighed_cost_of(self, schedule: Schedule) -> Floats:
        """Weighed dollars of each start of a schedule."""
        return np.asarray(self._present_costs.of(schedule) + self.above.of_switch(schedule.cutover))

    @cached_property
    def _present_costs(self) -> PresentCosts:
        return PresentCosts(self.prospect, self.discount)

    @property
    def saving_by_start(self) -> Floats:
        """Weighed dollars that each searched start saves, shape (starts,)."""
        saving: Floats = self.weighed_stay - self.searched_cost
        return saving

    @property
    def limit_is_a_price(self) -> bool:
        """Whether being above the limit costs so much a month, instead of being out of the question."""
        return bool(self.above.usd_per_month > 0)

    @cached_property
    def start_by(self) -> StartBy:
        """The earlier of the latest start in time for the threat and the best start."""
        return earlier(self.in_time, self.best, limit_is_a_price=self.limit_is_a_price)

    @property
    def is_priced(self) -> Any:
        """`limit_is_a_price` of many worlds, shape (worlds, 1), or one for all."""
        return np.greater(per_start(self.above.usd_per_month), 0)

    @cached_property
    def start_by_day(self) -> Ints:
        """The day of `start_by` of many worlds, shape (worlds, 1)."""
        return np.asarray(start_by_day(self.in_time, self.best, self.is_priced))

    @property
    def for_money(self) -> StartBy:
        """The best start alone, where no candidate keeps the limit."""
        return StartBy(self.best, None if self.best == NEVER else "money")

    @property
    def advised_start(self) -> Days:
        """The start that the candidate is judged by: its start-by day, else today."""
        if np.ndim(self.threat):
            return np.where(np.less(self.start_by_day, NEVER), self.start_by_day, self.today)
        return self.today if self.start_by.day == NEVER else int(self.start_by.day)

    @property
    def policy_start(self) -> Days | Staged:
        """The start under the scenario's policy."""
        if self.under_way is not None:
            return self.under_way
        return self.best if self.policy is None else self.policy

    def follow(self, start: Days | Staged) -> StartedCandidate:
        """What becomes of the candidate for a start, or as the policy stages it."""
        if isinstance(start, Staged):
            return StartedCandidate(self.prospect, self.staged_path, 0, self.stay)
        if not np.ndim(self.threat) and start == self.advised_start:
            return self.advised_course
        if not np.ndim(self.threat) and start == self.best:
            return self.best_course
        starts = self if np.ndim(self.threat) else self.with_day(int(start))
        return StartedCandidate(self.prospect, starts.path, starts.row(start), self.stay)

    @cached_property
    def advised_course(self) -> StartedCandidate:
        """What becomes of it, started as advised."""
        return StartedCandidate(self.prospect, self.path, self.row(self.advised_start), self.stay)

    @cached_property
    def best_course(self) -> StartedCandidate:
        """What becomes of it on its best start."""
        return StartedCandidate(self.prospect, self.path, self.row(self.best), self.stay)

    @cached_property
    def policy_course(self) -> StartedCandidate:
        """What becomes of it under the policy."""
        return self.follow(self.policy_start)

    @property
    def in_time_costs(self) -> float | None:
        """Weighed dollars that the start in time costs more than the best one, or than staying where that is null.

        None without a threat, and where not even today's start is in time.
        """
        if self.in_time == NEVER or self.live_today > self.threat:
            return None
        if self.best <= self.in_time:
            return 0.0
        return self.weighed_cost(self.in_time) - (
            self.weighed_stay if self.best == NEVER else self.weighed_cost(self.best)
        )


def _each_once(shape: tuple[int, ...], days: Sequence[Days]) -> Ints:
    """Starts of many worlds, rising, shape (worlds, starts): each once, but for worlds with fewer than others, in which
    the last is repeated. At least two, so that one world's are several starts too.

    >>> _each_once((2, 1), [np.array([[5], [3]]), np.array([[5], [7]]), 5]).tolist()
    [[5, 5, 5], [3, 5, 7]]
    """
    found: Ints = np.sort(np.concatenate([np.broadcast_to(day, shape) for day in days], axis=-1), axis=-1)
    again = np.diff(found, axis=-1, prepend=-1) == 0
    most = max(int((~again).sum(axis=-1).max()), 2)
    return np.sort(np.where(again, found[:, -1:], found), axis=-1)[:, :most]
