"""Whose number a field is: yours, the story's, the catalogue's, or a default that nobody stated."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from switchpoint.scenario.errors import dotted_path
from switchpoint.study.tripwires import Tripwire
from switchpoint.text import join_names
from switchpoint.ui import session
from switchpoint.ui.draft_changes import Changes, between
from switchpoint.ui.session import View
from switchpoint.ui.widgets import count_noun, plain

YOURS, STORYS, CATALOGUE, DEFAULT = "yours", "the story's", "catalogue", "default"
MOST_NAMED = 3


def whose(view: View, field: str) -> str:
    """Whose the number of a dotted field is.

    What was changed, what is supposed, and all that a file of one's own states is yours.
    """
    if any(_is_within(field, dotted_path(path)) for path in view.changes):
        return YOURS
    return stated_by(view) if _is_stated(view, field) else DEFAULT


def stated_by(view: View) -> str:
    """Whose the numbers of the file are that is open."""
    return STORYS if view.draft.scenario in session.stories() else YOURS


def _is_stated(view: View, field: str) -> bool:
    stated = between({}, view.loaded.tree) if view.loaded is not None else {}
    return any(_is_within(field, dotted_path(path)) for path in stated)


def _is_within(field: str, other: str) -> bool:
    """Whether one of two dotted fields stands in the other, or is it."""
    return field == other or field.startswith(f"{other}.") or other.startswith(f"{field}.")


def changes_words(changes: Changes) -> str:
    """How much was changed, in a few words; a whole candidate is no number.

    >>> changes_words({("months",): 24}), changes_words({("months",): 24, ("candidates", "x"): {}})
    ('1 number changed', '1 number and 1 candidate changed')
    >>> changes_words({})
    'Nothing changed'
    """
    whole = sum(path[0] == "candidates" and len(path) == 2 for path in changes)
    parts = [(len(changes) - whole, "number"), (whole, "candidate")]
    told = [count_noun(count, noun) for count, noun in parts if count]
    return f"{join_names(told)} changed" if told else "Nothing changed"


def not_yours_yet(view: View, wires: Sequence[Tripwire]) -> list[str]:
    """The numbers that matter most and are not yours, as they are called, the nearest threshold first."""
    names = dict.fromkeys(wire.name for wire in wires if whose(view, wire.path) != YOURS)
    return list(names)[:MOST_NAMED]


def draw_not_yours(view: View, wires: Sequence[Tripwire]) -> None:
    """One line of them."""
    names = not_yours_yet(view, wires)
    if names:
        what = "What matters most and is not your own number yet"
        st.caption(plain(f"{what}: {join_names(names)}."))
