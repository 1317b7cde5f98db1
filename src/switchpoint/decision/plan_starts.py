"""When the steps of a plan start: by policy, on a date, after the step before, or on the best days together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from switchpoint.decision.policies import Staged, policy_start, within
from switchpoint.decision.start_dates import EQUAL_USD, best_start, searched_starts
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


@dataclass(frozen=True)
class StatedStart:
    """How a step starts by itself."""

    day: Ints
    """Shape (1,), or (worlds, 1); of a step prepared first, the day of its commitment."""
    prepare_from: int | None = None
    """First day of preparing, of a step that is prepared first and committed later."""

    def schedule(self, prospect: SimulatedCandidate, shape: tuple[int, ...]) -> Schedule:
        """The project's days, the same for each start of that shape, (…, starts)."""
        days = np.broadcast_to(self.day, shape)
        if self.prepare_from is None:
            return prospect.planner.schedule(days)
        return prospect.planner.staged_schedule(np.full(shape, self.prepare_from), days)


Weigh: TypeAlias = Callable[[Sequence[PlanStage]], Floats]
"""Weighed dollars of a plan for each start of its stages, shape (starts,); of many worlds what is expected."""
IsLive: TypeAlias = Callable[[PlanStage], Bools]
"""Whether a step is possible and live within the horizon, for each start, shape (starts,)."""


def stated_starts(
    plan: RoutePlan,
    prospects: Sequence[SimulatedCandidate],
    decision: Decision,
    forecast: Callable[[], Forecast],
) -> tuple[StatedStart | None, ...]:
    """How the steps of a plan start in one world; None where the best day is sought, or the step before decides.

    Args:
        plan: as the scenario states it.
        prospects: its candidates, in order.
        decision: what the scenario says of deciding.
        forecast: what the monitor says; asked only by steps that watch it.
    """
    found: list[StatedStart | None] = []
    for step, prospect in zip(plan.steps, prospects, strict=True):
        under_way = starts_at(prospect.spec, prospect.setting.clock)
        if under_way is not None:
            found.append(StatedStart(np.array([under_way])))
            continue
        changed = decision.model_copy(update={"policy": step.start})
        start = None if step.start == AFTER else policy_start(changed, forecast, prospect)
        if isinstance(start, Staged):
            found.append(StatedStart(np.array([start.commit]), start.prepare_from))
        else:
            found.append(None if start is None else StatedStart(np.array([start])))
    return tuple(found)


@dataclass(frozen=True)
class PlanSearch:
    """The steps of a plan in one world or in many, and the search for those starts that are to be the best.

    Args:
        plan: as the scenario states it.
        prospects: its candidates, in order.
        stated: how each step starts by itself.
        weigh: what the plan costs, days above the limit with their price.
        is_live: whether a step counts.
        weighed_stay: what staying costs.
        worlds: how many there are, in front of the starts; none where it is one alone.
    """

    plan: RoutePlan
    prospects: tuple[SimulatedCandidate, ...]
    stated: tuple[StatedStart | None, ...]
    weigh: Weigh
    is_live: IsLive
    weighed_stay: float
    worlds: tuple[int, ...] = ()

    @property
    def sought(self) -> list[int]:
        """Places of the steps whose best day is sought."""
        return [k for k, step in enumerate(self.plan.steps) if self.stated[k] is None and step.start != AFTER]

    def stages(self, best: Mapping[int, Ints]) -> list[PlanStage]:
        """The steps with their days.

        Args:
            best: days of some steps by their places, of the sought ones above all, each of shape (starts,); they win
                over what is stated.
        """
        starts = next(iter(best.values())).shape if best else (1,)
        shape, found = (*self.worlds, *starts), list[PlanStage]()
        for place, (prospect, stated) in enumerate(zip(self.prospects, self.stated, strict=True)):
            if place in best:
                schedule = prospect.planner.schedule(np.broadcast_to(best[place], shape))
            elif stated is not None:
                schedule = stated.schedule(prospect, shape)
            else:
                schedule = prospect.planner.schedule(day_after(found[-1]))
            found.append(PlanStage(prospect, schedule))
        return found

    def find_best(self) -> dict[int, int]:
        """The best days of the sought steps by their places, NEVER where none beats staying."""
        if len(self.sought) == 1:
            return {self.sought[0]: self.best_of(self.sought[0], {})}
        days = dict.fromkeys(self.sought, 0)
        for _ in range(ROUNDS if days else 0):
            for place in self.sought:
                days[place] = best_step_start(*self._try_starts(place, days))
        if not days or self._saves(days):
            return days
        return dict.fromkeys(self.sought, NEVER)

    def _saves(self, days: Mapping[int, int]) -> bool:
        cost = self.weigh(self.stages({place: np.array([day]) for place, day in days.items()}))
        return bool(self.weighed_stay - cost[0] > SAME * self.weighed_stay)

    def _try_starts(self, place: int, days: Mapping[int, int]) -> tuple[Ints, Floats, Bools]:
        """The starts of a step among which the best is sought, what the plan costs with each, and whether it counts.

        What does not count costs without end, so that only the others are weighed.
        """
        grid = searched_starts(self.prospects[place])
        tried = {k: np.full(grid.shape, day) for k, day in days.items()} | {place: grid}
        stages, cost = self.stages(tried), np.full(grid.shape, np.inf)
        live = self.is_live(stages[place])
        if live.any():
            cost[live] = self.weigh([stage.part(live) for stage in stages])
        return grid, cost, live

    def best_of(self, place: int, days: Mapping[int, int]) -> int:
        """The start of one step with which the plan costs least and beats staying, the latest of equals; else NEVER.

        Args:
            place: of the step; one that is under way keeps its start.
            days: of the sought steps, by their places.
        """
        return int(best_start(*self._try_starts(place, days), np.array(self.weighed_stay)))


def best_step_start(grid: Ints, cost: Floats, live: Bools) -> int:
    """The start with which a plan costs least, of equals within a dollar the latest; NEVER where none is live.

    >>> best_step_start(np.array([0, 31, 59]), np.array([9.0, 7.0, 7.5]), np.array([True, True, True]))
    59
    """
    if not live.any():
        return NEVER
    return int(grid[live & (cost <= cost[live].min() + EQUAL_USD)].max())


def is_live_step(stage: PlanStage) -> Bools:
    """Whether a step of one world is possible and live within the horizon, shape (starts,)."""
    possible = stage.prospect.carrier.impossible_from >= stage.days
    return np.asarray((stage.schedule.cutover < stage.days) & possible)


def day_after(before: PlanStage) -> Ints:
    """The day after a step has cut over, NEVER where that is not within the horizon; shape (…, starts)."""
    cutover, clock = before.schedule.cutover, before.prospect.setting.clock
    return np.asarray(within(np.where(cutover < NEVER, np.maximum(cutover + 1, 0), NEVER), clock))
