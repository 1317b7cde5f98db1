"""The verdict: which candidate, what to do, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from switchpoint.clock import NEVER
from switchpoint.decision.outlook import Outlook
from switchpoint.decision.pressure import window
from switchpoint.decision.standing import Deadlines, Standing
from switchpoint.decision.starts import AsGood
from switchpoint.finance import SAME
from switchpoint.scenario.schema import Scenario

TIE, TIE_OF_SAVING = 0.03, 0.1
"""Candidates within both these parts, of the stay cost and of what the better one saves, are a tie."""
NO_DEADLINES = Deadlines()


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
    saves_only: Outlook | None = None
    """Where nothing bridges: what is in time and saves, but does not keep the limit until then."""
    start_by: int = NEVER
    binds: str | None = None
    remedy: bool | None = None
    """Whether the candidate keeps the limit; None without a threat."""
    deadlines: Deadlines = NO_DEADLINES
    as_good: AsGood | None = None
    remaining_lead: int = NEVER
    in_time_costs: float | None = None
    window: tuple[int, int] | None = None
    too_short: bool = False
    """The horizon is too short to judge any candidate."""

    @property
    def label_by(self) -> int:
        """First day of labelling of the project that is advised."""
        return self.deadlines.label

    @property
    def hire_by(self) -> int:
        """First day of recruiting."""
        return self.deadlines.hire

    @property
    def commit_by(self) -> int:
        """First training day."""
        return self.deadlines.commit


def judge(scenario: Scenario, threat: int, standings: Sequence[Standing], for_money: Sequence[Standing]) -> Verdict:
    """The verdict on a scenario.

    Args:
        scenario: the scenario.
        threat: day of the threat, NEVER without.
        standings: how its candidates stand, started by their start-by days.
        for_money: how they stand at their best starts, where nothing keeps the limit or its days have a price.
    """
    threatened, priced = threat != NEVER, scenario.usd_per_month_above > 0
    opened = window(threat, scenario) if threatened else None
    remedies = [s for s in standings if s.remedy] if threatened and not priced else []
    if remedies:
        best, tied = pick(remedies)
        return _act(_name(Verdict(Action.START_BY, window=opened), best, tied, threatened), best, standings)
    savers = [s for s in for_money if s.possible and s.saves]
    if not savers:
        action = Action.NO_REMEDY if threatened and not priced else Action.STAY
        return Verdict(action, window=opened, too_short=too_short(standings, threatened))
    best, tied = pick(savers)
    action = Action.START_NOW if best.start_by.day <= SOON else Action.START_BY
    return _name(Verdict(action, window=opened), best, tied, threatened)


SOON = 14
"""A start-by day no further off is now."""


def _name(verdict: Verdict, best: Standing, tied: Sequence[Standing], threatened: bool) -> Verdict:
    """Name a candidate as the best, and its dates."""
    return replace(
        verdict,
        candidate=best.outlook,
        tied=tuple(s.outlook for s in tied),
        start_by=best.start_by.day,
        binds=best.start_by.binds,
        remedy=best.remedy if threatened else None,
        deadlines=best.deadlines,
        as_good=best.as_good,
        remaining_lead=best.remaining_lead,
        in_time_costs=best.in_time_costs,
    )


def pick(standings: Sequence[Standing]) -> tuple[Standing, tuple[Standing, ...]]:
    """The candidate with the lowest weighed cost, in a tie that with the smallest one-off; and those tied.

    In a tie costs differ by less than 3 % of that of staying, and by less than 10 % of what the better one saves.
    """
    cheapest = min(standings, key=lambda s: s.cost)
    slack, saving = TIE * cheapest.stay, cheapest.stay - cheapest.cost
    if saving > 0:
        slack = min(slack, TIE_OF_SAVING * saving)
    near = [s for s in standings if s is cheapest or s.cost < cheapest.cost + slack * (1 - SAME)]
    best = min(near, key=lambda s: (round(s.one_off, 2), round(s.cost, 2)))
    return best, tuple(s for s in near if s is not best)


def _act(verdict: Verdict, best: Standing, standings: Sequence[Standing]) -> Verdict:
    """Late where even a start today is live after the threat; now where that date has come, or the window is open."""
    if not best.in_time:
        ready = [s for s in standings if s is not best and s.saves_today and s.in_time]
        earliest = sorted(ready, key=lambda s: s.live)
        bridging = [s for s in earliest if s.bridges >= best.live]
        only = earliest[0].outlook if earliest and not bridging else None
        return replace(verdict, action=Action.LATE, bridge=bridging[0].outlook if bridging else None, saves_only=only)
    assert verdict.window is not None
    opens, closes = verdict.window
    now = verdict.start_by <= SOON or (opens <= 0 <= closes and verdict.start_by <= closes)
    return replace(verdict, action=Action.START_NOW if now else Action.START_BY)


def live_if_started_today(outlook: Outlook) -> int:
    """Cutover of a project that starts on day 0, or of the one under way."""
    return outlook.milestone("cutover", outlook.today)


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
