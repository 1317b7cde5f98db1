"""The views of the page: each a chart of the draws, drawn when its tab is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from switchpoint.charts.bill import bill_note, cost_chart
from switchpoint.charts.dates import dates_chart, dates_note, dates_words, has_dates
from switchpoint.charts.fan import fan_chart, fan_note, fan_words, has_fan
from switchpoint.charts.regret import has_regret, regret_chart, regret_note, regret_words
from switchpoint.charts.waiting import has_waiting, waiting_chart, waiting_note, waiting_words
from switchpoint.charts.words import bill_takeaway
from switchpoint.result import Result
from switchpoint.study.draws.findings import Findings
from switchpoint.ui.parts.chart import chart, look

Words = Callable[[Findings], str]


class Seen(NamedTuple):
    """A chart of the draws with its words, and what stands there where it cannot be drawn."""

    draw: Callable[..., Any]
    takeaway: Words
    note: Words
    drawable: Callable[[Findings], bool] = lambda _: True
    otherwise: str = ""


OPEN_START = "There is no project whose start is still open, so there is no start to weigh."
VIEWS = {
    "The bill": Seen(fan_chart, fan_words, fan_note, has_fan, "The horizon is too short to draw a line."),
    "Dates": Seen(dates_chart, dates_words, dates_note, has_dates, "There is no candidate, so there are no dates."),
    "Cost of waiting": Seen(waiting_chart, waiting_words, waiting_note, has_waiting, OPEN_START),
    "Rules for starting": Seen(regret_chart, regret_words, regret_note, has_regret, OPEN_START),
}


def view(name: str, findings: Findings) -> None:
    """One view of the draws."""
    seen = VIEWS[name]
    if not seen.drawable(findings):
        st.caption(seen.otherwise)
        return
    chart(seen.draw(findings, look(), titled=False), seen.takeaway(findings), seen.note(findings))


def meanwhile(name: str, base: Result) -> None:
    """What stands in a view before the first draws are in: the base case where it has a picture, else a placeholder."""
    if name == "The bill":
        shown = base.shown
        chart(cost_chart(shown, look(), titled=False), bill_takeaway(shown), f"The base case. {bill_note(shown)}")
    else:
        st.skeleton(height=320)
