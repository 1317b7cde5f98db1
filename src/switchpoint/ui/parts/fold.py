"""Boxes that open and close, filled only when they are open, and found as they were left when the page changes."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer


def fold(label: str, key: str, icon: str, *, expanded: bool = False) -> ExpanderContainer:
    """A box under a label; fill it where its `open` says so.

    Args:
        label: what it holds.
        key: tells it from others.
        icon: beside the label.
        expanded: whether it is open at first.
    """
    left: bool = st.session_state.get(_memory(key), expanded)
    return st.expander(label, left, icon=icon, key=key, on_change=_remember, args=(key,))


def _remember(key: str) -> None:
    """Keep how it was left."""
    st.session_state[_memory(key)] = bool(st.session_state.get(key))


def _memory(key: str) -> str:
    return f"_left {key}"
