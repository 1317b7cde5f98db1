"""The scenario file itself: read, edited and taken over as a whole, with the line of every fault."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from switchpoint.checks import load_text_checked
from switchpoint.scenario.access import OnlyFiles
from switchpoint.scenario.errors import ScenarioError
from switchpoint.ui.parts.faults import faults
from switchpoint.ui.state import session
from switchpoint.ui.state.session import View
from switchpoint.ui.state.text import draft_text
from switchpoint.words import count

TEXT, SHOWN, WRONG = "file_text", "_file_text_of", "_file_text_faults"


def text_editor(view: View) -> None:
    """The file as text, and a button that takes it over."""
    assert view.loaded is not None
    text = draft_text(view.loaded, view.draft.changes)
    if st.session_state.get(SHOWN) != text or TEXT not in st.session_state:
        st.session_state[SHOWN] = st.session_state[TEXT] = text
    st.text_area("The scenario file", key=TEXT, height=520)
    wrong: tuple[str, ...] = st.session_state.get(WRONG, ())
    if wrong:
        faults("This text cannot be taken over", wrong, "The scenario is as it was; your text is kept.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Take it over", type="primary", icon=":material/check:", key="take text", on_click=_take)
        st.caption(
            f"{count(len(text.splitlines()))} lines. Add candidates, events or price changes here; what differs from "
            "the file is kept as your changes, its comments stay.",
            width="stretch",
        )


def _take() -> None:
    loaded, draft, text = session.base().loaded, session.draft(), st.session_state[TEXT]
    assert loaded is not None
    try:
        checked = load_text_checked(text, loaded.name, files=OnlyFiles(loaded.opened))
    except ScenarioError as error:
        short = Path(loaded.name).name
        st.session_state[WRONG] = tuple(line.replace(loaded.name, short, 1) for line in str(error).splitlines())
        return
    st.session_state[WRONG] = ()
    session.become(draft.as_tree(loaded.tree, checked.tree))
    st.session_state[SHOWN] = None
