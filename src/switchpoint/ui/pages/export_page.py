"""The page that hands over files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from typing import Any, NamedTuple

import streamlit as st

from switchpoint.decision.result import JudgedWorld
from switchpoint.export.data_files import json_text, months_csv
from switchpoint.export.formats import Exports
from switchpoint.export.html_and_pdf import MISSING
from switchpoint.export.plain_tables import FOR_SPREADSHEETS, as_text
from switchpoint.review.context import Subject
from switchpoint.scenario.errors import dotted_path
from switchpoint.scenario.load import Loaded, remarks
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import as_json
from switchpoint.study.reasons import Why
from switchpoint.study.tornado import tornado
from switchpoint.study.tripwires import tripwires
from switchpoint.ui.answers import Kept, kept_answers
from switchpoint.ui.draft_changes import Changes, file_name
from switchpoint.ui.draw_facts import latest
from switchpoint.ui.library import key_of
from switchpoint.ui.widgets import open_view, plain, sentence_case, subject

CHANGED = "changed in the app"


@dataclass(frozen=True)
class Open:
    """What is open: the scenario on the shelf, what was changed, its base case, and its draws where there are any.

    `found` holds the slow answers that pages found before.
    """

    loaded: Loaded
    changes: Changes
    base: JudgedWorld
    findings: DrawFindings | None = None
    found: Kept = field(default_factory=Kept)

    @property
    def notes(self) -> dict[str, str]:
        """Where values are from, by dotted field."""
        return remarks(self.loaded) | {dotted_path(path): CHANGED for path in self.changes}

    @property
    def why(self) -> Why:
        """What the advice hangs on."""
        key = key_of(self.base.case.scenario)
        moved = self._once(("tornado", key), lambda: tornado(self.base))
        return Why(self.base, moved, self._once(("tripwires", key), lambda: tripwires(self.base)), None)

    @property
    def exports(self) -> Exports:
        """All that can be exported; the story is told once for all of them."""
        draws = self.findings.draws if self.findings else 0
        key = ("exports", key_of(self.base.case.scenario), draws, tuple(sorted(self.notes.items())))
        return self._once(key, lambda: Exports(Subject(self.base, self.findings, self.why, self.notes)))  # type: ignore[no-any-return]

    def _once(self, key: Any, find: Callable[[], Any]) -> Any:
        answer = self.found.get(key)
        if answer is None:
            answer = find()
            self.found.put(key, answer)
        return answer


def deck(what: Open) -> bytes:
    """The deck: slides with charts that can be edited."""
    return what.exports.deck()


def workbook(what: Open) -> bytes:
    """The workbook with live formulas; started as advised, with the quantiles of the draws."""
    return what.exports.workbook()


def report(what: Open) -> bytes:
    """The report as one HTML file."""
    return what.exports.report()


def pdf(what: Open) -> bytes:
    """The report as PDF."""
    return what.exports.pdf()


def onepager(what: Open) -> bytes:
    """The page to sign as PDF."""
    return what.exports.onepager()


def charts(what: Open) -> bytes:
    """Every chart as PNG and SVG, in a ZIP file."""
    return zip_files(what.exports.charts())


def tables(what: Open) -> bytes:
    """The values of everything shown as CSV and Parquet, in a ZIP file."""
    return zip_files(what.exports.tables())


def months(what: Open) -> str:
    """The monthly rows as CSV."""
    return FOR_SPREADSHEETS + months_csv(what.base)


def result(what: Open) -> str:
    """The whole result as JSON, that of the draws where there are any."""
    return as_text(as_json(what.findings)) if what.findings else json_text(what.base)


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Files by name, in a ZIP file."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return memory.getvalue()


ABOUT = "Files for reviews, made from what is open now, each when you ask for it; some take a few seconds."
OFFICE = "application/vnd.openxmlformats-officedocument."


class FileKind(NamedTuple):
    """A kind of file: what it is called, what it is for, its ending and type, and what makes it."""

    title: str
    about: str
    ending: str
    mime: str
    make: Callable[[Open], str | bytes]


FILES = {
    "deck": FileKind(
        "Deck",
        "Slides for the roadmap meeting, with charts that can be edited and notes for the speaker.",
        "pptx",
        f"{OFFICE}presentationml.presentation",
        deck,
    ),
    "workbook": FileKind(
        "Workbook",
        "Live formulas that reproduce the base case: finance can change a price and see the answer follow.",
        "xlsx",
        f"{OFFICE}spreadsheetml.sheet",
        workbook,
    ),
    "report": FileKind(
        "Report",
        "One page for the browser that needs nothing else, with every chart.",
        "html",
        "text/html",
        report,
    ),
    "pdf": FileKind("PDF", "The same report, to print and to send.", "pdf", "application/pdf", pdf),
    "onepager": FileKind(
        "One page to sign",
        "The ask, what it buys, its dates and the alternatives.",
        "page.pdf",
        "application/pdf",
        onepager,
    ),
    "charts": FileKind(
        "Charts", "Every chart as PNG for slides and as SVG for print.", "zip", "application/zip", charts
    ),
    "tables": FileKind(
        "Tables", "The values of everything shown, as CSV and Parquet.", "tables.zip", "application/zip", tables
    ),
    "months": FileKind("Months", "One row a month: requests, staying, each candidate.", "csv", "text/csv", months),
    "result": FileKind("Result", "All that came out, as the command line's JSON.", "json", "application/json", result),
}


def page() -> None:
    """Draw the page."""
    view = open_view("What to hand over?", ABOUT)
    if view is None or view.base is None or view.loaded is None:
        return
    what = Open(view.loaded, view.changes, view.base, latest(view.base), kept_answers())
    st.caption(plain(f"{subject(view)} · {_draws_words(what)}. Every assumption has its source and date."))
    with st.grid("auto", min_column_width=280, border=True):
        for name, kind in FILES.items():
            _offer(name, kind, what)


def _draws_words(what: Open) -> str:
    if what.findings is None:
        return "the base case; make draws on the Uncertainty page to have them told too"
    return f"the base case and {what.findings.draws:,} draws"


def _offer(name: str, kind: FileKind, what: Open) -> None:
    with st.container():
        st.markdown(f"**{plain(kind.title)}**  \n{plain(kind.about)}")
        if name in ("pdf", "onepager") and find_spec("typst") is None:
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
