"""Some rows of a file, column by column: numbers, moments, words, and numbers that stand for texts.

Numbers that stand for texts: the same for the same text, computed for a whole column at once.

By them rows that are there twice are found without keeping what is in them. Each byte at each place is looked up in a
table of random numbers, and these are added up (tabulation hashing: Zobrist 1970; Patrascu and Thorup, "The power of
simple tabulation hashing", Journal of the ACM 59(3), 2012). Two different texts share a number once in 2^64 pairs: in
ten million rows about once in 400,000 files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from switchpoint.owndata.cells import BAD, Floats, Ints, Mask, moments, numbers, without_dollar_sign
from switchpoint.owndata.privacy import got, is_plain_name

# Numbers that stand for texts ----------------------------------------------------------------------------------------

Hashes: TypeAlias = npt.NDArray[np.uint64]
PLACES = 256
"""Places of the table; those beyond begin again, each round multiplied by another number."""
SEED = 20_261_128


@cache
def _table() -> Hashes:
    return np.random.default_rng(SEED).integers(0, 2**64, PLACES * 256, dtype=np.uint64)


def hash_texts(cells: pa.Array) -> Hashes:
    """A number for each text of a column; 0 for an empty one.

    Args:
        cells: an array of strings without nulls.

    >>> found = hash_texts(pa.array(["a", "b", "a", ""]))
    >>> bool(found[0] == found[2]), bool(found[0] == found[1]), int(found[3])
    (True, False, 0)
    """
    _, offsets, data = cells.buffers()
    wide = np.int64 if pa.types.is_large_string(cells.type) else np.int32
    bounds = np.frombuffer(offsets, wide)[cells.offset : cells.offset + len(cells) + 1].astype(np.int64)
    sums = np.zeros(len(cells), np.uint64)
    if data is None or not len(cells) or bounds[0] == bounds[-1]:
        return sums
    letters = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]
    starts, lengths = bounds[:-1] - bounds[0], np.diff(bounds)
    places = np.arange(len(letters)) - np.repeat(starts, lengths)
    parts = _table()[(places % PLACES) * 256 + letters]
    if lengths.max() > PLACES:
        parts *= (2 * (places // PLACES) + 1).astype(np.uint64)
    filled = lengths > 0
    sums[filled] = np.add.reduceat(parts, starts[filled])
    # Texts of different lengths that end in bytes of value 0 are told apart by their length.
    return np.where(filled, sums ^ (lengths.astype(np.uint64) << np.uint64(1)), np.uint64(0))


def hash_of(text: str) -> np.uint64:
    """The number of one text, made odd, so that multiplying by it loses nothing."""
    return np.uint64(hash_texts(pa.array([text]))[0] | np.uint64(1))


# Some rows of a file, column by column -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """A column of words that repeat: each word once, and which of them stands in each row."""

    codes: npt.NDArray[np.int32]
    values: tuple[str, ...]

    def where(self, test: Callable[[str], bool]) -> Mask:
        """The rows whose word passes a test."""
        passed = np.array([test(value) for value in self.values], dtype=bool)
        return np.asarray(passed[self.codes], dtype=bool)

    def map(self, function: Callable[[str], str]) -> Words:
        """The words that a function makes of these."""
        return Words(self.codes, tuple(function(value) for value in self.values))

    def figures(self, function: Callable[[str], float]) -> Floats:
        """The numbers that a function makes of these."""
        return np.array([function(value) for value in self.values], dtype=float)[self.codes]


@dataclass
class BadRow:
    """A row that could not be read: its place among the rows of its batch, the column, and what is wrong."""

    row: int
    column: str
    message: str


@dataclass
class DollarRates:
    """What turns amounts into dollars: stated rates; and the currencies that were met without one."""

    usd_per: Mapping[str, float] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    converted: set[str] = field(default_factory=set)

    def rate(self, currency: str) -> float:
        """Dollars for one unit; 1 where no currency is stated; NaN without a rate."""
        name = currency.strip().upper()
        if name in ("", "USD", "NULL", "NONE"):
            return 1.0
        if name in self.usd_per:
            self.converted.add(name)
            return self.usd_per[name]
        self.unknown.add(name if len(name) == 3 and name.isalpha() else "another currency")
        return float("nan")


class Columns:
    """Rows of a file by column.

    Names are looked up in small letters; of several names the first that the file has is taken. What cannot be read is
    marked bad with its column and what would be right.
    """

    def __init__(
        self,
        cells: Callable[[str], pa.Array],
        names: Iterable[str],
        length: int,
        money: DollarRates,
        comma: bool | None = False,
    ) -> None:
        self._cells = cells
        self.names = frozenset(names)
        self.length = length
        self.money = money
        self.comma = comma
        self.bad = np.zeros(length, bool)
        self.faults: list[BadRow] = []
        self.asked: set[str] = set()
        self._counted = np.ones(length, bool)

    def has(self, *names: str) -> bool:
        """Whether the file has one of these columns."""
        return self._name(names) is not None

    def number(
        self, *names: str, empty: float | None = 0.0, below_zero: bool = False, dollar_sign: bool = False
    ) -> Floats:
        """A column of numbers.

        Args:
            names: of the column, in the order of preference.
            empty: what an empty cell counts for; None where it makes the row bad.
            below_zero: whether numbers below 0 are right.
            dollar_sign: whether a dollar sign in front of or behind a number is right.
        """
        name = self._name(names)
        if name is None:
            self._mark(
                np.full(self.length, empty is None), names[0], "must be a number, 0 or more; it is missing", None
            )
            return np.full(self.length, 0.0 if empty is None else empty)
        cells = self._cells(name)
        values, wrong = numbers(without_dollar_sign(cells) if dollar_sign else cells, self.comma)
        if not below_zero:
            wrong |= values < 0
        if empty is None:
            wrong |= np.isnan(values)
        right = "must be a number" if below_zero else "must be a number, 0 or more"
        if self.comma is None:
            right += ", that can be read in one way: 1200 or 1.2, not 1.200"
        if any(_is_decorated(_as_text(cells[int(row)].as_py())) for row in np.flatnonzero(wrong)[:100]):
            right += ", such as 1234.50, without spaces or a currency"
        self._mark(wrong, name, right, cells)
        return np.where(wrong, 0.0, np.where(np.isnan(values), 0.0 if empty is None else empty, values))

    def numbers_together(self, *names: str) -> list[Floats]:
        """Columns of numbers that a row has all of, or none of where nothing was used; some of them is bad."""
        held = [self.number(name, empty=np.nan) for name in names]
        lacking = np.isnan(np.array(held)).reshape(len(names), self.length)
        for name, lacks in zip(names, lacking, strict=True):
            self.reject(lacks & ~lacking.all(axis=0), name, "must be a number, 0 or more; it is empty or missing")
        return [np.where(lacks, 0.0, values) for values, lacks in zip(held, lacking, strict=True)]

    def dollars(self, *names: str, currency: str | None = None, unit: float = 1.0, empty: float = 0.0) -> Floats:
        """A column of money in dollars.

        Args:
            names: of the column, in the order of preference.
            currency: the column that states it.
            unit: dollars for one unit of the column; 0.01 for cents.
            empty: what an empty cell counts for.
        """
        amounts = self.number(*names, empty=empty, below_zero=True, dollar_sign=currency is None) * unit
        if currency is None or not self.has(currency):
            return amounts
        return np.where(amounts == 0, 0.0, amounts * self.rates(currency, (amounts != 0) & self._counted))

    def rates(self, currency: str, which: Mask) -> Floats:
        """Dollars for one unit of the currency of each row; NaN in rows of which nothing is counted.

        Args:
            currency: the column that states it.
            which: rows whose money is counted, so that a currency without a rate is a fault.
        """
        words = self.words(currency)
        met = np.unique(words.codes[which])
        rates = np.full(len(words.values), np.nan)
        rates[met] = [self.money.rate(words.values[code]) for code in met]
        return np.asarray(rates[words.codes], dtype=float)

    def count_money_only_of(self, rows: Mask) -> None:
        """Money of other rows needs no rate: it is no part of the usage."""
        self._counted = rows

    def moment(self, *names: str, month_first: bool = False) -> Ints:
        """A column of moments, seconds since 1970, UTC.

        Args:
            names: of the column, in the order of preference.
            month_first: whether 9/2/2026 is 2 September; otherwise it could be either and is no moment.
        """
        name = self._name(names)
        if name is None:
            raise KeyError(names[0])
        cells = self._cells(name)
        found = moments(cells, month_first)
        self._mark(
            found == BAD, name, "must be a date such as 2026-09-27 or a moment such as 2026-09-27T08:00:00Z", cells
        )
        return np.where(found == BAD, 0, found)

    def words(self, *names: str) -> Words:
        """A column of words; nothing in a row where the file has none."""
        name = self._name(names)
        if name is None:
            return Words(np.zeros(self.length, np.int32), ("",))
        coded = _text(self._cells(name)).dictionary_encode()
        values = tuple("" if value == "NULL" else value.strip() for value in coded.dictionary.to_pylist()) or ("",)
        return Words(coded.indices.to_numpy().astype(np.int32), values)

    def model(self, *names: str) -> Words:
        """The column of the model: a row whose cell can be no model's name is bad."""
        found = self.words(*names).map(lambda value: "" if value.casefold() in ("null", "none") else value)
        name = self._name(names)
        if name is not None:
            wrong = found.where(lambda value: bool(value) and not is_plain_name(value))
            self._mark(wrong, name, "must be the name of a model", None)
            found = found.map(lambda value: value if is_plain_name(value) else "")
        return found

    def objects(self, name: str) -> list[dict[str, Any]]:
        """A column of JSON objects, written as text or held as such; an empty one for anything else."""
        found = self._name((name,))
        return (
            [{}] * self.length if found is None else [_object(text) for text in _text(self._cells(found)).to_pylist()]
        )

    def reject(self, wrong: Mask, column: str, right: str) -> None:
        """Mark rows bad."""
        self._mark(wrong, column, right, None)

    def hashes(self, names: Iterable[str]) -> Hashes:
        """A number for each row that is the same for rows with the same cells in these columns, empty ones left out."""
        total = np.zeros(self.length, np.uint64)
        for name in names:
            total += hash_texts(_text(self._cells(name))) * hash_of(name)
        return total

    def filled_names(self, names: Iterable[str]) -> frozenset[str]:
        """Those of some columns that hold something."""
        return frozenset(name for name in names if any(self.words(name).values))

    def _name(self, names: Iterable[str]) -> str | None:
        found = next((name for name in names if name in self.names), None)
        if found is not None:
            self.asked.add(found)
        return found

    def _mark(self, wrong: Mask, name: str, right: str, cells: pa.Array | None) -> None:
        fresh = wrong & ~self.bad
        for row in np.flatnonzero(fresh)[:100]:
            held = "" if cells is None else f"; {got(_as_text(cells[int(row)].as_py()))}"
            self.faults.append(BadRow(int(row), name, right + held))
        self.bad |= wrong


_DECORATED = re.compile(r"[^\d+-]{0,4}[-+]?\d[\d\s.,'’]*[^\d]{0,4}")


def _is_decorated(text: str) -> bool:
    """Whether a cell is a number with something around or within it, such as a currency.

    >>> _is_decorated("EUR 63.19"), _is_decorated("1 234,50"), _is_decorated("3,50"), _is_decorated("many")
    (True, True, False, False)
    """
    return bool(_DECORATED.fullmatch(text.strip()) and re.search(r"[^\d.,+-]", text.strip()))


def _text(cells: pa.Array) -> pa.Array:
    """Cells as text, nothing where one is empty."""
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        return cells.fill_null("") if cells.null_count else cells
    return pa.array([_as_text(value) for value in cells.to_pylist()], pa.string())


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def cells_of(values: list[Any]) -> pa.Array:
    """Values of JSON as an array: numbers as such, anything else, or a mixture, as text."""
    kinds = {type(value) for value in values} - {type(None)}
    try:
        if kinds <= {int, float} and kinds:
            return pa.array([None if value is None else float(value) for value in values], pa.float64())
    except OverflowError:
        pass
    texts = [None if value is None else _as_text(value) for value in values]
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:  # half a character of UTF-16, which JSON can state
        return pa.array([text and text.encode("utf-8", "replace").decode() for text in texts], pa.string())


def _object(text: str) -> dict[str, Any]:
    try:
        held = json.loads(text) if text.lstrip()[:1] == "{" else {}
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
