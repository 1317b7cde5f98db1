"""Whose a number is (yours, the story's, the catalogue's, a default), and what the author of a file wrote beside it.

What the author of a scenario file wrote beside the numbers: the note at its head, and the remark on each field.

Both are text of others: shown letter by letter, and not longer than a note should be. An address carries them beside
the numbers of a file of one's own, so that a reload of the page does not lose whose number each is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.load import Loaded, remarks
from switchpoint.scenario.toml_writer import remark_text
from switchpoint.study.tripwires import Tripwire
from switchpoint.text import join_names
from switchpoint.ui import session
from switchpoint.ui.draft_changes import Changes, UnreadableLinkError, between, pack_changes, unpack_changes
from switchpoint.ui.session import View
from switchpoint.ui.widgets import count_noun, fold, plain

# Whose number a field is ---------------------------------------------------------------------------------------------

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


# What the author of a scenario file wrote beside the numbers ---------------------------------------------------------

LONGEST_NOTE = 600
HEAD: Keys = ("#",)
"""Stands for the note at the head among the remarks of an address; no field is called that."""
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


def pack_notes(loaded: Loaded, changed: Iterable[Keys]) -> str:
    """Notes and remarks of a file as letters for an address; nothing where there are none.

    Args:
        loaded: the file.
        changed: paths whose numbers are no longer those of the file, so that what it says of them holds no more.
    """
    told, gone = file_remarks(loaded), {dotted_path(path) for path in changed}
    found = {path: told[name] for path in loaded.source.places if (name := dotted_path(path)) in told}
    rows = {path: YOURS if dotted_path(path) in gone else remark for path, remark in found.items()}
    head = head_note(loaded.text)
    return pack_changes(({HEAD: head} if head else {}) | rows) if head or rows else ""


def with_notes(text: str, letters: str) -> str:
    """A scenario's text with the notes and remarks of an address; what cannot be read of them is left out."""
    try:
        found = {path: " ".join(str(note).split()) for path, note in unpack_changes(letters).items()}
    except UnreadableLinkError:
        return text
    kept = {path: note for path, note in found.items() if note.isprintable() and 0 < len(note) <= LONGEST_NOTE}
    head = kept.pop(HEAD, "")
    noted = remark_text(text, kept, "\n")
    return f"# {head}\n\n{noted}" if head else noted
