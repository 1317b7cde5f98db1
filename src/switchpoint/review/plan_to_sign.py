"""A plan as the page to sign tells it: its ask, what it buys, the dates of its steps, and what is decided next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from switchpoint.charts.figures import rate_words
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.plan_sentence import starts_of
from switchpoint.decision.verdict import Action
from switchpoint.horizon import NEVER
from switchpoint.review.context import Subject
from switchpoint.review.pages import Fact
from switchpoint.study.plan_findings import PlanFindings
from switchpoint.text import usd, usd_range


def advised_plan(subject: Subject) -> PlanResult | None:
    """The plan that is advised; None where it is one candidate, or something else was chosen."""
    return subject.shown.advised_plan


def plan_headline(subject: Subject, behind: str) -> str:
    """The verdict as a headline where a plan is advised; `behind` says how late one candidate alone is."""
    plan, verdict = subject.verdict.plan, subject.verdict
    assert plan is not None
    starts = starts_of(plan.steps, lambda number: "today" if number == 0 else subject.day(number))
    if verdict.action is Action.LATE:
        return subject.brief(f"You are {behind} late with one candidate alone: start {starts}")
    return subject.brief(f"Start {starts}")


def plan_facts(subject: Subject, plan: PlanResult) -> Iterator[Fact]:
    """One-off, peak cash, start and cutover of each step, saving, payback and return of a plan; beside draws their
    middle values, but for the money of the base case."""
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    basis = "all steps together" if subject.findings is None else "all steps together; base case"
    yield Fact("To spend until it is live", usd(plan.one_off), basis)
    amount, peak = plan.peak_cash
    behind = "nothing" if peak == NEVER else usd(amount)
    when = "" if peak == NEVER else subject.on(peak)
    base = "" if subject.findings is None else "base case"
    yield Fact("Behind staying at most", behind, "; ".join(filter(None, (when, base))))
    yield saving_fact(subject, plan)
    if found is None:
        yield Fact("Paid back", subject.day(plan.break_even.day), basis)
    else:
        yield Fact("Paid back", subject.day(found.break_even.p50), "all steps together; middle draw")
    rate, why = plan.internal_rate
    yield Fact("Return a year", "none" if rate is None else rate_words(rate), why if rate is None else basis)
    for step, (start, cutover) in zip(plan.steps, step_days(plan, found), strict=True):
        when = "today" if start <= 0 else subject.day(start)
        yield Fact(subject.brief(f"{step.candidate} starts"), when, _live(subject, cutover))


def step_days(plan: PlanResult, found: PlanFindings | None) -> list[tuple[int, int]]:
    """Start and cutover of each step: of the base case, or the middle of the draws."""
    if found is None:
        return [(step.start, step.cutover) for step in plan.steps]
    starts, live = (found.step_days(days) for days in (found.came.step_start, found.came.step_cutover))
    return [(start.p50, cutover.p50) for start, cutover in zip(starts, live, strict=True)]


def saving_fact(subject: Subject, plan: PlanResult) -> Fact:
    """What a plan saves: in the base case, or the middle draw with its range."""
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    if found is None:
        return Fact("Saves", usd(plan.npv_saving), "together, in present value")
    money = found.saving
    spread = f"middle draw; 80 % lie {usd_range(money.p10, money.p90, 'from ')}; mean {usd(money.mean)}"
    return Fact("Saves in present value", usd(money.p50), spread)


def next_of_plan(subject: Subject, plan: PlanResult) -> str:
    """What is decided next where a plan is advised."""
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    started = [replace(step, start=day) for step, (day, _) in zip(plan.steps, step_days(plan, found), strict=True)]
    starts = starts_of(started, lambda number: "today" if number == 0 else subject.day(number))
    return subject.brief(f"start {starts}.")


def _live(subject: Subject, cutover: int) -> str:
    return f"live {subject.on(max(cutover, 0))}" if cutover < NEVER else "not live"
