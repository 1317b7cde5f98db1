"""How a candidate stands: the few facts that the verdict is made from, in one world or over many."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from switchpoint.clock import MONTH_DAYS, NEVER, Ints
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.starts import StartBy
from switchpoint.timeline.prospect import Prospect


@dataclass(frozen=True)
class Deadlines:
    """Latest days to begin labelling and to begin recruiting; NEVER for none."""

    label: int = NEVER
    hire: int = NEVER


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
        gives_up = self.outlook.prospect.planner.tail.cutover is None
        return not gives_up and self.outlook.clock.days < floor(self.live + JUDGING_MONTHS * MONTH_DAYS)


JUDGING_MONTHS = 12
"""Beyond a project's length, the horizon that it takes to judge it."""


def deadlines(prospect: Prospect, threat: int, under_way: bool) -> Deadlines:
    """The latest days from which a project is in time for the threat, never before day 0.

    Training must begin so many days before the threat as going live takes from there. Labelling must be complete before
    that day, hired engineers there on it. NEVER without a threat, for a project under way or given up, and where there
    is nothing to label or nobody to hire.
    """
    planner = prospect.planner
    if threat == NEVER or under_way or planner.tail.cutover is None:
        return Deadlines()
    ready = threat - planner.tail.cutover
    label = hire = NEVER
    if planner.labelling.needed:
        days: Ints = planner.clock.day[: max(ready, 0) + 1]
        in_time = (planner.labelling.complete(days) < ready).nonzero()[0]
        label = int(in_time[-1]) if in_time.size else 0
    if planner.project.to_hire:
        hire = max(ready - planner.steps.hiring, 0)
    return Deadlines(label, hire)
