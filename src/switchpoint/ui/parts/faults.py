"""What is wrong, one line per fault."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from switchpoint.ui.state import session
from switchpoint.ui.words import plain

MOST = 12


def faults(title: str, lines: Sequence[str], then: str = "") -> None:
    """A list of faults under a title, and what holds in spite of them."""
    shown = [f"- {plain(line)}" for line in lines[:MOST]]
    if len(lines) > MOST:
        shown.append(f"- and {len(lines) - MOST} more; `switchpoint check` lists them all")
    text = "\n".join(shown) + (f"\n\n{plain(then)}" if then else "")
    st.error(text, title=plain(title), icon=":material/edit_note:")


def impossible_numbers(lines: Sequence[str]) -> None:
    """Numbers that make no scenario, with the way back."""
    faults("These numbers do not work together", lines)
    st.button("Take the last change back", icon=":material/undo:", on_click=session.undo, key="undo here")
