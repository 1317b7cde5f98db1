"""What is wrong with a scenario: every fault at once, each with its file, its line and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from switchpoint.scenario.words import shorten, visible

Path: TypeAlias = tuple[str | int, ...]
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


def dotted(path: Path) -> str:
    """A path as a scenario file and `--set` write it.

    >>> dotted(("candidates", "gpt-4.1", "price_changes", 0))
    'candidates."gpt-4.1".price_changes.0'
    """
    return ".".join(_key(part) for part in path)


def _key(part: str | int) -> str:
    if isinstance(part, int) or _BARE.fullmatch(part):
        return shorten(str(part))
    return '"' + shorten(part.replace("\\", "\\\\").replace('"', '\\"')) + '"'
