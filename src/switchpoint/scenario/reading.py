"""From a file to a tree: TOML with its line numbers, laid over the file that it extends."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path as File
from typing import Any

from switchpoint.files import NotRegular, TooLarge
from switchpoint.scenario.access import Files, NoAccessError
from switchpoint.scenario.errors import MOST_SHOWN, Fault, Path, ScenarioError, dotted
from switchpoint.scenario.lines import key_lines
from switchpoint.scenario.words import did_you_mean, show

LARGEST = 1_000_000
DEEPEST = 20
MOST = 10**18
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


def read_file(file: File, shown: str, files: Files, chain: tuple[File, ...] = ()) -> tuple[str, Source]:
    """Text and tree of a file, `extends` followed."""
    text = _text(file, shown, files)
    return text, read_text(text, shown, file.parent, files, (*chain, files.resolved(file)))


def read_text(text: str, shown: str, folder: File, files: Files, chain: tuple[File, ...] = ()) -> Source:
    """The tree of a text, `extends` followed relative to a folder, as far as the access to files goes."""
    tree = _parsed(text, shown)
    if not tree:
        raise ScenarioError([Fault(shown, 1, "", "says nothing; `switchpoint new` writes a scenario to start from")])
    source = Source(tree, {path: (shown, line) for path, line in key_lines(text).items()})
    if beyond := list(islice(_beyond(tree, ()), MOST_SHOWN)):
        raise ScenarioError([source.fault(path, message, dotted(path)) for path, message in beyond])
    if "extends" not in tree:
        return source
    return _over(source, folder, files, chain)


def _over(source: Source, folder: File, files: Files, chain: tuple[File, ...]) -> Source:
    name = source.tree.pop("extends")
    shown, line = source.place(("extends",))
    if not isinstance(name, str) or not name:
        raise ScenarioError([Fault(shown, line, "extends", f"must be the name of a scenario file; got {show(name)}")])
    base = folder / name
    if chain and _resolved(base, files) in chain:
        raise ScenarioError([Fault(shown, line, "extends", f"goes round in a circle: {show(name)} extends this file")])
    try:
        _, below = read_file(base, str(base), files, chain)
    except NoAccessError as refused:
        raise ScenarioError([Fault(shown, line, "extends", str(refused))]) from None
    except UnreadableError as unreadable:
        raise ScenarioError([Fault(shown, line, "extends", f"{show(name)} {unreadable.message}")]) from None
    except ScenarioError as broken:
        raise ScenarioError([extends_broken(shown, line, str(base)), *broken.faults]) from None
    return merged(below, source)


def extends_broken(shown: str, line: int, below: str) -> Fault:
    """The fault of a file whose own lines are right, where the one that it extends has faults, which follow."""
    return Fault(shown, line, "extends", f"names a file with faults: {below}")


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


def _resolved(file: File, files: Files) -> File | None:
    try:
        return files.resolved(file)
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


def _beyond(tree: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Whole numbers that no arithmetic here takes, with their paths."""
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield from _beyond(inner, (*path, key))
    elif isinstance(tree, list):
        for place, inner in enumerate(tree):
            yield from _beyond(inner, (*path, place))
    elif isinstance(tree, int) and not -MOST <= tree <= MOST:
        yield path, f"must be a number of at most 18 digits; got {show(tree)}"
