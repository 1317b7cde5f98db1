"""The survey of draws: all that is told of them before anyone decides when to start.

Kept small, some kilobytes for each draw, so that a hundred thousand draws fit into memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import NEVER, Bools, Days, Floats, Ints, first_day
from switchpoint.decision.policies import prepared_from, warn_start
from switchpoint.decision.running import Running
from switchpoint.decision.starts import latest_in_time, searched_starts
from switchpoint.engine import Batch
from switchpoint.timeline.present import present_costs
from switchpoint.timeline.prospect import Prospect, starts_at

TOO_LATE = -1
"""Stands for the latest start in time where even the earliest one is not."""
ENDLESS = np.iinfo(np.int16).max
"""Stands for the length of a project that is never live."""


@dataclass(frozen=True)
class CandidateSurvey:
    """One candidate in each draw. Days are day numbers, NEVER for none; costs are discounted dollars."""

    cost: Floats
    """Of the switch path for each searched start, shape (draws, starts)."""
    above: Floats
    """What the days above the limit cost beside that, shape (draws, starts); (draws, 1) where they have no price."""
    cutover: Ints
    """For each searched start, shape (draws, starts)."""
    lead: Ints
    """Days from each Monday to cutover, started on it, shape (draws, mondays); ENDLESS where it is never live."""
    remaining: Ints
    """Days from the first training to cutover; of a project under way from day 0."""
    prepared: Ints
    """First day on which data, people and skills are there, prepared early."""
    in_time: Ints
    """Latest start whose cutover comes no later than the threat; TOO_LATE, or NEVER without threat."""
    crossover: Ints
    """First day on which its running cost is no more than staying."""
    over: Ints
    """First day from the threat on, as if live, on which it is over the limit."""
    possible: Bools


@dataclass(frozen=True)
class Survey:
    """All draws; arrays of shape (draws,) but for `bill` and `pressure`, (draws, calendar months), and `months`."""

    threat: Ints
    warning: Ints
    present_stay: Floats
    """Discounted dollars of staying."""
    above_stay: Floats
    """What the days above the limit cost beside that, discounted dollars."""
    bill: Floats
    """Monthly bill of staying on the last day of each calendar month, dollars."""
    pressure: Floats
    months: Floats
    """Months to the limit as the monitor says on each Monday, shape (draws, mondays)."""
    candidates: Mapping[str, CandidateSurvey]

    @property
    def draws(self) -> int:
        """How many."""
        return len(self.threat)

    @property
    def weighed_stay(self) -> Floats:
        """Discounted dollars of staying, days above the limit with their price."""
        return self.present_stay + self.above_stay


def survey(batch: Batch) -> Survey:
    """What is kept of many worlds."""
    clock, forecast = batch.clock, batch.forecast
    last = clock.month_starts + clock.month_days - 1

    def by_month(daily: Floats) -> Floats:
        return np.broadcast_to(daily[..., last], (batch.count, 1, last.size))[:, 0].astype(np.float32)

    months = np.broadcast_to(forecast.months, (batch.count, 1, forecast.mondays.size))[:, 0]
    return Survey(
        threat=_days(batch, batch.threat),
        warning=_days(batch, warn_start(forecast, batch.scenario.decision.warn_months[1], clock)),
        present_stay=batch.each(batch.present_stay).copy(),
        above_stay=batch.each(batch.above_limit(batch.over).of_staying).copy(),
        bill=by_month(batch.bill),
        pressure=by_month(batch.pressure),
        months=months.astype(np.float32),
        candidates={prospect.name: _candidate(prospect, batch) for prospect in batch.prospects},
    )


def _days(batch: Batch, days: Days) -> Ints:
    """A day in each world."""
    return np.array(batch.each(days), dtype=np.int32)


def _candidate(prospect: Prospect, batch: Batch) -> CandidateSurvey:
    clock, planner = batch.clock, prospect.planner
    running, searched = Running.of(prospect, batch.limits), searched_starts(prospect)
    schedule = planner.schedule(searched[None])
    begins = np.array([[prepared_from(batch.scenario.decision, clock)]])
    cutover = batch.starts(schedule.cutover)
    return CandidateSurvey(
        cost=batch.starts(present_costs(prospect, schedule, batch.discount)).copy(),
        above=_above(batch, running, cutover),
        cutover=cutover.astype(np.int32),
        lead=_leads(prospect, batch),
        remaining=_remaining(prospect, batch, cutover[:, 0]),
        prepared=_days(batch, planner.staged(begins, np.full_like(begins, NEVER)).prepared),
        in_time=_in_time(prospect, batch, cutover[:, 0]),
        crossover=_days(batch, running.crossover),
        over=np.where(batch.each(batch.threat) < NEVER, _over_from_threat(batch, running), NEVER).astype(np.int32),
        possible=batch.each(np.greater_equal(prospect.carrier.impossible_from, clock.days)).copy(),
    )


def _above(batch: Batch, running: Running, cutover: Ints) -> Floats:
    """What days above the limit cost with these cutovers, shape (worlds, starts); one column of 0 without a price."""
    if not batch.scenario.usd_per_month_above:
        return np.zeros((batch.count, 1))
    return np.array(batch.starts(batch.above_limit(running.over).of_switch(cutover)))


def _over_from_threat(batch: Batch, running: Running) -> Ints:
    over = np.broadcast_to(running.over, (batch.count, 1, batch.clock.days))
    threat = np.broadcast_to(np.minimum(batch.threat, batch.clock.days), (batch.count, 1))
    return np.asarray(first_day(over, threat)[:, 0])


def _leads(prospect: Prospect, batch: Batch) -> Ints:
    """How long the project takes from each Monday."""
    mondays = batch.forecast.mondays[None]
    cutover = batch.starts(prospect.planner.schedule(mondays).cutover)
    return np.where(cutover < NEVER, np.minimum(cutover - mondays, ENDLESS), ENDLESS).astype(np.int16)


def _remaining(prospect: Prospect, batch: Batch, live: Ints) -> Ints:
    """What is left of the project once it is committed, where `live` is the cutover of the earliest start."""
    if starts_at(prospect.spec, batch.clock) is not None:
        return np.maximum(live, 0).astype(np.int32)
    return _days(batch, prospect.planner.tail.cutover)


def _in_time(prospect: Prospect, batch: Batch, live: Ints) -> Ints:
    """Latest start in time in each world, where `live` is the cutover of the earliest one."""
    threat, under_way = batch.each(batch.threat), starts_at(prospect.spec, batch.clock)
    latest = latest_in_time(prospect, batch.threat) if under_way is None else under_way
    found = np.where(threat == NEVER, NEVER, np.where(live > threat, TOO_LATE, batch.each(latest)))
    return found.astype(np.int32)
