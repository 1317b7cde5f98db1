"""What a first visit finds: one sentence on what this is, and one thing to do."""

from __future__ import annotations

import streamlit as st

from switchpoint.ui.state import session
from switchpoint.ui.state.dialog import open_dialog

GREETED = "_greeted"


def welcome() -> None:
    """Greet until something was chosen or changed."""
    own_file = session.draft().scenario not in session.stories()
    if session.can_undo() or session.draft().changes or own_file:
        st.session_state[GREETED] = True
    if st.session_state.get(GREETED):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**Switchpoint** says when to start the project that moves LLM traffic to a model of your own, and what "
            "happens if you wait.",
            width="stretch",
        )
        label, icon = "Find the story nearest to yours", ":material/auto_stories:"
        st.button(label, type="primary", icon=icon, key="welcome", on_click=_find)


def _find() -> None:
    st.session_state[GREETED] = True
    open_dialog("stories")
