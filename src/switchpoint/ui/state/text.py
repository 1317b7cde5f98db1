"""The draft as a scenario file: the text on the shelf with what was changed, comments kept."""

from __future__ import annotations

import re
import tomllib

from switchpoint.scenario.files import Loaded
from switchpoint.scenario.writing import text_of, updated
from switchpoint.ui.state.changes import Changes, merged

NOTHING = "scenario"


def draft_text(loaded: Loaded, changes: Changes) -> str:
    """The file's text with some values replaced; of an overlay, the whole of it, since a change may take away what the
    file below states."""
    if "extends" in tomllib.loads(loaded.text):
        return text_of(merged(loaded.tree, changes))
    return updated(loaded.text, changes) if changes else loaded.text


def file_name(title: str) -> str:
    """A file's name that every system takes.

    >>> file_name("Support copilot: ours/2"), file_name("…")
    ('support-copilot-ours-2.toml', 'scenario.toml')
    """
    words = re.findall(r"[a-z0-9]+", title.casefold())
    return f"{'-'.join(words)[:80] or NOTHING}.toml"
