"""The notes on a scenario, where its answer is read."""

from __future__ import annotations

import streamlit as st

from switchpoint.result import Result
from switchpoint.scenario.errors import dotted
from switchpoint.ui.words import plain, sentence_case


def notes(result: Result) -> None:
    """What could turn the answer as a warning, all else in small print with its place."""
    for note in result.notes:
        text = plain(sentence_case(f"{note.sentence}; {note.effect}" if note.effect else note.sentence))
        if note.turns:
            st.warning(text, icon=":material/visibility:")
        else:
            st.caption(f":material/visibility: {text} {plain(dotted(note.path))}")
