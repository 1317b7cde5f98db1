"""Text -> tree of plain values with the line of each key; extends.

Neither tomllib nor tomlkit tells. This scanner walks a text that tomllib has accepted already, so it only has to find
where keys and values end, never whether they are right.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path as File
from typing import Any

from switchpoint.files import NotRegular, TooLarge
from switchpoint.scenario.access import Files, NoAccessError
from switchpoint.scenario.errors import MOST_SHOWN, Fault, Keys, ScenarioError, did_you_mean, dotted_path, show

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"' r"|'[^']*'" r"|[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?""""{0,2}' r"|'''.*?''''{0,2}" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def key_lines(text: str) -> dict[Keys, int]:
    """The line, from 1, of every key, table and list element of a valid TOML text; the text itself stands on line 1."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.ends = list(accumulate(len(line) + 1 for line in text.split("\n")))
        self.lines: dict[Keys, int] = {(): 1}
        self.elements: dict[Keys, int] = {}

    def scan(self) -> dict[Keys, int]:
        table: Keys = ()
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

    def note(self, path: Keys, *, anew: bool = False) -> None:
        line = bisect_right(self.ends, self.at) + 1
        if anew or path not in self.lines:
            self.lines[path] = line

    def key(self) -> list[str]:
        keys: list[str] = []
        while True:
            self.skip(_BLANK)
            start = self.at
            self.skip(_KEY)
            keys.append(_unquote(self.text[start : self.at]))
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def header(self, brackets: int, *, repeated: bool) -> Keys:
        self.at += brackets
        start = self.at
        *outer, last = self.key()
        self.at, end = start, self.at
        path: Keys = ()
        for key in outer:
            path = self.enter((*path, key))
        path = (*path, last)
        if repeated:
            self.note(path)
            self.elements[path] = self.elements.get(path, -1) + 1
            path = (*path, self.elements[path])
        self.note(path, anew=True)
        self.at = end + brackets
        return path

    def enter(self, path: Keys) -> Keys:
        self.note(path)
        return (*path, self.elements[path]) if path in self.elements else path

    def assignment(self, table: Keys) -> None:
        start = self.at
        keys = self.key()
        self.at, end = start, self.at
        for key in keys:
            table = (*table, key)
            self.note(table)
        self.at = end + 1
        self.value(table)

    def value(self, path: Keys) -> None:
        self.skip(_GAP)
        if self.text.startswith("[", self.at):
            self.array(path)
        elif self.text.startswith("{", self.at):
            self.inline(path)
        else:
            self.skip(_STRING if self.text[self.at : self.at + 1] in ("'", '"') else _SCALAR)

    def array(self, path: Keys) -> None:
        index = 0
        self.at += 1
        while self.more("]"):
            self.note((*path, index))
            self.value((*path, index))
            index += 1

    def inline(self, path: Keys) -> None:
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


def _unquote(token: str) -> str:
    if token[:1] == "'":
        return token[1:-1]
    return str(tomllib.loads(f"k={token}")["k"]) if token[:1] == '"' else token


LARGEST = 1_000_000
DEEPEST = 20
MOST = 10**18
BELIEFS = ({"low", "high"}, {"low", "mode", "high"}, {"values"}, {"values", "weights"})
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$| \(at end of document\)$")


@dataclass(frozen=True)
class TomlSource:
    """A tree of plain values, and the file and line at which each path was written."""

    tree: dict[str, Any]
    places: Mapping[Keys, tuple[str, int]]

    def place(self, path: Keys) -> tuple[str, int]:
        """File and line of a path; of what encloses it where the path itself was not written."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places[path]

    def fault(self, path: Keys, message: str, field: str) -> Fault:
        """A fault at the place of a path."""
        return Fault(*self.place(path), field, message)


def read_file(file: File, shown: str, files: Files, chain: tuple[File, ...] = ()) -> tuple[str, TomlSource]:
    """Text and tree of a file, `extends` followed."""
    text = _text(file, shown, files)
    return text, read_text(text, shown, file.parent, files, (*chain, files.real_path(file)))


def read_text(text: str, shown: str, folder: File, files: Files, chain: tuple[File, ...] = ()) -> TomlSource:
    """The tree of a text, `extends` followed relative to a folder, as far as the access to files goes."""
    tree = _parse_toml(text, shown)
    if not tree:
        raise ScenarioError([Fault(shown, 1, "", "says nothing; `switchpoint new` writes a scenario to start from")])
    source = TomlSource(tree, {path: (shown, line) for path, line in key_lines(text).items()})
    if beyond := list(islice(_beyond(tree, ()), MOST_SHOWN)):
        raise ScenarioError([source.fault(path, message, dotted_path(path)) for path, message in beyond])
    if "extends" not in tree:
        return source
    return _over(source, folder, files, chain)


def _over(source: TomlSource, folder: File, files: Files, chain: tuple[File, ...]) -> TomlSource:
    name = source.tree.pop("extends")
    shown, line = source.place(("extends",))
    if not isinstance(name, str) or not name:
        raise ScenarioError([Fault(shown, line, "extends", f"must be the name of a scenario file; got {show(name)}")])
    base = folder / name
    if chain and _resolve_file(base, files) in chain:
        raise ScenarioError([Fault(shown, line, "extends", f"goes round in a circle: {show(name)} extends this file")])
    try:
        _, below = read_file(base, str(base), files, chain)
    except NoAccessError as refused:
        raise ScenarioError([Fault(shown, line, "extends", str(refused))]) from None
    except UnreadableError as unreadable:
        raise ScenarioError([Fault(shown, line, "extends", f"{show(name)} {unreadable.message}")]) from None
    except ScenarioError as broken:
        raise ScenarioError([extends_broken(shown, line, str(base)), *broken.faults]) from None
    return lay_over(below, source)


def extends_broken(shown: str, line: int, below: str) -> Fault:
    """The fault of a file whose own lines are right, where the one that it extends has faults, which follow."""
    return Fault(shown, line, "extends", f"names a file with faults: {below}")


def lay_over(below: TomlSource, above: TomlSource) -> TomlSource:
    """One tree laid over another: tables are merged, all else is replaced, beliefs as a whole too."""
    replaced: set[Keys] = set()

    def lay(low: Any, high: Any, path: Keys) -> Any:
        if not isinstance(low, dict) or not isinstance(high, dict) or set(high) in BELIEFS:
            replaced.add(path)
            return high
        return low | {k: lay(low.get(k), v, (*path, k)) for k, v in high.items()}

    tree = lay(below.tree, above.tree, ())
    kept = {p: place for p, place in below.places.items() if not any(p[:i] in replaced for i in range(len(p) + 1))}
    return TomlSource(tree, kept | dict(above.places))


class UnreadableError(ScenarioError):
    """A file that cannot be read at all."""

    def __init__(self, shown: str, message: str) -> None:
        super().__init__([Fault(shown, 1, "", message)])
        self.message = message


def _resolve_file(file: File, files: Files) -> File | None:
    try:
        return files.real_path(file)
    except (OSError, ValueError, RuntimeError):
        return None


def _text(file: File, shown: str, files: Files) -> str:
    try:
        raw = files.read(file, LARGEST)
    except NoAccessError:
        raise
    except FileNotFoundError:
        near = did_you_mean(file.name, files.beside(file))
        raise UnreadableError(shown, f"does not exist{near}") from None
    except (NotRegular, TooLarge) as reason:
        raise UnreadableError(
            shown, str(reason).replace("a folder, not a file", "a folder, not a scenario file")
        ) from None
    except (OSError, ValueError, RuntimeError) as reason:
        raise UnreadableError(shown, f"cannot be read: {getattr(reason, 'strerror', None) or reason}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = raw.count(b"\n", 0, reason.start) + 1
        raise ScenarioError([Fault(shown, line, "", "must be UTF-8 text; got other bytes")]) from None


def _parse_toml(text: str, shown: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise ScenarioError([Fault(shown, 1, "", f"must be at most 1 MB; got {len(text) / 1e6:.1f} MB")])
    try:
        tree = tomllib.loads(text)
    except RecursionError:
        tree = None
    except ValueError as reason:
        raise ScenarioError([_syntax(str(reason), text, shown)]) from None
    if tree is None or _depth(tree) > DEEPEST:
        raise ScenarioError([Fault(shown, 1, "", f"must not nest tables or lists more than {DEEPEST} deep")])
    return tree


def _syntax(reason: str, text: str, shown: str) -> Fault:
    found = _AT_LINE.search(reason)
    line = int(found[1]) if found and found[1] else len(text.rstrip().split("\n"))
    if reason.startswith("Exceeds the limit"):
        digits = re.search(r"[\d_]{4000,}", text)
        line = text.count("\n", 0, digits.start()) + 1 if digits else 1
        return Fault(shown, line, "", "must be a smaller number; got one of thousands of digits")
    what = reason[: found.start()] if found else reason
    known = {
        "Cannot overwrite a value": "states a key for the second time",
        "Invalid initial character for a key part": "has no key where one is due; an inline table stays on one line",
        "Expected '=' after a key in a key/value pair": "has a key without = and a value",
        "Invalid value": "has no valid value here: numbers stand bare, text in quotes, dates as 2027-05-01",
    }
    return Fault(shown, line, "", known.get(what, f"is not valid TOML: {what[:1].lower()}{what[1:]}"))


def _depth(tree: Any) -> int:
    depth, level = 0, [tree]
    while level and depth <= DEEPEST:
        inner = [node for node in level if isinstance(node, (dict, list))]
        level = [child for node in inner for child in (node.values() if isinstance(node, dict) else node)]
        depth += 1
    return depth


def _beyond(tree: Any, path: Keys) -> Iterator[tuple[Keys, str]]:
    """Whole numbers that no arithmetic here takes, with their paths."""
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield from _beyond(inner, (*path, key))
    elif isinstance(tree, list):
        for place, inner in enumerate(tree):
            yield from _beyond(inner, (*path, place))
    elif isinstance(tree, int) and not -MOST <= tree <= MOST:
        yield path, f"must be a number of at most 18 digits; got {show(tree)}"
