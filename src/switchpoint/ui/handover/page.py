"""The page of what can be handed over. A new kind of file is one entry of `FILES`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st

from switchpoint.ui.handover import files
from switchpoint.ui.handover.files import Open
from switchpoint.ui.parts.opening import opened, subject
from switchpoint.ui.state.session import View
from switchpoint.ui.state.text import file_name
from switchpoint.ui.uncertainty.draws import latest
from switchpoint.ui.words import plain

ABOUT = "Files for reviews, made from what is open now. Nothing is stored; each is made when you ask for it."


class Kind(NamedTuple):
    """A kind of file: what it is called, what it is for, its ending and type, and what makes it."""

    title: str
    about: str
    ending: str
    mime: str
    make: Callable[[Open], str | bytes]


FILES = {
    "workbook": Kind(
        "Workbook",
        "Live formulas that reproduce the base case: finance can change a price and see the answer follow. Every "
        "assumption with source and date.",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        files.workbook,
    ),
    "charts": Kind(
        "Charts", "Every chart as PNG for slides and as SVG for print.", "zip", "application/zip", files.pictures
    ),
    "months": Kind(
        "Months",
        "One row for each month: requests, limit, what staying and each candidate cost.",
        "csv",
        "text/csv",
        files.months,
    ),
    "result": Kind(
        "Result", "Everything that came out, as the command line's JSON.", "json", "application/json", files.result
    ),
    "report": Kind(
        "Report", "The page that the command line prints, as plain text.", "txt", "text/plain", files.report
    ),
}


def page() -> None:
    """Draw the page."""
    view = opened("What to hand over?", ABOUT)
    if view is None or view.base is None or view.loaded is None:
        return
    what = Open(view.loaded, view.draft.changes, view.base, latest(view.base))
    st.caption(plain(f"{subject(view)} · {_drawn(what)}"))
    with st.grid("auto", min_column_width=280, border=True):
        for name, kind in FILES.items():
            _offer(name, kind, view, what)


def _drawn(what: Open) -> str:
    if what.findings is None:
        return "the base case; make draws on the Uncertainty page to have them in workbook, charts and result"
    return f"the base case and {what.findings.draws:,} draws"


def _offer(name: str, kind: Kind, view: View, what: Open) -> None:
    with st.container():
        st.markdown(f"**{plain(kind.title)}**  \n{plain(kind.about)}")
        assert view.loaded is not None
        st.download_button(
            f"Download {kind.title.lower()}",
            partial(kind.make, what),
            file_name=f"{file_name(view.loaded.scenario.name).removesuffix('.toml')}.{kind.ending}",
            mime=kind.mime,
            icon=":material/download:",
            on_click="ignore",
            key=f"hand over {name}",
        )
