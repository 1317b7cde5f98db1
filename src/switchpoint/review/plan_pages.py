"""The page of plans: who carries what over time in the one that is shown, and the figures of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from switchpoint.charts.carriers import (
    carrier_areas,
    carrier_flags,
    carriers_chart,
    carriers_note,
    carriers_words,
    shown_plan,
)
from switchpoint.charts.takeaways import plan_name, sentence_case
from switchpoint.charts.vega import LIGHT
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.plan_sentence import distinct_plans, saves_of
from switchpoint.decision.result import JudgedWorld
from switchpoint.review.base_case_pages import lines_of
from switchpoint.review.context import Subject, iso_date
from switchpoint.review.pages import Figure, Page, Table
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
    shown, plans = plan_columns(result), distinct_plans(result.case.plans)
    return [[name for name, _ in shown], *([say(result, plan) for _, say in shown] for plan in plans)]


def draws_rows(found: dict[str, PlanFindings]) -> list[list[str]]:
    """The same over many draws."""
    rows = [["plan", "in time", "saves (PV)", "+/-", "10 %", "90 %", "above zero"]]
    for each in found.values():
        money, in_time = each.saving, NONE if each.in_time is None else chance(each.in_time)
        ends = [usd(usd_) for usd_ in (money.mean, 2 * money.error, money.p10, money.p90)]
        rows.append([each.name, in_time, *ends, chance(each.saves[0])])
    return rows


def plans_page(subject: Subject) -> Page | None:
    """All plans, and who carries what in the one that is shown; None without any."""
    result = subject.shown
    plan = shown_plan(result)
    if plan is None:
        return None
    title, note = subject.brief(carriers_words(result)), carriers_note(result)
    data = lines_of(result.case.clock, carrier_areas(result, LIGHT), carrier_flags(result), "Share of requests", 1.0)
    figure = Figure(
        f"{title}. {note}.", replace(data, shares=True), spec=carriers_chart(result, titled=False).to_dict()
    )
    head, *rows = plan_rows(result)
    widths = (1.5, 2.6, 2.6, 1.2, 1.0, 1.0, 1.0, 1.0, 1.6)[: len(head)]
    tables = [("In the base case", Table(tuple(head), tuple(map(tuple, rows)), widths, frozenset({4, 5, 6, 7})))]
    if subject.findings is not None and subject.findings.plans:
        head, *rows = draws_rows(dict(subject.findings.plans))
        over = Table(tuple(head), tuple(map(tuple, rows)), (2.0, *(1.0,) * (len(head) - 1)))
        tables.insert(0, ("Over the draws", over))
    base = "" if subject.findings is None else "In the base case "
    text = sentence_case(f"{base}{plan_name(plan)} {saves_of(plan)}.")
    return Page("plans", "Plans", title, (text,), figures=(figure,), tables=tuple(tables), notes=f"{note}. {text}")
