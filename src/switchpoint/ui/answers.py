"""Slow answers, found while one reads on.

Unlike a cached function this can be asked whether it has an answer, so a page can show what is known and look for the
rest while the reader goes on.

The page is drawn at once with a placeholder. When it has rested for a moment, the browser asks for the answer alone; it
is found in steps between which any change of a number takes over, and kept. Then the page is drawn again with it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import streamlit as st

from switchpoint.errors import CannotCompute
from switchpoint.ui.session import is_worked_in_dialog
from switchpoint.ui.widgets import plain, sentence_case

MOST = 32
"""Answers that are kept."""


class Kept:
    """The answers found last, by key."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: Any) -> Any:
        """The answer, None where there is none."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: Any, answer: Any) -> None:
        """Keep an answer; the one that was longest not asked for makes room."""
        with self._lock:
            self._found[key] = answer
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)


@st.cache_resource
def kept_answers() -> Kept:
    """Those of this server."""
    return Kept()


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
    answer = kept_answers().get(key)
    if answer is not None:
        show(answer)
        return
    st.session_state[f"{FRESH} {name}"] = True

    def body() -> None:
        bar = st.progress(0.0, text=waiting)
        if st.session_state.pop(f"{FRESH} {name}", False) or is_worked_in_dialog():
            return

        def show_share(share: float) -> None:
            bar.progress(min(share, 1.0), text=waiting)

        try:
            kept_answers().put(key, find(show_share))
        except CannotCompute as problem:
            bar.empty()
            st.warning(plain(sentence_case(str(problem))), icon=":material/block:")
            return
        st.rerun()

    st.fragment(body, run_every=REST)()
