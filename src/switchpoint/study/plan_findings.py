"""What many draws say of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.plan_verdict import PlanFacts
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Ints
from switchpoint.scenario.plans import AFTER, RoutePlan
from switchpoint.study.draw_survey import DrawTable
from switchpoint.study.draws import Days, Money, probability, quantile_day
from switchpoint.study.plan_draws import MAJORITY, AskedPlan, PlanDraws
from switchpoint.study.weighed_candidate import WeighedCandidate


def asked_plan(plan: RoutePlan, weighed: Mapping[str, WeighedCandidate], best: Mapping[int, int]) -> AskedPlan:
    """How a plan starts in each draw.

    Args:
        plan: as the scenario states it.
        weighed: its candidates over all draws, by name.
        best: days of the steps whose best day is sought, by their places.
    """
    starts, staged = [], []
    for place, step in enumerate(plan.steps):
        found = weighed[step.candidate]
        known = best.get(place, 0 if step.start in (AFTER, "best") else None)
        free = found.under_way is None
        starts.append(found.start_under(step.start) if known is None or not free else found.everywhere(known))
        staged.append(step.start == "staged" and free and found.outlook.limited)
    return AskedPlan(plan, np.stack(starts, axis=1), tuple(staged))


@dataclass(frozen=True)
class PlanFindings:
    """A plan over all draws.

    Args:
        result: the plan in the base case, its steps on the days that are best over the draws.
        came: what became of it in each draw.
        world: what was surveyed around it.
    """

    result: PlanResult
    came: PlanDraws
    world: DrawTable

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.result.name

    @cached_property
    def saving(self) -> Money:
        """Net present value of what it saves."""
        return Money.of(self.came.saving)

    @cached_property
    def saves(self) -> tuple[float, float]:
        """Probability that it saves anything, and its standard error."""
        return probability(self.came.saving > 0)

    @cached_property
    def cutover(self) -> Days:
        """When its last step is live."""
        return Days.of(self.came.cutover)

    @cached_property
    def break_even(self) -> Days:
        """When it has paid for itself."""
        return Days.of(self.came.break_even)

    @cached_property
    def in_time(self) -> float | None:
        """Share of draws in which its first step is live by the threat, or there is none; None without any threat."""
        threat = self.world.threat
        return float((self.came.live <= threat).mean()) if (threat < NEVER).any() else None

    def step_days(self, days: Ints) -> list[Days]:
        """A day of each step, shape (draws, steps)."""
        return [Days.of(days[:, place]) for place in range(days.shape[1])]

    @property
    def facts(self) -> PlanFacts:
        """How it stands before the verdict, by what holds in most draws and what is expected."""
        came, world = self.came, self.world
        stay = float(world.weighed_stay.mean())
        cost = float(world.present_stay.mean() - came.saving.mean() + came.above.mean())
        possible = bool(came.possible.mean() >= MAJORITY)
        return PlanFacts(
            plan=self.result,
            started=bool((came.step_start < NEVER).mean(axis=0).min() >= MAJORITY),
            saves=possible and stay - cost > SAME * stay,
            remedy=bool(came.remedy.mean() >= MAJORITY),
            in_time=bool((came.live <= world.threat).mean() >= MAJORITY),
            live=quantile_day(came.live, MAJORITY),
            threatened=quantile_day(world.threat, MAJORITY) < NEVER,
            cost=cost,
            stay=stay,
            start=quantile_day(came.start, MAJORITY),
        )
