"""How candidates and plans stand before the verdict in many worlds, all told at once.

`CandidateFacts.of` and `PlanResult` say the same of one world, from its own arrays; tests hold them against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_result import PlanWorld, StartedStep
from switchpoint.decision.policies import Deadlines, PlanSearch, StatedStart, deadline_days, is_live_step
from switchpoint.decision.start_dates import StartDates
from switchpoint.decision.start_search import AsGood, StartBy, as_good, beats_staying
from switchpoint.decision.started_candidate import (
    NOT_TOLD,
    LimitKept,
    RunningCost,
    beside_staying,
    limit_kept_by,
    one_off_usd,
    started_days,
)
from switchpoint.decision.verdict import CandidateFacts
from switchpoint.finance import SAME, BreakEven, break_even_moments
from switchpoint.horizon import NEVER, Days, Floats, Ints, first_day, start_of, weighed_sum
from switchpoint.scenario.candidates import RoutePlan
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.plan_costs import PlanCosts, first_cutover, last_cutover
from switchpoint.simulation.switch_costs import first_spending


@dataclass(frozen=True)
class ManyStandings:
    """How one candidate stands in many worlds.

    Args:
        result: the candidate in all of them.
        count: worlds.
        for_money: at its best start, whatever becomes of the limit, instead of by its start-by day.
    """

    result: CandidateResult
    count: int
    for_money: bool

    def of(self, place: int, outlook: CandidateResult) -> CandidateFacts:
        """How it stands in one of the worlds, in which `outlook` is the candidate."""
        own = {name: values[place] for name, values in self._columns.items()}
        label, hire, commit = own.pop("label"), own.pop("hire"), own.pop("commit")
        start_by = StartBy(own.pop("day"), own.pop("binds"))
        return CandidateFacts(
            outlook=outlook,
            start_by=start_by,
            deadlines=Deadlines(label, hire, commit),
            as_good=self._as_good(place, start_by),
            **own,
        )

    @property
    def _starts(self) -> StartDates:
        return self.result.starts

    def _each(self, value: Any) -> Any:
        """One of each world, shape (worlds,)."""
        return np.broadcast_to(value, (self.count, 1))[:, 0]

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        """All that can be told of all worlds at once, by the names of `CandidateFacts` where it has them."""
        starts, threat = self._starts, self._starts.threat
        live = starts.searched_schedule.cutover[..., :1]
        stay = np.broadcast_to(starts.weighed_stay, (self.count, 1))
        columns = {
            "possible": starts.possible,
            "saves": np.less(starts.best, NEVER),
            "remedy": np.logical_and(starts.possible, self.result.kept_as_advised) if self.result.limited else False,
            "cost": start_of(starts.weighed_costs, self._row),
            "stay": stay,
            "one_off": start_of(starts.one_offs, self._row),
            "day": self._day,
            "live": live,
            "in_time": live <= threat,
            "saves_today": starts.possible & (stay - starts.searched_cost[..., :1] > SAME * starts.present_stay),
            "bridges": np.where(threat < NEVER, first_day(self.result.running.over, threat), NEVER),
            "remaining_lead": self._remaining_lead,
            **self._deadlines,
        }
        told = {name: self._each(value).tolist() for name, value in columns.items()}
        return {**told, "binds": self._binds, "in_time_costs": self._in_time_costs}

    @cached_property
    def _day(self) -> Ints:
        """The start by which it is judged, NEVER for none, shape (worlds, 1)."""
        starts = self._starts
        return np.broadcast_to(starts.best if self.for_money else starts.start_by_day, (self.count, 1))

    @cached_property
    def _row(self) -> Ints:
        """Of that start among those that are travelled, of the start that it is advised with where there is none."""
        judged = np.where(self._day < NEVER, self._day, self._starts.advised_start)
        return np.asarray(self._starts.row(judged))

    @property
    def _binds(self) -> list[str | None]:
        starts = self._starts
        money = self.for_money | starts.is_priced | np.greater(starts.in_time, starts.best)
        told = zip(self._each(money).tolist(), self._each(self._day < NEVER).tolist(), strict=True)
        return [("money" if bound else "limit") if some else None for bound, some in told]

    @property
    def _remaining_lead(self) -> Any:
        starts = self._starts
        if starts.under_way is not None:
            return np.maximum(start_of(starts.path.schedule.cutover, starts.row(starts.today)), 0)
        return starts.prospect.planner.tail.cutover

    @property
    def _deadlines(self) -> dict[str, Any]:
        """When labelling, recruiting and the first training begin; NEVER for none and before day 0."""
        days = deadline_days(self._starts.prospect.planner, self._starts.path.schedule)
        return {name: np.where(self._day < NEVER, start_of(day, self._row), NEVER) for name, day in days.items()}

    @property
    def _in_time_costs(self) -> list[float | None]:
        """Weighed dollars that the start in time costs more than the best one, or than staying where that is null."""
        starts, costs = self._starts, self._starts.weighed_costs
        told = np.less(starts.in_time, NEVER) & (starts.searched_schedule.cutover[..., :1] <= starts.threat)
        early = told & np.less(starts.in_time, starts.best)
        in_time = start_of(costs, starts.row(np.where(early, starts.in_time, starts.advised_start)))
        best = np.where(np.less(starts.best, NEVER), start_of(costs, starts.row(starts.best)), starts.weighed_stay)
        more = np.where(early, in_time - best, 0.0)
        columns = (self._each(value).tolist() for value in (told, more))
        return [usd if some else None for some, usd in zip(*columns, strict=True)]

    def _as_good(self, place: int, start_by: StartBy) -> AsGood | None:
        if start_by.binds != "money" or self._starts.under_way is not None:
            return None
        best, in_time = (int(self._each(day)[place]) for day in (self._starts.best, self._starts.in_time))
        good, saving = self._beating
        return as_good(self._starts.searched_starts, saving[place], good[place], best, in_time)

    @cached_property
    def _beating(self) -> tuple[Any, Floats]:
        """Which searched starts count and beat staying, and what they save, shape (worlds, starts)."""
        starts, stay = self._starts, np.broadcast_to(self._starts.weighed_stay, (self.count, 1))
        shape = (self.count, len(starts.searched_starts))
        good = beats_staying(starts.searched_cost, starts.counts, stay[:, 0])
        return np.broadcast_to(good, shape), np.broadcast_to(stay - starts.searched_cost, shape)


# A plan, its steps started on days of each world's own ---------------------------------------------------------------


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
