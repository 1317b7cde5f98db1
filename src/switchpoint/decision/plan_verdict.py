"""When a plan is the answer, and the plan that is made here: a bridge, then the best candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.verdict import SOON, Action, Verdict
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


def advise_plan(
    verdict: Verdict, plans: Sequence[PlanResult], outlooks: Sequence[CandidateResult], costs: Sequence[float]
) -> Verdict:
    """The verdict with the best plan as its answer, where that beats every single candidate clearly.

    Args:
        verdict: where one candidate is all that may be started.
        plans: all of them.
        outlooks: the candidates.
        costs: weighed dollars of each possible candidate, as advised and at its best start.
    """
    fitting = [plan for plan in plans if answers(verdict, plan)]
    if not fitting:
        return verdict
    best = min(fitting, key=lambda plan: plan.weighed_cost)
    stay = best.weighed_stay
    single = min([stay, *costs])
    if single - best.weighed_cost <= BETTER * (stay - single):
        return verdict
    last = next(each for each in outlooks if each.name == best.steps[-1].candidate)
    return _named(verdict, best, last)


def answers(verdict: Verdict, plan: PlanResult) -> bool:
    """Whether a plan can be the answer: it is possible, saves, all its steps start, and where some candidate keeps the
    limit it does so too, in time."""
    started = all(step.start < NEVER for step in plan.steps)
    if not (started and plan.saves):
        return False
    return bool(plan.remedy and plan.in_time_for_threat) if verdict.remedy else True


def _named(verdict: Verdict, plan: PlanResult, last: CandidateResult) -> Verdict:
    late = verdict.action is Action.LATE
    start = plan.project_start
    soon = Action.START_NOW if start <= SOON else Action.START_BY
    return replace(
        verdict,
        action=Action.LATE if late else soon,
        candidate=last,
        plan=plan,
        alone=verdict.candidate,
        tied=(),
        start_by=start,
        binds=verdict.binds if late else "money",
        remedy=bool(plan.remedy) if plan.threat < NEVER else None,
        deadlines=plan.steps[-1].deadlines,
        as_good=None,
        remaining_lead=last.remaining_lead,
        in_time_costs=None,
    )
