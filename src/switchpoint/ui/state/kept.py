"""Slow answers that were found before, for all sessions: draws, tripwires, comparisons, load tests.

Unlike a cached function this can be asked whether it has an answer, so a page can show what is known and look for the
rest while the reader goes on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import streamlit as st

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
def kept() -> Kept:
    """Those of this server."""
    return Kept()
