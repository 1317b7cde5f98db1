"""When a plan is the answer, and the plan that is made here: a bridge, then the best candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.policies import Deadlines
from switchpoint.decision.verdict import SOON, Action, CandidateFacts, Verdict, live_if_started_today
from switchpoint.horizon import NEVER
from switchpoint.scenario.plans import MADE_HERE, PlanStep, RoutePlan

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
