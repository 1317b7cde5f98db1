"""The page of every input, to look up and to change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from switchpoint.decision.result import JudgedWorld
from switchpoint.review.assumption_rows import assumptions
from switchpoint.review.pages import Assumption
from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.scenario.errors import ScenarioError, dotted_path
from switchpoint.scenario.load import remarks
from switchpoint.text import count, day
from switchpoint.ui import session
from switchpoint.ui.draft_changes import draft_text, file_name
from switchpoint.ui.field_editor import FIELD, editor
from switchpoint.ui.library import access_of
from switchpoint.ui.session import View
from switchpoint.ui.sidebar import faulty_file, upload_field
from switchpoint.ui.whose_number import CATALOGUE, DEFAULT, STORYS, YOURS, stated_by
from switchpoint.ui.widgets import faults, open_view, plain, subject

ALL, YOUR, STATED, DEFAULTS, LISTED = "All", "Yours", "The story's", "Defaults", "Catalogue"
ROWS = "assumption_rows"
WHICH = "assumptions_shown"
COLUMNS = ("Field", "Value", "Range", "Unit", "State", "Source", "As of", "What it is")


def table(view: View, result: JudgedWorld) -> None:
    """A choice of which, and the table; a row that is picked is put into the editor."""
    if WHICH not in st.session_state:
        st.session_state[WHICH] = ALL
    shown = st.segmented_control(
        "Which", [ALL, YOUR, STATED, DEFAULTS, LISTED], key=WHICH, persist_state="session", required=True
    )
    rows = [row for row in _rows(view, result) if shown in (None, ALL) or row["State"] == _state_of(str(shown))]
    if not rows:
        st.caption("Nothing was changed: the scenario is as it is in its file." if shown == YOUR else "There are none.")
        return
    import pandas as pd

    st.session_state["_assumption_fields"] = [row["Field"] for row in rows]
    st.dataframe(
        pd.DataFrame(rows, columns=list(COLUMNS)),
        hide_index=True,
        height=430,
        key=ROWS,
        on_select=_edit_picked,
        selection_mode="single-row",
        column_config={"Field": st.column_config.TextColumn(pinned=True)},
        alt="Every assumption of the scenario with value, range, unit, source and date",
    )
    st.caption("Pick a row to change it above. Headings sort; the magnifier searches.")


def _edit_picked() -> None:
    """Put the field of the picked row into the editor."""
    rows = st.session_state[ROWS].selection.rows
    fields = st.session_state["_assumption_fields"]
    if rows and rows[0] < len(fields):
        st.session_state[FIELD] = fields[rows[0]]


def _state_of(choice: str) -> str:
    return {YOUR: YOURS, STATED: STORYS, DEFAULTS: DEFAULT, LISTED: CATALOGUE}[choice]


def _rows(view: View, result: JudgedWorld) -> Iterator[dict[str, Any]]:
    assert view.loaded is not None
    changed = [dotted_path(path) for path in view.changes]
    rows = assumptions(result, remarks(view.loaded))
    stated = len(rows) - len(result.sources)
    for place, row in enumerate(rows):
        touched = any(row.field == name or row.field.startswith(f"{name}.") for name in changed)
        state = CATALOGUE if place >= stated else YOURS if touched else stated_by(view) if row.stated else DEFAULT
        yield _row(row, state, touched=touched and place < stated)


def _row(row: Assumption, state: str, *, touched: bool) -> dict[str, Any]:
    source = "changed here" if touched else row.source
    values = (
        row.field,
        show_value(row.value),
        row.spread,
        row.unit,
        state,
        source,
        "" if touched else row.as_of,
        row.meaning,
    )
    return dict(zip(COLUMNS, values, strict=True))


def show_value(value: float | date | str) -> str:
    """A value of the table in words.

    >>> show_value(60000.0), show_value(0.0917), show_value(date(2027, 5, 1)), show_value("office")
    ('60,000', '0.0917', '1 May 2027', 'office')
    """
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return value
    return count(value) if abs(value) >= 1000 and float(value).is_integer() else f"{value:.6g}"


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
        checked = load_text_checked(text, loaded.name, files=access_of(loaded))
    except ScenarioError as error:
        short = Path(loaded.name).name
        st.session_state[WRONG] = tuple(line.replace(loaded.name, short, 1) for line in str(error).splitlines())
        return
    st.session_state[WRONG] = ()
    session.become(draft.as_tree(loaded.tree, checked.tree))
    st.session_state[SHOWN] = None


ABOUT = "Every number the answer rests on: its value and range, where it is from, and as of when. Change any of them."
TABS = ("One by one", "The file itself")


def page() -> None:
    """Draw the page."""
    view = open_view("What is assumed?", ABOUT)
    faulty_file()
    if view is not None and view.base is not None:
        st.caption(plain(subject(view)))
        first, second = st.tabs(TABS, key="assumptions", bind="query-params")
        if first.open:
            with first:
                editor(view)
                table(view, view.base)
        if second.open:
            with second:
                text_editor(view)
    files(view)


def files(view: View | None) -> None:
    """Take the scenario along as a file, or open one."""
    st.markdown("## Files")
    with st.grid("auto", min_column_width=320, border=True):
        with st.container():
            st.markdown("**Take it along**  \nThe scenario file with everything that was changed here.")
            if view is not None and view.loaded is not None:
                st.download_button(
                    "Download the scenario",
                    partial(draft_text, view.loaded, view.changes),
                    file_name=file_name(view.loaded.scenario.name),
                    mime="application/toml",
                    icon=":material/download:",
                    on_click="ignore",
                    key="download scenario",
                )
        with st.container():
            upload_field()
