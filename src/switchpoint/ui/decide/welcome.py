"""What a first visit finds: one sentence on what this is, and one thing to do."""

from __future__ import annotations

import streamlit as st

from switchpoint.ui.inputs.gallery import gallery
from switchpoint.ui.state import session

GREETED = "_greeted"


def welcome() -> None:
    """Greet until something was chosen or changed."""
    if session.can_undo() or session.draft().changes:
        st.session_state[GREETED] = True
    if st.session_state.get(GREETED):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**Switchpoint** says when to start the project that moves LLM traffic to a model of your own, and what "
            "happens if you wait.",
            width="stretch",
        )
        if st.button("Find the story nearest to yours", type="primary", icon=":material/auto_stories:", key="welcome"):
            st.session_state[GREETED] = True
            gallery()
