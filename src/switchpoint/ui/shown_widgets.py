"""Inputs whose value may be set elsewhere too: by undo, by another scenario, by a form.

A browser sends the values of all its inputs with whatever it asks for, also when nobody touched them: a page asks for
its slow answers by itself. One that has not yet been told of a value that was set elsewhere sends the one before. Under
the same key that would be a change by the reader, and would put numbers of one scenario into another in silence. So an
input whose value was set elsewhere is a new widget from then on, and what comes from one that is on the page no more is
left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from switchpoint.ui import session

SHOWN, DRAWING, LIVE = "_shown_widgets", "_shown_drawing", "_shown_live"
CLOSE = 1e-9
"""Numbers that differ by less, relatively, are the same: a slider sends 0.092 with an error of rounding."""


@dataclass(frozen=True)
class ShownWidget:
    """What was drawn last under a name: how often it was set elsewhere, its value, and in which scenario and run."""

    number: int
    value: Any
    scenario: str
    run: int


def begin_drawing() -> None:
    """A run of the whole page begins."""
    st.session_state[DRAWING] = st.session_state.get(DRAWING, 0) + 1


def finish_drawing() -> None:
    """All inputs of the page are drawn: those that were not are there no more."""
    st.session_state[LIVE] = st.session_state.get(DRAWING, 0)


def key_shown(name: str, value: Any) -> str:
    """The key of an input that shows a value; a new one where that was set elsewhere since it was drawn.

    Args:
        name: tells the input from others.
        value: what it is to show.
    """
    last = _widgets().get(name)
    number = last.number if last is not None else 0
    before = st.session_state.get(_key(name, number), last.value if last is not None else value)
    if not _is_same(before, value):
        number += 1
    key = _key(name, number)
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    run = st.session_state.get(DRAWING, 0)
    _widgets()[name] = ShownWidget(number, value, session.draft().scenario, run)
    return key


def if_shown(name: str, key: str, take: Callable[..., None]) -> Callable[..., None]:
    """A callback that does nothing where its input is on the page no more.

    Args:
        name: of the input.
        key: that it was drawn with.
        take: what is to be called.
    """

    def call(*args: Any) -> None:
        if is_shown(name, key):
            take(*args)

    return call


def is_shown(name: str, key: str) -> bool:
    """Whether an input is on the page, under this key and for the scenario that is worked on."""
    last = _widgets().get(name)
    return (
        last is not None
        and key == _key(name, last.number)
        and last.scenario == session.draft().scenario
        and last.run >= st.session_state.get(LIVE, 0)
    )


def _widgets() -> dict[str, ShownWidget]:
    found: dict[str, ShownWidget] = st.session_state.setdefault(SHOWN, {})
    return found


def _key(name: str, number: int) -> str:
    return f"{name} ({number + 1})" if number else name


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-12)
    return bool(one == other)
