"""Opening a file of one's own: with every fault at once, as the command line tells them."""

from __future__ import annotations

import streamlit as st

from switchpoint.ui.parts.faults import faults
from switchpoint.ui.state import session
from switchpoint.ui.state.shelf import LARGEST_MB, open_upload

UPLOAD = "upload"


def upload_popover() -> None:
    """A button that opens the place for a file; it says so where the last file had faults."""
    with st.popover("Open a file", icon=":material/folder_open:"):
        upload_field()
    faulty_file()


def upload_field() -> None:
    """The place for a file."""
    st.file_uploader("A scenario file (TOML)", type=["toml"], key=UPLOAD, max_upload_size=LARGEST_MB, on_change=_taken)
    st.caption("To begin, open a story, download it, edit the file, and open it here. It stays on this machine.")


def faulty_file() -> None:
    """What is wrong with the file that was opened last."""
    opened = session.faulty_file()
    if opened is not None:
        faults(f"{opened.name} cannot be opened", opened.faults, "What was open before is still shown.")


def _taken() -> None:
    file = st.session_state[UPLOAD]
    if file is None:
        session.forget_faults()
    else:
        session.take_file(open_upload(file.name, file.getvalue()))
