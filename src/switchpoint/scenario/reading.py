"""From a file to a tree: TOML with its line numbers, laid over the file that it extends."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from switchpoint.scenario.errors import Fault, Path, ScenarioError
from switchpoint.scenario.lines import key_lines
from switchpoint.scenario.words import did_you_mean, show

LARGEST = 1_000_000
DEEPEST = 20
BELIEFS = ({"low", "high"}, {"low", "mode", "high"}, {"values"}, {"values", "weights"})
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$| \(at end of document\)$")


@dataclass(frozen=True)
class Source:
    """A tree of plain values, and the file and line at which each path was written."""

    tree: dict[str, Any]
    places: Mapping[Path, tuple[str, int]]

    def place(self, path: Path) -> tuple[str, int]:
        """File and line of a path; of what encloses it where the path itself was not written."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places[path]

    def fault(self, path: Path, message: str, field: str) -> Fault:
        """A fault at the place of a path."""
        return Fault(*self.place(path), field, message)


def read_file(file: File, shown: str, chain: tuple[File, ...] = ()) -> tuple[str, Source]:
    """Text and tree of a file, `extends` followed."""
    text = _text(file, shown)
    return text, read_text(text, shown, file.parent, (*chain, file.resolve()))


def read_text(text: str, shown: str, folder: File, chain: tuple[File, ...] = ()) -> Source:
    """The tree of a text, `extends` followed relative to a folder."""
    tree = _parsed(text, shown)
    if not tree:
        raise ScenarioError([Fault(shown, 1, "", "says nothing; `switchpoint new` writes a scenario to start from")])
    source = Source(tree, {path: (shown, line) for path, line in key_lines(text).items()})
    if "extends" not in tree:
        return source
    return _over(source, folder, chain)


def _over(source: Source, folder: File, chain: tuple[File, ...]) -> Source:
    name = source.tree.pop("extends")
    shown, line = source.place(("extends",))
    if not isinstance(name, str) or not name:
        raise ScenarioError([Fault(shown, line, "extends", f"must be the name of a scenario file; got {show(name)}")])
    base = folder / name
    if _resolved(base) in chain:
        raise ScenarioError([Fault(shown, line, "extends", f"goes round in a circle: {show(name)} extends this file")])
    try:
        _, below = read_file(base, str(base), chain)
    except UnreadableError as unreadable:
        raise ScenarioError([Fault(shown, line, "extends", f"{show(name)} {unreadable.message}")]) from None
    return merged(below, source)


def merged(below: Source, above: Source) -> Source:
    """One tree laid over another: tables are merged, all else is replaced, beliefs as a whole too."""
    replaced: set[Path] = set()

    def lay(low: Any, high: Any, path: Path) -> Any:
        if not isinstance(low, dict) or not isinstance(high, dict) or set(high) in BELIEFS:
            replaced.add(path)
            return high
        return low | {k: lay(low.get(k), v, (*path, k)) for k, v in high.items()}

    tree = lay(below.tree, above.tree, ())
    kept = {p: place for p, place in below.places.items() if not any(p[:i] in replaced for i in range(len(p) + 1))}
    return Source(tree, kept | dict(above.places))


class UnreadableError(ScenarioError):
    """A file that cannot be read at all."""

    def __init__(self, shown: str, message: str) -> None:
        super().__init__([Fault(shown, 1, "", message)])
        self.message = message


def _resolved(file: File) -> File | None:
    try:
        return file.resolve()
    except (OSError, ValueError, RuntimeError):
        return None


def _text(file: File, shown: str) -> str:
    try:
        if not file.exists():
            near = did_you_mean(file.name, [each.name for each in file.parent.glob("*.toml")])
            raise UnreadableError(shown, f"does not exist{near}")
        if not file.is_file():
            raise UnreadableError(shown, "is not a file" if not file.is_dir() else "is a folder, not a scenario file")
        if (size := file.stat().st_size) > LARGEST:
            raise UnreadableError(shown, f"must be at most 1 MB; got {size / 1e6:.1f} MB")
        raw = file.read_bytes()
    except (OSError, ValueError, RuntimeError) as reason:
        raise UnreadableError(shown, f"cannot be read: {getattr(reason, 'strerror', None) or reason}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = raw.count(b"\n", 0, reason.start) + 1
        raise ScenarioError([Fault(shown, line, "", "must be UTF-8 text; got other bytes")]) from None


def _parsed(text: str, shown: str) -> dict[str, Any]:
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
