"""How a candidate stands: the few facts that the verdict is made from, in one world or over many."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np

from switchpoint.clock import MONTH_DAYS, NEVER, first_day
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.starts import AsGood, StartBy


@dataclass(frozen=True)
class Deadlines:
    """Days on which labelling, recruiting and the first training of a project begin; NEVER for none or before day 0."""

    label: int = NEVER
    hire: int = NEVER
    commit: int = NEVER


@dataclass(frozen=True)
class Standing:
    """A candidate before the verdict. Costs are weighed dollars when it is started by its start-by day."""

    outlook: Outlook
    possible: bool
    saves: bool
    remedy: bool
    cost: float
    stay: float
    one_off: float
    start_by: StartBy
    live: int
    """Cutover of a project that starts today, or of the one under way."""
    in_time: bool
    """Whether that is no later than the threat."""
    saves_today: bool
    """Whether a start today beats staying."""
    bridges: int
    """First day from the threat on, of a start today, on which it is over the limit; NEVER for none."""
    deadlines: Deadlines
    as_good: AsGood | None
    remaining_lead: int
    in_time_costs: float | None

    @classmethod
    def of(cls, outlook: Outlook, threat: int, *, for_money: bool = False) -> Standing:
        """How a candidate stands in one world; `for_money` at its best start, whatever becomes of the limit."""
        starts = outlook.starts
        start_by = starts.for_money if for_money else starts.start_by
        judged = start_by.day if start_by.day != NEVER else starts.judged
        live = outlook.milestone("cutover", outlook.today)
        return cls(
            outlook=outlook,
            possible=outlook.possible,
            saves=outlook.saves,
            remedy=bool(outlook.remedy),
            cost=starts.weighed(judged),
            stay=starts.weighed_stay,
            one_off=outlook.follow(judged).one_off,
            start_by=start_by,
            live=live,
            in_time=live <= threat,
            saves_today=starts.saves(outlook.today),
            bridges=first_day(outlook.running.over, threat) if threat < NEVER else NEVER,
            deadlines=deadlines(outlook, start_by.day),
            as_good=starts.as_good if start_by.binds == "money" else None,
            remaining_lead=outlook.remaining_lead,
            in_time_costs=starts.in_time_costs,
        )

    @property
    def too_short(self) -> bool:
        """Whether the horizon is shorter than the project and twelve months."""
        gives_up = self.outlook.prospect.planner.tail.cutover == NEVER
        return not gives_up and self.outlook.clock.days < floor(self.live + JUDGING_MONTHS * MONTH_DAYS)


JUDGING_MONTHS = 12
"""Beyond a project's length, the horizon that it takes to judge it."""


def deadlines(outlook: Outlook, start: int) -> Deadlines:
    """When labelling, recruiting and the first training of a project begin that starts on a day, all in one schedule.

    A project without training, evaluation, shadow or ramp is committed when it starts.
    """
    if start >= NEVER:
        return Deadlines()
    planner = outlook.prospect.planner
    schedule, steps, project = planner.schedule(np.array([start])), planner.steps, planner.project
    commit = int(schedule.ready[0])
    if project.iterations_done:
        commit = NEVER
    elif not steps.to_be_live:
        commit = start
    return Deadlines(*(ahead(day) for day in (int(schedule.label[0]), int(schedule.recruit[0]), commit)))


def ahead(day: int) -> int:
    """A day that is not past, else NEVER."""
    return day if day >= 0 else NEVER
