"""Any field, any belief: the editor, and the dialog that finds a field by name or meaning from every page."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

import streamlit as st
import tomlkit
from pydantic.fields import FieldInfo

from switchpoint.scenario.catalogue_check import load_text_checked
from switchpoint.scenario.errors import Keys, ScenarioError, dotted_path
from switchpoint.scenario.fields import Bounds, Part
from switchpoint.scenario.introspection import bounds_of, meaning, value_words, words_of
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import REMOVED, tree_of
from switchpoint.scenario.uncertain import plain
from switchpoint.ui import session
from switchpoint.ui.draft_changes import draft_text
from switchpoint.ui.library import access_of
from switchpoint.ui.session import View, close_dialog
from switchpoint.ui.whose_number import whose
from switchpoint.ui.widgets import beside, faults
from switchpoint.ui.widgets import plain as widgets_plain


class Sort(Enum):
    """How a field is edited."""

    NUMBER = "a number, or a range"
    WORDS = "one of some words"
    SWITCH = "yes or no"
    WRITTEN = "written as in the file"


@dataclass(frozen=True)
class Place:
    """A field of a scenario: where it stands, what the schema says of it, and what stands there.

    `value` is a plain value as a file would write it, None where it is left out and has no default.
    """

    path: Keys
    field: FieldInfo
    value: Any
    stated: bool

    @property
    def name(self) -> str:
        """Its dotted path."""
        return dotted_path(self.path)

    @property
    def about(self) -> str:
        """Meaning, unit, and what may stand there."""
        return f"{meaning(self.field)}. {value_words(self.field).capitalize()}."

    @property
    def bounds(self) -> Bounds | None:
        """The bounds of a number."""
        return bounds_of(self.field)

    @property
    def words(self) -> list[str]:
        """The words that may stand there."""
        return words_of(self.field.annotation)

    @property
    def sort(self) -> Sort:
        """How it is edited."""
        what = value_words(self.field)
        if what.startswith("number"):
            return Sort.NUMBER
        if what == "true or false":
            return Sort.SWITCH
        return Sort.WORDS if self.words and what.endswith(self.words[-1]) else Sort.WRITTEN


def places(scenario: Scenario) -> dict[str, Place]:
    """All fields by dotted path, in the order of the schema."""
    return {place.name: place for place in _places(scenario, ())}


def _places(part: Part, path: Keys) -> Iterator[Place]:
    for name, field in type(part).model_fields.items():
        value, place = getattr(part, name), (*path, name)
        inner = dict(_tables(value, place))
        if not inner or isinstance(value, tuple):
            yield Place(place, field, _as_written(value), name in part.model_fields_set)
        for where, table in inner.items():
            yield from _places(table, where)


def _tables(value: Any, path: Keys) -> Iterator[tuple[Keys, Part]]:
    if isinstance(value, Part):
        yield path, value
    elif isinstance(value, Mapping):
        yield from (((*path, name), table) for name, table in value.items())
    elif isinstance(value, tuple):
        yield from (((*path, place), table) for place, table in enumerate(value) if isinstance(table, Part))


def _as_written(value: Any) -> Any:
    """A value as a file would write it."""
    if isinstance(value, tuple):
        return [tree_of(each) if isinstance(each, Part) else each for each in value]  # type: ignore[arg-type]
    return plain(value)


ONE, RANGE, THREE, SOME = "One number", "90 % range", "Low, likely, high", "One of several"
KEYS = {RANGE: ("low", "high"), THREE: ("low", "mode", "high")}
LABELS = {"low": "Low", "mode": "Likeliest", "high": "High"}


class NotYetError(ValueError):
    """What was typed makes no value yet; the message says what is missing."""


def shape_of(value: Any) -> str:
    """Which of the four a value is."""
    if not isinstance(value, Mapping):
        return ONE
    return SOME if "values" in value else THREE if "mode" in value else RANGE


def number_widgets(place: Place, key: str) -> None:
    """Draw the widgets; `number_typed` reads them."""
    shapes = [ONE, RANGE, THREE, SOME] if place.bounds is None or place.bounds.uncertain else [ONE]
    shape = shape_of(place.value)
    if len(shapes) > 1:
        _begin(f"{key} shape", shape)
        shape = st.segmented_control("Stated as", shapes, key=f"{key} shape", required=True) or shape
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if shape == ONE:
            _number("Value", f"{key} one", _middle(place.value))
        elif shape == SOME:
            _texts(place.value, key)
        else:
            for part in KEYS[shape]:
                _number(LABELS[part], f"{key} {part}", _part(place.value, part))


def number_typed(key: str) -> Any:
    """The value that was typed, as a file would write it.

    Raises:
        NotYetError: with what is missing.
    """
    state = st.session_state
    shape = state.get(f"{key} shape") or ONE
    if shape == ONE:
        return _required_number(state.get(f"{key} one"), "a number")
    if shape == SOME:
        values = _list(state.get(f"{key} values", ""), "values")
        weights = _list(state.get(f"{key} weights", ""), "weights")
        return {"values": values, "weights": weights} if weights else {"values": values}
    return {part: _required_number(state.get(f"{key} {part}"), LABELS[part].lower()) for part in KEYS[shape]}


def _number(label: str, key: str, value: float | None) -> None:
    _begin(key, value)
    st.number_input(label, value=None, step=None, format="%.10g", key=key, width=180)


def _texts(value: Any, key: str) -> None:
    stated = value if isinstance(value, Mapping) and "values" in value else {}
    for part, label in (("values", "Values, with commas"), ("weights", "Weights, with commas (left out: equal)")):
        _begin(f"{key} {part}", ", ".join(f"{each:g}" for each in stated.get(part, [])))
        st.text_input(label, key=f"{key} {part}", width=320)


def _begin(key: str, value: Any) -> None:
    """The value that a widget begins with."""
    if key not in st.session_state:
        st.session_state[key] = value


def _middle(value: Any) -> float | None:
    if isinstance(value, Mapping):
        return None
    return None if value is None else float(value)


def _part(value: Any, part: str) -> float | None:
    """An end of a range; of a certain number, the number itself."""
    if isinstance(value, Mapping):
        found = value.get(part)
        return None if found is None else float(found)
    return None if value is None else float(value)


def _required_number(value: Any, what: str) -> float | int:
    if value is None:
        raise NotYetError(f"Type {what} first.")
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _list(text: str, what: str) -> list[float | int]:
    try:
        return [
            _required_number(float(each.replace("_", "")), what)
            for each in text.replace(";", ",").split(",")
            if each.strip()
        ]
    except ValueError:
        raise NotYetError(f"Type {what} as numbers with commas between them, such as 0.5, 0.8.") from None


FIELD = "field"
WRONG = "_editor_faults"


def editor(view: View, place: str = "", words: Callable[[str], str] = str) -> None:
    """Choose a field and change it.

    Args:
        view: what is worked on.
        place: tells this editor from another one on the page.
        words: what a field is called in the list.
    """
    assert view.edited is not None
    found, field = places(view.edited), f"{place}{FIELD}"
    if st.session_state.get(field) not in found:
        st.session_state[field] = None
    with st.container(border=True):
        chosen = st.selectbox(
            "Change a field",
            list(found),
            index=None,
            key=field,
            format_func=words,
            placeholder="Type part of its name",
            on_change=_forget,
        )
        if chosen is None:
            st.caption("Every field that the scenario has a place for is here, also those left to their defaults.")
            return
        _edit(view, found[chosen], place)


def _edit(view: View, field: Place, place: str) -> None:
    key = f"{place}edit {field.name} {_version(view)}"
    st.caption(widgets_plain(field.about))
    _widgets(field, key)
    beside(view.base, field.path)
    wrong: tuple[str, ...] = st.session_state.get(WRONG, ())
    if wrong:
        faults("That value does not work", wrong, "The scenario is as it was.")
    changed = [path for path in view.draft.changes if path == field.path or path == field.path[: len(path)]]
    with st.container(horizontal=True):
        st.button(
            "Set", type="primary", icon=":material/check:", key=f"{place}set field", on_click=_set, args=(field, key)
        )
        st.button(
            "Back to the file",
            icon=":material/undo:",
            key=f"{place}reset field",
            disabled=not changed,
            on_click=session.reset,
            args=tuple(changed),
        )
        st.button(
            "Leave it out",
            icon=":material/backspace:",
            key=f"{place}leave out field",
            disabled=field.field.is_required() or not field.stated,
            on_click=_apply,
            args=({field.path: REMOVED},),
            help="Take it out of the scenario, so that its default holds.",
        )


def _version(view: View) -> int:
    """Makes widgets begin anew with what was set."""
    return hash(str(view.draft.changes)) % 100_000


def _widgets(place: Place, key: str) -> None:
    if place.sort is Sort.NUMBER:
        number_widgets(place, key)
    elif place.sort is Sort.WORDS:
        _begin_editing(key, place.value if place.value in place.words else None)
        st.selectbox("Value", place.words, index=None, key=key, width=320)
    elif place.sort is Sort.SWITCH:
        _begin_editing(key, bool(place.value))
        st.toggle("Yes", key=key)
    else:
        _begin_editing(key, write_value(place.value))
        st.text_area("Value, written as in the file", key=key, height=120 if len(write_value(place.value)) > 80 else 68)


def _begin_editing(key: str, value: Any) -> None:
    if key not in st.session_state:
        st.session_state[key] = value


def write_value(value: Any) -> str:
    """A value as a scenario file writes it.

    >>> write_value([1, 1, 0.4]), write_value("office"), write_value(None)
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


def read_typed(text: str) -> Any:
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
            value = read_typed(value or "") if place.sort is Sort.WRITTEN else value
        if value is None:
            raise NotYetError("Choose a value first.")
    except NotYetError as missing:
        st.session_state[WRONG] = (str(missing),)
        return
    _apply({place.path: value})


def _apply(values: dict[Keys, Any]) -> None:
    """Take values over where the whole still is a scenario; else keep what is wrong with them."""
    loaded, draft = session.base().loaded, session.draft()
    assert loaded is not None
    changed = draft.with_values(loaded.tree, values)
    text = draft_text(loaded, changed.changes)
    try:
        checked = load_text_checked(text, loaded.name, files=access_of(loaded))
    except ScenarioError as error:
        st.session_state[WRONG] = tuple(f"{fault.field}: {fault.message}" for fault in error.faults)
        return
    _forget()
    session.become(draft.as_tree(loaded.tree, checked.tree))


def _forget() -> None:
    st.session_state[WRONG] = ()


DIALOG = "found "
"""Beginning of the keys of the editor in the dialog."""
LONGEST_MEANING = 90
SHOWN_BEFORE = "_field_dialog_draft"


def field_words(found: dict[str, Place], name: str) -> str:
    """What a field is called in the list: its name, and what it means as far as that fits."""
    place = found.get(name)
    said = meaning(place.field) if place is not None else ""
    short = said if len(said) <= LONGEST_MEANING else f"{said[:LONGEST_MEANING].rsplit(' ', 1)[0]} …"
    return f"{name}: {short}" if short else name


@st.dialog("Find a field", width="large", icon=":material/search:", on_dismiss=close_dialog)
def field_dialog() -> None:
    """Search a field and change it; what is changed shows on the page at once."""
    before = st.session_state.get(SHOWN_BEFORE)
    st.session_state[SHOWN_BEFORE] = session.draft()
    if before is not None and before != session.draft():
        st.session_state.pop(SHOWN_BEFORE)
        st.rerun()
    view = session.view()
    if view.edited is None:
        st.caption("The numbers do not work together now; take the last change back first.")
        return
    found = places(view.edited)
    editor(view, DIALOG, partial(field_words, found))
    chosen = st.session_state.get(f"{DIALOG}field")
    if chosen:
        st.caption(widgets_plain(f"Whose number it is now: {whose(view, chosen)}."))
