"""The page that answers: when to start, why, and what it costs to wait."""

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
from switchpoint.scenario.schema import Scenario
from switchpoint.ui import candidates, session, verdict
from switchpoint.ui.words import plain

Words = Callable[[Result], str]


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
        "There is no candidate yet, so nothing to save. Add one to the scenario file.",
    ),
    "Project plan": Picture(
        charts.plan_chart,
        plan_words,
        plan_note,
        charts.has_plan,
        "There is no project with steps that becomes live, so nothing to plan.",
    ),
}


def page() -> None:
    """Draw the page."""
    shown = session.current()
    if shown is None:
        return
    result = shown.result
    verdict.draw(result, shown.changed)
    for tab, name in zip(st.tabs(list(PICTURES), key="chart", bind="query-params"), PICTURES, strict=True):
        if tab.open:
            with tab:
                _picture(result, name)
    candidates.draw(result)


def _picture(result: Result, name: str) -> None:
    """A chart under its takeaway, in the colours of the page."""
    picture = PICTURES[name]
    if not picture.drawable(result):
        st.caption(picture.otherwise)
        return
    takeaway = picture.takeaway(result)
    dark = st.context.theme.type == "dark"
    st.markdown(f"**{plain(takeaway)}**")
    spec = _spec(result, result.case.scenario, name, dark)
    st.vega_lite_chart(spec=spec, theme=None, width="stretch", alt=takeaway)
    st.caption(plain(f"{picture.note(result)}."))


@st.cache_data(max_entries=64, show_spinner=False)
def _spec(_result: Result, scenario: Scenario, name: str, dark: bool) -> dict[str, Any]:  # noqa: ARG001
    """The Vega-Lite specification of a chart; the scenario stands for its result in the cache."""
    chart = PICTURES[name].draw(_result, charts.DARK if dark else charts.LIGHT, titled=False)
    spec: dict[str, Any] = chart.to_dict(validate=False)
    return spec
