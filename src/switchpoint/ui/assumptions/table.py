"""The table of assumptions: value, range, unit, where each is from and as of when, and whether it was changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import streamlit as st

from switchpoint.export.assumptions import Assumption, assumptions
from switchpoint.result import Result
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.remarks import remarks
from switchpoint.ui.assumptions.editor import FIELD
from switchpoint.ui.state.session import View
from switchpoint.words import count, day

ALL, CHANGED, STATED, DEFAULTS, CATALOGUE = "All", "Changed", "Stated", "Defaults", "Catalogue"
ROWS = "assumption_rows"
WHICH = "assumptions_shown"
COLUMNS = ("Field", "Value", "Range", "Unit", "State", "Source", "As of", "What it is")


def table(view: View, result: Result) -> None:
    """A choice of which, and the table; a row that is picked is put into the editor."""
    if WHICH not in st.session_state:
        st.session_state[WHICH] = ALL
    shown = st.segmented_control(
        "Which", [ALL, CHANGED, STATED, DEFAULTS, CATALOGUE], key=WHICH, persist_state="session", required=True
    )
    rows = [row for row in _rows(view, result) if shown in (None, ALL) or row["State"] == _state_of(str(shown))]
    if not rows:
        st.caption(
            "Nothing was changed: the scenario is as it is in its file." if shown == CHANGED else "There are none."
        )
        return
    import pandas as pd

    st.session_state["_assumption_fields"] = [row["Field"] for row in rows]
    st.dataframe(
        pd.DataFrame(rows, columns=list(COLUMNS)),
        hide_index=True,
        height=430,
        key=ROWS,
        on_select=_picked,
        selection_mode="single-row",
        column_config={"Field": st.column_config.TextColumn(pinned=True)},
        alt="Every assumption of the scenario with value, range, unit, source and date",
    )
    st.caption("Pick a row to change it below. Headings sort; the magnifier searches.")


def _picked() -> None:
    """Put the field of the picked row into the editor."""
    rows = st.session_state[ROWS].selection.rows
    fields = st.session_state["_assumption_fields"]
    if rows and rows[0] < len(fields):
        st.session_state[FIELD] = fields[rows[0]]


def _state_of(choice: str) -> str:
    return {CHANGED: "changed", STATED: "stated", DEFAULTS: "default", CATALOGUE: "catalogue"}[choice]


def _rows(view: View, result: Result) -> Iterator[dict[str, Any]]:
    assert view.loaded is not None
    changed = [dotted(path) for path in view.draft.changes]
    stated = len(assumptions(result)) - len(result.sources)
    for place, row in enumerate(assumptions(result, remarks(view.loaded))):
        touched = any(row.field == name or row.field.startswith(f"{name}.") for name in changed)
        state = "catalogue" if place >= stated else "changed" if touched else "stated" if row.stated else "default"
        yield _row(row, state)


def _row(row: Assumption, state: str) -> dict[str, Any]:
    source = "changed here" if state == "changed" else row.source
    values = (row.field, shown(row.value), row.spread, row.unit, state, source, _dated(row, state), row.meaning)
    return dict(zip(COLUMNS, values, strict=True))


def _dated(row: Assumption, state: str) -> str:
    return "" if state == "changed" else row.as_of


def shown(value: float | date | str) -> str:
    """A value of the table in words.

    >>> shown(60000.0), shown(0.0917), shown(date(2027, 5, 1)), shown("office")
    ('60,000', '0.0917', '1 May 2027', 'office')
    """
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return value
    return count(value) if abs(value) >= 1000 and float(value).is_integer() else f"{value:.6g}"
