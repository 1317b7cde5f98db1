"""Files streamed into sums: every row once, bad rows counted, what would be counted twice left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from switchpoint.owndata.cell_columns import BadRow, Columns, DollarRates
from switchpoint.owndata.csv_rows import RowBatch, csv_batches, lines_of
from switchpoint.owndata.file_sources import Source
from switchpoint.owndata.format_guess import Recognised
from switchpoint.owndata.json_rows import flat, json_batches, json_values
from switchpoint.owndata.repeats import Overlap, PageChain, Repeats, SecondReading
from switchpoint.owndata.usage_format import CALL_TOKENS, CALLS, FAILED, FAILED_TOKENS, Rows, UsageFormat
from switchpoint.owndata.usage_sums import TooManyModels, UsageSums
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.text import join_names, percent, usd

MOST_BAD = 0.01
"""Share of rows that may be bad; more, and the file is refused."""
TOLD = 5
"""Bad rows of a file that are told one by one where it is read all the same."""
TOLD_OF_REFUSED = 20
MOST_RAGGED = 100_000
EMPTY = Columns(lambda _: pa.array([], pa.string()), (), 0, DollarRates())
CREDITS = "credits and refunds"
EVERY = 500_000
"""Rows between two words of progress."""
NOTHING = 1e-9
"""A figure below that is what is left of adding others up."""


@dataclass
class _BadRows:
    """Rows of one file that could not be read: how many, and the first of them."""

    file: Recognised
    number: int = 0
    found: list[tuple[RowBatch, BadRow]] = field(default_factory=list)
    ragged: list[int] = field(default_factory=list)
    unsplit: list[int] = field(default_factory=list)

    def note(self, batch: RowBatch) -> None:
        """Remember the bad rows of a batch."""
        self.number += int(batch.columns.bad.sum()) + len(batch.bad_places)
        room = TOLD_OF_REFUSED - len(self.found)
        about = replace(batch, columns=EMPTY)  # the rows themselves are let go
        self.found += [(about, fault) for fault in batch.columns.faults[:room]]
        self.ragged += list(batch.ragged)[: MOST_RAGGED - len(self.ragged)]
        self.unsplit += list(batch.bad_places)[: TOLD_OF_REFUSED - len(self.unsplit)]

    def faults(self) -> list[Fault]:
        """One line for each, in the order of the file."""
        source, head = self.file.source, self.file.head
        places = [self._place_among_all(batch, fault) for batch, fault in self.found]
        lines = lines_of(source, head, [*places, *self.unsplit]) if head else {}
        found = []
        for place, (batch, bad) in zip(places, self.found, strict=True):
            line = batch.lines[bad.row] if batch.lines is not None else lines.get(place, place + 2)
            found.append(source.fault(line, bad.message, bad.column))
        cells = len(head.names) if head else 0
        wrong = f"has more or fewer cells than the first line, which has {cells}"
        found += [source.fault(lines.get(place, place + 2), wrong) for place in self.unsplit]
        return sorted(found, key=lambda fault: fault.line)[:TOLD_OF_REFUSED]

    def _place_among_all(self, batch: RowBatch, fault: BadRow) -> int:
        """The place of a row when those that could not be split into cells count too."""
        if batch.places is not None:
            return batch.places[fault.row]
        place = batch.first + fault.row
        for other in sorted(self.ragged):
            place += other <= place
        return place


@dataclass
class FilesRead:
    """Files of one provider, added up.

    Attributes:
        format: of the first file.
        first: the first file.
        files: number of them.
        rows: that were read, bad ones too.
        sums: by what the files hold: usage, cost or both.
        written: days on which the files were written.
        words: the formats in words.
        said: what is worth knowing.
        said_figures: figures that formats tell beside the table.
    """

    format: UsageFormat
    first: Source
    files: int
    rows: int
    sums: dict[str, UsageSums]
    written: set[date]
    words: str
    said: list[str]
    said_figures: Counter[str]


def read_files(
    files: Sequence[Recognised],
    money: DollarRates,
    bucket_s: int,
    overlap: Overlap,
    progress: Callable[[str], None] | None,
) -> FilesRead:
    """Add up files of one provider.

    Raises:
        ScenarioError: pages are missing, too many rows are bad, a currency has no rate, or downloads overlap.
    """
    formats = list(dict.fromkeys(each.format for each in files))
    reading = _Reading(money, bucket_s, overlap, progress)
    sums: dict[str, UsageSums] = {}
    for each in formats:
        sums[each.holds] = reading.read(each, [file for file in files if file.format is each])
    if money.unknown:
        names = join_names(sorted(money.unknown))
        rate = next((name for name in sorted(money.unknown) if len(name) == 3), "EUR")
        raise files[0].source.refuse(1, f"has amounts in {names}; state dollars for one, such as --usd-per {rate}=1.08")
    figures: Counter[str] = Counter()
    for added in sums.values():
        figures.update(added.said)
    return FilesRead(
        format=formats[0],
        first=files[0].source,
        files=len({file.source.path for file in files}),
        rows=reading.rows,
        sums=sums,
        written={file.source.written for file in files},
        words=join_names(list(dict.fromkeys(each.format.words_of(each.names) for each in files))),
        said=reading.said
        + [each.note for each in formats if each.note]
        + _figures_words(figures)
        + _rates_words(money),
        said_figures=figures,
    )


def _figures_words(figures: Mapping[str, float]) -> list[str]:
    """What formats tell beside the table; shares of calls with their number, dollars as such."""
    said = []
    for name, value in figures.items():
        if abs(value) < NOTHING or name in (CALLS, FAILED_TOKENS, CALL_TOKENS):
            continue
        if name == FAILED:
            calls, tokens = figures.get(CALLS, 0.0), figures.get(FAILED_TOKENS, 0.0)
            share = f" ({percent(round(value / calls, 4))} of all)" if calls else ""
            spent = f"; {tokens:,.0f} tokens were spent on them" if tokens else ""
            said.append(f"failed calls: {value:,.0f}{share}, not counted as requests{spent}")
        elif name.endswith("$"):
            amount = f"${abs(value):,.2f}" if abs(value) >= 0.01 else usd(abs(value))
            said.append(f"{name.removesuffix('$').strip()}: {'-' * (value < 0)}{amount}")
        else:
            said.append(f"{name}: {value:,.10g}")
    return said


def _rates_words(money: DollarRates) -> list[str]:
    return [f"amounts in {name} are dollars at {money.usd_per[name]:g} for one" for name in sorted(money.converted)]


class _Reading:
    """One reading of some files: it collects what is said, and reads again where rows would be counted twice."""

    def __init__(
        self, money: DollarRates, bucket_s: int, overlap: Overlap, progress: Callable[[str], None] | None
    ) -> None:
        self._money = money
        self._bucket = bucket_s
        self._overlap: Literal["refuse", "newest"] = overlap
        self._progress = progress
        self.rows = 0
        self.said: list[str] = []

    def read(self, format_: UsageFormat, files: Sequence[Recognised]) -> UsageSums:
        """Sums of the files of one format."""
        repeats, sums = Repeats(format_), UsageSums(self._bucket)
        chain = PageChain()
        faults: list[Fault] = []
        for file in files:
            repeats.begin(file.source)
            faults += self._first_reading(file, repeats, sums, chain)
        faults += chain.faults()
        if not faults:
            faults += repeats.faults(self._overlap)
        if faults:
            raise ScenarioError(faults)
        if repeats.duplicates:
            rows = "1 row is" if repeats.duplicates == 1 else f"{repeats.duplicates:,} rows are"
            self.said.append(f"{rows} there more than once; each counts once")
        self.said += repeats.taken_from
        if repeats.duplicates or repeats.dropped_days:
            sums = self._second_reading(files, SecondReading(repeats))
        return sums

    def _first_reading(self, file: Recognised, repeats: Repeats, sums: UsageSums, chain: PageChain) -> list[Fault]:
        bad, rows = _BadRows(file), 0
        try:
            for batch, found in self._batches(file, chain):
                good = ~batch.columns.bad
                bad.note(batch)
                rows += batch.columns.length + len(batch.bad_places)
                repeats.note(batch.columns, found.when)
                sums.add(found, good)
        except TooManyModels:
            return [file.source.fault(1, "has too many different models for any provider; is the column another one?")]
        self.rows += rows
        if not bad.number:
            return []
        found_faults = bad.faults()
        if bad.number > MOST_BAD * rows:
            more = bad.number - len(found_faults)
            if more > 0:
                total = f"and {more:,} more rows of {rows:,} cannot be read"
                found_faults.append(file.source.fault(found_faults[-1].line, total))
            return found_faults
        left = f"{bad.number:,} of {rows:,} rows cannot be read and {'is' if bad.number == 1 else 'are'} left out"
        self.said.append(f"{left}: {'; '.join(map(str, found_faults[:TOLD]))}")
        return []

    def _second_reading(self, files: Sequence[Recognised], again: SecondReading) -> UsageSums:
        sums = UsageSums(self._bucket)
        for file in files:
            again.begin()
            for batch, found in self._batches(file, PageChain()):
                taken = again.take(batch.columns, found.when)
                sums.add(found, taken & ~batch.columns.bad)
        return sums

    def _batches(self, file: Recognised, chain: PageChain) -> Iterator[tuple[RowBatch, Rows]]:
        told = 0
        for batch in _open_batches(file, self._money, chain):
            found = file.format.read(batch.columns)
            _set_credits_apart(found)
            yield batch, found
            done = batch.first + batch.columns.length
            if self._progress is not None and done - told >= EVERY:
                told = done
                so_far = "" if batch.share is None else f", {percent(round(batch.share, 2))}"
                self._progress(f"{file.source.name}: {done:,} rows{so_far}")


def _set_credits_apart(rows: Rows) -> None:
    """Money that comes back is no price of tokens: rows of it are left out; beside tokens it does not count."""
    cost = rows.measures.get("cost_usd")
    if cost is None or not (below := cost < 0).any():
        return
    used = np.zeros(len(cost), bool)
    for name, values in rows.measures.items():
        used |= (name != "cost_usd") & (np.nan_to_num(values) > 0)
    rows.said[f"{CREDITS} beside tokens, not counted $"] = np.where(below & used, cost, 0.0)
    rows.leave_out(below & ~used, CREDITS, cost)
    rows.measures["cost_usd"] = np.where(below, 0.0, cost)


def _open_batches(file: Recognised, money: DollarRates, chain: PageChain) -> Iterator[RowBatch]:
    names = (file.format.unpack is None and (file.names if file.head is None else file.head.names)) or ()
    asked = _asked_columns(file.format, names)
    needed = _needed_columns(file.format, names, asked)
    if file.head is not None:
        return csv_batches(file.source, file.head, needed, asked, money)
    return json_batches(_objects(file, chain, needed), money, needed)


def _objects(
    file: Recognised, chain: PageChain, needed: Iterable[str] | None
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Flat rows of a JSON with their lines."""
    wanted = None if needed is None else {name.partition(".")[0] for name in needed}
    for line, value in json_values(file.source):
        if not isinstance(value, dict):
            raise file.source.refuse(line, "must hold JSON objects; got another value")
        if file.format.page is not None:
            chain.add(file.source, file.format.page(value))
        rows: Iterable[Mapping[str, Any]] = [value] if file.format.unpack is None else file.format.unpack(value)
        for row in rows:
            yield line, flat(row, file.format.deep, wanted)


def _asked_columns(format_: UsageFormat, names: Iterable[str]) -> set[str]:
    """Columns that a format makes usage of, of those that a file has."""
    listed = [name for name in names if name]
    if not listed:
        return set()
    empty = Columns(lambda _: pa.array([], pa.string()), listed, 0, DollarRates())
    format_.read(empty)
    return empty.asked


def _needed_columns(format_: UsageFormat, names: Iterable[str], asked: Iterable[str]) -> list[str] | None:
    """Columns that must be read: those that are asked for and what names a call; all where all tell rows apart."""
    identity = [name for name in format_.identity if name in set(names)]
    return sorted({*asked, identity[0]}) if identity else None
