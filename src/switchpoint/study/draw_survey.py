"""What is kept of each draw: all that is told of it before anyone decides, and what becomes of a start.

Kept small, some kilobytes for each draw, so that a hundred thousand draws fit into memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from switchpoint.decision.policies import prepared_from, warn_start, within
from switchpoint.decision.start_search import latest_in_time, searched_starts
from switchpoint.decision.started_candidate import RunningCost, Strain, beside_staying, one_off_usd, started_days
from switchpoint.decision.world_batch import WorldBatch
from switchpoint.finance import SAME, break_even_moments
from switchpoint.horizon import NEVER, Bools, Days, Floats, Ints, first_day
from switchpoint.simulation.candidate import SimulatedCandidate, starts_at
from switchpoint.simulation.present_cost import PresentCosts, present_cost_of_starts
from switchpoint.simulation.schedule import Schedule
from switchpoint.simulation.switch_costs import SwitchCosts, first_spending, switch_costs, travel_along

TOO_LATE = -1
"""Stands for the latest start in time where even the earliest one is not."""
ENDLESS = np.iinfo(np.int16).max
"""Stands for the length of a project that is never live."""
LARGEST_KEPT = float(np.finfo(np.float32).max)
"""What is larger is kept as this, in the half of a number's digits that charts and tables read."""


@dataclass(frozen=True)
class CandidateDraws:
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
class DrawTable:
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
    outgrown: Ints
    """First day on which the current route cannot carry its load."""
    months: Floats
    """Months to the limit as the monitor says on each Monday, shape (draws, mondays)."""
    candidates: Mapping[str, CandidateDraws]

    @property
    def draws(self) -> int:
        """How many."""
        return len(self.threat)

    @property
    def weighed_stay(self) -> Floats:
        """Discounted dollars of staying, days above the limit with their price."""
        return self.present_stay + self.above_stay


def survey(batch: WorldBatch) -> DrawTable:
    """What is kept of many worlds."""
    clock, forecast = batch.clock, batch.forecast
    last = clock.month_starts + clock.month_days - 1

    def by_month(daily: Floats) -> Floats:
        each = np.clip(daily[..., last], -LARGEST_KEPT, LARGEST_KEPT)
        return np.broadcast_to(each, (batch.count, 1, last.size))[:, 0].astype(np.float32)

    months = np.broadcast_to(forecast.months, (batch.count, 1, forecast.mondays.size))[:, 0]
    found = DrawTable(
        threat=_days(batch, batch.threat),
        warning=_days(batch, warn_start(forecast, batch.scenario.decision.warn_months[1], clock)),
        present_stay=batch.each(batch.present_stay).copy(),
        above_stay=batch.each(batch.above_limit(batch.over).of_staying).copy(),
        bill=by_month(batch.bill),
        pressure=by_month(batch.pressure),
        outgrown=_days(batch, batch.outgrown),
        months=months.astype(np.float32),
        candidates={prospect.name: _candidate(prospect, batch) for prospect in batch.prospects},
    )
    batch.let_go("forecast", "bill", "billed_mean", "pressure")  # nobody asks for them once they are surveyed
    return found


def _days(batch: WorldBatch, days: Days) -> Ints:
    """A day in each world."""
    return np.array(batch.each(days), dtype=np.int32)


def _candidate(prospect: SimulatedCandidate, batch: WorldBatch) -> CandidateDraws:
    clock, planner = batch.clock, prospect.planner
    running, searched = RunningCost.of(prospect, batch.limits, batch.billed_mean), searched_starts(prospect)
    batch.hold_strain(prospect, running.strain)
    schedule = planner.schedule(searched[None])
    begins = np.array([[prepared_from(batch.scenario.decision, clock)]])
    cutover = batch.starts(schedule.cutover)
    return CandidateDraws(
        cost=batch.starts(present_cost_of_starts(prospect, schedule, batch.discount)).copy(),
        above=_above(batch, running, cutover),
        cutover=cutover.astype(np.int32),
        lead=_leads(prospect, batch),
        remaining=_remaining(prospect, batch, cutover[:, 0]),
        prepared=_days(batch, planner.staged_schedule(begins, np.full_like(begins, NEVER)).prepared),
        in_time=_in_time(prospect, batch, schedule),
        crossover=_days(batch, running.crossover),
        over=np.where(batch.each(batch.threat) < NEVER, _over_from_threat(batch, running), NEVER).astype(np.int32),
        possible=batch.each(np.greater_equal(prospect.carrier.impossible_from, clock.days)).copy(),
    )


def _above(batch: WorldBatch, running: RunningCost, cutover: Ints) -> Floats:
    """What days above the limit cost with these cutovers, shape (worlds, starts); one column of 0 without a price."""
    if not batch.scenario.usd_per_month_above:
        return np.zeros((batch.count, 1))
    return np.array(batch.starts(batch.above_limit(running.over).of_switch(cutover)))


def _over_from_threat(batch: WorldBatch, running: RunningCost) -> Ints:
    over = np.broadcast_to(running.over, (batch.count, 1, batch.clock.days))
    threat = np.broadcast_to(np.minimum(batch.threat, batch.clock.days), (batch.count, 1))
    return np.asarray(first_day(over, threat)[:, 0])


def _leads(prospect: SimulatedCandidate, batch: WorldBatch) -> Ints:
    """How long the project takes from each Monday."""
    mondays = batch.forecast.mondays[None]
    cutover = batch.starts(prospect.planner.schedule(mondays).cutover)
    return np.where(cutover < NEVER, np.minimum(cutover - mondays, ENDLESS), ENDLESS).astype(np.int16)


def _remaining(prospect: SimulatedCandidate, batch: WorldBatch, live: Ints) -> Ints:
    """What is left of the project once it is committed, where `live` is the cutover of the earliest start."""
    if starts_at(prospect.spec, batch.clock) is not None:
        return np.maximum(live, 0).astype(np.int32)
    return _days(batch, prospect.planner.tail.cutover)


def _in_time(prospect: SimulatedCandidate, batch: WorldBatch, searched: Schedule) -> Ints:
    """Latest start in time in each world, from the searched starts."""
    threat, live = batch.each(batch.threat), batch.starts(searched.cutover)[:, 0]
    under_way = starts_at(prospect.spec, batch.clock)
    latest = latest_in_time(prospect, batch.threat, searched) if under_way is None else under_way
    found = np.where(threat == NEVER, NEVER, np.where(live > threat, TOO_LATE, batch.each(latest)))
    return found.astype(np.int32)


POLICY, ADVISED = 0, 1
"""Columns of `StartsOverDraws`: under the scenario's policy, and started as advised."""
WARN, LEAD, IN_TIME, UNSTARTED, STAGED = range(5)
"""Columns of what is waited for: the warning, one as early as the project is long, the latest start in time, nothing,
and the commitment of what was prepared early."""


@dataclass(frozen=True)
class AskedStarts:
    """Starts of one candidate that are to be followed; arrays with one row for each draw."""

    starts: Ints
    """Under the policy and as advised, shape (draws, 2); under `staged` the first is the day of commitment."""
    waited: Ints
    """Shape (draws, 5): days of start, the last one that of commitment."""

    def rows(self, rows: slice) -> AskedStarts:
        """Those of some of the draws."""
        return AskedStarts(self.starts[rows], self.waited[rows])


@dataclass(frozen=True)
class StartsOverDraws:
    """One candidate in each draw for each of some starts; arrays of shape (draws, starts)."""

    start: Ints
    cutover: Ints
    break_even: Ints
    saving: Floats
    """Net present value, dollars."""
    remedy: Bools
    one_off: Floats
    above: Floats
    """Discounted dollars of days above the limit."""
    label: Ints
    recruit: Ints
    ready: Ints


@dataclass(frozen=True)
class WaitingOverDraws:
    """What is known of starts that are not followed day by day; arrays of shape (draws, 5)."""

    saving: Floats
    cutover: Ints
    above: Floats
    preparing: Floats
    """Undiscounted dollars of preparing that is followed to the horizon without a commitment, shape (draws,)."""


@dataclass(frozen=True)
class FollowedCandidate:
    """What became of a candidate."""

    followed: StartsOverDraws
    waited: WaitingOverDraws


def starts_over_draws(batch: WorldBatch, asked: Mapping[str, AskedStarts]) -> dict[str, FollowedCandidate]:
    """What becomes of some candidates of many worlds, by name."""
    return {
        each.name: _followed_candidate(each, batch, asked[each.name]) for each in batch.prospects if each.name in asked
    }


def _followed_candidate(prospect: SimulatedCandidate, batch: WorldBatch, asked: AskedStarts) -> FollowedCandidate:
    strain = batch.strain(prospect)
    watching = batch.scenario.limited and starts_at(prospect.spec, batch.clock) is None
    staged = watching and batch.scenario.decision.policy == "staged"
    paths = [_travel(prospect, batch, asked.starts[:, [column]], staged and column == POLICY) for column in (0, 1)]
    followed = joined_starts([_one_start(prospect, batch, path, strain) for path in paths])
    return FollowedCandidate(followed, _waiting_costs(prospect, batch, asked.waited, strain))


def _travel(prospect: SimulatedCandidate, batch: WorldBatch, days: Ints, staged: bool) -> SwitchCosts:
    if not staged:
        return switch_costs(prospect, days)
    return travel_along(prospect, prospect.planner.staged_schedule(_begins(batch, days), days))


def _begins(batch: WorldBatch, days: Ints) -> Ints:
    """First day of preparing early."""
    return np.full_like(days, prepared_from(batch.scenario.decision, batch.clock))


def joined_starts(parts: Sequence[StartsOverDraws]) -> StartsOverDraws:
    """Starts side by side."""
    names = [field.name for field in fields(StartsOverDraws)]
    return StartsOverDraws(**{name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in names})


def _one_start(prospect: SimulatedCandidate, batch: WorldBatch, path: SwitchCosts, strain: Strain) -> StartsOverDraws:
    ledger, schedule, start = path.ledger, path.schedule, batch.starts(started_days(path))
    cutover = batch.starts(within(schedule.cutover, batch.clock))
    spent = first_spending(path)
    moments = batch.starts(break_even_moments(*beside_staying(ledger, prospect, batch.stay), start, spent))
    earned = np.isfinite(moments)
    possible = batch.each(np.greater_equal(prospect.carrier.impossible_from, batch.clock.days))
    return StartsOverDraws(
        start=start,
        cutover=cutover,
        break_even=np.where(earned, np.floor(np.where(earned, moments, 0.0)).astype(np.int64), NEVER),
        saving=batch.starts((batch.stay - ledger.total) @ batch.discount),
        remedy=possible[:, None] & batch.starts(strain.is_remedy(cutover, batch.threat)),
        one_off=batch.starts(one_off_usd(prospect, path)),
        above=_followed_above(batch, strain, cutover),
        label=_starts_on(batch, schedule.label),
        recruit=_starts_on(batch, schedule.recruit),
        ready=_starts_on(batch, schedule.ready),
    )


def _followed_above(batch: WorldBatch, strain: Strain, cutover: Ints) -> Floats:
    """What days above the limit cost with these cutovers."""
    return np.asarray(batch.starts(batch.above_limit(strain.over).of_switch(cutover)))


def _starts_on(batch: WorldBatch, days: Ints) -> Ints:
    return np.asarray(batch.starts(days), dtype=np.int32)


def _waiting_costs(prospect: SimulatedCandidate, batch: WorldBatch, days: Ints, strain: Strain) -> WaitingOverDraws:
    """What starts cost that are not followed day by day."""
    costs, planner, commit = PresentCosts(prospect, batch.discount), prospect.planner, days[:, STAGED:]
    began, staged = planner.schedule(days[:, :STAGED]), planner.staged_schedule(_begins(batch, commit), commit)
    cost = np.concatenate([batch.starts(costs.of(schedule)) for schedule in (began, staged)], axis=1)
    cutover = np.concatenate([batch.starts(schedule.cutover) for schedule in (began, staged)], axis=1)
    prepared = planner.staged_schedule(_begins(batch, commit), np.full_like(commit, NEVER))
    plain, stay = PresentCosts(prospect, np.ones(batch.clock.days)), batch.each(batch.present_stay)[:, None]
    return WaitingOverDraws(
        saving=np.where(np.abs(stay - cost) > SAME * stay, stay - cost, 0.0),
        cutover=within(cutover, batch.clock).astype(np.int32),
        above=_followed_above(batch, strain, cutover),
        preparing=batch.starts(plain.of_project(prepared))[:, 0].copy(),
    )
