"""The charts of the page: the bill, the cost of 1,000 requests and the savings in tabs, and the project's plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from switchpoint import charts
from switchpoint.charts.bill import bill_note
from switchpoint.charts.plan import plan_note, plan_words
from switchpoint.charts.saving import saving_note, saving_words
from switchpoint.charts.unit import NOTE as UNIT_NOTE
from switchpoint.charts.words import bill_takeaway, unit_takeaway
from switchpoint.result import Result
from switchpoint.ui.parts.chart import chart, look

Words = Callable[[Result], str]
TAB = "chart"


class Picture(NamedTuple):
    """A chart of the page with its words, and what stands there where it cannot be drawn."""

    draw: Callable[..., Any]
    takeaway: Words
    note: Words
    drawable: Callable[[Result], bool] = lambda _: True
    otherwise: str = ""


PICTURES = {
    "Monthly bill": Picture(charts.cost_chart, bill_takeaway, bill_note),
    "Per 1,000 requests": Picture(charts.unit_chart, unit_takeaway, lambda _: UNIT_NOTE),
    "Savings": Picture(
        charts.saving_chart,
        saving_words,
        saving_note,
        charts.has_saving,
        "There is no candidate yet, so nothing to save. Add one on the Assumptions page.",
    ),
}
PLAN = Picture(
    charts.plan_chart,
    plan_words,
    plan_note,
    charts.has_plan,
    "There is no project with steps that becomes live within the horizon, so there is nothing to plan.",
)


def pictures(result: Result) -> None:
    """The tabs; only the chart of the open one is drawn."""
    for tab, name in zip(st.tabs(list(PICTURES), key=TAB, bind="query-params"), PICTURES, strict=True):
        if tab.open:
            with tab:
                _picture(result, PICTURES[name])


def plan(result: Result) -> None:
    """The project, step by step."""
    st.markdown("#### Project plan")
    _picture(result, PLAN)


def _picture(result: Result, picture: Picture) -> None:
    if not picture.drawable(result):
        st.caption(picture.otherwise)
        return
    chart(picture.draw(result, look(), titled=False), picture.takeaway(result), picture.note(result))
