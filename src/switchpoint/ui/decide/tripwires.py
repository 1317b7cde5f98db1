"""What would change this: the observable numbers whose thresholds would turn the advice or its date."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from switchpoint.result import Result
from switchpoint.study.why.outcome import Told
from switchpoint.study.why.tripwire_file import Tripwire
from switchpoint.study.why.tripwires import tripwires
from switchpoint.ui.parts.later import Progress, later
from switchpoint.ui.state.results import key_of
from switchpoint.ui.words import plain

WAITING = "Looking for the thresholds that would change the advice …"


def what_would_change_this(result: Result) -> None:
    """The tripwires, as soon as they are found."""
    st.markdown("#### What would change this")
    key = ("tripwires", key_of(result.case.scenario))
    later("tripwires", key, partial(found, result), show, WAITING)


def found(result: Result, told: Progress) -> tuple[Tripwire, ...]:
    """The nearest tripwires; each simulation is a step after which something else may take over."""
    return tripwires(result, Told(told))


def show(wires: Sequence[Tripwire]) -> None:
    """One line for each."""
    if not wires:
        st.caption("No single number within ten times its value changes the advice.")
        return
    lines = [f"- {_badge(wire)} {plain(wire.sentence)}" for wire in wires]
    st.markdown("\n".join(lines))
    st.caption("Each number moved alone, all others as they are; nearest first. Watch these.")


def _badge(wire: Tripwire) -> str:
    return ":orange-badge[advice]" if wire.changes == "advice" else ":gray-badge[date]"
