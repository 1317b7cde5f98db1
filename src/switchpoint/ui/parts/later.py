"""Slow answers that a page shows when they are there, without making it wait.

The page is drawn at once with a placeholder. When it has rested for a moment, the browser asks for the answer alone; it
is found in steps between which any change of a number takes over, and kept. Then the page is drawn again with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from switchpoint.clock import Problem
from switchpoint.ui.state.kept import kept
from switchpoint.ui.words import plain, sentence_case

REST = 0.8
"""Seconds that a page must rest before a slow answer is looked for."""
FRESH = "_fresh"
Progress = Callable[[float], None]


def later(name: str, key: Any, find: Callable[[Progress], Any], show: Callable[[Any], None], waiting: str) -> None:
    """Show an answer, or look for it once the page rests.

    Args:
        name: of the answer, one of each on a page.
        key: under which it is kept.
        find: finds it, told the share done as it goes; never None.
        show: draws it.
        waiting: what is said meanwhile.
    """
    answer = kept().get(key)
    if answer is not None:
        show(answer)
        return
    st.session_state[f"{FRESH} {name}"] = True

    def body() -> None:
        bar = st.progress(0.0, text=waiting)
        if st.session_state.pop(f"{FRESH} {name}", False):
            return

        def told(share: float) -> None:
            bar.progress(min(share, 1.0), text=waiting)

        try:
            kept().put(key, find(told))
        except Problem as problem:
            bar.empty()
            st.warning(plain(sentence_case(str(problem))), icon=":material/block:")
            return
        st.rerun()

    st.fragment(body, run_every=REST)()
