"""On which line of a TOML text each key stands.

Neither tomllib nor tomlkit tells. This scanner walks a text that tomllib has accepted already, so it only has to find
where keys and values end, never whether they are right.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from itertools import accumulate

from switchpoint.scenario.errors import Path

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"' r"|'[^']*'" r"|[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?""""{0,2}' r"|'''.*?''''{0,2}" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def key_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every key, table and list element of a valid TOML text; the text itself stands on line 1."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.ends = list(accumulate(len(line) + 1 for line in text.split("\n")))
        self.lines: dict[Path, int] = {(): 1}
        self.elements: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self.skip(_GAP)
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self.header(2, repeated=True)
            elif self.text.startswith("[", self.at):
                table = self.header(1, repeated=False)
            else:
                self.assignment(table)
            self.skip(_GAP)
        return self.lines

    def skip(self, what: re.Pattern[str]) -> None:
        found = what.match(self.text, self.at)
        self.at = found.end() if found else self.at + 1

    def note(self, path: Path, *, anew: bool = False) -> None:
        line = bisect_right(self.ends, self.at) + 1
        if anew or path not in self.lines:
            self.lines[path] = line

    def key(self) -> list[str]:
        keys: list[str] = []
        while True:
            self.skip(_BLANK)
            start = self.at
            self.skip(_KEY)
            keys.append(_unquoted(self.text[start : self.at]))
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def header(self, brackets: int, *, repeated: bool) -> Path:
        self.at += brackets
        start = self.at
        *outer, last = self.key()
        self.at, end = start, self.at
        path: Path = ()
        for key in outer:
            path = self.entered((*path, key))
        path = (*path, last)
        if repeated:
            self.note(path)
            self.elements[path] = self.elements.get(path, -1) + 1
            path = (*path, self.elements[path])
        self.note(path, anew=True)
        self.at = end + brackets
        return path

    def entered(self, path: Path) -> Path:
        self.note(path)
        return (*path, self.elements[path]) if path in self.elements else path

    def assignment(self, table: Path) -> None:
        start = self.at
        keys = self.key()
        self.at, end = start, self.at
        for key in keys:
            table = (*table, key)
            self.note(table)
        self.at = end + 1
        self.value(table)

    def value(self, path: Path) -> None:
        self.skip(_GAP)
        if self.text.startswith("[", self.at):
            self.array(path)
        elif self.text.startswith("{", self.at):
            self.inline(path)
        else:
            self.skip(_STRING if self.text[self.at : self.at + 1] in ("'", '"') else _SCALAR)

    def array(self, path: Path) -> None:
        index = 0
        self.at += 1
        while self.more("]"):
            self.note((*path, index))
            self.value((*path, index))
            index += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        while self.more("}"):
            self.assignment(path)

    def more(self, closing: str) -> bool:
        """Step over commas and space; whether another element follows before the closing bracket."""
        self.skip(_GAP)
        while self.text.startswith(",", self.at):
            self.at += 1
            self.skip(_GAP)
        if self.text.startswith(closing, self.at):
            self.at += 1
            return False
        return self.at < len(self.text)


def _unquoted(token: str) -> str:
    if token[:1] == "'":
        return token[1:-1]
    return str(tomllib.loads(f"k={token}")["k"]) if token[:1] == '"' else token
