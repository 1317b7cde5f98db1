"""Following starts: what becomes of a candidate in each draw when its project starts on a given day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from switchpoint.clock import NEVER, Bools, Floats, Ints
from switchpoint.decision.course import one_off_usd, started_days
from switchpoint.decision.policies import prepared_from, within
from switchpoint.decision.running import Running
from switchpoint.engine import Batch
from switchpoint.finance import SAME, break_even_moments
from switchpoint.timeline.path import Path, begun_days, travel, travel_along
from switchpoint.timeline.present import PresentCosts
from switchpoint.timeline.prospect import Prospect, starts_at

POLICY, ADVISED = 0, 1
"""Columns of `Followed`: under the scenario's policy, and started as advised."""
WARN, LEAD, IN_TIME, UNSTARTED, STAGED = range(5)
"""Columns of what is waited for: the warning, one as early as the project is long, the latest start in time, nothing,
and the commitment of what was prepared early."""


@dataclass(frozen=True)
class Asked:
    """Starts of one candidate that are to be followed; arrays with one row for each draw."""

    starts: Ints
    """Under the policy and as advised, shape (draws, 2); under `staged` the first is the day of commitment."""
    waited: Ints
    """Shape (draws, 5): days of start, the last one that of commitment."""

    def rows(self, rows: slice) -> Asked:
        """Those of some of the draws."""
        return Asked(self.starts[rows], self.waited[rows])


@dataclass(frozen=True)
class Followed:
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
class Waited:
    """What is known of starts that are not followed day by day; arrays of shape (draws, 5)."""

    saving: Floats
    cutover: Ints
    above: Floats
    preparing: Floats
    """Undiscounted dollars of preparing that is followed to the horizon without a commitment, shape (draws,)."""


@dataclass(frozen=True)
class Came:
    """What became of a candidate."""

    followed: Followed
    waited: Waited


def follow(batch: Batch, asked: Mapping[str, Asked]) -> dict[str, Came]:
    """What becomes of some candidates of many worlds, by name."""
    return {each.name: _candidate(each, batch, asked[each.name]) for each in batch.prospects if each.name in asked}


def _candidate(prospect: Prospect, batch: Batch, asked: Asked) -> Came:
    running = Running.of(prospect, batch.limits)
    watching = batch.scenario.limited and starts_at(prospect.spec, batch.clock) is None
    staged = watching and batch.scenario.decision.policy == "staged"
    paths = [_travel(prospect, batch, asked.starts[:, [column]], staged and column == POLICY) for column in (0, 1)]
    followed = joined_starts([_one_start(prospect, batch, path, running) for path in paths])
    return Came(followed, _waited(prospect, batch, asked.waited, running))


def _travel(prospect: Prospect, batch: Batch, days: Ints, staged: bool) -> Path:
    if not staged:
        return travel(prospect, days)
    return travel_along(prospect, prospect.planner.staged(_begins(batch, days), days))


def _begins(batch: Batch, days: Ints) -> Ints:
    """First day of preparing early."""
    return np.full_like(days, prepared_from(batch.scenario.decision, batch.clock))


def joined_starts(parts: Sequence[Followed]) -> Followed:
    """Starts side by side."""
    names = [field.name for field in fields(Followed)]
    return Followed(**{name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in names})


def _one_start(prospect: Prospect, batch: Batch, path: Path, running: Running) -> Followed:
    ledger, schedule, start = path.ledger, path.schedule, batch.starts(started_days(path))
    cutover = batch.starts(within(schedule.cutover, batch.clock))
    begun = np.minimum(begun_days(schedule), start)
    moments = batch.starts(break_even_moments(ledger.flow, ledger.capital, batch.stay, start, begun))
    earned = np.isfinite(moments)
    possible = batch.each(np.greater_equal(prospect.carrier.impossible_from, batch.clock.days))
    return Followed(
        start=start,
        cutover=cutover,
        break_even=np.where(earned, np.floor(np.where(earned, moments, 0.0)).astype(np.int64), NEVER),
        saving=batch.starts((batch.stay - ledger.total) @ batch.discount),
        remedy=possible[:, None] & batch.starts(running.is_remedy(cutover, batch.threat)),
        one_off=batch.starts(one_off_usd(prospect, path)),
        above=_above(batch, running, cutover),
        label=_dated(batch, schedule.label),
        recruit=_dated(batch, schedule.recruit),
        ready=_dated(batch, schedule.ready),
    )


def _above(batch: Batch, running: Running, cutover: Ints) -> Floats:
    """What days above the limit cost with these cutovers."""
    return np.asarray(batch.starts(batch.above_limit(running.over).of_switch(cutover)))


def _dated(batch: Batch, days: Ints) -> Ints:
    return np.asarray(batch.starts(days), dtype=np.int32)


def _waited(prospect: Prospect, batch: Batch, days: Ints, running: Running) -> Waited:
    """What starts cost that are not followed day by day."""
    costs, planner, commit = PresentCosts(prospect, batch.discount), prospect.planner, days[:, STAGED:]
    began, staged = planner.schedule(days[:, :STAGED]), planner.staged(_begins(batch, commit), commit)
    cost = np.concatenate([batch.starts(costs.of(schedule)) for schedule in (began, staged)], axis=1)
    cutover = np.concatenate([batch.starts(schedule.cutover) for schedule in (began, staged)], axis=1)
    prepared = planner.staged(_begins(batch, commit), np.full_like(commit, NEVER))
    plain, stay = PresentCosts(prospect, np.ones(batch.clock.days)), batch.each(batch.present_stay)[:, None]
    return Waited(
        saving=np.where(np.abs(stay - cost) > SAME * stay, stay - cost, 0.0),
        cutover=within(cutover, batch.clock).astype(np.int32),
        above=_above(batch, running, cutover),
        preparing=batch.starts(plain.of_project(prepared))[:, 0].copy(),
    )
