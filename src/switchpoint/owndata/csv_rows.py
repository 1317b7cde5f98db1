"""Rows of a CSV as a stream: any delimiter, line end and encoding, a few megabytes at a time."""

from __future__ import annotations

import codecs
import csv
import io
import re
import time
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv

from switchpoint.owndata.cell_columns import Columns, DollarRates
from switchpoint.owndata.cells import without_spaces
from switchpoint.owndata.file_sources import Source, encoding_of

BLOCKS = (1 << 22, 1 << 26, 1 << 28)
"""Bytes that are read at a time: small ones first; larger ones for files with very long cells."""
DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 1 << 26
LONGEST_END_S = 0.2
"""Seconds after which a thread that reads ahead is waited for no longer."""


@dataclass(frozen=True)
class CsvHead:
    """How a CSV is written.

    Attributes:
        encoding: of its text.
        delimiter: between cells.
        names: of its columns, in small letters without spaces around them.
        skip: lines before the first row.
        comma: whether decimals follow a comma; None where nothing tells and it matters.
    """

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    skip: int
    comma: bool | None


@dataclass
class RowBatch:
    """Some rows of a file.

    Attributes:
        columns: the rows by column.
        first: place of the first row among all that could be split into cells, from 0 on.
        ragged: places among all rows of those that have more or fewer cells than the header, from 0 on.
        lines: of the rows, where they are known already.
        places: of the rows among all rows, where they do not follow each other.
        bad_places: places among all rows of those that cannot be read.
        share: of the file that is read so far, where it is known.
    """

    columns: Columns
    first: int
    ragged: Sequence[int] = ()
    lines: Sequence[int] | None = None
    places: Sequence[int] | None = None
    bad_places: Sequence[int] = ()
    share: float | None = None


def read_head(head: bytes) -> CsvHead | None:
    """How a CSV is written, by its first bytes; None where they are no text."""
    encoding = encoding_of(head)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    before = next((place for place, line in enumerate(lines) if line.strip()), 0)
    stated = lines[before].strip().casefold().strip('"')
    delimiter = stated[4:5] if stated.startswith("sep=") and len(stated) == 5 else ""
    before += bool(delimiter)
    if before >= len(lines) or "\0" in text:
        return None
    delimiter = delimiter or max(DELIMITERS, key=lambda each: _outside_quotes(lines[before]).count(each))
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines[before:])), delimiter=delimiter))
    except csv.Error:
        return None
    names = tuple(name.strip().strip("\ufeff").casefold() for name in rows[0]) if rows else ()
    return CsvHead(encoding, delimiter, names, before + 1, _has_decimal_commas(rows[1:]) if delimiter != "," else False)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _decimals(mark: str, other: str) -> re.Pattern[str]:
    """Numbers that can only be meant with this mark before their decimals, and the other between thousands."""
    ends = rf"\d+{mark}(?:\d{{0,2}}|\d{{4,}})"
    begins = rf"(?:0|\d{{4,}}){mark}\d+"
    grouped = rf"\d{{1,3}}(?:{other}\d{{3}})+(?:{mark}\d+|{other}\d{{3}})"
    return re.compile(f"{ends}|{begins}|{grouped}")


_WITH_COMMA, _WITH_POINT = _decimals(",", r"\."), _decimals(r"\.", ",")
_EITHER = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def _has_decimal_commas(rows: Sequence[Sequence[str]]) -> bool | None:
    """Whether numbers have their decimals after a comma, by those that can be read in one way only.

    >>> _has_decimal_commas([["0,5"]]), _has_decimal_commas([["1.234.567"]]), _has_decimal_commas([["1.234"]])
    (True, True, None)
    """
    cells = [without_spaces(cell.strip().lstrip("-+$ ").rstrip("$ ")) for row in rows for cell in row]
    commas, points = (sum(bool(each.fullmatch(cell)) for cell in cells) for each in (_WITH_COMMA, _WITH_POINT))
    if commas == points:
        return None if commas or any(_EITHER.fullmatch(cell) for cell in cells) else False
    return commas > points


def csv_batches(
    source: Source, head: CsvHead, needed: Sequence[str] | None, asked: Collection[str], money: DollarRates
) -> Iterator[RowBatch]:
    """Rows of a CSV, some at a time.

    Args:
        source: the file.
        head: how it is written.
        needed: columns that are read, all where it is None; no cell of another column is kept.
        asked: columns without which a row cannot be read.
        money: what turns amounts into dollars.

    Raises:
        ScenarioError: a line has more or fewer cells than the header, or the file is no text.
    """
    done = known = 0
    for place, block in enumerate(BLOCKS):
        try:
            for batch in _read_blocks(source, head, needed, _RaggedRows(head, asked, known), money, block, done):
                if batch.places is None:
                    done += batch.columns.length
                else:
                    known += len(batch.places) + len(batch.bad_places)
                yield batch
            return
        except UnicodeDecodeError as reason:
            raise source.refuse(head.skip + done + 1, _damage_words(f"codec {reason.encoding}")) from None
        except pa.ArrowInvalid as reason:
            # A cell longer than a block: read again in longer ones, without what was read already.
            if "straddling" not in str(reason) or place == len(BLOCKS) - 1:
                raise source.refuse(head.skip + done + 1, _damage_words(str(reason))) from None


def _damage_words(reason: str) -> str:
    if "UTF8" in reason or "codec" in reason:
        return "must be text in UTF-8 or UTF-16 from here on; save it again in one of them"
    if "straddling" in reason:
        return "has a cell that does not end; is a closing quote missing?"
    return "is no CSV from about here on; download it again"


def _read_blocks(
    source: Source,
    head: CsvHead,
    needed: Sequence[str] | None,
    ragged: _RaggedRows,
    money: DollarRates,
    block: int,
    done: int,
) -> Iterator[RowBatch]:
    places = {name: place for place, name in reversed(list(enumerate(head.names))) if name}
    wanted = {name: place for name, place in places.items() if needed is None or name in needed}
    ragged.wanted = wanted
    with source.open() as (stream, share):
        first, places_read = 0, [str(place) for place in wanted.values()]
        for batch in _arrow_batches(_Bytes(stream), head, places_read, block, ragged.note):
            fresh = batch.slice(max(done - first, 0))
            arrays = dict(zip(wanted, fresh.columns, strict=True))
            columns = Columns(arrays.__getitem__, wanted, fresh.num_rows, money, head.comma)
            first += batch.num_rows
            yield RowBatch(columns, first - fresh.num_rows, ragged.take_places(), share=share())
            yield from ragged.take_mended(first, money)
        yield from ragged.take_mended(first, money)


class _RaggedRows:
    """Rows that have more or fewer cells than the first line.

    Those that lack only columns at the end that nobody asks for, or have only empty cells beyond, are read.
    """

    def __init__(self, head: CsvHead, asked: Collection[str], known: int) -> None:
        self.wanted: Mapping[str, int] = {}
        self._head = head
        self._fewest = max((place for place, name in enumerate(head.names) if name in asked), default=0) + 1
        self._known = known
        self._places: list[int] = []
        self._bad: list[int] = []
        self._mended: list[tuple[int, list[str]]] = []

    def note(self, row: Any) -> str:
        """Remember a row; the reader goes on without it."""
        if self._known:  # from an earlier reading in shorter blocks
            self._known -= 1
            return "skip"
        place = row.number - 1 - self._head.skip
        self._places.append(place)
        try:
            cells = next(csv.reader([row.text or ""], delimiter=self._head.delimiter), [])
        except csv.Error:
            cells = []
        beyond = cells[len(self._head.names) :]
        if len(cells) >= self._fewest and not any(cell.strip() for cell in beyond):
            self._mended.append((place, [cells[at] if at < len(cells) else "" for at in self.wanted.values()]))
        else:
            self._bad.append(place)
        return "skip"

    def take_places(self) -> list[int]:
        """Places of all that were met since the last time."""
        found, self._places = self._places, []
        return found

    def take_mended(self, first: int, money: DollarRates) -> Iterator[RowBatch]:
        """The rows that can be read, and the places of those that cannot."""
        mended, self._mended, bad, self._bad = self._mended, [], self._bad, []
        if not mended and not bad:
            return
        cells = {name: pa.array([row[at] for _, row in mended], pa.string()) for at, name in enumerate(self.wanted)}
        columns = Columns(cells.__getitem__, self.wanted, len(mended), money, self._head.comma)
        yield RowBatch(columns, first, self.take_places(), places=[place for place, _ in mended], bad_places=bad)


class _Bytes(io.RawIOBase):
    """What the reader reads ahead from, in a thread of its own; nobody else holds it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes."""
        return bytes(self._stream.read(size))


def _arrow_batches(held: _Bytes, head: CsvHead, wanted: list[str], block: int, handler: Any) -> Iterator[Any]:
    """Some columns, in blocks of so many bytes.

    At the end it is waited for until the thread that reads ahead has let go of the stream: one that does so while the
    program ends takes the program down with it.
    """
    gone = weakref.ref(held)
    try:
        yield from _open_reader(held, head, wanted, block, handler)
    finally:
        del held
        until = time.monotonic() + LONGEST_END_S
        while gone() is not None and time.monotonic() < until:
            time.sleep(0)


def _open_reader(stream: Any, head: CsvHead, wanted: list[str], block: int, handler: Any) -> Any:
    names = [str(place) for place in range(len(head.names))]
    return pyarrow.csv.open_csv(
        stream,
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False,
            block_size=block,
            skip_rows=head.skip,
            column_names=names,
            encoding="utf8" if head.encoding.startswith("utf-8") else head.encoding,
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=head.delimiter, newlines_in_values=True, invalid_row_handler=handler
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=wanted, strings_can_be_null=False
        ),
    )


def lines_of(source: Source, head: CsvHead, places: Sequence[int]) -> dict[int, int]:
    """The lines on which rows of a CSV begin, by their places among all rows; read once more, for faults alone.

    Cells may hold line ends, so that the place of a row does not tell its line.
    """
    found: dict[int, int] = {}
    wanted, last = set(places), max(places, default=-1)
    with source.open() as (stream, _):
        text = io.TextIOWrapper(stream, encoding=head.encoding, errors="replace", newline=None)
        for _ in range(head.skip):
            text.readline()
        rows = csv.reader(text, delimiter=head.delimiter)
        usual = csv.field_size_limit(LONGEST_CELL)  # of the whole process, so it is put back
        place, begins = 0, head.skip + 1
        try:
            for row in rows:
                if row:
                    if place in wanted:
                        found[place] = begins
                    place += 1
                begins = head.skip + rows.line_num + 1
                if place > last:
                    break
        except csv.Error:
            pass
        finally:
            csv.field_size_limit(usual)
        text.detach()
    return found
