"""Fault, ScenarioError; values as a file writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeAlias

LONGEST = 60


def show(raw: Any) -> str:
    """A value as a scenario file would write it, cut to a length that a line can hold.

    >>> show({"low": 0.1, "high": [True, "a"]})
    '{ low = 0.1, high = [true, "a"] }'
    """
    return shorten(_toml(raw))


def shorten(text: str) -> str:
    """The text without control characters, cut to 60 of them."""
    clean = visible(text[: LONGEST + 1])
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


def visible(text: str) -> str:
    r"""The text with every control character written out, so that it stays on one line.

    >>> visible("a\nb")
    'a\\nb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def is_utf8(text: str) -> bool:
    r"""Whether UTF-8 can hold the text; a file name that is other bytes comes as a text that it cannot.

    >>> is_utf8("ü"), is_utf8("\udcff")
    (True, False)
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def closest(word: str, legal: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The legal name that is most like the word, if any is like it."""
    names = list(legal)
    folded = {name.casefold().replace("-", "_"): name for name in names}
    wanted = word.casefold().replace("-", "_")
    if wanted in folded:
        return folded[wanted]
    near = get_close_matches(wanted, folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def did_you_mean(word: str, legal: Iterable[str]) -> str:
    """A closing remark that names the legal name most like the word, or nothing.

    >>> did_you_mean("mounths", ["months", "name"])
    '; did you mean months?'
    >>> did_you_mean("requests_per_second", ["request_seconds", "requests_per_second_per_replica"])
    '; did you mean requests_per_second_per_replica?'
    """
    names = list(legal)
    longer = [name for name in names if name.startswith(f"{word}_")]
    near = longer[0] if len(longer) == 1 else closest(word, names)
    return f"; did you mean {near}?" if near else ""


def either(words: Iterable[str]) -> str:
    """Alternatives as a person would say them.

    >>> either(["a", "b", "c"])
    'a, b or c'
    """
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _toml(raw: Any) -> str:
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, str):
        return '"' + raw[: LONGEST + 1].replace('"', '\\"') + '"'
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, dict):
        inner = ", ".join(f"{key} = {_toml(value)}" for key, value in list(raw.items())[:LONGEST])
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(raw, (list, tuple)):
        return "[" + ", ".join(_toml(value) for value in list(raw)[:LONGEST]) + "]"
    if isinstance(raw, int) and abs(raw) >= 10**20:
        return f"a number of about {len(format(abs(raw), 'x')) * 1.204:.0f} digits"
    return repr(raw)


Keys: TypeAlias = tuple[str | int, ...]
MOST_SHOWN = 100
NAMELESS = '""'
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, in one line."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{visible(self.file) or NAMELESS}:{self.line}: "
        return place + (f"{visible(self.field)}: " if self.field else "") + visible(self.message)


class ScenarioError(Exception):
    """All that is wrong with one scenario; its text is one line per fault."""

    def __init__(self, faults: Iterable[Fault], source: Any = None) -> None:
        found = list(faults)
        rank = {file: i for i, file in enumerate(dict.fromkeys(fault.file for fault in found))}
        self.faults = tuple(sorted(found, key=lambda fault: (rank[fault.file], fault.line)))
        self.source = source  # what could be read all the same, for checks that need no valid scenario
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [str(fault) for fault in self.faults[:MOST_SHOWN]]
        for first_left in self.faults[MOST_SHOWN : MOST_SHOWN + 1]:
            left = len(self.faults) - MOST_SHOWN
            lines.append(f"{visible(first_left.file)}:{first_left.line}: and {left} more faults from here on")
        return "\n".join(lines)


def route_called(path: Keys) -> str:
    """The route at whose place a path begins, as a note names it.

    >>> route_called(("candidates", "own-8b", "fleet")), route_called(("current", "fleet"))
    ('own-8b', 'the current route')
    """
    return "the current route" if path[0] == "current" else str(path[1])


def dotted_path(path: Keys) -> str:
    """A path as a scenario file and `--set` write it.

    >>> dotted_path(("candidates", "gpt-4.1", "price_changes", 0))
    'candidates."gpt-4.1".price_changes.0'
    """
    return ".".join(_key(part) for part in path)


def _key(part: str | int) -> str:
    if isinstance(part, int) or _BARE.fullmatch(part):
        return shorten(str(part))
    return '"' + shorten(part.replace("\\", "\\\\").replace('"', '\\"')) + '"'
