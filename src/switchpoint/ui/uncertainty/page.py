"""The page of many draws: the base case at once, then ever more draws."""

from __future__ import annotations

from typing import Any

import streamlit as st

from switchpoint.clock import Problem
from switchpoint.result import Result
from switchpoint.ui.parts.faults import faults
from switchpoint.ui.parts.opening import opened, subject
from switchpoint.ui.state.budget import too_many_draws
from switchpoint.ui.state.results import key_of
from switchpoint.ui.state.session import View
from switchpoint.ui.uncertainty.draws import CHOICES, SEED, USUAL, growing, known
from switchpoint.ui.uncertainty.matters import what_matters
from switchpoint.ui.uncertainty.sure import headline
from switchpoint.ui.uncertainty.views import VIEWS, meanwhile, view
from switchpoint.ui.words import plain

DRAWS, SPREAD = "draws", "spread"
MATTERS = "What matters most"
ABOUT = "Every draw is one world: each uncertain number takes a value of its range, and luck falls as it may."


def page() -> None:
    """Draw the page."""
    shown = opened("How sure is it?", ABOUT)
    if shown is None or shown.base is None:
        return
    draws = _draws(shown)
    if why := too_many_draws(shown.base.case.scenario, draws):
        faults("That is more than one visitor may ask for", [why])
        return
    progress, words = st.empty(), st.empty()
    name, slot = _tabs()
    try:
        if name == MATTERS:
            with slot.container():
                what_matters(shown.base)
        _refine(shown.base, draws, name, progress, words, slot)
    except Problem as problem:
        faults("These worlds cannot be computed", [str(problem)], "Narrow the range of that number.")


def _draws(shown: View) -> int:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if DRAWS not in st.session_state:
            st.session_state[DRAWS] = USUAL
        chosen: int = st.select_slider(
            "Draws", CHOICES, key=DRAWS, width=320, format_func="{:,}".format, persist_state="session"
        )
        st.caption(plain(f"{subject(shown)} · seed {SEED}, so the same draws every time"), width="content")
    return chosen


def _tabs() -> tuple[str, Any]:
    """The name of the open tab, and its place for a chart."""
    names = list(VIEWS)
    names.insert(2, MATTERS)
    for tab, name in zip(st.tabs(names, key=SPREAD, bind="query-params"), names, strict=True):
        if tab.open:
            with tab:
                return name, st.empty()
    return names[0], st.empty()


def _refine(base: Result, draws: int, name: str, progress: Any, words: Any, slot: Any) -> None:
    """Show what is known, or the base case, then ever more draws; a change of any number takes over in between."""

    def told(share: float) -> None:
        progress.progress(min(share, 1.0), text=f"Drawing {draws:,} worlds …")

    if known(key_of(base.case.scenario), draws) is None:
        words.markdown(f"**The base case says:** {plain(base.sentence)}")
        if name != MATTERS:
            with slot.container():
                meanwhile(name, base)
    for findings in growing(base, draws, told):
        with words.container():
            headline(findings)
        if name != MATTERS:
            with slot.container():
                view(name, findings)
    progress.empty()
