"""A plan in many worlds, its steps started on days of each world's own, all told at once.

`PlanResult` says the same of one world; tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.decision.plan_result import PlanWorld, StartedStep
from switchpoint.decision.policies import Deadlines, PlanSearch, StatedStart, deadline_days, is_live_step
from switchpoint.decision.started_candidate import (
    NOT_TOLD,
    LimitKept,
    RunningCost,
    beside_staying,
    limit_kept_by,
    one_off_usd,
    started_days,
)
from switchpoint.finance import BreakEven, break_even_moments
from switchpoint.horizon import NEVER, Days, Floats, Ints, weighed_sum
from switchpoint.scenario.candidates import RoutePlan
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.plan_costs import PlanCosts, first_cutover, last_cutover
from switchpoint.simulation.switch_costs import first_spending


@dataclass(frozen=True)
class ManyPlans:
    """One plan in many worlds.

    Args:
        world: what is around it in all of them.
        count: worlds.
        plan: as the scenario states it.
        prospects: its candidates, in order.
        stated: how each step starts by itself.
        threat: day of the threat, one for all or shape (worlds, 1).
    """

    world: PlanWorld
    count: int
    plan: RoutePlan
    prospects: tuple[SimulatedCandidate, ...]
    stated: tuple[StatedStart | None, ...]
    threat: Days

    def of(self, place: int) -> dict[str, Any]:
        """Every figure of one of the worlds, by the names of `PlanResult`."""
        own = {name: values[place] for name, values in self._columns.items()}
        kept = LimitKept(own.pop("since"), own.pop("until"), own.pop("share"))
        return {
            **own,
            "_best": {step: days[place] for step, days in self._days.items()},
            "steps": tuple(step.of(place) for step in self._steps),
            "break_even": BreakEven(own.pop("break_even")),
            "limit_kept": kept,
        }

    def _each(self, value: Any) -> Any:
        """One of each world, shape (worlds,)."""
        return np.broadcast_to(value, (self.count, 1))[:, 0]

    @cached_property
    def search(self) -> PlanSearch:
        """The search for the days that are best in each world."""
        stay = np.broadcast_to(self._weighed_stay, (self.count, 1))
        return PlanSearch(self.plan, self.prospects, self.stated, self.world.weigh, is_live_step, stay, (self.count,))

    @cached_property
    def _weighed_stay(self) -> Any:
        world = self.world
        return weighed_sum(world.stay, world.discount) + world.above_usd(world.over, np.full((1, 1), NEVER))

    @cached_property
    def _best(self) -> Mapping[int, Ints]:
        return {step: np.broadcast_to(day, (self.count, 1)) for step, day in self.search.find_best().items()}

    @cached_property
    def _days(self) -> dict[int, list[int]]:
        return {step: days[:, 0].tolist() for step, days in self._best.items()}

    @cached_property
    def costs(self) -> PlanCosts:
        """What it comes to in each world."""
        return self.world.costs(self.search.stages(self._best))

    @cached_property
    def running(self) -> RunningCost:
        """What it does for the bill, its first step as if live since day 0."""
        return self.world.running(self.costs)

    @cached_property
    def _steps(self) -> list[ManySteps]:
        parts = zip(self.costs.paths, self.costs.shares.stages, self.costs.stages, strict=True)
        return [
            ManySteps.of_days(
                stage.prospect.name,
                self._each,
                start=started_days(path),
                cutover=stage.schedule.cutover,
                ends=share.ends,
                **deadline_days(stage.prospect.planner, stage.schedule),
            )
            for path, share, stage in parts
        ]

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        """All figures but those of its steps."""
        costs, world, running = self.costs, self.world, self.running
        total, first, days = costs.ledger.total, first_cutover(costs.stages), world.setting.clock.days
        impossible = _least([stage.prospect.carrier.impossible_from for stage in costs.stages])
        limited = world.setting.scenario.limited
        kept = limit_kept_by(running, world.over, self.threat, first) if limited else NOT_TOLD
        spent = [one_off_usd(stage.prospect, path) for stage, path in zip(costs.stages, costs.paths, strict=True)]
        columns = {
            "first_cutover": first,
            "cutover": last_cutover(costs.stages),
            "impossible_from": impossible,
            "break_even": self._moment,
            "npv_saving": weighed_sum(world.stay - total, world.discount),
            "total": total.sum(axis=-1),
            "weighed_cost": world.weighed_usd(costs, running),
            "weighed_stay": self._weighed_stay,
            "one_off": sum(spent, np.zeros(1)),
            "remedy": (impossible >= days) & running.is_remedy(first, self.threat) if limited else None,
            "since": kept.since,
            "until": kept.until,
            "share": kept.share,
        }
        return {name: self._each(value).tolist() for name, value in columns.items()}

    @property
    def _moment(self) -> Floats:
        """The moment of break-even."""
        paths, ledger = self.costs.paths, self.costs.ledger
        start = _least([started_days(path) for path in paths])
        paid = beside_staying(ledger, self.costs.stages[0].prospect, self.world.stay)
        return break_even_moments(*paid, start, _least([first_spending(path) for path in paths]))


@dataclass(frozen=True)
class ManySteps:
    """One step of a plan in many worlds."""

    candidate: str
    days: Mapping[str, list[int]]

    @classmethod
    def of_days(cls, candidate: str, each: Callable[[Any], Any], **days: Ints) -> ManySteps:
        """With days of shape (worlds, 1) by their names."""
        return cls(candidate, {name: each(day).tolist() for name, day in days.items()})

    def of(self, place: int) -> StartedStep:
        """In one of the worlds."""
        own = {name: days[place] for name, days in self.days.items()}
        deadlines = Deadlines(*(own.pop(name) for name in ("label", "hire", "commit")))
        return StartedStep(self.candidate, deadlines=deadlines, **own)


def _least(days: Sequence[Any]) -> Ints:
    return np.asarray(np.minimum.reduce(np.broadcast_arrays(*days)))
