"""When the steps of a plan start: by policy, on a date, after the step before, or on the best days together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from switchpoint.decision.policies import Staged, Start, policy_start, within
from switchpoint.decision.start_dates import best_start, searched_starts
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Bools, Floats, Ints
from switchpoint.scenario.plans import AFTER, RoutePlan
from switchpoint.scenario.schema import Decision
from switchpoint.simulation.candidate import SimulatedCandidate, starts_at
from switchpoint.simulation.plan_shares import PlanStage
from switchpoint.simulation.schedule import Schedule
from switchpoint.warning.plain import Forecast

ROUNDS = 2
"""How often each best start is sought again while the others stay where they are."""
EQUAL_USD = 1.0
"""Starts of a step whose plans cost no more than that apart are equal; the latest of them is taken."""

StepStarts: TypeAlias = tuple[int | Staged, ...]
"""How each step of a plan starts: on a day, NEVER or STAY for none, or in stages."""
Weigh: TypeAlias = Callable[[Sequence[PlanStage]], Floats]
"""Weighed dollars of a plan for each start of its stages."""


def stated_start(
    step_start: object, decision: Decision, forecast: Callable[[], Forecast], prospect: SimulatedCandidate
) -> Start:
    """How a step starts that does not hang on others: None where the best day is sought, or the step before decides."""
    under_way = starts_at(prospect.spec, prospect.setting.clock)
    if under_way is not None:
        return under_way
    if step_start == AFTER:
        return None
    return policy_start(decision.model_copy(update={"policy": step_start}), forecast, prospect)


@dataclass(frozen=True)
class PlanSearch:
    """The steps of a plan in one world, and the search for those starts that are to be the best.

    Args:
        plan: as the scenario states it.
        prospects: its candidates, in order.
        decision: what the scenario says of deciding.
        forecast: what the monitor says; asked only by steps that watch it.
        weigh: weighed dollars of the plan for each start of its stages, days above the limit with their price.
        weighed_stay: the same of staying.
    """

    plan: RoutePlan
    prospects: tuple[SimulatedCandidate, ...]
    decision: Decision
    forecast: Callable[[], Forecast]
    weigh: Weigh
    weighed_stay: float

    @cached_property
    def stated(self) -> tuple[Start, ...]:
        """How each step starts by itself; None for the best day, and after the step before."""
        steps = zip(self.plan.steps, self.prospects, strict=True)
        return tuple(stated_start(step.start, self.decision, self.forecast, prospect) for step, prospect in steps)

    @property
    def sought(self) -> list[int]:
        """Places of the steps whose best day is sought."""
        return [k for k, step in enumerate(self.plan.steps) if self.stated[k] is None and step.start != AFTER]

    def stages(self, best: Mapping[int, Ints]) -> list[PlanStage]:
        """The steps with their days.

        Args:
            best: days of some steps by their places, of the sought ones above all; all of one shape, (starts,).
        """
        shape = next(iter(best.values())).shape if best else (1,)
        return staged_steps(self.prospects, self.stated, best, shape)

    def found(self) -> dict[int, int]:
        """The best days of the sought steps by their places, NEVER where none beats staying."""
        if not self.sought:
            return {}
        if len(self.sought) == 1:
            return {self.sought[0]: self._only(self.sought[0])}
        days = dict.fromkeys(self.sought, 0)
        for _ in range(ROUNDS):
            for place in self.sought:
                days[place] = self._best_of(place, days)
        cost = self.weigh(self.stages({place: np.array([day]) for place, day in days.items()}))
        saves = float(self.weighed_stay - cost[0]) > SAME * self.weighed_stay
        return days if saves else dict.fromkeys(self.sought, NEVER)

    def _tried(self, place: int, days: Mapping[int, int]) -> tuple[Ints, Floats, Bools]:
        """The starts of a step among which the best is sought, what the plan costs with each, and whether the step is
        then live within the horizon."""
        grid, prospect = searched_starts(self.prospects[place]), self.prospects[place]
        tried = {k: grid if k == place else np.full(grid.shape, day) for k, day in {**days, place: 0}.items()}
        stages = self.stages(tried)
        possible = prospect.carrier.impossible_from >= prospect.setting.clock.days
        live = (stages[place].schedule.cutover < prospect.setting.clock.days) & possible
        return grid, self.weigh(stages), live

    def _only(self, place: int) -> int:
        return self.best_of(place, {})

    def best_of(self, place: int, days: Mapping[int, int]) -> int:
        """The start of one step with which the plan costs least and beats staying, the latest of equals; else NEVER.

        Args:
            place: of the step; one that is under way keeps its start.
            days: of the sought steps, by their places.
        """
        return int(best_start(*self._tried(place, days), np.array(self.weighed_stay)))

    def _best_of(self, place: int, days: Mapping[int, int]) -> int:
        return best_step_start(*self._tried(place, days))


def best_step_start(grid: Ints, cost: Floats, live: Bools) -> int:
    """The start with which a plan costs least, of equals the latest; NEVER where none is live.

    >>> best_step_start(np.array([0, 31, 59]), np.array([9.0, 7.0, 7.5]), np.array([True, True, True]))
    59
    """
    if not live.any():
        return NEVER
    least = cost[live].min()
    return int(grid[live & (cost <= least + EQUAL_USD)].max())


def staged_steps(
    prospects: Sequence[SimulatedCandidate],
    stated: Sequence[Start],
    best: Mapping[int, Ints],
    shape: tuple[int, ...],
) -> list[PlanStage]:
    """The steps of a plan with their days.

    Args:
        prospects: its candidates, in order.
        stated: how each starts by itself; None for the best day, and after the step before.
        best: days of some steps by their places, each of that shape; they win over what is stated.
        shape: of the days of a start, (starts,).
    """
    found: list[PlanStage] = []
    for place, (prospect, start) in enumerate(zip(prospects, stated, strict=True)):
        if place in best:
            schedule = prospect.planner.schedule(best[place])
        elif isinstance(start, Staged):
            schedule = _staged(prospect, start, shape)
        elif start is not None:
            schedule = prospect.planner.schedule(np.full(shape, start))
        else:
            schedule = prospect.planner.schedule(day_after(found[-1]))
        found.append(PlanStage(prospect, schedule))
    return found


def _staged(prospect: SimulatedCandidate, start: Staged, shape: tuple[int, ...]) -> Schedule:
    return prospect.planner.staged_schedule(np.full(shape, start.prepare_from), np.full(shape, start.commit))


def day_after(before: PlanStage) -> Ints:
    """The day after a step has cut over, NEVER where that is not within the horizon; shape (…, starts)."""
    cutover, clock = before.schedule.cutover, before.prospect.setting.clock
    return np.asarray(within(np.where(cutover < NEVER, np.maximum(cutover + 1, 0), NEVER), clock))
