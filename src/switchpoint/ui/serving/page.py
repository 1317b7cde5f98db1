"""The page of the fleet: what a replica carries, and how many it takes."""

from __future__ import annotations

import streamlit as st

from switchpoint.result import Result
from switchpoint.scenario.schema import GpuCandidate
from switchpoint.ui.parts.opening import opened
from switchpoint.ui.serving.capacity import what_it_carries
from switchpoint.ui.serving.fleet import hours, replicas
from switchpoint.ui.serving.hardware import choose, take_over
from switchpoint.ui.serving.question import fleets, simulatable
from switchpoint.ui.words import plain

CANDIDATE = "serving_candidate"
ABOUT = "A model of your own runs on whole GPUs, paid for whether busy or idle. This is what they carry."


def page() -> None:
    """Draw the page."""
    view = opened("Can it be served?", ABOUT)
    if view is None or view.base is None or view.scenario is None:
        return
    found = fleets(view.scenario)
    if not found:
        st.info(
            "No candidate of this scenario has GPUs of its own, so there is no replica to look at. Choose another "
            "story, or add a candidate of kind “gpu” on the Assumptions page.",
            title="Nothing to serve",
            icon=":material/memory:",
        )
        return
    name = _candidate(list(found))
    outlook = view.base.shown.case.outlook(name)
    _replica(view.base, name, found[name])
    replicas(view.base.shown, outlook)
    hours(view.base.shown, outlook)


def _candidate(names: list[str]) -> str:
    if st.session_state.get(CANDIDATE) not in names:
        st.session_state[CANDIDATE] = names[0]
    if len(names) == 1:
        return names[0]
    chosen = st.segmented_control(
        "Candidate", names, format_func=plain, key=CANDIDATE, persist_state="session", required=True
    )
    return str(chosen or names[0])


def _replica(result: Result, name: str, spec: GpuCandidate) -> None:
    st.markdown("#### One replica")
    if not simulatable(spec):
        st.caption(
            "The scenario states what a replica carries, and names no model or GPU to simulate. State `model` and "
            "`fleet.gpu` on the Assumptions page to hold that against a simulation."
        )
        return
    chosen = choose(name, spec)
    if chosen is not None:
        take_over(name, spec, chosen)
    what_it_carries(result, name, spec, chosen)
