"""Scenario files written: comments survive, and a file is whole or not there at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path as File
from typing import Any

import tomlkit
from tomlkit.items import InlineTable, Item, Table

from switchpoint.files import Content, Linked, write_set
from switchpoint.files import write_whole as write_whole
from switchpoint.scenario.errors import Fault, Path, ScenarioError
from switchpoint.scenario.quantity import Choice, Pert, Range, plain
from switchpoint.scenario.schema import Scenario

REMOVED = None
EXACT = 1e15


def tree_of(scenario: Scenario) -> dict[str, Any]:
    """What a scenario states, as plain values: what was left out in its file is left out here."""
    stated: dict[str, Any] = _stated(scenario.model_dump(exclude_unset=True))
    return stated


def text_of(tree: Mapping[str, Any]) -> str:
    """A tree of plain values as a scenario file."""
    document = tomlkit.document()
    for key, value in _tables_last(tree):
        document.add(key, _item(value, within=None))
    return tomlkit.dumps(document)


def updated(text: str, changes: Mapping[Path, Any]) -> str:
    """The text with some values replaced, its comments and order kept.

    A path is a tuple such as `("usage", "growth", "per_month")`; `None` removes what stands there; tables on the way
    are made.

    >>> print(updated("months = 36  # horizon", {("months",): 24, ("limit", "usd_per_month"): 9e3}))
    months = 24  # horizon
    <BLANKLINE>
    [limit]
    usd_per_month = 9000
    <BLANKLINE>
    """
    document: Any = tomlkit.parse(text)
    for path, value in changes.items():
        _change(document, path, value)
    return tomlkit.dumps(document)


def save(path: File | str, tree: Mapping[str, Any] | Scenario, *, overwrite: bool = False) -> None:
    """Write a scenario file.

    Raises:
        ScenarioError: where the file exists and may not be overwritten, or cannot be written.
    """
    stated = tree_of(tree) if isinstance(tree, Scenario) else tree
    save_text(path, text_of(stated), overwrite=overwrite)


def save_text(path: File | str, text: str, *, overwrite: bool = False) -> None:
    """Write a text file whole; see `save_bytes`."""
    save_bytes(path, text.encode("utf-8"), overwrite=overwrite)


def save_bytes(path: File | str, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file whole; see `switchpoint.files.write_set`.

    Raises:
        ScenarioError: where the file exists and may not be overwritten, is a link, or cannot be written.
    """
    save_files("file", {File(path): data}, overwrite=overwrite)


def save_files(
    name: str, files: Mapping[File, Content], *, overwrite: bool = False, listed: Collection[str] = ()
) -> None:
    """Write files that belong together; see `switchpoint.files.write_set`.

    Raises:
        ScenarioError: where one exists and may not be overwritten, is a link, or cannot be written.
    """
    try:
        write_set(name, files, overwrite=overwrite, listed=listed)
    except (OSError, ValueError, RuntimeError) as reason:
        first = str(next(iter(files)))
        where = first if len(files) == 1 else getattr(reason, "filename", None) or first
        why = getattr(reason, "strerror", None) or reason
        said = why if isinstance(reason, (FileExistsError, Linked)) else f"cannot be written: {why}"
        raise ScenarioError([Fault(str(where), 1, "", str(said))]) from None


def _change(document: Any, path: Path, value: Any) -> None:
    *outer, last = path
    for key in outer:
        if isinstance(document, dict) and key not in document:
            if value is REMOVED:
                return
            document[key] = tomlkit.inline_table() if isinstance(document, InlineTable) else tomlkit.table()
        document = document[key]
    if value is not REMOVED:
        document[last] = _item(value, within=document)
    elif not isinstance(document, dict) or last in document:
        del document[last]


def _stated(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _stated(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, (Range, Pert, Choice)):
        return _stated(plain(value))
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    return [_stated(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _item(value: Any, within: Any) -> Item:
    value = _stated(value)
    if isinstance(value, dict):
        return _inline(value) if _is_small(value) or isinstance(within, InlineTable) else _table(value)
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value) and within is None:
        array = tomlkit.aot()
        for each in value:
            array.append(_table(each))
        return array
    if isinstance(value, list):
        line = tomlkit.array()
        for each in value:
            line.append(_inline(each) if isinstance(each, dict) else each)
        return line
    item: Item = tomlkit.item(value)
    return item


def _is_small(table: Mapping[str, Any]) -> bool:
    plain_values = all(isinstance(value, (str, int, float, date, list)) for value in table.values())
    return set(table) <= {"low", "mode", "high", "values", "weights"} and plain_values


def _table(values: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in _tables_last(values):
        table.add(key, _item(value, within=None))
    return table


def _inline(values: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    for key, value in values.items():
        table.append(key, _item(value, within=table))
    return table


def _tables_last(values: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    def is_table(value: Any) -> bool:
        of_tables = isinstance(value, (list, tuple)) and bool(value) and isinstance(value[0], Mapping)
        return of_tables or (isinstance(value, Mapping) and not _is_small(value))

    return sorted(values.items(), key=lambda pair: is_table(pair[1]))
