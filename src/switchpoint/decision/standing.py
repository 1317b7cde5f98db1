"""How a candidate stands: the few facts that the verdict is made from, in one world or over many."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np

from switchpoint.clock import MONTH_DAYS, NEVER, Days, latest_day, per_start
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.starts import StartBy
from switchpoint.timeline.prospect import Prospect


@dataclass(frozen=True)
class Deadlines:
    """Latest days to begin labelling and to begin recruiting; NEVER for none."""

    label: Days = NEVER
    hire: Days = NEVER


@dataclass(frozen=True)
class Standing:
    """A candidate before the verdict. Costs are discounted dollars when it is started by its start-by day."""

    outlook: Outlook
    possible: bool
    saves: bool
    remedy: bool
    present_cost: float
    present_stay: float
    one_off: float
    start_by: StartBy
    live: int
    """Cutover of a project that starts today, or of the one under way."""
    in_time: bool
    """Whether that is no later than the threat."""
    saves_today: bool
    """Whether a start today beats staying."""
    deadlines: Deadlines

    @classmethod
    def of(cls, outlook: Outlook, threat: int) -> Standing:
        """How a candidate stands in one world."""
        starts, live = outlook.starts, outlook.milestone("cutover", outlook.today)
        return cls(
            outlook=outlook,
            possible=outlook.possible,
            saves=outlook.saves,
            remedy=outlook.remedy,
            present_cost=outlook.present_cost,
            present_stay=starts.present_stay,
            one_off=outlook.follow(starts.judged).one_off,
            start_by=starts.start_by,
            live=live,
            in_time=live <= threat,
            saves_today=starts.saves(outlook.today),
            deadlines=deadlines(outlook.prospect, threat, outlook.starts.under_way is not None),
        )

    @property
    def too_short(self) -> bool:
        """Whether the horizon is shorter than the project and twelve months."""
        gives_up = self.outlook.prospect.planner.tail.cutover == NEVER
        return not gives_up and self.outlook.clock.days < floor(self.live + JUDGING_MONTHS * MONTH_DAYS)


JUDGING_MONTHS = 12
"""Beyond a project's length, the horizon that it takes to judge it."""


def deadlines(prospect: Prospect, threat: Days, under_way: bool) -> Deadlines:
    """The latest days from which a project is in time for the threat, never before day 0.

    Training must begin so many days before the threat as going live takes from there. Labelling must be complete before
    that day, hired engineers there on it. NEVER without a threat, for a project under way or given up, and where there
    is nothing to label or nobody to hire.
    """
    planner = prospect.planner
    due = np.less(threat, NEVER) & np.less(planner.tail.cutover, NEVER)
    if under_way or not due.any():
        return Deadlines()
    ready = np.atleast_1d(np.where(due, threat - np.asarray(planner.tail.cutover), 0))
    label = hire = np.full_like(ready, NEVER)
    needed = per_start(planner.labelling.needed)
    if np.any(needed):
        in_time = latest_day(lambda begin: planner.labelling.complete(begin) < ready, np.maximum(ready, 0))
        label = np.where(due & np.greater(needed, 0), in_time, NEVER)
    if planner.project.to_hire:
        hire = np.where(due, np.maximum(ready - planner.steps.hiring, 0), NEVER)
    return Deadlines(label, hire) if due.ndim else Deadlines(int(label[0]), int(hire[0]))
