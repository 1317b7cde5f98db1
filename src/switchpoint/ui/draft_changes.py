"""Changes of a draft; its text.

Changes are kept by path. `REMOVED` stands for what is there no more: TOML has no word for nothing, so no value is
mistaken for it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from switchpoint.scenario.errors import Keys
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.toml_source import BELIEFS
from switchpoint.scenario.toml_writer import REMOVED, text_of, update_text

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
