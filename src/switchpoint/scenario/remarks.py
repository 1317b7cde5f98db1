"""What the author of a scenario remarked beside its values: the comment at the end of a line, or right above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path as File

from switchpoint.files import read_text
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.overrides import ORIGIN
from switchpoint.scenario.reading import LARGEST

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"' r"|'[^']*'")
SET = "set for this run"


def remarks(loaded: Loaded) -> dict[str, str]:
    r"""Remarks by dotted field; what was set for this run says so instead.

    >>> from switchpoint.scenario.files import load_text
    >>> text = "# From the log,\n# 'all' of it.\nstart = 2027-01-01\n[usage]\ninput_tokens = 100  # counted\n"
    >>> text += "output_tokens = 9\nrequests_per_day = 5\n[limit]\nusd_per_month = 1\n"
    >>> text += "[current]\nprovider = '#'\nmodel = 'm'"
    >>> remarks(load_text(text))
    {'start': "From the log, 'all' of it.", 'usage.input_tokens': 'counted'}
    """

    @cache
    def lines(shown: str) -> Sequence[str]:
        if shown == loaded.name:
            return loaded.text.split("\n")
        try:
            return read_text(File(shown), LARGEST, "utf-8").split("\n") if _was_read(loaded, shown) else ()
        except (OSError, ValueError):
            return ()

    found = {}
    for path, (shown, line) in loaded.source.places.items():
        text = SET if shown == ORIGIN else _remark(lines(shown), line - 1)
        if path and text:
            found[dotted(path)] = text
    return found


def _was_read(loaded: Loaded, shown: str) -> bool:
    """Whether a file was opened for the scenario; any other is left alone."""
    return File(shown).absolute() in loaded.opened


def _remark(lines: Sequence[str], at: int) -> str:
    """The comment of a line, or those right above it; nothing for a table's head."""
    if at >= len(lines) or lines[at].lstrip().startswith("["):
        return ""
    _, mark, text = _STRING.sub("", lines[at]).partition("#")
    if mark:
        return lines[at][-len(text) :].strip() if text else ""
    first = at
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return " ".join(line.strip().lstrip("#").strip() for line in lines[first:at])
