"""The survey of draws: all that is told of them before anyone decides when to start.

Kept small, a few hundred bytes for each draw and candidate, so that a hundred thousand draws fit into memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import NEVER, Bools, Floats, Ints
from switchpoint.decision.policies import within
from switchpoint.decision.running import Running
from switchpoint.decision.standing import deadlines
from switchpoint.decision.starts import latest_in_time, searched_starts
from switchpoint.engine import Batch
from switchpoint.timeline.path import running_cost
from switchpoint.timeline.present import present_costs
from switchpoint.timeline.prospect import Prospect, starts_at

TOO_LATE = -1
"""Stands for the latest start in time where even the earliest one is not."""


@dataclass(frozen=True)
class CandidateSurvey:
    """One candidate in each draw. Days are day numbers, NEVER for none; costs are discounted dollars."""

    cost: Floats
    """Of the switch path for each searched start, shape (draws, starts)."""
    cutover: Ints
    """For each searched start, shape (draws, starts)."""
    fired: Ints
    """Start under the scenario's policy; NEVER under "best", which is known only when all draws are."""
    cost_never: Floats
    """When it is never started: what labelling and recruiting from day one cost all the same."""
    cost_warned: Floats
    """When it is started as the warning fires."""
    in_time: Ints
    """Latest start whose cutover comes no later than the threat; TOO_LATE, or NEVER without threat."""
    crossover: Ints
    """First day on which its running cost is no more than staying."""
    label_by: Ints
    hire_by: Ints
    possible: Bools


@dataclass(frozen=True)
class Survey:
    """All draws; arrays of shape (draws,) but for `bill` and `pressure`, (draws, calendar months)."""

    threat: Ints
    warning: Ints
    present_stay: Floats
    """Discounted dollars of staying."""
    bill: Floats
    """Monthly bill of staying on the last day of each calendar month, dollars."""
    pressure: Floats
    candidates: Mapping[str, CandidateSurvey]

    @property
    def draws(self) -> int:
        """How many."""
        return len(self.threat)


def survey(batch: Batch) -> Survey:
    """What is kept of many worlds."""
    clock = batch.clock
    last = clock.month_starts + clock.month_days - 1

    def by_month(daily: Floats) -> Floats:
        return np.broadcast_to(daily[..., last], (batch.count, 1, last.size))[:, 0].astype(np.float32)

    return Survey(
        threat=batch.each(batch.threat).copy(),
        warning=batch.each(within(batch.warning, clock)).copy(),
        present_stay=batch.each(batch.present_stay).copy(),
        bill=by_month(batch.bill),
        pressure=by_month(batch.pressure),
        candidates={prospect.name: _candidate(prospect, batch) for prospect in batch.prospects},
    )


def _candidate(prospect: Prospect, batch: Batch) -> CandidateSurvey:
    clock, planner = batch.clock, prospect.planner
    under_way = starts_at(prospect.spec, clock)
    searched = searched_starts(prospect)
    warned = batch.each(within(batch.warning, clock) if under_way is None else under_way)
    fixed = np.broadcast_to([*searched, NEVER], (batch.count, searched.size + 1))
    schedule = planner.schedule(np.concatenate((fixed, warned[:, None]), axis=1))
    cost = batch.starts(present_costs(prospect, schedule, batch.discount))
    cutover = batch.starts(schedule.cutover)
    last_days = deadlines(prospect, batch.threat, under_way is not None)
    return CandidateSurvey(
        cost=cost[:, :-2].copy(),
        cutover=cutover[:, :-2].astype(np.int32),
        fired=_fired(batch, under_way).copy(),
        cost_never=cost[:, -2].copy(),
        cost_warned=cost[:, -1].copy(),
        in_time=_in_time(prospect, batch, cutover[:, 0]),
        crossover=batch.each(Running(running_cost(prospect), batch.setting.billed, batch.limits).crossover).copy(),
        label_by=batch.each(last_days.label).copy(),
        hire_by=batch.each(last_days.hire).copy(),
        possible=batch.each(np.greater_equal(prospect.carrier.impossible_from, clock.days)).copy(),
    )


def _fired(batch: Batch, under_way: int | None) -> Ints:
    """Start under the scenario's policy in each world."""
    start = batch.policy_start(batch.scenario.decision.policy) if under_way is None else under_way
    return np.asarray(batch.each(NEVER if start is None else start))


def _in_time(prospect: Prospect, batch: Batch, live: Ints) -> Ints:
    """Latest start in time in each world, where `live` is the cutover of the earliest one."""
    threat, under_way = batch.each(batch.threat), starts_at(prospect.spec, batch.clock)
    latest = latest_in_time(prospect, batch.threat) if under_way is None else under_way
    return np.where(threat == NEVER, NEVER, np.where(live > threat, TOO_LATE, batch.each(latest)))
