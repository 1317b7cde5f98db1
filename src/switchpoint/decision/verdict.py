"""The verdict: which candidate, what to do, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
    """What to do, with day numbers (NEVER for none)."""

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
    saving_anyway: tuple[Outlook, ...] = field(default=())
    """With no remedy: what saves all the same."""
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
    field_ = [o for o in outlooks if (o.remedy if threatened else o.possible and o.saves)]
    if not field_:
        return _without(threatened, opened, outlooks)
    best, tied = pick(field_)
    start = best.starts.start_by
    action, bridge = _act(best, threat, opened, outlooks)
    ready = ready_by(best, threat)
    return Verdict(
        action=action,
        candidate=best,
        tied=tied,
        bridge=bridge,
        start_by=start.day,
        binds=start.binds,
        label_by=label_by(best, ready),
        hire_by=hire_by(best, ready),
        ready_by=ready,
        window=opened,
    )


def _without(threatened: bool, opened: tuple[int, int] | None, outlooks: Sequence[Outlook]) -> Verdict:
    if not threatened:
        return Verdict(Action.STAY, too_short=too_short(outlooks))
    saving = [o for o in outlooks if o.possible and o.saves]
    saving.sort(key=lambda o: o.present_cost)
    return Verdict(Action.NO_REMEDY, window=opened, saving_anyway=tuple(saving), too_short=too_short(outlooks))


def pick(outlooks: Sequence[Outlook]) -> tuple[Outlook, tuple[Outlook, ...]]:
    """The candidate with the lowest discounted cost, in a tie that with the smallest one-off; and those tied with it."""
    cheapest = min(outlooks, key=lambda o: o.present_cost)
    slack = TIE * cheapest.starts.present_stay
    near = [o for o in outlooks if o.present_cost <= cheapest.present_cost + slack]
    best = min(near, key=lambda o: (o.one_off_of(o.starts.judged), o.present_cost))
    return best, tuple(o for o in near if o is not best)


def _act(
    best: Outlook, threat: int, opened: tuple[int, int] | None, outlooks: Sequence[Outlook]
) -> tuple[Action, Outlook | None]:
    if threat != NEVER and live_if_started_today(best) > threat:
        return Action.LATE, find_bridge(best, threat, outlooks)
    in_window = opened is not None and opened[0] <= 0 <= opened[1]
    return (Action.START_NOW if best.starts.start_by.day <= 0 or in_window else Action.START_BY), None


def live_if_started_today(outlook: Outlook) -> int:
    """Cutover of a project that starts on day 0, or of the one under way."""
    return outlook.milestone("cutover", 0 if outlook.starts.under_way is None else outlook.starts.under_way)


def find_bridge(best: Outlook, threat: int, outlooks: Sequence[Outlook]) -> Outlook | None:
    """The candidate that is live earliest, saves and is in time where the best one is late."""
    ready = [o for o in outlooks if o is not best and o.possible and o.saves and live_if_started_today(o) <= threat]
    return min(ready, key=live_if_started_today, default=None)


def too_short(outlooks: Sequence[Outlook]) -> bool:
    """Whether the horizon is shorter than every possible project and the twelve months that it takes to judge it."""
    judged = [o for o in outlooks if o.possible and o.prospect.planner.tail.cutover is not None]
    least = JUDGING_MONTHS * MONTH_DAYS
    return bool(judged) and all(o.clock.days < floor(live_if_started_today(o) + least) for o in judged)


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
