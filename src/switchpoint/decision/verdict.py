"""The verdict: which candidate, what to do, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import floor

from switchpoint.clock import MONTH_DAYS, NEVER
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.pressure import window
from switchpoint.scenario.schema import Scenario

TIE = 0.03
"""Candidates within this part of the stay cost are a tie."""
JUDGING_MONTHS = 12
"""Beyond a project's length, the horizon that it takes to judge it."""


class Action(StrEnum):
    """What to do."""

    STAY = "stay"
    START_BY = "start-by"
    START_NOW = "start-now"
    LATE = "late"
    NO_REMEDY = "no-remedy"


@dataclass(frozen=True)
class Verdict:
    """What to do, with day numbers (NEVER for none). With no remedy, the candidate is what saves all the same."""

    action: Action
    candidate: Outlook | None = None
    tied: tuple[Outlook, ...] = ()
    bridge: Outlook | None = None
    start_by: int = NEVER
    binds: str | None = None
    label_by: int = NEVER
    hire_by: int = NEVER
    ready_by: int = NEVER
    """Latest first training day that is live at the threat."""
    window: tuple[int, int] | None = None
    too_short: bool = False
    """The horizon is too short to judge any candidate."""


def judge(scenario: Scenario, threat: int, outlooks: Sequence[Outlook]) -> Verdict:
    """The verdict on a simulated scenario.

    Args:
        scenario: the scenario.
        threat: day of the threat, NEVER without.
        outlooks: its candidates.
    """
    threatened = threat != NEVER
    opened = window(threat, scenario) if threatened else None
    savers = [o for o in outlooks if o.possible and o.saves]
    remedies = [o for o in outlooks if o.remedy] if threatened else savers
    if not remedies:
        action = Action.NO_REMEDY if threatened else Action.STAY
        verdict = Verdict(action, window=opened, too_short=too_short(outlooks, threatened))
        return _name(verdict, savers, threat) if savers else verdict
    verdict = _name(Verdict(Action.START_BY, window=opened), remedies, threat)
    return _act(verdict, threat, outlooks)


def _name(verdict: Verdict, outlooks: Sequence[Outlook], threat: int) -> Verdict:
    """Name the best of some candidates, and its dates."""
    best, tied = pick(outlooks)
    ready = ready_by(best, threat)
    return replace(
        verdict,
        candidate=best,
        tied=tied,
        start_by=best.starts.start_by.day,
        binds=best.starts.start_by.binds,
        label_by=label_by(best, ready),
        hire_by=hire_by(best, ready),
        ready_by=ready,
    )


def pick(outlooks: Sequence[Outlook]) -> tuple[Outlook, tuple[Outlook, ...]]:
    """The candidate with the lowest discounted cost, in a tie that with the smallest one-off; and those tied."""
    cheapest = min(outlooks, key=lambda o: o.present_cost)
    slack = TIE * cheapest.starts.present_stay
    near = [o for o in outlooks if o.present_cost <= cheapest.present_cost + slack]
    best = min(near, key=lambda o: (round(o.one_off_of(o.starts.judged), 2), round(o.present_cost, 2)))
    return best, tuple(o for o in near if o is not best)


def _act(verdict: Verdict, threat: int, outlooks: Sequence[Outlook]) -> Verdict:
    """Late where even a start today is live after the threat; now where that date has come, or the window is open."""
    best = verdict.candidate
    assert best is not None
    if threat != NEVER and live_if_started_today(best) > threat:
        return replace(verdict, action=Action.LATE, bridge=find_bridge(best, threat, outlooks))
    in_window = verdict.window is not None and verdict.window[0] <= 0 <= verdict.window[1]
    now = verdict.start_by <= 0 or in_window
    return replace(verdict, action=Action.START_NOW if now else Action.START_BY)


def live_if_started_today(outlook: Outlook) -> int:
    """Cutover of a project that starts on day 0, or of the one under way."""
    return outlook.milestone("cutover", outlook.today)


def find_bridge(best: Outlook, threat: int, outlooks: Sequence[Outlook]) -> Outlook | None:
    """The candidate that is live earliest, saves and is in time where the best one is late."""
    others = [o for o in outlooks if o is not best and o.possible and o.starts.saves(o.today)]
    ready = [o for o in others if live_if_started_today(o) <= threat]
    return min(ready, key=live_if_started_today, default=None)


def too_short(outlooks: Sequence[Outlook], threatened: bool) -> bool:
    """Whether only the horizon keeps a candidate from being advised.

    It is shorter than the project and twelve months, and on its last day the candidate, as if live, would keep the
    limit (without a threat: cost less than staying).
    """
    least = JUDGING_MONTHS * MONTH_DAYS
    return any(
        o.possible
        and o.prospect.planner.tail.cutover is not None
        and o.clock.days < floor(live_if_started_today(o) + least)
        and (o.running.keeps_at_the_end if threatened else o.running.cheaper_at_the_end)
        for o in outlooks
    )


def ready_by(outlook: Outlook, threat: int) -> int:
    """Latest first training day from which cutover comes no later than the threat; NEVER without threat."""
    tail = outlook.prospect.planner.tail
    return NEVER if threat == NEVER or tail.cutover is None else threat - tail.cutover


def label_by(outlook: Outlook, ready: int) -> int:
    """Latest day to begin labelling so that the data set is complete before `ready`, never before day 0.

    NEVER where there is nothing to label.
    """
    labelling = outlook.prospect.planner.labelling
    if ready == NEVER or not labelling.needed or outlook.starts.under_way is not None:
        return NEVER
    days = outlook.clock.day[: max(ready, 0) + 1]
    in_time = (labelling.complete(days) < ready).nonzero()[0]
    return int(in_time[-1]) if in_time.size else 0


def hire_by(outlook: Outlook, ready: int) -> int:
    """Latest day to begin recruiting so that the team is there on `ready`, never before day 0.

    NEVER with nobody to hire.
    """
    planner = outlook.prospect.planner
    if ready == NEVER or not planner.project.to_hire or outlook.starts.under_way is not None:
        return NEVER
    return max(ready - planner.steps.hiring, 0)
