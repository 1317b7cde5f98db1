"""The page that answers: when to start, why, and what it costs to wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from switchpoint import charts
from switchpoint.charts.bill import bill_note
from switchpoint.charts.plan import plan_note, plan_words
from switchpoint.charts.saving import saving_note, saving_words
from switchpoint.charts.unit import NOTE as UNIT_NOTE
from switchpoint.charts.words import bill_takeaway, unit_takeaway
from switchpoint.result import Result
from switchpoint.ui import candidates, session, verdict
from switchpoint.ui.words import plain

Words = Callable[[Result], str]
TABS = ("Monthly bill", "Per 1,000 requests", "Savings", "Project plan")


def page() -> None:
    """Draw the page."""
    shown = session.current()
    if shown is None:
        return
    result = shown.result
    verdict.draw(result, shown.changed)
    _charts(result)
    candidates.draw(result)


def _charts(result: Result) -> None:
    bill, unit, saving, plan = st.tabs(TABS, key="chart", bind="query-params")
    if bill.open:
        with bill:
            _chart(result, charts.cost_chart, bill_takeaway, bill_note)
    if unit.open:
        with unit:
            _chart(result, charts.unit_chart, unit_takeaway, lambda _: UNIT_NOTE)
    if saving.open:
        with saving:
            if charts.has_saving(result):
                _chart(result, charts.saving_chart, saving_words, saving_note)
            else:
                st.caption("There is no candidate yet, so nothing to save. Add one to the scenario file.")
    if plan.open:
        with plan:
            if charts.has_plan(result):
                _chart(result, charts.plan_chart, plan_words, plan_note)
            else:
                st.caption("There is no project with steps that becomes live, so nothing to plan.")


def _chart(result: Result, draw: Callable[..., Any], words: Words, note: Words) -> None:
    """A chart under its takeaway, in the colours of the page."""
    takeaway = words(result)
    look = charts.DARK if st.context.theme.type == "dark" else charts.LIGHT
    st.markdown(f"**{plain(takeaway)}**")
    st.altair_chart(draw(result, look, titled=False), theme=None, width="stretch", alt=takeaway)
    st.caption(plain(f"{note(result)}."))
