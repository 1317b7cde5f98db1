"""The saved variants: each to be opened again or forgotten."""

from __future__ import annotations

import streamlit as st

from switchpoint.ui.state import session
from switchpoint.ui.words import counted, plain


def saved_variants() -> None:
    """A row for each variant of the session."""
    found = session.variants()
    if not found:
        st.caption("Save what is open with “Save variant” at the left, change something, and compare the two here.")
        return
    with st.expander(f"{counted(len(found), 'saved variant')}", icon=":material/bookmarks:"):
        for name, draft in found.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                what = f"{draft.scenario}, {counted(len(draft.changes), 'change')}"
                st.markdown(f"**{plain(name)}**  \n:small[:gray[{plain(what)}]]", width="stretch")
                st.button("Open", key=f"variant {name}", on_click=session.become, args=(draft,))
                forget = {"key": f"forget {name}", "on_click": session.drop_variant, "args": (name,)}
                st.button("Forget", type="tertiary", icon=":material/delete:", **forget)  # type: ignore[arg-type]
