"""Cells turned into numbers and moments: as exports, spreadsheets and people write them, and never by a guess."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

LARGEST = 1e15
NOTHING = ("", "null", "none", "nan", "n/a", "-")
"""Cells that hold nothing, in small letters."""
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)
_FIRST, _LAST = (int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp()) for d in (EARLIEST, LATEST))
BAD = np.iinfo(np.int64).min
"""Stands where a moment could not be read."""

_POINT = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][-+]?\d{1,3})?")
_COMMA = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][-+]?\d{1,3})?")
_EITHER = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_SPACED = re.compile(r"[-+]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d*)?")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:[ T](.*))?")
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](.*))?")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_SECONDS = re.compile(r"\d{9,11}(?:\.\d+)?")
_AT_THE_FRONT = re.compile(r"\d{4}-\d\d-\d\d.*")


def number_of(text: str, comma: bool | None = False) -> float | None:
    """A number; None for an empty cell, NaN for what is none.

    Args:
        text: the cell.
        comma: whether the file writes decimals after a comma; None where nothing tells, so that 1.234 may be either.

    >>> number_of("1,234.5"), number_of("1.234,5", comma=True), number_of(" "), number_of("3,50")
    (1234.5, 1234.5, None, nan)
    >>> number_of("1.234"), number_of("1.234", comma=True), number_of("1.234", comma=None)
    (1.234, 1234.0, nan)
    >>> number_of("1 234.5"), number_of("1 234,5", comma=True), number_of("12 34")
    (1234.5, 1234.5, nan)
    """
    cell = text.strip()
    if _SPACED.fullmatch(cell):
        cell = without_spaces(cell)
    if cell.casefold() in NOTHING:
        return None
    if not (_COMMA if comma else _POINT).fullmatch(cell) or (comma is None and _EITHER.fullmatch(cell)):
        return math.nan
    try:
        return float(cell.replace(".", "").replace(",", ".") if comma else cell.replace(",", ""))
    except ValueError:
        return math.nan


def without_spaces(text: str) -> str:
    """A number without the spaces between its thousands."""
    return re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3})", "", text)


def without_dollar_sign(cells: pa.Array) -> pa.Array:
    """Cells of dollars without the sign that people write: $140.20, -$3, 12 $.

    >>> without_dollar_sign(pa.array(["$140.20", "-$3", "12 $", "5", None])).to_pylist()
    ['140.20', '-3', '12', '5', None]
    """
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        return cells
    if not pc.any(pc.match_substring(cells, "$")).as_py():
        return cells
    bare = pc.replace_substring_regex(cells, r"^\s*([-+]?)\s*(?:US)?\$\s*", r"\1")
    return pc.replace_substring_regex(bare, r"^([^$]*\d)\s*\$\s*$", r"\1")


def numbers(cells: pa.Array, comma: bool | None = False) -> tuple[Floats, Mask]:
    """Cells as numbers.

    Args:
        cells: text, or numbers as JSON states them.
        comma: whether the file writes decimals after a comma; None where nothing tells.

    Returns:
        Numbers, NaN where a cell is empty or holds none; and where it holds something that is none.
    """
    if pa.types.is_null(cells.type):
        return np.full(len(cells), np.nan), np.zeros(len(cells), bool)
    if pa.types.is_boolean(cells.type):
        return np.full(len(cells), np.nan), _valid(cells)
    found = _cast(cells) if comma is False or _is_number(cells) else None
    if found is None:
        found = _from_each_kind(cells, comma)
    values, filled = found
    good = np.isfinite(values) & (np.abs(values) <= LARGEST)
    values[~good] = np.nan
    return values, filled & ~good


def _is_number(cells: pa.Array) -> bool:
    return bool(pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type))


def _cast(cells: pa.Array) -> tuple[Floats, Mask] | None:
    """The quick way: all cells at once; nothing where one of them needs a closer look."""
    if not _is_number(cells):
        cells = pc.if_else(pc.equal(cells, ""), pa.scalar(None, cells.type), cells)
    try:
        found = pc.cast(cells, pa.float64(), safe=False)
    except pa.ArrowInvalid:
        return None
    return np.array(found.to_numpy(zero_copy_only=False), dtype=float), _valid(cells)


def _from_each_kind(cells: pa.Array, comma: bool | None) -> tuple[Floats, Mask]:
    """The careful way: each different cell once."""
    coded = cells.fill_null("").dictionary_encode()
    parsed = [number_of(text, comma) for text in coded.dictionary.to_pylist()]
    values = np.array([math.nan if each is None else each for each in parsed], dtype=float)
    filled = np.array([each is not None for each in parsed], dtype=bool)
    codes = coded.indices.to_numpy()
    return values[codes], filled[codes]


def _valid(cells: pa.Array) -> Mask:
    return np.asarray(cells.is_valid().to_numpy(zero_copy_only=False), dtype=bool)


def moments(cells: pa.Array, month_first: bool = False) -> Ints:
    """Cells as seconds since 1970, UTC; BAD where a cell is no moment between 1990 and 2200.

    A day is its first second; a moment without a zone is UTC.

    Args:
        cells: text, or Unix seconds.
        month_first: whether 9/2/2026 is a day, 2 September; otherwise it could be either and is none.
    """
    if _is_number(cells):
        values, _ = numbers(cells)
        seconds = np.where(np.isfinite(values), values, 0).astype(np.int64)
    else:
        quick = _cast_moments(cells) if pa.types.is_large_string(cells.type) or pa.types.is_string(cells.type) else None
        seconds = _moments_from_each_kind(cells, month_first) if quick is None else quick
    return np.asarray(np.where((seconds >= _FIRST) & (seconds < _LAST), seconds, BAD), dtype=np.int64)


def _cast_moments(cells: pa.Array) -> Ints | None:
    if not len(cells) or cells.null_count or not _AT_THE_FRONT.fullmatch(cells[0].as_py()):
        return None
    zone = "UTC" if cells[0].as_py().endswith("Z") else None
    try:
        found = pc.cast(pc.cast(cells, pa.timestamp("us", zone)), pa.int64())
    except pa.ArrowInvalid:
        return None
    return np.asarray(found.to_numpy(), dtype=np.int64) // 1_000_000


def _moments_from_each_kind(cells: pa.Array, month_first: bool) -> Ints:
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        return np.full(len(cells), BAD)
    coded = cells.fill_null("").dictionary_encode()
    parsed = [moment_of(text, month_first) for text in coded.dictionary.to_pylist()]
    values = np.array([BAD if each is None else each for each in parsed], dtype=np.int64)
    return np.asarray(values[coded.indices.to_numpy()], dtype=np.int64)


def moment_of(text: str, month_first: bool = False) -> int | None:
    """A moment as seconds since 1970, UTC: ISO, day.month.year, a month, Unix seconds, or month/day/year.

    >>> moment_of("2026-05-12 00:00:00"), moment_of("12.05.2026"), moment_of("2026-13-01")
    (1778544000, 1778544000, None)
    >>> moment_of("9/2/2023"), moment_of("9/2/2023", month_first=True)
    (None, 1693612800)
    """
    cell = text.strip()
    if _SECONDS.fullmatch(cell):
        return int(float(cell))
    if _MONTH.fullmatch(cell):
        cell = f"{cell}-01"
    for pattern, order in ((_SLASHES, (2, 0, 1)), (_DOTS, (2, 1, 0))):
        if (pattern is _DOTS or month_first) and (parts := pattern.fullmatch(cell)):
            year, month, day = (parts.groups()[place].zfill(2) for place in order)
            cell = f"{year if len(year) == 4 else '20' + year}-{month}-{day} {parts[4] or ''}".strip()
    try:
        found = datetime.fromisoformat(cell.removesuffix(" UTC"))
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
