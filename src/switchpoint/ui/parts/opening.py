"""How every page begins: what it is, what there is to tell, and whether there is a result to show."""

from __future__ import annotations

import streamlit as st

from switchpoint.ui.parts.faults import faults, impossible_numbers
from switchpoint.ui.state import session
from switchpoint.ui.state.session import View
from switchpoint.ui.words import counted, plain


def opened(title: str = "", about: str = "") -> View | None:
    """The view of this run; None after saying why there is none to show.

    Args:
        title: heading of the page; left out, the page makes its own.
        about: one sentence below it.
    """
    view = session.view()
    if title:
        st.subheader(title, anchor=False)
        st.caption(about)
    if session.notice():
        st.warning(plain(session.notice()), icon=":material/link_off:")
    if view.loaded is None:
        faults(f"{view.opened.name} cannot be opened", view.faults, "Choose another scenario at the left.")
        return None
    if view.result is None:
        impossible_numbers(view.faults)
        return None
    return view


def subject(view: View) -> str:
    """What the page is about, in a few words: the scenario, and how much of it was changed."""
    changed = len(view.draft.changes)
    edited = f" · {counted(changed, 'number')} changed" if changed else ""
    return f"{view.draft.scenario}{edited}"
