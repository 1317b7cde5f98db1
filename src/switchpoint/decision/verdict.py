"""The verdict: which candidate, what to do, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from switchpoint.clock import NEVER
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.pressure import window
from switchpoint.decision.standing import Standing
from switchpoint.scenario.schema import Scenario

TIE = 0.03
"""Candidates within this part of the stay cost are a tie."""


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
    window: tuple[int, int] | None = None
    too_short: bool = False
    """The horizon is too short to judge any candidate."""


def judge(scenario: Scenario, threat: int, standings: Sequence[Standing]) -> Verdict:
    """The verdict on a scenario.

    Args:
        scenario: the scenario.
        threat: day of the threat, NEVER without.
        standings: how its candidates stand.
    """
    threatened = threat != NEVER
    opened = window(threat, scenario) if threatened else None
    savers = [s for s in standings if s.possible and s.saves]
    remedies = [s for s in standings if s.remedy] if threatened else savers
    if not remedies:
        action = Action.NO_REMEDY if threatened else Action.STAY
        verdict = Verdict(action, window=opened, too_short=too_short(standings, threatened))
        return _name(verdict, *pick(savers)) if savers else verdict
    best, tied = pick(remedies)
    verdict = _name(Verdict(Action.START_BY, window=opened), best, tied)
    return _act(verdict, best, threatened, standings)


def _name(verdict: Verdict, best: Standing, tied: Sequence[Standing]) -> Verdict:
    """Name a candidate as the best, and its dates."""
    return replace(
        verdict,
        candidate=best.outlook,
        tied=tuple(s.outlook for s in tied),
        start_by=best.start_by.day,
        binds=best.start_by.binds,
        label_by=best.deadlines.label,
        hire_by=best.deadlines.hire,
    )


def pick(standings: Sequence[Standing]) -> tuple[Standing, tuple[Standing, ...]]:
    """The candidate with the lowest discounted cost, in a tie that with the smallest one-off; and those tied."""
    cheapest = min(standings, key=lambda s: s.present_cost)
    slack = TIE * cheapest.present_stay
    near = [s for s in standings if s.present_cost <= cheapest.present_cost + slack]
    best = min(near, key=lambda s: (round(s.one_off, 2), round(s.present_cost, 2)))
    return best, tuple(s for s in near if s is not best)


def _act(verdict: Verdict, best: Standing, threatened: bool, standings: Sequence[Standing]) -> Verdict:
    """Late where even a start today is live after the threat; now where that date has come, or the window is open."""
    if threatened and not best.in_time:
        return replace(verdict, action=Action.LATE, bridge=find_bridge(best, standings))
    in_window = verdict.window is not None and verdict.window[0] <= 0 <= verdict.window[1]
    now = verdict.start_by <= 0 or in_window
    return replace(verdict, action=Action.START_NOW if now else Action.START_BY)


def live_if_started_today(outlook: Outlook) -> int:
    """Cutover of a project that starts on day 0, or of the one under way."""
    return outlook.milestone("cutover", outlook.today)


def find_bridge(best: Standing, standings: Sequence[Standing]) -> Outlook | None:
    """The candidate that is live earliest, saves and is in time where the best one is late."""
    ready = [s for s in standings if s is not best and s.possible and s.saves_today and s.in_time]
    return min(ready, key=lambda s: s.live).outlook if ready else None


def too_short(standings: Sequence[Standing], threatened: bool) -> bool:
    """Whether only the horizon keeps a candidate from being advised.

    It is shorter than the project and twelve months, and on its last day the candidate, as if live, would keep the
    limit (without a threat: cost less than staying).
    """
    return any(
        s.possible
        and s.too_short
        and (s.outlook.running.keeps_at_the_end if threatened else s.outlook.running.cheaper_at_the_end)
        for s in standings
    )
