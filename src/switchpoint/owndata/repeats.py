"""What would be counted twice or not at all: rows met before, downloads of the same days, missing pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from switchpoint.owndata.cell_columns import Columns, Hashes
from switchpoint.owndata.cells import Ints, Mask
from switchpoint.owndata.file_sources import Source
from switchpoint.owndata.usage_format import AnswerPage, UsageFormat
from switchpoint.scenario.errors import Fault
from switchpoint.text import day

EPOCH = date(1970, 1, 1)
DAY_S = 86_400
MISSING = "is one page of several (has_more is true) and the next is not given; fetch the rest and give all pages"
Overlap = Literal["refuse", "newest"]


@dataclass
class _FileRows:
    """What is remembered of the rows of one file: numbers that stand for their cells, never the cells."""

    source: Source
    hashes: list[Hashes] = field(default_factory=list)
    keys: list[Hashes] = field(default_factory=list)
    days: list[npt.NDArray[np.int32]] = field(default_factory=list)
    all_days: set[int] = field(default_factory=set)
    finer: set[int] = field(default_factory=set)
    grouped_by: frozenset[str] = frozenset()


@dataclass
class Repeats:
    """Finds rows that are there twice, and files of sums that cover the same days.

    Attributes:
        rows: places for each file, in the order of reading.
        twice: numbers of the rows that are there more than once, sorted.
        duplicates: rows that are left out because of that.
        dropped_days: days since 1970 that are not taken from a file, because a newer one has them.
    """

    format: UsageFormat
    files: list[_FileRows] = field(default_factory=list)
    twice: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    duplicates: int = 0
    dropped_days: dict[int, set[int]] = field(default_factory=dict)
    taken_from: list[str] = field(default_factory=list)

    def begin(self, source: Source) -> None:
        """The rows that follow are of this file."""
        self.files.append(_FileRows(source))

    def note(self, columns: Columns, when: Ints) -> None:
        """Remember rows of the file that was begun last."""
        file, good = self.files[-1], ~columns.bad
        file.hashes.append(self.hashes(columns, len(self.files) - 1, len(file.hashes))[good])
        if self.format.one_call:
            return
        told_by = [name for name in sorted(columns.names) if name not in self.format.amounts]
        file.keys.append(columns.hashes(told_by)[good])
        when = when[good]
        days = (when // DAY_S).astype(np.int32)
        file.days.append(days)
        file.all_days.update(int(each) for each in np.unique(days))
        file.finer.update(int(each) for each in np.unique(days[when % DAY_S != 0]))
        file.grouped_by |= columns.filled_names(told_by)

    def hashes(self, columns: Columns, file: int, batch: int) -> Hashes:
        """A number for each row of a batch: of what names it where it is one call, of all its cells otherwise."""
        named_by = next((name for name in self.format.identity if name in columns.names), None)
        if named_by is None:
            return columns.hashes(sorted(columns.names))
        found = columns.hashes([named_by])
        nameless = found == 0  # a call without a name is like no other
        found[nameless] = np.arange(int(nameless.sum()), dtype=np.uint64) + np.uint64(hash((file, batch)) & 2**62 - 1)
        return found

    def faults(self, overlap: Overlap) -> list[Fault]:
        """What cannot be counted because two files have it differently; none where the newest is to be taken."""
        self._find_same_rows()
        found = []
        for days in self._conflicts().values():
            files = [file for file in self.files if days & file.all_days]
            newest = max(files, key=lambda file: (max(file.all_days), file.source.stamp, self.files.index(file)))
            others = [file for file in files if file is not newest]
            words = _days_words(sorted(days))
            if overlap == "refuse":
                message = (
                    f"has {words}, which {others[0].source.name} has too, with other figures; give one of them, "
                    "or take the newer one with --overlap newest"
                )
                found.append(newest.source.fault(1, message))
            for file in others:
                self.dropped_days.setdefault(self.files.index(file), set()).update(days)
            self.taken_from.append(f"{words} taken from {newest.source.name}, the newest of the files that have them")
        return found

    def _find_same_rows(self) -> None:
        every = np.concatenate([part for file in self.files for part in file.hashes] or [self.twice])
        every.sort()
        again = every[1:][every[1:] == every[:-1]]
        self.twice = np.unique(again)
        self.duplicates = len(again)

    def _conflicts(self) -> dict[tuple[int, ...], set[int]]:
        """Days that several files have differently, by the files that have them."""
        if self.format.one_call or len(self.files) < 2:
            return {}
        found: dict[tuple[int, ...], set[int]] = {}
        for each in self._days_in_conflict():
            having = tuple(place for place, file in enumerate(self.files) if each in file.all_days)
            found.setdefault(having, set()).add(each)
        return found

    def _days_in_conflict(self) -> set[int]:
        rows = pd.concat(
            pd.DataFrame({"file": place, "key": _whole(f.keys), "row": _whole(f.hashes), "day": _whole(f.days)})
            for place, f in enumerate(self.files)
        ).drop_duplicates()
        rows = rows[rows.groupby("day")["file"].transform("nunique") > 1]
        found = _days_of_other_figures(rows)
        for number in set(rows["day"].astype(int)) - found:
            having = [file for file in self.files if number in file.all_days]
            if len({number in file.finer for file in having}) > 1 or len({file.grouped_by for file in having}) > 1:
                found.add(number)
        alone = rows[rows.groupby("row")["file"].transform("nunique") == 1]
        if added := sorted(set(alone["day"].astype(int)) - found):
            has = "is" if len(added) == 1 else "are"
            self.taken_from.append(f"{_days_words(added)} {has} in several files, with different rows: added up")
        return found


def _days_of_other_figures(rows: pd.DataFrame) -> set[int]:
    """Days on which two files say the same of a row, but for its figures.

    Args:
        rows: file, key (all but the figures), row (all of it) and day, of days that several files have.
    """
    each = rows.groupby(["key", "file", "day"], as_index=False)["row"].agg(["count", "min", "max"])
    counts = each.groupby(["key", "day"], as_index=False)[["file", "count", "min", "max"]].nunique()
    wrong = counts[(counts["file"] > 1) & (counts[["count", "min", "max"]] > 1).any(axis=1)]
    return set(wrong["day"].astype(int))


class SecondReading:
    """Which rows are taken when files are read once more, because some of them would be counted twice."""

    def __init__(self, repeats: Repeats) -> None:
        self._repeats = repeats
        self._met: set[int] = set()
        self._file = -1
        self._batches = 0

    def begin(self) -> None:
        """The rows that follow are of the next file."""
        self._file, self._batches = self._file + 1, 0

    def take(self, columns: Columns, when: Ints) -> Mask:
        """The rows that count."""
        hashes = self._repeats.hashes(columns, self._file, self._batches)
        self._batches += 1
        dropped = self._repeats.dropped_days.get(self._file, set())
        taken = ~np.isin(when // DAY_S, np.array(sorted(dropped), dtype=np.int64))
        for row in np.flatnonzero(taken & np.isin(hashes, self._repeats.twice)):
            taken[row] = int(hashes[row]) not in self._met
            self._met.add(int(hashes[row]))
        return taken


@dataclass
class PageChain:
    """Pages as they were met. One that says that more follow needs another that begins where it ends."""

    pages: list[tuple[Source, AnswerPage]] = field(default_factory=list)

    def add(self, source: Source, page: AnswerPage) -> None:
        """Remember a page."""
        self.pages.append((source, page))

    def faults(self) -> list[Fault]:
        """One for each page after which the next is missing."""
        return [*self._without_next(), *self._numbers_missing()]

    def _without_next(self) -> list[Fault]:
        begins = {str(page.begins) for _, page in self.pages if page.begins is not None}
        return [
            source.fault(1, MISSING)
            for source, page in self.pages
            if page.more and page.number is None and (page.ends is None or str(page.ends) not in begins)
        ]

    def _numbers_missing(self) -> list[Fault]:
        """Pages with numbers: from the first to the last, each must be there."""
        numbered = [(source, page) for source, page in self.pages if page.number is not None]
        if not numbered:
            return []
        last = max(max(page.of or 1, (page.number or 1) + page.more) for _, page in numbered)
        lacking = sorted(set(range(1, last + 1)) - {page.number for _, page in numbered})
        if not lacking:
            return []
        first = ", ".join(map(str, lacking[:5])) + (", …" if len(lacking) > 5 else "")
        plural = "pages are" if len(lacking) > 1 else "page is"
        return [numbered[0][0].fault(1, f"is one page of {last}; {plural} missing: {first}; fetch all of them")]


def _whole(parts: Sequence[npt.NDArray[np.generic]]) -> npt.NDArray[np.generic]:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _days_words(days: Sequence[int]) -> str:
    first, last = (EPOCH + timedelta(days=each) for each in (days[0], days[-1]))
    return day(first) if first == last else f"{len(days)} days between {day(first)} and {day(last)}"
