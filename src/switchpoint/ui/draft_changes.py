"""Changes of a draft; its text; changes as a piece of an address, short enough to be sent.

Changes of a draft; its text.

Changes are kept by path. `REMOVED` stands for what is there no more: TOML has no word for nothing, so no value is
mistaken for it.

Changes as a piece of an address, short enough to be sent: JSON, compressed, in letters that every address takes.

What is read from an address was written by anyone. So it is unpacked no further than a scenario can be large, its shape
and its numbers are checked; that it opens no file is seen to where it becomes a scenario.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import tomllib
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypeAlias

from switchpoint.scenario.errors import Keys
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.toml_source import BELIEFS
from switchpoint.scenario.toml_writer import REMOVED, text_of, update_text

# Changes of a draft --------------------------------------------------------------------------------------------------

Changes: TypeAlias = Mapping[Keys, Any]
Tree: TypeAlias = Mapping[str, Any]


def merge_changes(tree: Tree, changes: Changes) -> dict[str, Any]:
    """A tree with some values replaced, added or taken away.

    >>> merge_changes({"a": {"b": 1, "c": 2}}, {("a", "b"): 5, ("a", "c"): REMOVED, ("d", "e"): 7})
    {'a': {'b': 5}, 'd': {'e': 7}}
    """
    result: dict[str, Any] = copy_tree(tree)
    for path, value in changes.items():
        put(result, path, value)
    return result


def put(tree: Any, path: Keys, value: Any) -> None:
    """Replace one value in place; tables on the way are made, and nothing happens where there is no place for it."""
    *outer, last = path
    for key in outer:
        if isinstance(tree, dict) and key not in tree:
            if value is REMOVED or not isinstance(key, str):
                return
            tree[key] = {}
        if not _holds(tree, key):
            return
        tree = tree[key]
    if value is REMOVED:
        if isinstance(tree, dict):
            tree.pop(last, None)
    elif (isinstance(tree, dict) and isinstance(last, str)) or _holds(tree, last):
        tree[last] = copy_tree(value)


def _holds(tree: Any, key: str | int) -> bool:
    """Whether there is something at a key or place."""
    if isinstance(tree, dict):
        return key in tree
    return isinstance(tree, list) and isinstance(key, int) and 0 <= key < len(tree)


def copy_tree(value: Any) -> Any:
    """Tables and lists anew, all the way down; what stands in them never changes."""
    if isinstance(value, Mapping):
        return {key: copy_tree(inner) for key, inner in value.items()}
    return [copy_tree(inner) for inner in value] if isinstance(value, list) else value


def value_at(tree: Any, path: Keys) -> Any:
    """What stands at a path, REMOVED where nothing does."""
    for key in path:
        try:
            tree = tree[key]
        except (KeyError, IndexError, TypeError):
            return REMOVED
    return tree


def named_candidates(tree: Tree) -> dict[str, Any]:
    """The candidates of a tree by name; none where there is no such table."""
    found = tree.get("candidates")
    return dict(found) if isinstance(found, Mapping) else {}


def between(before: Tree, after: Tree) -> dict[Keys, Any]:
    """The changes that make one tree the other, as deep down as tables go; lists and beliefs are whole values.

    >>> between({"a": {"b": 1}, "c": [1]}, {"a": {"b": {"low": 1, "high": 2}}, "c": [1, 2]})
    {('a', 'b'): {'low': 1, 'high': 2}, ('c',): [1, 2]}
    """
    return dict(_between(before, after, ()))


def _between(before: Any, after: Any, path: Keys) -> Iterator[tuple[Keys, Any]]:
    if is_table(before) and is_table(after):
        for key in dict.fromkeys([*before, *after]):
            yield from _between(before.get(key, REMOVED), after.get(key, REMOVED), (*path, key))
    elif before is REMOVED or after is REMOVED or not same(before, after):
        yield path, copy_tree(after)


def is_table(value: Any) -> bool:
    """Whether a value is a table with places of its own, not a number with its range."""
    return isinstance(value, Mapping) and set(value) not in BELIEFS


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same; 1 and 1.0 do, 1 and true do not."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


NOTHING = "scenario"


def draft_text(loaded: Loaded, changes: Changes) -> str:
    """The file's text with some values replaced; of an overlay, the whole of it, since a change may take away what the
    file below states."""
    if "extends" in tomllib.loads(loaded.text):
        return text_of(merge_changes(loaded.tree, changes))
    return update_text(loaded.text, changes) if changes else loaded.text


def file_name(title: str) -> str:
    """A file's name that every system takes.

    >>> file_name("Support copilot: ours/2"), file_name("…")
    ('support-copilot-ours-2.toml', 'scenario.toml')
    """
    words = re.findall(r"[a-z0-9]+", title.casefold())
    return f"{'-'.join(words)[:80] or NOTHING}.toml"


# Changes as a piece of an address, short enough to be sent -----------------------------------------------------------

LONGEST = 4_000
"""Letters of a link that mail and chat programs still pass on whole."""
LARGEST = 200_000
"""Bytes that an address may unpack to."""
DEEPEST = 20
DATE = "date:"
"""Stands before a date among texts."""
TEXT = "text:"
"""Stands before a text that would be taken for either."""
MOST = 1e18
"""Largest number that an address may hold."""


class UnreadableLinkError(ValueError):
    """An address that cannot be read; the message says why, as the end of a sentence."""


def pack_changes(changes: Changes) -> str:
    """Changes as letters for an address, always the same for the same changes.

    >>> unpack_changes(pack_changes({("usage", "growth", "per_month"): 0.05, ("start",): date(2027, 5, 1)}))
    {('usage', 'growth', 'per_month'): 0.05, ('start',): datetime.date(2027, 5, 1)}
    """
    rows = [[list(path), _link_value(value)] for path, value in changes.items()]
    text = json.dumps(rows, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii").rstrip("=")


def unpack_changes(letters: str) -> dict[Keys, Any]:
    """The changes of an address.

    Raises:
        UnreadableLinkError: where it was cut short or was never made by this app.
    """
    try:
        rows = json.loads(_inflate(letters))
    except (ValueError, RecursionError, binascii.Error, zlib.error):
        raise UnreadableLinkError("it was cut short or changed on its way") from None
    try:
        return {_path(path): value if value is REMOVED else _read(value, 0) for path, value in _rows(rows)}
    except (TypeError, ValueError):
        raise UnreadableLinkError("it was not made by this version of the app") from None


def _rows(rows: Any) -> list[Any]:
    if not isinstance(rows, list):
        raise TypeError("no list")
    return rows


def _inflate(letters: str) -> bytes:
    data = base64.urlsafe_b64decode(letters.encode("ascii") + b"=" * (-len(letters) % 4))
    inflating = zlib.decompressobj()
    found = inflating.decompress(data, LARGEST)
    if not inflating.eof:
        raise ValueError("cut short, or too large")
    return found


def _link_value(value: Any) -> Any:
    if isinstance(value, date):
        return DATE + value.isoformat()
    if isinstance(value, str):
        return TEXT + value if value.startswith((DATE, TEXT)) else value
    if isinstance(value, Mapping):
        return {key: _link_value(inner) for key, inner in value.items()}
    return [_link_value(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _read(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, str):
        return date.fromisoformat(value.removeprefix(DATE)) if value.startswith(DATE) else value.removeprefix(TEXT)
    if isinstance(value, dict):
        return {key: _read(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_read(inner, depth + 1) for inner in value]
    if value is REMOVED or _is_nan(value) or (isinstance(value, int) and abs(value) > MOST):
        raise ValueError("nothing, or no number that a scenario takes")
    return value


def _path(path: Any) -> Keys:
    if not isinstance(path, list) or not path or not all(type(key) in (str, int) for key in path):
        raise TypeError("no path")
    return tuple(path)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
