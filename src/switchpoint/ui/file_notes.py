"""What the author of a scenario file wrote beside the numbers: the note at its head, and the remark on each field.

Both are text of others: shown letter by letter, and not longer than a note should be.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.load import Loaded, remarks
from switchpoint.ui.widgets import fold, plain

LONGEST_NOTE = 600
SCHEMA = "#:schema"
KEPT = "_file_notes"


def head_note(text: str) -> str:
    """The comment that a file begins with, without what is for an editor.

    >>> head_note("#:schema x.json\\n# Ours,\\n#  as of May.\\n\\nname = 'x'  # no")
    'Ours, as of May.'
    >>> head_note("name = 'x'")
    ''
    """
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith(SCHEMA):
            lines.append(line.lstrip("#").strip())
    note = " ".join(filter(None, lines))
    return note if len(note) <= LONGEST_NOTE else f"{note[:LONGEST_NOTE].rsplit(' ', 1)[0]} …"


def draw_head_note(loaded: Loaded) -> None:
    """The note at the head of the file in a fold, as text; nothing where there is none."""
    note = head_note(loaded.text)
    if not note:
        return
    box = fold("Notes of the file", "file notes", ":material/sticky_note_2:")
    if box.open:
        with box:
            st.caption(plain(note))


def file_remarks(loaded: Loaded) -> Mapping[str, str]:
    """The remarks by dotted field; read once for a file."""
    kept: tuple[Loaded, Mapping[str, str]] | None = st.session_state.get(KEPT)
    if kept is None or kept[0] is not loaded:
        kept = (loaded, remarks(loaded))
        st.session_state[KEPT] = kept
    return kept[1]


def remark_words(loaded: Loaded, path: Keys) -> str:
    """What the file says of a field, for its help; nothing where it says nothing."""
    said = file_remarks(loaded).get(dotted_path(path), "")
    return f"In the file: {said}" if said else ""
