"""How many replicas the fleet takes, and how busy they are."""

from __future__ import annotations

from datetime import date

import streamlit as st

from switchpoint.charts.fleet import (
    REPLICAS_NOTE,
    hours_chart,
    hours_note,
    hours_words,
    replicas_chart,
    replicas_words,
)
from switchpoint.decision.outlook import Outlook
from switchpoint.result import Result
from switchpoint.ui.parts.chart import chart, look
from switchpoint.ui.words import plain
from switchpoint.words import percent

MOSTLY = 0.5
"""From this part of its days on, a fleet is said to be set by its minimum."""


def replicas(result: Result, outlook: Outlook) -> None:
    """Replicas over the horizon."""
    st.markdown("#### Replicas over the horizon")
    if outlook.impossible_from <= 0:
        st.warning(plain(f"{replicas_words(result, outlook)}."), title="Not possible", icon=":material/block:")
        return
    chart(replicas_chart(result, outlook, look()), replicas_words(result, outlook), _note(outlook))


def _note(outlook: Outlook) -> str:
    idle = outlook.set_by_minimum
    if idle is None or idle < MOSTLY:
        return REPLICAS_NOTE
    return f"{REPLICAS_NOTE}. Its minimum, not the load, sets the fleet on {percent(idle)} of the days live"


def hours(result: Result, outlook: Outlook) -> None:
    """Utilisation by hour of day, in a month to be chosen."""
    st.markdown("#### Utilisation by hour of day")
    months = [when for when, first in zip(*_months(result), strict=True) if first < outlook.impossible_from]
    if not months:
        st.caption("It carries nothing, so there is nothing to be busy with.")
        return
    chosen: date = st.select_slider(
        "Month", months, value=_usual(outlook, months), format_func=_name, key=f"month {outlook.name}", width=420
    )
    day = _working_day(result, dict(zip(*_months(result), strict=True))[chosen], outlook)
    chart(hours_chart(outlook, day, look()), hours_words(outlook, day), hours_note(outlook))


def _months(result: Result) -> tuple[tuple[date, ...], list[int]]:
    clock = result.case.clock
    return clock.months, [int(first) for first in clock.month_starts]


def _usual(outlook: Outlook, months: list[date]) -> date:
    """The month of the cutover, else the first."""
    live = outlook.clock.date_or_none(outlook.cutover)
    return next((month for month in months if live and (month.year, month.month) == (live.year, live.month)), months[0])


def _working_day(result: Result, first: int, outlook: Outlook) -> int:
    """The busiest of the first seven days of a month."""
    last = min(first + 7, result.case.clock.days, outlook.impossible_from)
    requests = result.case.setting.traffic.requests[first:last]
    return first + int(requests.argmax())


def _name(month: date) -> str:
    return f"{month:%b %Y}"
