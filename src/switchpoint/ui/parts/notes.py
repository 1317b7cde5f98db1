"""The notes on a scenario, where its answer is read."""

from __future__ import annotations

import streamlit as st

from switchpoint.result import Result
from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.notes import Note
from switchpoint.ui.words import plain, sentence_case


def notes(result: Result) -> None:
    """What could turn the answer as a warning, all else in small print with its place."""
    for note in result.notes:
        if note.turns:
            st.warning(_told(note), icon=":material/visibility:")
        else:
            st.caption(f":material/visibility: {_told(note)} {plain(dotted(note.path))}")


def beside(result: Result | None, *paths: Path) -> None:
    """The notes on a field, in small print below it."""
    for note in result.notes if result is not None else ():
        if note.path in paths:
            st.caption(f":material/visibility: {_told(note)}")


def _told(note: Note) -> str:
    return plain(sentence_case(f"{note.sentence}; {note.effect}" if note.effect else note.sentence))
