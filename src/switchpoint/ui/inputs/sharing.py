"""Sharing what is worked on, and saving it for later in the session."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from switchpoint.ui.state import address, session
from switchpoint.ui.state.dialog import close_dialog
from switchpoint.ui.words import counted, plain

NAME = "variant_name"


@st.dialog("Share", icon=":material/link:", on_dismiss=close_dialog)
def share_dialog() -> None:
    """The link to what is on the page."""
    said = address.parameters()
    if said is None:
        st.warning(
            "So much was changed that a link would be too long to be sent. Download the file and send that: whoever "
            "gets it opens it with “Open a file”.",
            title="Too much for a link",
            icon=":material/link_off:",
        )
        return
    changed = len(session.draft().changes)
    what = "the scenario as it is in its file" if not changed else f"the scenario and {counted(changed, 'change')}"
    st.markdown(f"This link restores {what}. It works wherever this app runs.")
    st.code(link(st.context.url or "", said), language=None, wrap_lines=True)
    st.caption("Everything is in the link; nothing is stored anywhere else. The address bar holds it too.")


def link(page: str, said: dict[str, str]) -> str:
    """The address of a page with what it is to say.

    >>> link("http://127.0.0.1:8501/compare?scenario=x", {"scenario": "Voice agent"})
    'http://127.0.0.1:8501/compare?scenario=Voice+agent'
    >>> link("http://127.0.0.1:8501", {})
    'http://127.0.0.1:8501/'
    """
    parts = urlsplit(page)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", urlencode(said), ""))


@st.dialog("Save as a variant", icon=":material/bookmark_add:", on_dismiss=close_dialog)
def save_dialog() -> None:
    """Name what is on the page and keep it for the session."""
    st.markdown("A variant stays until this tab is closed. The Compare page holds up to four side by side.")
    name = st.text_input("Name", value=_proposed(), max_chars=60, key=NAME, required=True)
    if st.button("Save", type="primary", icon=":material/check:", disabled=not name.strip()):
        session.save_variant(name.strip())
        st.toast(plain(f"{name.strip()} is saved; find it on the Compare page"))
        close_dialog()
        st.rerun()


def _proposed() -> str:
    """A name that is not taken."""
    title, taken = session.draft().scenario, session.variants()
    numbers = (f"{title} {number}" for number in range(2, 100))
    return next(name for name in (title, *numbers) if name not in taken)
