"""What matters most: each input alone from one end of its range to the other."""

from __future__ import annotations

import streamlit as st

from switchpoint.charts.tornado import chart_note, swing_chart, takeaway
from switchpoint.result import Result
from switchpoint.study.why.outcome import Told
from switchpoint.study.why.tornado import Tornado, tornado
from switchpoint.ui.parts.chart import chart, look
from switchpoint.ui.state import kept
from switchpoint.ui.state.results import key_of

NOTHING = "There is no candidate, so nothing is saved whatever the inputs."
UNMOVED = "No input that was moved changes the saving."


def what_matters(base: Result) -> None:
    """The tornado of the base case."""
    key = ("tornado", key_of(base.case.scenario))
    found: Tornado | None = kept.kept().get(key)
    if found is None:
        found = _found(base)
        if found is None:
            st.caption(NOTHING)
            return
        kept.kept().put(key, found)
    if not found.bars:
        st.caption(UNMOVED)
        return
    scenario = base.case.scenario
    chart(swing_chart(scenario, found, look(), titled=False), takeaway(scenario, found), chart_note(found))


def _found(base: Result) -> Tornado | None:
    """Simulated one by one, so that a change of any number takes over."""
    slot = st.empty()
    found = tornado(base, Told(lambda share: slot.progress(share, text="Moving one input at a time …")))
    slot.empty()
    return found
