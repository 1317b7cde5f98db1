"""The left of every page: which scenario, its favourite inputs, and what can be done with all of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from switchpoint.ui.inputs import panel
from switchpoint.ui.inputs.changed import changed_list
from switchpoint.ui.inputs.gallery import gallery
from switchpoint.ui.inputs.sharing import save_dialog, share_dialog
from switchpoint.ui.inputs.upload import upload_popover
from switchpoint.ui.state import session
from switchpoint.ui.state.dialog import open_dialog, open_now
from switchpoint.ui.state.session import View
from switchpoint.ui.state.text import draft_text, file_name
from switchpoint.ui.words import plain

SCENARIO = "scenario"
DIALOGS = {"stories": gallery, "share": share_dialog, "save": save_dialog}


def draw(view: View, *, uploading: bool = True) -> None:
    """Draw it; on a page that takes files itself, without its own place for them."""
    with st.sidebar:
        _choice(view)
        _open(uploading=uploading)
        _dialog(view)
        if view.loaded is None:
            return
        _steps(view)
        panel.draw(view)
        _carry(view)


def _choice(view: View) -> None:
    titles = list(session.shelf())
    st.session_state[SCENARIO] = view.draft.scenario if view.draft.scenario in titles else titles[0]
    st.selectbox("Scenario", titles, key=SCENARIO, on_change=_chosen, filter_mode=None)
    if view.loaded is not None and view.loaded.scenario.summary:
        st.caption(plain(view.loaded.scenario.summary))


def _chosen() -> None:
    session.choose(st.session_state[SCENARIO])


def _open(*, uploading: bool) -> None:
    with st.container(horizontal=True):
        st.button("All stories", icon=":material/auto_stories:", on_click=open_dialog, args=("stories",), key="stories")
        if uploading:
            upload_popover()


def _dialog(view: View) -> None:
    name = open_now()
    if name is not None and (view.loaded is not None or name == "stories"):
        DIALOGS[name]()


def _steps(view: View) -> None:
    """What was changed, and the ways back."""
    changed_list(view)
    with st.container(horizontal=True):
        back, icon = session.can_undo(), ":material/undo:"
        st.button("Undo", icon=icon, on_click=session.undo, disabled=not back, key="undo")
        st.button("Reset to the file", on_click=session.reset, disabled=not view.draft.changes, key="reset")


def _carry(view: View) -> None:
    """Share it, save it, take it along."""
    assert view.loaded is not None
    with st.container(horizontal=True):
        st.button("Share", icon=":material/link:", on_click=open_dialog, args=("share",), key="share")
        st.button("Save variant", icon=":material/bookmark_add:", on_click=open_dialog, args=("save",), key="save")
        st.download_button(
            "Download",
            partial(draft_text, view.loaded, view.draft.changes),
            file_name=file_name(view.loaded.scenario.name),
            mime="application/toml",
            icon=":material/download:",
            on_click="ignore",
            key="download",
            help="The scenario file with what was changed here; its comments stay.",
        )
