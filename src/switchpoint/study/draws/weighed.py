"""A candidate weighed over all draws: when to start it, what each policy costs, how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.clock import NEVER, Floats, Ints
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.standing import Deadlines, Standing
from switchpoint.decision.starts import StartBy, best_start, earlier
from switchpoint.finance import SAME
from switchpoint.study.draws.follow import Followed
from switchpoint.study.draws.spread import latest_kept, quantile_day
from switchpoint.study.draws.survey import TOO_LATE, CandidateSurvey, Survey

SURE = 0.8
"""A start is in time when it is so in this part of the draws."""
MAJORITY = 0.5
"""What holds in this part of the draws is taken to hold."""


@dataclass(frozen=True)
class Weighed:
    """One candidate over all draws.

    Args:
        outlook: the candidate in the base case.
        seen: what was surveyed of it.
        world: what was surveyed of the world around it.
    """

    outlook: Outlook
    seen: CandidateSurvey
    world: Survey

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.outlook.name

    @property
    def days(self) -> int:
        """Days of the horizon."""
        return self.outlook.clock.days

    @property
    def searched(self) -> Ints:
        """Days of the searched starts, shape (starts,)."""
        return self.outlook.starts.searched

    @cached_property
    def expected_cost(self) -> Floats:
        """Expected discounted dollars of each searched start, shape (starts,)."""
        cost: Floats = self.seen.cost.mean(axis=0)
        return cost

    @cached_property
    def expected_stay(self) -> float:
        """Expected discounted dollars of staying."""
        return float(self.world.present_stay.mean())

    @cached_property
    def best(self) -> int:
        """The best start: that of the base case with expected costs, live in the majority of draws."""
        live = (self.seen.cutover < self.days).mean(axis=0) >= MAJORITY
        return int(best_start(self.searched, self.expected_cost, live, np.array(self.expected_stay)))

    @cached_property
    def in_time(self) -> int:
        """Latest start that is live by the threat in 80 % of the draws, never before day 0.

        NEVER where there is no threat in so many draws, and where no draw that has one ever goes live.
        """
        latest = latest_kept(self.seen.in_time, SURE)
        if latest != TOO_LATE:
            return latest
        goes_live = (self.world.threat < NEVER) & (self.seen.cutover[:, 0] < NEVER)
        return int(self.searched[0]) if goes_live.any() else NEVER

    @property
    def start_by(self) -> StartBy:
        """The earlier of the two."""
        return earlier(self.in_time, self.best)

    @property
    def judged(self) -> int:
        """The start that it is judged by: its start-by day, else the earliest."""
        return int(self.searched[0]) if self.start_by.day == NEVER else self.start_by.day

    @cached_property
    def start_by_each(self) -> Ints:
        """Start-by day of each draw, had one known its world; shape (draws,)."""
        live = self.seen.cutover < self.days
        best = best_start(self.searched, self.seen.cost, live, self.world.present_stay)
        in_time = np.where(self.seen.in_time == TOO_LATE, self._if_late, self.seen.in_time)
        return np.minimum(in_time, best)

    @property
    def _if_late(self) -> Ints:
        """What counts as the latest start in time where it is too late: the earliest one, if it ever goes live."""
        return np.where(self.seen.cutover[:, 0] < NEVER, self.searched[0], NEVER)

    def chance_in_time(self) -> Floats:
        """Share of draws in which each searched start is live by the threat or there is none, shape (starts,)."""
        return np.asarray((self.seen.cutover <= self.world.threat[:, None]).mean(axis=0))

    @property
    def policy_start(self) -> Ints:
        """Start under the scenario's policy in each draw, shape (draws,)."""
        if self.outlook.starts.policy is None and self.outlook.starts.under_way is None:
            return np.full(self.world.draws, self.best)
        return self.seen.fired

    def standing(self, followed: Followed, column: int) -> Standing:
        """How it stands before the verdict, from what came of its `judged` start."""
        today = self.expected_stay - float(self.expected_cost[0])
        return Standing(
            outlook=self.outlook,
            possible=bool(self.seen.possible.mean() >= MAJORITY),
            saves=self.best != NEVER,
            remedy=bool(followed.remedy[:, column].mean() >= MAJORITY),
            present_cost=self.expected_stay - float(followed.saving[:, column].mean()),
            present_stay=self.expected_stay,
            one_off=float(followed.one_off[:, column].mean()),
            start_by=self.start_by,
            live=quantile_day(self.seen.cutover[:, 0], MAJORITY),
            in_time=bool((self.seen.cutover[:, 0] <= self.world.threat).mean() >= MAJORITY),
            saves_today=today > SAME * self.expected_stay,
            deadlines=Deadlines(self._deadline(self.seen.label_by), self._deadline(self.seen.hire_by)),
        )

    def _deadline(self, days: Ints) -> int:
        """The latest day that is in time in 80 % of the draws that have such a deadline."""
        dated = days[days < NEVER]
        return latest_kept(dated, SURE) if len(dated) else NEVER
