"""A plan as a person would say it: who starts when, what that saves together, and how it keeps the limit."""

from __future__ import annotations

from collections.abc import Sequence

from switchpoint.decision import clauses
from switchpoint.decision.plan_result import PlanResult, StartedStep
from switchpoint.horizon import MONTH_DAYS
from switchpoint.scenario.plans import MADE_HERE
from switchpoint.text import join_names, months, usd


def distinct_plans(plans: Sequence[PlanResult]) -> list[PlanResult]:
    """Plans as they are told: without one made here that a stated one comes to, step by step."""

    def days(plan: PlanResult) -> list[tuple[str, int]]:
        return [(step.candidate, step.start) for step in plan.steps]

    stated = [plan for plan in plans if not plan.name.startswith(MADE_HERE)]
    known = [days(plan) for plan in stated]
    return stated + [plan for plan in plans if plan.name.startswith(MADE_HERE) and days(plan) not in known]


def starts_of(steps: Sequence[StartedStep], dated: clauses.Dated) -> str:
    """Which candidate starts when: "hosted-open today and own-120b on 1 March 2027"."""
    return join_names([f"{step.candidate} {clauses.on(step.start, dated)}" for step in steps])


def live_of(plan: PlanResult, dated: clauses.Dated) -> str:
    """When each is live: "hosted-open is live on 5 February 2027, own-120b on 4 July 2027"."""
    first, *rest = (
        f"{step.candidate} is live {clauses.on(step.cutover, dated)}"
        if step.cutover < plan.clock.days
        else f"{step.candidate} is not live within the horizon"
        for step in plan.steps
    )
    return ", ".join([first, *(each.replace(" is live ", " ") for each in rest)])


def saves_of(plan: PlanResult) -> str:
    """What a plan saves, in present value."""
    over = months(round(plan.clock.days / MONTH_DAYS))
    if plan.npv_saving < 0:
        return f"costs {usd(-plan.npv_saving)} more than staying in present value over {over}"
    return f"saves {usd(plan.npv_saving)} in present value over {over}"


def keeps_of(plan: PlanResult, dated: clauses.Dated) -> str:
    """From when until when a plan keeps the limit; nothing without one."""
    if not plan.has_limit:
        return ""
    return clauses.keeping_words(plan.limit_kept, plan.threat, plan.clock.days, dated)


def plan_called(plan: PlanResult) -> str:
    """What a plan is called in a sentence: its name, or that it is one after the other where it was made here."""
    return "one after the other" if plan.name.startswith(MADE_HERE) else f"the plan {plan.name}"


def plan_named(name: str) -> str:
    """What a plan is called where it stands for what is done: its name, or what it does where it was made here."""
    return "the bridge and then the best" if name.startswith(MADE_HERE) else f"the plan {name}"


def step_of(step: StartedStep, plan: PlanResult, dated: clauses.Dated) -> str:
    """A step with its days: "hosted-open, live on 5 February 2027, started today"."""
    if step.cutover >= plan.clock.days:
        return f"{step.candidate} {clauses.on(step.start, dated)}, not live within the horizon"
    return f"{step.candidate}, live {clauses.on(step.cutover, dated)}, started {clauses.on(step.start, dated)}"


def told_of(plan: PlanResult, dated: clauses.Dated) -> str:
    """What a plan saves, and how it keeps the limit."""
    keeps = keeps_of(plan, dated)
    together = "together that" if len(plan.steps) > 1 else "that"
    return f"{together} {saves_of(plan)}{f' and {keeps}' if keeps else ''}"


def ends_of(plan: PlanResult, dated: clauses.Dated) -> str:
    """Which steps end within the horizon, since no request is left to them: "hosted-open ends on 24 June 2027"."""
    ended = [
        f"{step.candidate} ends {clauses.on(step.ends, dated)}" for step in plan.steps if step.ends < plan.clock.days
    ]
    return f"{join_names(ended)}, when no request is left to {'it' if len(ended) == 1 else 'them'}" if ended else ""
