"""What a review tells of plans: their figures as rows, the headline and the facts where one is advised."""

from __future__ import annotations

from collections.abc import Callable

from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.plan_sentence import starts_of
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action
from switchpoint.horizon import NEVER
from switchpoint.review.context import Subject, iso_date
from switchpoint.review.pages import Fact
from switchpoint.study.plan_findings import PlanFindings
from switchpoint.text import NONE, chance, months, usd

PlanColumn = tuple[str, Callable[[JudgedWorld, PlanResult], str]]
"""Heading of a column, and what it says of a plan."""


def plan_columns(result: JudgedWorld) -> tuple[PlanColumn, ...]:
    """What is told of each plan; nothing of a limit where there is none."""
    return PLAN_COLUMNS if not result.case.scenario.limited else (*PLAN_COLUMNS, ("below the limit", _keeps))


def _each(result: JudgedWorld, plan: PlanResult, day: str) -> str:
    return ", ".join(f"{step.candidate} {iso_date(result, getattr(step, day))}" for step in plan.steps)


PLAN_COLUMNS: tuple[PlanColumn, ...] = (
    ("plan", lambda _, p: p.name),
    ("starts", lambda r, p: _each(r, p, "start")),
    ("live", lambda r, p: _each(r, p, "cutover")),
    ("paid back", lambda r, p: iso_date(r, p.break_even.day)),
    ("payback", lambda _, p: NONE if p.payback_months is None else months(p.payback_months)),
    ("one-off", lambda _, p: usd(p.one_off)),
    ("total", lambda _, p: usd(p.total)),
    ("saves (PV)", lambda _, p: usd(p.npv_saving)),
)


def _keeps(result: JudgedWorld, plan: PlanResult) -> str:
    kept = plan.limit_kept
    since, until = result.date(int(kept.since)), result.date(int(kept.until))
    if since is None or not plan.possible:
        return "no"
    return f"from {since.isoformat()}" + ("" if until is None else f" until {until.isoformat()}")


def plan_rows(result: JudgedWorld) -> list[list[str]]:
    """The figures of all plans as rows of texts, the head first."""
    shown = plan_columns(result)
    return [[name for name, _ in shown], *([say(result, plan) for _, say in shown] for plan in result.case.plans)]


def draws_rows(found: dict[str, PlanFindings]) -> list[list[str]]:
    """The same over many draws."""
    rows = [["plan", "in time", "saves (PV)", "+/-", "10 %", "90 %", "above zero"]]
    for each in found.values():
        money, in_time = each.saving, NONE if each.in_time is None else chance(each.in_time)
        ends = [usd(usd_) for usd_ in (money.mean, 2 * money.error, money.p10, money.p90)]
        rows.append([each.name, in_time, *ends, chance(each.saves[0])])
    return rows


def plan_headline(subject: Subject, behind: str) -> str:
    """The verdict as a headline where a plan is advised; `behind` says how late one candidate alone is."""
    plan, verdict = subject.verdict.plan, subject.verdict
    assert plan is not None
    starts = starts_of(plan.steps, lambda number: "today" if number == 0 else subject.day(number))
    if verdict.action is Action.LATE:
        return f"You are {behind} late with one candidate alone: start {starts}"
    return f"Start {starts}"


def plan_facts(subject: Subject) -> list[Fact]:
    """Start, cutover and saving of the plan that is advised."""
    plan = subject.verdict.plan
    assert plan is not None
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    saving, note = plan.npv_saving, "together, in present value"
    if found is not None:
        saving, note = found.saving.mean, "together, on average, in present value"
    facts = []
    for step in plan.steps:
        when = "today" if step.start <= 0 else subject.day(step.start)
        facts.append(Fact(f"{step.candidate} starts", when, _live(subject, step.cutover)))
    facts.append(Fact("Saves", usd(saving), note))
    facts.append(Fact("Paid back", subject.day(plan.break_even.day)))
    return facts


def _live(subject: Subject, cutover: int) -> str:
    return f"live {subject.on(max(cutover, 0))}" if cutover < NEVER else "not live"
