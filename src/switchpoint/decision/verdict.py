"""Policies, remedies, ties, bridge and deadlines make the verdict; when a plan is the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import floor

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.policies import Deadlines, deadlines_of
from switchpoint.decision.start_search import AsGood, StartBy
from switchpoint.finance import SAME
from switchpoint.horizon import MONTH_DAYS, NEVER, first_day
from switchpoint.scenario.candidates import MADE_HERE, PlanStep, RoutePlan
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.limits import window

# Policies, remedies, ties, bridge, deadlines -> Verdict --------------------------------------------------------------


@dataclass(frozen=True)
class CandidateFacts:
    """A candidate before the verdict. Costs are weighed dollars when it is started by its start-by day."""

    outlook: CandidateResult
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
    def of(cls, outlook: CandidateResult, threat: int, *, for_money: bool = False) -> CandidateFacts:
        """How a candidate stands in one world; `for_money` at its best start, whatever becomes of the limit."""
        starts = outlook.starts
        start_by = starts.for_money if for_money else starts.start_by
        judged = start_by.day if start_by.day != NEVER else starts.advised_start
        live = starts.live_today
        return cls(
            outlook=outlook,
            possible=outlook.possible,
            saves=outlook.saves,
            remedy=bool(outlook.remedy),
            cost=starts.weighed_cost(judged),
            stay=starts.weighed_stay,
            one_off=outlook.follow(judged).one_off,
            start_by=start_by,
            live=live,
            in_time=live <= threat,
            saves_today=starts.saves_today,
            bridges=first_day(outlook.running.over, threat) if threat < NEVER else NEVER,
            deadlines=deadlines(outlook, start_by.day),
            as_good=starts.as_good if start_by.binds == "money" else None,
            remaining_lead=outlook.remaining_lead,
            in_time_costs=starts.in_time_costs,
        )

    @property
    def too_short(self) -> bool:
        """Whether the horizon is shorter than the project and twelve months, so that a longer one would tell."""
        gives_up = self.outlook.prospect.planner.tail.cutover == NEVER
        if gives_up or never_complete(self.outlook):
            return False
        return self.outlook.clock.days < floor(self.live + JUDGING_MONTHS * MONTH_DAYS)


def never_complete(outlook: CandidateResult) -> bool:
    """Whether the data of its project are complete within no horizon that there may be."""
    planner, schedule = outlook.prospect.planner, outlook.starts.searched_schedule
    if planner.project.iterations_done or not np.any(planner.labelling.needed_examples):
        return False
    return not np.all(planner.labelling.can_be_complete(schedule.label[..., :1]))


JUDGING_MONTHS = 12
"""Beyond a project's length, the horizon that it takes to judge it."""


def deadlines(outlook: CandidateResult, start: int) -> Deadlines:
    """When labelling, recruiting and the first training begin of a project that starts on a day, in one schedule."""
    planner, starts = outlook.prospect.planner, outlook.starts
    if start in starts.days.tolist():
        return deadlines_of(planner, starts.path.schedule, starts.row(start))
    return deadlines_of(planner, planner.schedule(np.array([start])))


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
    candidate: CandidateResult | None = None
    tied: tuple[CandidateResult, ...] = ()
    bridge: CandidateResult | None = None
    saves_only: CandidateResult | None = None
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
    plan: PlanResult | None = None
    """The plan that is advised instead of a single candidate; `candidate` is then that of its steps which would be
    advised alone, else the last, and `start_by` the start of its first step."""
    alone: CandidateResult | None = None
    """With a plan, the candidate that would be advised without it."""

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


def judge(
    scenario: Scenario,
    threat: int,
    standings: Sequence[CandidateFacts],
    for_money: Callable[[], Sequence[CandidateFacts]],
) -> Verdict:
    """The verdict on a scenario.

    Args:
        scenario: the scenario.
        threat: day of the threat, NEVER without; without a limit the verdict is about money alone.
        standings: how its candidates stand, started by their start-by days.
        for_money: says how they stand at their best starts, where nothing keeps the limit or its days have a price.
    """
    threatened, priced = threat != NEVER and scenario.limited, scenario.usd_per_month_above > 0
    opened = window(threat, scenario) if threatened else None
    remedies = [s for s in standings if s.remedy] if threatened and not priced else []
    if remedies:
        best, tied = pick(remedies)
        return _act(_name(Verdict(Action.START_BY, window=opened), best, tied, threatened), best, standings)
    savers = [s for s in for_money() if s.possible and s.saves]
    if not savers:
        action = Action.NO_REMEDY if threatened and not priced else Action.STAY
        return Verdict(action, window=opened, too_short=too_short(standings, threatened))
    best, tied = pick(savers)
    action = Action.START_NOW if best.start_by.day <= SOON else Action.START_BY
    return _name(Verdict(action, window=opened), best, tied, threatened)


SOON = 14
"""A start-by day no further off is now."""


def _name(verdict: Verdict, best: CandidateFacts, tied: Sequence[CandidateFacts], threatened: bool) -> Verdict:
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


def pick(standings: Sequence[CandidateFacts]) -> tuple[CandidateFacts, tuple[CandidateFacts, ...]]:
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


def _act(verdict: Verdict, best: CandidateFacts, standings: Sequence[CandidateFacts]) -> Verdict:
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


def live_if_started_today(outlook: CandidateResult) -> int:
    """Cutover of a project that starts on day 0, or of the one under way."""
    return outlook.starts.live_today


def too_short(standings: Sequence[CandidateFacts], threatened: bool) -> bool:
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


# When a plan is the answer, and the plan that is made here -----------------------------------------------------------

BETTER = 0.01
"""A plan is advised where it saves more than any single candidate by more than this part of what that saves."""
BRIDGE = f"{MADE_HERE}bridge"
"""The name of the plan of a bridge that starts today and the best candidate on its best day."""


def bridge_plan(verdict: Verdict) -> dict[str, RoutePlan]:
    """The plan "bridge, then the best" by its name, where the best candidate is late and another bridges."""
    if verdict.action is not Action.LATE or verdict.bridge is None or verdict.candidate is None:
        return {}
    bridge = PlanStep(candidate=verdict.bridge.name, start="now")
    return {BRIDGE: RoutePlan(steps=(bridge, PlanStep(candidate=verdict.candidate.name, start="best")))}


@dataclass(frozen=True)
class PlanFacts:
    """A plan before the verdict. Costs are weighed dollars."""

    plan: PlanResult
    started: bool
    """Whether all its steps start."""
    saves: bool
    """Whether it is possible and beats staying."""
    remedy: bool
    in_time: bool
    """Whether its first step is live by the threat."""
    live: int
    """Day on which its first step is live."""
    threatened: bool
    cost: float
    stay: float
    start: int
    """Of its first project."""

    @classmethod
    def of(cls, plan: PlanResult) -> PlanFacts:
        """How a plan stands in one world."""
        return cls(
            plan=plan,
            started=all(step.start < NEVER for step in plan.steps),
            saves=plan.saves,
            remedy=bool(plan.remedy),
            in_time=plan.in_time_for_threat,
            live=plan.first_cutover,
            threatened=plan.threat < NEVER,
            cost=plan.weighed_cost,
            stay=plan.weighed_stay,
            start=plan.project_start,
        )


def advise_plan(
    verdict: Verdict,
    plans: Sequence[PlanFacts],
    outlooks: Sequence[CandidateResult],
    standings: Sequence[CandidateFacts],
) -> Verdict:
    """The verdict with the best plan as its answer, where that beats every single candidate clearly.

    Args:
        verdict: where one candidate is all that may be started.
        plans: how all plans stand.
        outlooks: the candidates.
        standings: how they stand, as advised and at their best starts.
    """
    fitting = [each for each in plans if answers(verdict, each)]
    if not fitting:
        return verdict
    best = min(fitting, key=lambda each: each.cost)
    single = min([best.stay, *(each.cost for each in standings if each.possible)])
    if single - best.cost <= BETTER * (best.stay - single):
        return verdict
    alone, steps = verdict.candidate, best.plan.steps
    lead = steps[-1].candidate if alone is None or best.plan.step_of(alone.name) is None else alone.name
    return _verdict_of(verdict, best, next(each for each in outlooks if each.name == lead))


def answers(verdict: Verdict, facts: PlanFacts) -> bool:
    """Whether a plan can be the answer: it is possible, saves, all its steps start, and where some candidate keeps the
    limit it does so too, in time or, where no candidate is in time, no later than the one that is advised."""
    if not (facts.started and facts.saves):
        return False
    return facts.remedy and (facts.in_time or _no_later(verdict, facts)) if verdict.remedy else True


def _no_later(verdict: Verdict, facts: PlanFacts) -> bool:
    late = verdict.candidate if verdict.action is Action.LATE else None
    return late is not None and facts.live <= live_if_started_today(late)


def _verdict_of(verdict: Verdict, facts: PlanFacts, lead: CandidateResult) -> Verdict:
    """The verdict with a plan; pages about one project then show that of `lead`, as the plan starts it."""
    step = facts.plan.step_of(lead.name)
    late = verdict.action is Action.LATE
    return replace(
        verdict,
        action=Action.LATE if late else Action.START_NOW if facts.start <= SOON else Action.START_BY,
        candidate=lead,
        plan=facts.plan,
        alone=verdict.candidate,
        tied=(),
        start_by=facts.start,
        binds=verdict.binds if late else "money",
        remedy=facts.remedy if facts.threatened else None,
        deadlines=Deadlines() if step is None else step.deadlines,
        as_good=None,
        remaining_lead=lead.remaining_lead,
        in_time_costs=None,
    )
