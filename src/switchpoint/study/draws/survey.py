"""The survey of a draw: all that is told of it before anyone decides when to start.

Kept small, a few hundred bytes for each draw and candidate, so that a hundred thousand draws fit into memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import NEVER, Bools, Floats, Ints
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.standing import deadlines
from switchpoint.decision.starts import latest_in_time
from switchpoint.engine import Case
from switchpoint.study.draws.columns import Row, stacked
from switchpoint.timeline.present import present_costs

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

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Survey:
        """The survey of some draws from what `survey` says of each."""
        columns = stacked(rows)
        named = columns.pop("candidates", {})
        return cls(**columns, candidates={name: CandidateSurvey(**each) for name, each in named.items()})


def survey(case: Case) -> Row:
    """What is kept of one world, by the fields of `Survey`."""
    clock = case.clock
    last = clock.month_starts + clock.month_days - 1
    return {
        "threat": case.threat,
        "warning": _within(case.warning, clock.days),
        "present_stay": case.present_stay,
        "bill": case.bill[last].astype(np.float32),
        "pressure": case.pressure[last].astype(np.float32),
        "candidates": {outlook.name: _candidate(outlook, case) for outlook in case.outlooks},
    }


def _within(day: int, days: int) -> int:
    return day if day < days else NEVER


def _candidate(outlook: Outlook, case: Case) -> Row:
    starts, planner = outlook.starts, outlook.prospect.planner
    under_way = starts.under_way
    warned = _within(case.warning, case.clock.days) if under_way is None else under_way
    schedule = planner.schedule(np.array([*starts.searched, NEVER, warned]))
    cost = present_costs(outlook.prospect, schedule, starts.discount)
    last_days = deadlines(outlook.prospect, case.threat, under_way is not None)
    return {
        "cost": cost[:-2],
        "cutover": schedule.cutover[:-2].astype(np.int32),
        "fired": _fired(outlook),
        "cost_never": cost[-2],
        "cost_warned": cost[-1],
        "in_time": _in_time(outlook, case.threat, int(schedule.cutover[0])),
        "crossover": outlook.running.crossover,
        "label_by": last_days.label,
        "hire_by": last_days.hire,
        "possible": outlook.possible,
    }


def _fired(outlook: Outlook) -> int:
    starts = outlook.starts
    if starts.under_way is not None:
        return starts.under_way
    return NEVER if starts.policy is None else starts.policy


def _in_time(outlook: Outlook, threat: int, live: int) -> int:
    """Latest start in time, where `live` is the cutover of the earliest one."""
    if threat == NEVER:
        return NEVER
    if live > threat:
        return TOO_LATE
    under_way = outlook.starts.under_way
    return latest_in_time(outlook.prospect, threat) if under_way is None else under_way
