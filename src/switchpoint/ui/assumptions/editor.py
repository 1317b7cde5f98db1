"""The editor of one field: any field of the schema, with its meaning, its bounds, and the ways back."""

from __future__ import annotations

import tomllib
from typing import Any

import streamlit as st
import tomlkit

from switchpoint.checks import load_text_checked
from switchpoint.scenario.access import OnlyFiles
from switchpoint.scenario.errors import Path, ScenarioError
from switchpoint.ui.assumptions.belief import NotYetError, number_typed, number_widgets
from switchpoint.ui.assumptions.fields import Place, Sort, places
from switchpoint.ui.parts.faults import faults
from switchpoint.ui.parts.notes import beside
from switchpoint.ui.state import session
from switchpoint.ui.state.changes import REMOVED
from switchpoint.ui.state.session import View
from switchpoint.ui.state.text import draft_text
from switchpoint.ui.words import plain

FIELD = "field"
WRONG = "_editor_faults"
NONE_YET = "Pick a field"


def editor(view: View) -> None:
    """Choose a field and change it."""
    assert view.scenario is not None
    found = places(view.scenario)
    if st.session_state.get(FIELD) not in found:
        st.session_state[FIELD] = None
    with st.container(border=True):
        chosen = st.selectbox(
            "Change a field", list(found), index=None, key=FIELD, placeholder="Type part of its name", on_change=_forget
        )
        if chosen is None:
            st.caption("Every field that the scenario has a place for is here, also those left to their defaults.")
            return
        _edit(view, found[chosen])


def _edit(view: View, place: Place) -> None:
    key = f"edit {place.name} {_version(view)}"
    st.caption(plain(place.about))
    _widgets(place, key)
    beside(view.base, place.path)
    wrong: tuple[str, ...] = st.session_state.get(WRONG, ())
    if wrong:
        faults("That value does not work", wrong, "The scenario is as it was.")
    changed = [path for path in view.draft.changes if path == place.path or path == place.path[: len(path)]]
    with st.container(horizontal=True):
        st.button("Set", type="primary", icon=":material/check:", key="set field", on_click=_set, args=(place, key))
        st.button(
            "Back to the file",
            icon=":material/undo:",
            key="reset field",
            disabled=not changed,
            on_click=session.reset,
            args=tuple(changed),
        )
        st.button(
            "Leave it out",
            icon=":material/backspace:",
            key="leave out field",
            disabled=place.field.is_required() or not place.stated,
            on_click=_apply,
            args=({place.path: REMOVED},),
            help="Take it out of the scenario, so that its default holds.",
        )


def _version(view: View) -> int:
    """Makes widgets begin anew with what was set."""
    return hash(str(view.draft.changes)) % 100_000


def _widgets(place: Place, key: str) -> None:
    if place.sort is Sort.NUMBER:
        number_widgets(place, key)
    elif place.sort is Sort.WORDS:
        _begin(key, place.value if place.value in place.words else None)
        st.selectbox("Value", place.words, index=None, key=key, width=320)
    elif place.sort is Sort.SWITCH:
        _begin(key, bool(place.value))
        st.toggle("Yes", key=key)
    else:
        _begin(key, written(place.value))
        st.text_area("Value, written as in the file", key=key, height=120 if len(written(place.value)) > 80 else 68)


def _begin(key: str, value: Any) -> None:
    if key not in st.session_state:
        st.session_state[key] = value


def written(value: Any) -> str:
    """A value as a scenario file writes it.

    >>> written([1, 1, 0.4]), written("office"), written(None)
    ('[1, 1, 0.4]', '"office"', '')
    """
    if value is None:
        return ""
    item = tomlkit.item(value)
    if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
        rows = [value] if isinstance(value, dict) else value
        tables = [tomlkit.inline_table() for _ in rows]
        for table, row in zip(tables, rows, strict=True):
            table.update(row)
        told = ", ".join(table.as_string() for table in tables)
        return told if isinstance(value, dict) else f"[{told}]"
    return str(item.as_string())


def typed(text: str) -> Any:
    """What stands in a text, read as a value of a scenario file; bare words are text.

    Raises:
        NotYetError: where nothing does.
    """
    text = " ".join(text.split())
    if not text:
        raise NotYetError('Type a value first, such as 3, "text", 2027-05-01 or [1, 2].')
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def _set(place: Place, key: str) -> None:
    try:
        if place.sort is Sort.NUMBER:
            value = number_typed(key)
        else:
            value = st.session_state.get(key)
            value = typed(value or "") if place.sort is Sort.WRITTEN else value
        if value is None:
            raise NotYetError("Choose a value first.")
    except NotYetError as missing:
        st.session_state[WRONG] = (str(missing),)
        return
    _apply({place.path: value})


def _apply(values: dict[Path, Any]) -> None:
    """Take values over where the whole still is a scenario; else keep what is wrong with them."""
    loaded, draft = session.base().loaded, session.draft()
    assert loaded is not None
    changed = draft.with_values(loaded.tree, values)
    text = draft_text(loaded, changed.changes)
    try:
        checked = load_text_checked(text, loaded.name, files=OnlyFiles(loaded.opened))
    except ScenarioError as error:
        st.session_state[WRONG] = tuple(f"{fault.field}: {fault.message}" for fault in error.faults)
        return
    _forget()
    session.become(draft.as_tree(loaded.tree, checked.tree))


def _forget() -> None:
    st.session_state[WRONG] = ()
