"""The page that says when to start."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from switchpoint import charts
from switchpoint.charts.bill import NOTE as UNIT_NOTE
from switchpoint.charts.bill import bill_note, ghost_lines, saving_note, saving_words
from switchpoint.charts.cash_and_waterfall import (
    cash_chart,
    cash_note,
    cash_words,
    has_cash,
    waterfall_chart,
    waterfall_note,
    waterfall_words,
)
from switchpoint.charts.projects import plan_note, plan_words
from switchpoint.charts.takeaways import (
    bill_takeaway,
    date_of,
    lead,
    limit_words,
    main_path,
    path_name,
    share_words,
    start_words,
    unit_takeaway,
    within,
)
from switchpoint.decision.clauses import as_good_span
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import live_if_started_today
from switchpoint.horizon import MONTH_DAYS, NEVER
from switchpoint.study.advice import ToldMapper
from switchpoint.study.tripwires import Tripwire, tripwires
from switchpoint.text import about, months, percent, usd
from switchpoint.ui import session
from switchpoint.ui.answers import Progress, later
from switchpoint.ui.bill_scenario import bill_assumptions
from switchpoint.ui.candidate_cards import cards, details, plan_cards
from switchpoint.ui.candidate_finder import find_button
from switchpoint.ui.draw_facts import latest, likely
from switchpoint.ui.knobs import notes
from switchpoint.ui.library import key_of
from switchpoint.ui.page_style import ANSWER
from switchpoint.ui.session import View, open_dialog
from switchpoint.ui.terms import explain
from switchpoint.ui.verdict_strip import BADGES, badge, baseline_result, draw_before_after
from switchpoint.ui.what_if_shelf import draw_shelf, what_if_marks
from switchpoint.ui.whose_number import draw_not_yours
from switchpoint.ui.widgets import ShownFact, chart, facts, look, open_view, plain, sentences, span, subject, words_fold


def draw(result: JudgedWorld, subject: str) -> None:
    """Badge, sentence and dates."""
    _, colour, icon = BADGES[result.verdict.action]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(badge(result), color=colour, icon=icon)
        st.caption(plain(subject), width="content")
    first, rest = sentences(result.sentence)
    st.title(plain(first), anchor=False)
    told = " ".join(filter(None, [plain(rest), "" if result.chooses_start else plain(result.cost_of_waiting_sentence)]))
    if told:
        st.markdown(told)
    facts(dates(result))


def dates(result: JudgedWorld) -> Iterator[ShownFact]:
    """The key dates."""
    not_within = f"not within {months(result.case.scenario.months)}"
    if result.case.tells_threat:
        yield from _of_the_limit(result, not_within)
    yield from _starts(result)
    yield from _switch(result, not_within)


def _of_the_limit(result: JudgedWorld, not_within: str) -> Iterator[ShownFact]:
    verdict, clock, threat = result.verdict, result.case.clock, result.case.threat
    reached = date_of(result, threat) if threat != NEVER else not_within
    yield ShownFact(result.case.threat_called, reached, _away(threat))
    if verdict.window is not None:
        opens, closes = (clock.date_of(day) for day in verdict.window)
        fired = (
            f"a monitor would warn {date_of(result, result.case.warning)}"
            if within(result, result.case.warning)
            else ""
        )
        yield ShownFact("Warning window", span(opens, closes), fired)


def _starts(result: JudgedWorld) -> Iterator[ShownFact]:
    verdict = result.verdict
    if verdict.candidate is None or result.chooses_start:
        return
    if verdict.plan is not None:
        yield from _plan_starts(result, verdict.plan)
    elif within(result, verdict.start_by):
        remark = {"limit": "set by the limit", "money": "set by what waiting costs"}.get(verdict.binds or "", "")
        yield ShownFact(
            "Start by",
            date_of(result, max(verdict.start_by, 0)),
            as_good_span(verdict, partial(date_of, result)) or remark,
        )
    remark = "to be live at the limit" if verdict.binds == "limit" else "of the project started then"
    steps = (("Label", verdict.label_by), ("Hire", verdict.hire_by), ("Commit", verdict.commit_by))
    for step, number in steps:
        if within(result, number) and (step, number) != ("Commit", verdict.start_by):
            yield ShownFact(f"{step} by", date_of(result, number), "first training" if step == "Commit" else remark)


def _plan_starts(result: JudgedWorld, plan: PlanResult) -> Iterator[ShownFact]:
    """When each candidate of the advised plan starts."""
    for step in plan.steps:
        live = f"live {date_of(result, step.cutover)}" if within(result, step.cutover) else ""
        yield ShownFact(f"Start {step.candidate}", date_of(result, max(step.start, 0)), live)


def _switch(result: JudgedWorld, not_within: str) -> Iterator[ShownFact]:
    if result.verdict.plan is not None and not result.chooses_start:
        yield from _plan_switch(result, result.verdict.plan, not_within)
        return
    best = lead(result)
    if result.flips_at is not None:
        yield ShownFact("Advice changes from", f"{about(result.flips_at)} requests a day", "at the start")
    if best is None or not within(result, best.project_start) or not (result.verdict.candidate or result.chooses_start):
        return
    live = date_of(result, best.cutover) if within(result, best.cutover) else not_within
    yield ShownFact("Cutover", live, f"{best.name} started {start_words(result, best)}")
    if result.case.scenario.limited and within(result, best.cutover):
        yield ShownFact("Bill", limit_words(result, best), share_words(best))
    paid = best.break_even.day
    payback = best.payback_months
    remark = f"payback {months(payback)}" if payback is not None else ""
    value = date_of(result, paid) if within(result, paid) else not_within
    yield ShownFact("Break-even", value, remark)
    bridge = result.verdict.bridge
    if bridge is not None and not result.chooses_start:
        ready = f"live {date_of(result, live_if_started_today(bridge))} if started today"
        yield ShownFact("Bridge", bridge.name, ready)


def _plan_switch(result: JudgedWorld, plan: PlanResult, not_within: str) -> Iterator[ShownFact]:
    """What the advised plan comes to."""
    yield ShownFact("Saves", usd(plan.npv_saving), "together, in present value")
    amount, peak = plan.peak_cash
    if peak != NEVER:
        yield ShownFact("Behind staying at most", usd(amount), f"on {date_of(result, peak)}")
    paid = plan.break_even.day
    remark = "" if plan.payback_months is None else f"payback {months(plan.payback_months)}"
    yield ShownFact("Break-even", date_of(result, paid) if within(result, paid) else not_within, remark)


def _away(day: int) -> str:
    if day == NEVER:
        return ""
    return "today" if day == 0 else f"in {months(day / MONTH_DAYS)}"


Words = Callable[[JudgedWorld], str]
TAB = "chart"


class Picture(NamedTuple):
    """A chart of the page with its words, and what stands there where it cannot be drawn."""

    draw: Callable[..., Any]
    takeaway: Words
    note: Words
    drawable: Callable[[JudgedWorld], bool] = lambda _: True
    otherwise: str = ""
    has_ghost: bool = False
    """Whether a baseline and what is supposed are drawn in it."""


NOT_STARTED = "No project starts within the horizon, so there is no cash beside that of staying."
PICTURES = {
    "Monthly bill": Picture(charts.cost_chart, bill_takeaway, bill_note, has_ghost=True),
    "Per 1,000 requests": Picture(charts.unit_chart, unit_takeaway, lambda _: UNIT_NOTE),
    "Savings": Picture(
        charts.saving_chart,
        saving_words,
        saving_note,
        charts.has_saving,
        "There is no candidate yet, so nothing to save. Add one on the Assumptions page.",
    ),
    "Cash": Picture(cash_chart, cash_words, cash_note, has_cash, NOT_STARTED),
    "Where it comes from": Picture(waterfall_chart, waterfall_words, waterfall_note, has_cash, NOT_STARTED),
}
PLAN = Picture(
    charts.plan_chart,
    plan_words,
    plan_note,
    charts.has_plan,
    "There is no project with steps that becomes live within the horizon, so there is nothing to plan.",
)


def pictures(view: View, result: JudgedWorld, before: JudgedWorld | None) -> None:
    """The tabs; only the chart of the open one is drawn."""
    grey = tuple(ghost_lines(before.shown, result, look())) if before is not None else ()
    more = {"ghost": grey, "marks": what_if_marks(view, result)}
    for tab, name in zip(st.tabs(list(PICTURES), key=TAB, bind="query-params"), PICTURES, strict=True):
        if tab.open:
            with tab:
                _picture(result, PICTURES[name], more if PICTURES[name].has_ghost else {})


def plan(result: JudgedWorld) -> None:
    """The project, step by step."""
    st.markdown("## Project plan", help=explain("shadow", "ramp"))
    _picture(result, PLAN)


def _picture(result: JudgedWorld, picture: Picture, more: Mapping[str, Any] = MappingProxyType({})) -> None:
    if not picture.drawable(result):
        st.caption(picture.otherwise)
        return
    chart(picture.draw(result, look(), titled=False, **more), picture.takeaway(result), picture.note(result))


NONE = "–"


def economics(result: JudgedWorld) -> Iterator[ShownFact]:
    """Cost of 1,000 requests and gross margin, today and at the end, staying and with the leading candidate."""
    case, best = result.case, main_path(result)
    unit = case.usd_per_1000
    yield ShownFact("1,000 requests today", _usd(unit[0]), "on the current route")
    ends = [f"{_usd(unit[-1])} staying"]
    if best is not None and within(result, best.cutover):
        ends.append(f"{_usd(case.usd_per_1000_of(best.running.cost)[-1])} with {path_name(best)}")
    yield ShownFact("1,000 requests at the end", ends[-1], ends[0] if len(ends) > 1 else "")
    yield from _margins(result)


def _margins(result: JudgedWorld) -> Iterator[ShownFact]:
    staying = result.case.margin_of(result.case.stay)
    if not np.isfinite(staying[0]):
        return
    yield ShownFact("Gross margin today", _percent(staying[0]), "revenue less the bill; other costs left out")
    best, end = main_path(result), f"{_percent(staying[-1])} staying"
    if best is None or not within(result, best.cutover):
        yield ShownFact("Gross margin at the end", end)
        return
    live = result.case.margin_of(best.running.cost)
    yield ShownFact("Gross margin at the end", f"{_percent(live[-1])} with {path_name(best)}", end)


def _usd(amount: float) -> str:
    return usd(float(amount)) if math.isfinite(amount) else NONE


def _percent(share: float) -> str:
    return percent(float(share)) if math.isfinite(share) else NONE


WAITING = "Looking for the thresholds that would change the advice …"


def what_would_change_this(view: View, result: JudgedWorld) -> None:
    """The tripwires, as soon as they are found."""
    st.markdown("## What would change this")
    key = ("tripwires", key_of(result.case.scenario))
    later("tripwires", key, partial(nearest_tripwires, result), partial(show, view), WAITING)


def nearest_tripwires(result: JudgedWorld, told: Progress) -> tuple[Tripwire, ...]:
    """The nearest tripwires; each simulation is a step after which something else may take over."""
    return tripwires(result, ToldMapper(told))


def show(view: View, wires: Sequence[Tripwire]) -> None:
    """One line for each."""
    if not wires:
        st.caption("No single number within ten times its value changes the advice.")
        return
    lines = [f"- {_badge(wire)} {plain(wire.sentence)}" for wire in wires]
    st.markdown("\n".join(lines))
    st.caption("Each number moved alone in the base case, all others as they are; nearest first. Watch these.")
    draw_not_yours(view, wires)


def _badge(wire: Tripwire) -> str:
    return ":orange-badge[advice]" if wire.changes == "advice" else ":gray-badge[date]"


GREETED = "_greeted"


def welcome() -> None:
    """Greet until something was chosen or changed."""
    own_file = session.draft().scenario not in session.stories()
    if session.can_undo() or session.draft().is_changed or own_file:
        st.session_state[GREETED] = True
    if st.session_state.get(GREETED):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**Switchpoint** says when to start the project that moves LLM traffic to a model of your own, and what "
            "happens if you wait.",
            width="stretch",
        )
        bill, receipt = "Start from your bill", ":material/receipt_long:"
        st.button(bill, type="primary", icon=receipt, key="welcome bill", on_click=_open, args=("bill",))
        label, icon = "See a story", ":material/auto_stories:"
        st.button(label, icon=icon, key="welcome", on_click=_open, args=("stories",))


def _open(dialog: str) -> None:
    st.session_state[GREETED] = True
    open_dialog(dialog)


def page() -> None:
    """Draw the page."""
    welcome()
    view = open_view()
    if view is None or view.base is None:
        return
    result = view.base.shown
    with st.container(key=ANSWER):
        bill_assumptions(view)
        with st.container():
            draw(result, subject(view))
    before = baseline_result(view)
    draw_before_after(view, before)
    draw_shelf(view)
    sure = st.empty()
    notes(view.base)
    pictures(view, result, before)
    facts(economics(result))
    cards(result, latest(view.base))
    plan_cards(result, latest(view.base))
    find_button()
    plan(result)
    what_would_change_this(view, view.base)
    details(result)
    words_fold()
    likely(view.base, sure)
