"""Which dialog is open. It stays open when the page is drawn again, as it is when a slow answer has come."""

from __future__ import annotations

import streamlit as st

OPEN = "_dialog"


def open_dialog(name: str) -> None:
    """Open a dialog instead of any other."""
    st.session_state[OPEN] = name


def close_dialog() -> None:
    """Close whichever is open."""
    st.session_state.pop(OPEN, None)


def open_now() -> str | None:
    """The name of the dialog that is open."""
    return st.session_state.get(OPEN)
