"""The address of the page holds the scenario, all that was changed, what-ifs, variants and the pinned baseline.

Drafts as a piece of an address: what is supposed, the saved variants, and the baseline that was pinned.

They travel as the changes of a draft do, in rows of a path and a value, so one reader checks them all; a variant or a
what-if that was not made by this app is left out, and nothing of it is computed before somebody compares it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from switchpoint.scenario.errors import Keys
from switchpoint.scenario.toml_writer import text_of
from switchpoint.ui import session
from switchpoint.ui.draft_changes import (
    LONGEST,
    UnreadableLinkError,
    between,
    merge_changes,
    pack_changes,
    unpack_changes,
)
from switchpoint.ui.library import BadInput, Opened, by_content, first, named_files, open_text, result_of, validate_tree
from switchpoint.ui.session import MOST_VARIANTS, Draft
from switchpoint.ui.what_if import MOST, NoWhatIfError, WhatIf
from switchpoint.ui.whose_number import pack_notes, with_notes

# Drafts as a piece of an address -------------------------------------------------------------------------------------

STORY, CHANGED, SUPPOSED = "s", "c", "w"
"""Second step of a path: the scenario's title, a change of it, a what-if."""
PINNED_NAME = ""
"""The name of the pinned baseline, which no variant has."""
LONGEST_NAME = 60


def pack_what_ifs(what_ifs: Sequence[WhatIf]) -> str:
    """What-ifs as letters for an address.

    >>> unpack_what_ifs(pack_what_ifs([WhatIf("hiring", 20.0)]))
    (WhatIf(kind='hiring', size=20.0, when=None, on=True),)
    """
    return pack_changes({(SUPPOSED, place): each.as_row() for place, each in enumerate(what_ifs)})


def unpack_what_ifs(letters: str) -> tuple[WhatIf, ...]:
    """The what-ifs of an address.

    Raises:
        UnreadableLinkError: where it was cut short or was never made by this app.
    """
    return _what_ifs(list(unpack_changes(letters).values()))


def _what_ifs(rows: Sequence[Any]) -> tuple[WhatIf, ...]:
    try:
        return tuple(WhatIf.of_row(row) for row in rows[:MOST])
    except NoWhatIfError:
        raise UnreadableLinkError("it was not made by this version of the app") from None


def pack_drafts(named: Mapping[str, Draft]) -> str:
    """Drafts by name as letters for an address.

    >>> unpack_drafts(pack_drafts({"Slow": Draft("Voice agent", {("months",): 24})}))
    {'Slow': Draft(scenario='Voice agent', changes={('months',): 24}, what_ifs=())}
    """
    rows: dict[Keys, Any] = {}
    for name, draft in named.items():
        rows[name, STORY] = draft.scenario
        rows |= {(name, CHANGED, *path): value for path, value in draft.changes.items()}
        rows |= {(name, SUPPOSED, place): each.as_row() for place, each in enumerate(draft.what_ifs)}
    return pack_changes(rows)


def unpack_drafts(letters: str) -> dict[str, Draft]:
    """The drafts of an address by name; of too many the first.

    Raises:
        UnreadableLinkError: where it was cut short or was never made by this app.
    """
    rows = unpack_changes(letters)
    names = [path[0] for path in rows if path[1:] == (STORY,)]
    if not all(isinstance(name, str) and len(name) <= LONGEST_NAME and name.isprintable() for name in names):
        raise UnreadableLinkError("it was not made by this version of the app")
    return {str(name): _draft(str(name), rows) for name in names[: MOST_VARIANTS + 1]}


def _draft(name: str, rows: Mapping[Keys, Any]) -> Draft:
    story = rows[name, STORY]
    if not isinstance(story, str):
        raise UnreadableLinkError("it was not made by this version of the app")
    of_it = {path[1:]: value for path, value in rows.items() if path[0] == name and len(path) > 2}
    changes = {path[1:]: value for path, value in of_it.items() if path[0] == CHANGED}
    return Draft(story, changes, _what_ifs([value for path, value in of_it.items() if path[0] == SUPPOSED]))


# The address of the page holds the scenario and all that was changed -------------------------------------------------

SCENARIO, CHANGES, FILE, NOTES, WHAT_IF, KEPT = "scenario", "changes", "file", "notes", "whatif", "kept"
NAMES = (SCENARIO, CHANGES, FILE, NOTES, WHAT_IF, KEPT)
LONGEST_OWN = 20_000
"""Letters that the address bar holds, for a reload of the page; what is sent on stays below the length of a link."""


def has_navigated() -> bool:
    """Whether the reader went back or forward in the history of the browser."""
    context = get_script_run_ctx()
    return bool(context and getattr(context, "is_history_navigation", False))


def read() -> None:
    """Work on what the address says; where it cannot be read, on the scenario it names, or the first one."""
    stated = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    try:
        if FILE in stated:
            _take(replace(_own(stated[FILE], stated.get(NOTES, "")), what_ifs=_stated_what_ifs(stated)))
        else:
            _take(_chosen_draft(stated))
    except UnreadableLinkError as reason:
        title = stated.get(SCENARIO, "")
        session.choose(title if title in session.shelf() else first(session.stories()))
        shown = session.draft().scenario
        session.say(f"This link cannot be used: {reason}. {shown} is shown as it is in its file.")
    if KEPT in stated and not session.variants() and session.pinned_draft() is None:
        _keep(stated[KEPT])


def _keep(letters: str) -> None:
    """Bring back variants and the pinned baseline; those whose scenario is not there are said to be missing."""
    try:
        found = unpack_drafts(letters)
    except UnreadableLinkError as reason:
        session.say(f"The variants of this link cannot be used: {reason}.")
        return
    there = {name: draft for name, draft in found.items() if draft.scenario in session.shelf()}
    session.pin(there.pop(PINNED_NAME, None))
    session.set_variants(there)
    if missing := len(found) - len(there) - (session.pinned_draft() is not None):
        session.say(f"{missing} of the variants of this link belong to a file that has to be opened first.")


def write() -> None:
    """Put what is worked on into the address, and what is kept beside it."""
    wanted = (parameters() or {}) | kept_parameters(LONGEST_OWN)
    for name in NAMES:
        if name in wanted and st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
        elif name not in wanted and name in st.query_params:
            del st.query_params[name]


def parameters() -> dict[str, str] | None:
    """What the address says; None where it would be too long to be sent."""
    draft = session.draft()
    if draft.scenario not in session.stories():
        said = {FILE: pack_changes(by_content(between({}, draft.tree(session.base_tree()))))}
    else:
        said = {} if draft.scenario == first(session.stories()) else {SCENARIO: draft.scenario}
        if draft.changes:
            said[CHANGES] = pack_changes(draft.changes)
    if draft.what_ifs:
        said[WHAT_IF] = pack_what_ifs(draft.what_ifs)
    if len(urlencode(said)) > LONGEST:
        return None
    noted = said | _notes(draft) if FILE in said else said
    return noted if len(urlencode(noted)) <= LONGEST else said


def _notes(draft: Draft) -> dict[str, str]:
    """What the author of a file of one's own wrote beside the numbers."""
    loaded = session.base().loaded
    letters = pack_notes(loaded, draft.changes) if loaded is not None else ""
    return {NOTES: letters} if letters else {}


def kept_parameters(longest: int) -> dict[str, str]:
    """Variants and pinned baseline as the address says them; nothing where there are none, or they are too long."""
    pinned = session.pinned_draft()
    named = session.variants() | ({PINNED_NAME: pinned} if pinned is not None else {})
    said = {KEPT: pack_drafts(named)} if named else {}
    return said if len(urlencode(said)) <= longest else {}


def _take(draft: Draft) -> None:
    """Work on a draft of an address, if it makes a scenario that can be computed."""
    opened = session.shelf().get(draft.scenario)
    if opened is not None and opened.loaded is not None and (draft.changes or draft.what_ifs):
        try:
            tree = draft.tree(opened.loaded.tree)
            result_of(validate_tree(tree, opened.loaded))
            if draft.what_ifs:
                result_of(validate_tree(draft.supposed_tree(opened.loaded.tree), opened.loaded))
            draft = draft.as_tree(opened.loaded.tree, tree)  # what changes nothing is no change
        except BadInput as bad:
            raise UnreadableLinkError(f"its numbers do not work together ({bad.lines[0]})") from None
    session.become(draft)


def _chosen_draft(stated: dict[str, str]) -> Draft:
    title = stated.get(SCENARIO, first(session.stories()))
    if title not in session.shelf():
        raise UnreadableLinkError(f"there is no scenario called {title[:60]}")
    return Draft(title, unpack_changes(stated[CHANGES]) if CHANGES in stated else {}, _stated_what_ifs(stated))


def _stated_what_ifs(stated: dict[str, str]) -> tuple[WhatIf, ...]:
    return unpack_what_ifs(stated[WHAT_IF]) if WHAT_IF in stated else ()


def _own(letters: str, notes: str) -> Draft:
    """A whole scenario in an address becomes a file of one's own, with the notes that came with it."""
    opened = _open_letters(letters, notes)
    if opened.loaded is None:
        raise UnreadableLinkError(f"its scenario has faults ({opened.faults[0]})")
    return Draft(session.put_on_shelf(opened))


def _open_letters(letters: str, notes: str) -> Opened:
    try:
        changes = unpack_changes(letters)
        text = text_of(merge_changes({}, changes))
    except (TypeError, ValueError):
        raise UnreadableLinkError("it was not made by this version of the app") from None
    files = named_files(changes)
    noted = open_text(with_notes(text, notes), "linked.toml", files) if notes else None
    return noted if noted is not None and noted.loaded is not None else open_text(text, "linked.toml", files)
