"""Findings: what many draws say of a scenario, and the verdict on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from switchpoint.clock import NEVER, Clock, Floats, Ints
from switchpoint.decision.verdict import Verdict, judge
from switchpoint.result import Result
from switchpoint.scenario.schema import Policy
from switchpoint.study.draws.follow import Followed
from switchpoint.study.draws.levers import NO_LEVERS, Levers
from switchpoint.study.draws.spread import SHARES, Days, Money, probability, quantile_day
from switchpoint.study.draws.survey import Survey
from switchpoint.study.draws.weighed import MAJORITY, Weighed
from switchpoint.study.draws.worlds import Worlds

POLICY, ADVISED = 0, 1
"""Columns of `Finding.followed`: under the scenario's policy, and started as advised."""
WAITS = (1, 3, 6, 12)
"""Months of waiting whose cost is told."""


@dataclass(frozen=True)
class Finding:
    """One candidate over all draws, with what became of its starts."""

    weighed: Weighed
    followed: Followed

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.weighed.name

    def cutover(self, column: int) -> Days:
        """When it is live."""
        return Days.of(self.followed.cutover[:, column])

    def break_even(self, column: int) -> Days:
        """When it has paid for itself."""
        return Days.of(self.followed.break_even[:, column])

    def saving(self, column: int) -> Money:
        """Net present value of what it saves."""
        return Money.of(self.followed.saving[:, column])

    def saves(self, column: int) -> tuple[float, float]:
        """Probability that it saves anything, and its standard error."""
        return probability(self.followed.saving[:, column] > 0)

    @cached_property
    def in_time(self) -> tuple[float, float]:
        """Probability that, started as advised, it is live by the threat (or there is none), and its error."""
        return probability(self.followed.cutover[:, ADVISED] <= self.weighed.world.threat)

    @property
    def crossover(self) -> Days:
        """When it becomes cheaper to run than staying."""
        return Days.of(self.weighed.seen.crossover)

    @property
    def start_by(self) -> Days:
        """The start-by day that one would have named in each draw, had one known it."""
        return Days.of(self.weighed.start_by_each)

    @cached_property
    def late(self) -> Ints:
        """Days by which a start today is live after the threat, of the draws in which it is; 0 in the others."""
        live = np.minimum(self.weighed.seen.cutover[:, 0], self.weighed.days)
        return np.where(self.weighed.world.threat < NEVER, np.maximum(live - self.weighed.world.threat, 0), 0)

    @cached_property
    def late_quantiles(self) -> tuple[int, ...]:
        """The same in the draws at 10, 50 and 90 %."""
        return tuple(quantile_day(self.late, share) for share in SHARES)

    @cached_property
    def regret(self) -> dict[str, float]:
        """Expected dollars by which each policy costs more than hindsight would have, present value.

        Hindsight picks the cheapest searched start of each draw, that of a policy, or none.
        """
        seen, weighed = self.weighed.seen, self.weighed
        place = int(np.searchsorted(weighed.searched, weighed.best))
        costs = {
            "now": seen.cost[:, 0],
            "warn": seen.cost_warned,
            "best": seen.cost_never if weighed.best == NEVER else seen.cost[:, place],
            "never": seen.cost_never,
        }
        if isinstance(self.policy, date):
            costs[self.policy.isoformat()] = weighed.world.present_stay - self.followed.saving[:, POLICY]
        hindsight = np.minimum(seen.cost.min(axis=1), np.min(list(costs.values()), axis=0))
        return {policy: float((cost - hindsight).mean()) for policy, cost in costs.items()}

    @property
    def policy(self) -> Policy:
        """The scenario's policy."""
        return self.weighed.outlook.prospect.setting.scenario.decision.policy

    @cached_property
    def waiting(self) -> dict[int, Money]:
        """What it costs to start so many months after the earliest day instead of on it, present value."""
        cost = self.weighed.seen.cost
        months = [wait for wait in WAITS if wait < cost.shape[1]]
        return {wait: Money.of(cost[:, wait] - cost[:, 0]) for wait in months}

    @property
    def saving_by_start(self) -> tuple[Floats, Floats]:
        """Expected saving of each searched start and its standard error, dollars of present value."""
        saving = self.weighed.world.present_stay[:, None] - self.weighed.seen.cost
        count = max(len(saving), 2)
        return saving.mean(axis=0), saving.std(axis=0, ddof=1 if len(saving) > 1 else 0) / np.sqrt(count)


@dataclass(frozen=True)
class Findings:
    """A scenario over many draws."""

    base: Result
    worlds: Worlds
    survey: Survey
    weighed: tuple[Weighed, ...]
    followed: Mapping[str, Followed]
    levers: Levers = NO_LEVERS

    @property
    def draws(self) -> int:
        """How many were made."""
        return self.survey.draws

    @property
    def clock(self) -> Clock:
        """The horizon."""
        return self.base.case.clock

    @cached_property
    def candidates(self) -> dict[str, Finding]:
        """The candidates by name."""
        return {w.name: Finding(w, self.followed[w.name]) for w in self.weighed}

    @cached_property
    def threat(self) -> Days:
        """When the bill reaches its limit."""
        return Days.of(self.survey.threat)

    @cached_property
    def warning(self) -> Days:
        """When the monitor warns."""
        return Days.of(self.survey.warning)

    @cached_property
    def median_threat(self) -> int:
        """The threat date by which the verdict goes: NEVER where most draws have none."""
        return quantile_day(self.survey.threat, MAJORITY)

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict of the base case's rule on what holds in most draws, expected costs, and starts that are in time
        in 80 % of the draws."""
        standings = [f.weighed.standing(f.followed, ADVISED) for f in self.candidates.values()]
        return judge(self.base.case.scenario, self.median_threat, standings)
