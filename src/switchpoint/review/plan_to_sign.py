"""A plan as the page to sign tells it: its ask, what it buys, the dates of its steps, and what is decided next."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.charts.figures import rate_words
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.plan_sentence import starts_of
from switchpoint.decision.verdict import Action
from switchpoint.horizon import NEVER
from switchpoint.review.context import Subject
from switchpoint.review.pages import Fact
from switchpoint.text import usd


def advised_plan(subject: Subject) -> PlanResult | None:
    """The plan that is advised; None where it is one candidate, or something else was chosen."""
    chosen = subject.findings is None and subject.result.chooses_start
    return None if chosen else subject.verdict.plan


def plan_headline(subject: Subject, behind: str) -> str:
    """The verdict as a headline where a plan is advised; `behind` says how late one candidate alone is."""
    plan, verdict = subject.verdict.plan, subject.verdict
    assert plan is not None
    starts = starts_of(plan.steps, lambda number: "today" if number == 0 else subject.day(number))
    if verdict.action is Action.LATE:
        return subject.brief(f"You are {behind} late with one candidate alone: start {starts}")
    return subject.brief(f"Start {starts}")


def plan_facts(subject: Subject, plan: PlanResult) -> Iterator[Fact]:
    """One-off, peak cash, start and cutover of each step, saving, payback and return of a plan."""
    basis = "all steps together" if subject.findings is None else "all steps together; base case"
    yield Fact("To spend until it is live", usd(plan.one_off), basis)
    amount, peak = plan.peak_cash
    behind = "never behind staying" if peak == NEVER else usd(amount)
    yield Fact("Behind staying at most", behind, "" if peak == NEVER else subject.on(peak))
    yield saving_fact(subject, plan)
    yield Fact("Paid back", subject.day(plan.break_even.day), basis)
    rate, why = plan.internal_rate
    yield Fact("Return a year", "none" if rate is None else rate_words(rate), why if rate is None else basis)
    for step in plan.steps:
        when = "today" if step.start <= 0 else subject.day(step.start)
        yield Fact(subject.brief(f"{step.candidate} starts"), when, _live(subject, step.cutover))


def saving_fact(subject: Subject, plan: PlanResult) -> Fact:
    """What a plan saves: in the base case, or the middle draw with its range."""
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    if found is None:
        return Fact("Saves", usd(plan.npv_saving), "together, in present value")
    money = found.saving
    spread = f"middle draw; 80 % lie from {usd(money.p10)} to {usd(money.p90)}; mean {usd(money.mean)}"
    return Fact("Saves in present value", usd(money.p50), spread)


def next_of_plan(subject: Subject, plan: PlanResult) -> str:
    """What is decided next where a plan is advised."""
    starts = starts_of(plan.steps, lambda number: "today" if number == 0 else subject.day(number))
    return subject.brief(f"start {starts}.")


def _live(subject: Subject, cutover: int) -> str:
    return f"live {subject.on(max(cutover, 0))}" if cutover < NEVER else "not live"
