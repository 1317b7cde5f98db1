"""The page of what can be handed over. A new kind of file is one entry of `FILES`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

import streamlit as st

from switchpoint.export.pdf import MISSING
from switchpoint.ui.handover import files
from switchpoint.ui.handover.files import Open
from switchpoint.ui.parts.opening import opened, subject
from switchpoint.ui.state.kept import kept
from switchpoint.ui.state.text import file_name
from switchpoint.ui.uncertainty.draws import latest
from switchpoint.ui.words import plain, sentence_case

ABOUT = "Files for reviews, made from what is open now, each when you ask for it; some take a few seconds."
OFFICE = "application/vnd.openxmlformats-officedocument."


class Kind(NamedTuple):
    """A kind of file: what it is called, what it is for, its ending and type, and what makes it."""

    title: str
    about: str
    ending: str
    mime: str
    make: Callable[[Open], str | bytes]


FILES = {
    "deck": Kind(
        "Deck",
        "Slides for the roadmap meeting, with charts that can be edited and notes for the speaker.",
        "pptx",
        f"{OFFICE}presentationml.presentation",
        files.deck,
    ),
    "workbook": Kind(
        "Workbook",
        "Live formulas that reproduce the base case: finance can change a price and see the answer follow.",
        "xlsx",
        f"{OFFICE}spreadsheetml.sheet",
        files.workbook,
    ),
    "report": Kind(
        "Report",
        "One page for the browser that needs nothing else, with every chart.",
        "html",
        "text/html",
        files.report,
    ),
    "pdf": Kind("PDF", "The same report, to print and to send.", "pdf", "application/pdf", files.pdf),
    "charts": Kind(
        "Charts", "Every chart as PNG for slides and as SVG for print.", "zip", "application/zip", files.charts
    ),
    "tables": Kind(
        "Tables", "The values of everything shown, as CSV and Parquet.", "tables.zip", "application/zip", files.tables
    ),
    "months": Kind("Months", "One row a month: requests, staying, each candidate.", "csv", "text/csv", files.months),
    "result": Kind(
        "Result", "All that came out, as the command line's JSON.", "json", "application/json", files.result
    ),
}


def page() -> None:
    """Draw the page."""
    view = opened("What to hand over?", ABOUT)
    if view is None or view.base is None or view.loaded is None:
        return
    what = Open(view.loaded, view.draft.changes, view.base, latest(view.base), kept())
    st.caption(plain(f"{subject(view)} · {_drawn(what)}. Every assumption has its source and date."))
    with st.grid("auto", min_column_width=280, border=True):
        for name, kind in FILES.items():
            _offer(name, kind, what)


def _drawn(what: Open) -> str:
    if what.findings is None:
        return "the base case; make draws on the Uncertainty page to have them told too"
    return f"the base case and {what.findings.draws:,} draws"


def _offer(name: str, kind: Kind, what: Open) -> None:
    with st.container():
        st.markdown(f"**{plain(kind.title)}**  \n{plain(kind.about)}")
        if name == "pdf" and find_spec("typst") is None:
            st.caption(plain(sentence_case(MISSING)))
            return
        st.download_button(
            f"Download {kind.title if kind.title.isupper() else kind.title.lower()}",
            partial(kind.make, what),
            file_name=f"{file_name(what.loaded.scenario.name).removesuffix('.toml')}.{kind.ending}",
            mime=kind.mime,
            icon=":material/download:",
            on_click="ignore",
            key=f"hand over {name}",
        )
