"""Cards of plans on Decide: who starts when, what that saves together, and who carries what over time."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from switchpoint.charts.carriers import carriers_chart, carriers_note, carriers_words, has_carriers
from switchpoint.charts.takeaways import date_of, within
from switchpoint.decision.plan_result import PlanResult, StartedStep
from switchpoint.decision.plan_sentence import distinct_plans, keeps_of
from switchpoint.decision.plan_verdict import BRIDGE
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER
from switchpoint.study.draw_results import DrawFindings
from switchpoint.text import chance, months, usd
from switchpoint.ui.widgets import chart, look, plain

NARROWEST = 300


def plan_cards(result: JudgedWorld, findings: DrawFindings | None) -> None:
    """A card for each plan, and the picture of one; nothing without plans."""
    if not has_carriers(result):
        return
    st.markdown("## Plans")
    plans = distinct_plans(result.case.plans)
    made = any(plan.name == BRIDGE for plan in plans)
    note = f" {BRIDGE} is made here: the bridge today, then the best candidate on its best day." if made else ""
    st.caption(plain(f"Several candidates, one after the other or side by side.{note}"))
    with st.grid("auto", min_column_width=NARROWEST, border=True, gap="small"):
        for plan in plans:
            st.markdown(plan_card(result, plan, findings))
    chart(carriers_chart(result, look(), titled=False), carriers_words(result), carriers_note(result))


def plan_card(result: JudgedWorld, plan: PlanResult, findings: DrawFindings | None) -> str:
    """The card of a plan, as Markdown."""
    title = f"**{plain(plan.name)}** {' '.join(_badges(result, plan))}"
    if not plan.possible:
        when = date_of(result, plan.impossible_from)
        why = f"Not possible from {when}: one of its steps cannot carry its share."
        return f"{title}  \n{why} Its figures would mean nothing."
    return "  \n".join([title, *(_line(label, value) for label, value in _figures(result, plan, findings))])


def _badges(result: JudgedWorld, plan: PlanResult) -> Iterator[str]:
    if result.verdict.plan is not None and result.verdict.plan.name == plan.name:
        yield ":blue-badge[advised]"
    if not plan.possible:
        yield ":red-badge[not possible]"
        return
    yield ":green-badge[saves]" if plan.npv_saving > 0 else ":gray-badge[does not save]"


def _figures(result: JudgedWorld, plan: PlanResult, findings: DrawFindings | None) -> Iterator[tuple[str, str]]:
    for step in plan.steps:
        yield step.candidate, _step_words(result, step)
    saved = plan.npv_saving
    yield ("Saves" if saved >= 0 else "Costs more than staying"), f"{usd(abs(saved))} in present value, together"
    yield "Total cost", usd(plan.total)
    yield "Spent before they are live", usd(plan.one_off)
    if plan.payback_months is not None:
        yield "Paid back", f"after {months(plan.payback_months)}"
    if keeps := keeps_of(plan, lambda number: "today" if number == 0 else date_of(result, number)):
        yield "Limit", keeps
    found = None if findings is None else findings.plans.get(plan.name)
    if found is not None and findings is not None:
        yield "Saves in", f"{chance(found.saves[0])} of {findings.draws:,} draws"


def _step_words(result: JudgedWorld, step: StartedStep) -> str:
    """When a step starts, is live and ends."""
    if step.start >= NEVER:
        return "not started"
    text = f"started {date_of(result, step.start)}"
    text += f", live {date_of(result, step.cutover)}" if within(result, step.cutover) else ", not live in the horizon"
    return f"{text}, ends {date_of(result, step.ends)}" if within(result, step.ends) else text


def _line(label: str, value: str) -> str:
    return f":gray[{plain(label)}] {plain(value)}"
