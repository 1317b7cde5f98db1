"""The page of every assumption, each to be changed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from switchpoint.ui.assumptions.editor import editor
from switchpoint.ui.assumptions.table import table
from switchpoint.ui.assumptions.text import text_editor
from switchpoint.ui.inputs.upload import faulty_file, upload_field
from switchpoint.ui.parts.opening import opened, subject
from switchpoint.ui.state.session import View
from switchpoint.ui.state.text import draft_text, file_name
from switchpoint.ui.words import plain

ABOUT = "Every number the answer rests on: its value and range, where it is from, and as of when. Change any of them."
TABS = ("One by one", "The file itself")


def page() -> None:
    """Draw the page."""
    view = opened("What is assumed?", ABOUT)
    faulty_file()
    if view is not None and view.base is not None:
        st.caption(plain(subject(view)))
        first, second = st.tabs(TABS, key="assumptions", bind="query-params")
        if first.open:
            with first:
                table(view, view.base)
                editor(view)
        if second.open:
            with second:
                text_editor(view)
    files(view)


def files(view: View | None) -> None:
    """Take the scenario along as a file, or open one."""
    st.markdown("#### Files")
    with st.grid("auto", min_column_width=320, border=True):
        with st.container():
            st.markdown("**Take it along**  \nThe scenario file with everything that was changed here.")
            if view is not None and view.loaded is not None:
                st.download_button(
                    "Download the scenario",
                    partial(draft_text, view.loaded, view.draft.changes),
                    file_name=file_name(view.loaded.scenario.name),
                    mime="application/toml",
                    icon=":material/download:",
                    on_click="ignore",
                    key="download scenario",
                )
        with st.container():
            upload_field()
