"""Drafts as a piece of an address: what is supposed, the saved variants, and the baseline that was pinned.

They travel as the changes of a draft do, in rows of a path and a value, so one reader checks them all; a variant or a
what-if that was not made by this app is left out, and nothing of it is computed before somebody compares it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from switchpoint.scenario.errors import Keys
from switchpoint.ui.link import UnreadableLinkError, pack_changes, unpack_changes
from switchpoint.ui.session import MOST_VARIANTS, Draft
from switchpoint.ui.what_if import MOST, NoWhatIfError, WhatIf

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
