"""Objects of a JSON file as a stream: one value, an array of many, or one object a line."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa

from switchpoint.owndata.cell_columns import Columns, DollarRates, cells_of
from switchpoint.owndata.csv_rows import RowBatch
from switchpoint.owndata.file_sources import Source, encoding_of

STEP = 1 << 22
LARGEST_VALUE = 300_000_000
"""Characters of one JSON value at most; arrays and lines hold as many values as they like."""
TOO_LARGE = f"holds one value of more than {LARGEST_VALUE // 1_000_000} MB; export fewer days at a time"
ROWS = 50_000
"""Rows that are turned into columns at a time."""
LOOKED_AT = 200
"""Entries of a list that are looked at for the names of their keys."""
DEEPEST = 5
_BETWEEN = " \t\r\n,"


class _Damaged(ValueError):  # noqa: N818 - says what the file is
    """Where a JSON ends to be one; its text completes a sentence that begins with the file."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def json_values(source: Source) -> Iterator[tuple[int, Any]]:
    """The objects of a file with the line on which each begins: the entries of an array, or one after the other.

    Raises:
        ScenarioError: it is no JSON from some line on.
    """
    try:
        with source.open() as (stream, _):
            yield from _values(stream)
    except _Damaged as damage:
        raise source.refuse(damage.line, str(damage)) from None


def _values(stream: BinaryIO) -> Iterator[tuple[int, Any]]:
    read = _reader(stream)
    decoder = json.JSONDecoder()
    text, at, line, ended, inside, step = read(STEP), 0, 1, False, False, STEP
    while True:
        at, line = _skip(text, at, line)
        if not inside and at < len(text) and text[at] == "[":
            inside, at = True, at + 1
            continue
        if inside and at < len(text) and text[at] == "]":
            at, inside = at + 1, False
            continue
        if at == len(text) and ended:
            if inside:
                raise _Damaged(line, "ends in the middle of a list; download it again")
            return
        value, end = _decode(decoder, text, at, line, ended)
        if end > at and (ended or end < len(text)):
            yield line, value
            line += text.count("\n", at, end)
            at, step = end, STEP
            continue
        if len(text) - at > LARGEST_VALUE:
            raise _Damaged(line, TOO_LARGE)
        more = read(step)
        step = min(step * 2, LARGEST_VALUE)
        text, at, ended = text[at:] + more, 0, not more


def _decode(decoder: json.JSONDecoder, text: str, at: int, line: int, ended: bool) -> tuple[Any, int]:
    """A value and where it ends; the same place where the text has no more than a part of it so far."""
    if at == len(text):
        return None, at
    try:
        return decoder.raw_decode(text, at)
    except RecursionError:
        raise _Damaged(line, "nests more deeply than any usage file") from None
    except ValueError as reason:
        place = getattr(reason, "pos", len(text))
        if ended or (place < len(text) - 64 and "Unterminated" not in str(reason)):
            raise _Damaged(line + text.count("\n", at, place), "is no JSON from here on; download it again") from None
        return None, at


def _reader(stream: BinaryIO) -> Callable[[int], str]:
    """What reads text of some length from a stream of bytes."""
    first = stream.read(STEP)
    encoding = encoding_of(first)
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    held = [first]

    def read(size: int) -> str:
        raw = held.pop() if held else stream.read(size)
        try:
            return decoder.decode(raw, final=not raw)
        except UnicodeDecodeError:
            raise _Damaged(1, "must be text in UTF-8 or UTF-16; save it again in one of them") from None

    return read


def _skip(text: str, at: int, line: int) -> tuple[int, int]:
    """The next place that is neither space nor comma, and its line."""
    end = at
    while end < len(text) and text[end] in _BETWEEN:
        line += text[end] == "\n"
        end += 1
    return end, line


def names_in(value: object, deep: int = 0) -> frozenset[str]:
    """Keys of an object, and of those inside it after a dot; of a list, those of its entries; small letters.

    >>> sorted(names_in({"data": [{"Results": []}, {"end": 1}]}))
    ['data', 'data.end', 'data.results']
    """
    found: set[str] = set()
    if isinstance(value, Mapping):
        for key, inner in islice(value.items(), LOOKED_AT):
            name = str(key).casefold()
            found.add(name)
            if deep < DEEPEST:
                found |= {f"{name}.{each}" for each in names_in(inner, deep + 1)}
    elif isinstance(value, list):
        for entry in value[:LOOKED_AT]:
            found |= names_in(entry, deep)
    return frozenset(found)


def flat(row: Mapping[str, Any], deep: int = 2, wanted: Collection[str] | None = None) -> dict[str, Any]:
    """An object whose objects inside are spread out under names with dots; names in small letters.

    Args:
        row: the object.
        deep: how many objects inside each other are spread out.
        wanted: names that are taken, each without what follows its first dot; all where it is None.

    >>> flat({"sku": {"id": 1}, "Cost": 2})
    {'sku.id': 1, 'cost': 2}
    """
    found: dict[str, Any] = {}
    for key, value in row.items():
        name = _small(key)
        if wanted is not None and name not in wanted:
            continue
        if deep and value and isinstance(value, dict):
            for inner, held in flat(value, deep - 1).items():
                found[f"{name}.{inner}"] = held
        else:
            found[name] = value
    return found


@lru_cache(maxsize=4096)
def _small(key: object) -> str:
    return str(key).casefold()


def json_batches(
    rows: Iterable[tuple[int, Mapping[str, Any]]], money: DollarRates, needed: Iterable[str] | None = None
) -> Iterator[RowBatch]:
    """Rows of a JSON, some at a time.

    Args:
        rows: flat objects with their lines.
        money: what turns amounts into dollars.
        needed: keys that are read, all where it is None.
    """
    stream, first = iter(rows), 0
    wanted = None if needed is None else set(needed)
    while held := list(islice(stream, ROWS)):
        objects = [row for _, row in held]
        names = {name for row in objects for name in row} if wanted is None else wanted
        present = {name for name in names if any(name in row for row in objects)}
        yield RowBatch(_columns(objects, present, money), first, (), [line for line, _ in held])
        first += len(held)


def _columns(objects: list[Mapping[str, Any]], names: set[str], money: DollarRates) -> Columns:
    made: dict[str, pa.Array] = {}

    def cells(name: str) -> pa.Array:
        if name not in made:
            made[name] = cells_of([row.get(name) for row in objects])
        return made[name]

    return Columns(cells, names, len(objects), money)
