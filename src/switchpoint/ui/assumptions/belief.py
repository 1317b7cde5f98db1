"""Widgets for a number that may be uncertain: one number, a range, three points, or a choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from switchpoint.ui.assumptions.fields import Place

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
        return _given(state.get(f"{key} one"), "a number")
    if shape == SOME:
        values = _list(state.get(f"{key} values", ""), "values")
        weights = _list(state.get(f"{key} weights", ""), "weights")
        return {"values": values, "weights": weights} if weights else {"values": values}
    return {part: _given(state.get(f"{key} {part}"), LABELS[part].lower()) for part in KEYS[shape]}


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


def _given(value: Any, what: str) -> float | int:
    if value is None:
        raise NotYetError(f"Type {what} first.")
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _list(text: str, what: str) -> list[float | int]:
    try:
        return [
            _given(float(each.replace("_", "")), what) for each in text.replace(";", ",").split(",") if each.strip()
        ]
    except ValueError:
        raise NotYetError(f"Type {what} as numbers with commas between them, such as 0.5, 0.8.") from None
