"""The page of plans: who carries what over time in the one that is shown, and the figures of all."""

from __future__ import annotations

from dataclasses import replace

from switchpoint.charts.carriers import (
    carrier_areas,
    carrier_flags,
    carriers_chart,
    carriers_note,
    carriers_words,
    plan_name,
    shown_plan,
)
from switchpoint.charts.vega import LIGHT
from switchpoint.decision.plan_sentence import saves_of
from switchpoint.review.base_case_pages import lines_of
from switchpoint.review.context import Subject
from switchpoint.review.pages import Figure, Page, Table
from switchpoint.review.plan_tables import draws_rows, plan_rows


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
    text = f"{plan_name(plan)[:1].upper()}{plan_name(plan)[1:]} {saves_of(plan)}."
    return Page("plans", "Plans", title, (text,), figures=(figure,), tables=tuple(tables), notes=f"{note}. {text}")
