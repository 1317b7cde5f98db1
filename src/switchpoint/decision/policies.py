"""Policies: the rules that start the project, and by when its steps begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np

from switchpoint.horizon import MONTH_DAYS, NEVER, STAY, Bools, Days, Floats, Horizon, Ints, first_day
from switchpoint.scenario.schema import WATCHING, Decision
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.schedule import Planner, Schedule
from switchpoint.warning.plain import Forecast


@dataclass(frozen=True)
class Staged:
    """A project that is prepared from one day on and committed, that is trained first, on another or NEVER."""

    prepare_from: int
    commit: int


Start: TypeAlias = int | Staged | None
"""How a policy starts a project: on a day (NEVER where it never fires, STAY where nothing is begun), in stages, or on
its best start, which each candidate finds itself."""


def policy_start(decision: Decision, forecast: Callable[[], Forecast], prospect: SimulatedCandidate) -> Any:
    """How the scenario's policy starts a candidate in the base case, a `Start`; in many worlds days, shape (worlds, 1).

    Args:
        decision: the policy, and what goes with it; `staged` in one world only.
        forecast: what the monitor says; asked only by policies that watch it.
        prospect: the candidate.
    """
    clock, policy, (closes, opens) = prospect.setting.clock, decision.policy, decision.warn_months
    if policy in WATCHING and not prospect.setting.scenario.limited:
        return STAY if policy == "staged" else NEVER
    if isinstance(policy, date):
        return int(within(max(clock.day_of(policy), 0), clock))
    match policy:
        case "never":
            return STAY
        case "now":
            return 0
        case "warn":
            return warn_start(forecast(), opens, clock)
        case "lead":
            said = forecast()
            mondays = said.mondays if said.months.ndim == 1 else said.mondays[None]
            months = lead_months(prospect.planner.schedule(mondays).cutover, mondays, opens)
            return within(said.first_within(months if months.ndim == 1 else months[:, None]), clock)
        case "staged":
            begins = prepared_from(decision, clock)
            ready = prospect.planner.staged_schedule(np.array([begins]), np.array([NEVER])).prepared
            remaining = within_months(prospect.planner.tail.cutover, closes)
            return Staged(begins, int(commit_days(forecast(), ready, remaining, clock)[0]))
    return None


def warn_start(forecast: Forecast, opens: float, clock: Horizon) -> Days:
    """When the warning starts a project: the first Monday on which the limit is forecast within so many months, or is
    as likely as not to be reached within them where chances are said; NEVER where that is not within the horizon."""
    return within(forecast.first_warning(opens), clock)


def prepared_from(decision: Decision, clock: Horizon) -> int:
    """First day of preparing under `staged`."""
    return 0 if decision.prepare_from is None else max(clock.day_of(decision.prepare_from), 0)


def within_months(days: Days, least: float) -> Floats:
    """A length of days in months, at least some; that alone where the length has no end."""
    return np.maximum(np.where(np.less(days, NEVER), np.asarray(days, dtype=float) / MONTH_DAYS, 0.0), least)


def lead_months(cutover: Ints, mondays: Ints, opens: float) -> Floats:
    """Months that a forecast threat may be off for `lead` to start on each Monday: as long as the project is, at least
    the opening of the warning window; that alone where it is never live."""
    return within_months(np.where(cutover < NEVER, cutover - mondays, NEVER), opens)


def commit_days(forecast: Forecast, ready: Ints, months: Floats, clock: Horizon) -> Ints:
    """The day on which a prepared project is committed; NEVER where it is not.

    The first Monday on which it is ready and the threat is at most so many months off; where the last Monday before
    says that the limit is reached already, the day on which it is ready.

    Args:
        forecast: what the monitor says each Monday.
        ready: first day on which data, people and skills are there, shape (1,), or (worlds, 1).
        months: how far off the threat may be.
        clock: the horizon.
    """
    mondays = forecast.mondays
    near: Bools = (forecast.months <= months) & (mondays >= ready) & (mondays < clock.days)
    place = np.asarray(first_day(near))
    monday = np.where(place < NEVER, mondays[np.minimum(place, mondays.size - 1)], NEVER) if mondays.size else NEVER
    before = np.searchsorted(mondays, ready, side="right") - 1
    said = np.take_along_axis(forecast.months, np.maximum(before, 0).reshape((*forecast.months.shape[:-1], 1)), axis=-1)
    over = (before >= 0) & (said[..., 0].reshape(np.shape(ready)) == 0) & (ready < clock.days)
    return np.where(over, ready, np.where(ready < clock.days, np.reshape(monday, np.shape(ready)), NEVER))


def within(day: Days, clock: Horizon) -> Days:
    """A day within the horizon, else NEVER."""
    return np.where(day < clock.days, day, NEVER) if np.ndim(day) else day if day < clock.days else NEVER


@dataclass(frozen=True)
class Deadlines:
    """Days on which labelling, recruiting and the first training of a project begin; NEVER for none or before day 0."""

    label: int = NEVER
    hire: int = NEVER
    commit: int = NEVER


def deadlines_of(planner: Planner, schedule: Schedule, row: int = 0) -> Deadlines:
    """When they begin by one of the starts of a schedule, the first when left out.

    A project without training, evaluation, shadow or ramp is committed when it starts.
    """
    start, commit = int(schedule.start[row]), int(schedule.ready[row])
    if start >= NEVER:
        return Deadlines()
    if planner.project.iterations_done:
        commit = NEVER
    elif not planner.steps.to_be_live:
        commit = start
    return Deadlines(*(ahead(day) for day in (int(schedule.label[row]), int(schedule.recruit[row]), commit)))


def ahead(day: int) -> int:
    """A day that is not past, else NEVER."""
    return day if day >= 0 else NEVER
