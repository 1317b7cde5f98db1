"""The gallery: every story with its one line, each to be opened."""

from __future__ import annotations

import streamlit as st

from switchpoint.ui.state import session
from switchpoint.ui.state.dialog import close_dialog
from switchpoint.ui.words import plain


@st.dialog("Which story is nearest to yours?", width="large", icon=":material/auto_stories:", on_dismiss=close_dialog)
def gallery() -> None:
    """Show the stories; opening one closes the gallery."""
    st.caption("Each is a whole scenario. Open one and change its numbers; nothing is saved unless you download it.")
    with st.grid("auto", min_column_width=280, gap="small"):
        for title, opened in session.stories().items():
            with st.container(border=True, height="stretch"):
                summary = opened.loaded.scenario.summary if opened.loaded else "cannot be opened"
                st.markdown(f"**{plain(title)}**  \n{plain(summary)}")
                st.space("stretch")
                label = "Open again" if title == session.draft().scenario else "Open"
                if st.button(label, key=f"open {title}", help=plain(f"Open {title}")):
                    session.choose(title)
                    close_dialog()
                    st.rerun()
