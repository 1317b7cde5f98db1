"""The file of a plan curve: a CSV with requests a day by date or by month, read and checked line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path as File

from switchpoint.scenario.access import Files
from switchpoint.scenario.daily import no_requests, requests_of, rows_of
from switchpoint.scenario.errors import Fault
from switchpoint.scenario.words import show

PLANNED = "requests_per_day"
MIDDLE = 15
"""The day of a month that a plan by the month is for."""


@lru_cache(maxsize=32)
def plan_of(raw: bytes) -> tuple[tuple[date, float], ...]:
    """Requests a day by day, of what a plan file without faults holds; a month stands for its 15th."""
    rows = csv.DictReader(raw.decode("utf-8-sig").splitlines())
    return tuple(sorted((when, float(row[PLANNED])) for row in rows if (when := _planned_day(row)) is not None))


def plan_faults(file: File, shown: str, files: Files) -> list[Fault]:
    """Everything that keeps a plan file from being read.

    Raises:
        OSError: it cannot or may not be opened.
    """
    rows = rows_of(file, shown, files)
    if isinstance(rows, Fault):
        return [rows]
    names = rows.fieldnames or []
    if PLANNED not in names or not {"date", "month"} & set(names):
        wanted = f"the first line must name date (or month) and {PLANNED}; got {show(','.join(names))}"
        return [Fault(shown, 1, "", wanted)]
    try:
        return list(_planned(rows, shown))
    except csv.Error as reason:
        return [Fault(shown, rows.line_num + 1, "", f"is not valid CSV: {reason}")]


def _planned(rows: csv.DictReader[str], shown: str) -> Iterator[Fault]:
    seen: set[date] = set()
    for row in rows:
        when, line = _planned_day(row), rows.line_num
        if when is None:
            got = show(row.get("date") or row.get("month") or "")
            yield Fault(shown, line, "date", f"must be a date such as 2027-05-01 or a month such as 2027-05; got {got}")
        elif when in seen:
            yield Fault(shown, line, "date", f"states {when} for the second time")
        else:
            seen.add(when)
        if requests_of(row, PLANNED) is None:
            yield Fault(shown, line, PLANNED, f"{no_requests(row, PLANNED)}; got {show(row[PLANNED])}")
    if rows.line_num <= 1:
        yield Fault(shown, 1, "", "has no rows")


def _planned_day(row: Mapping[str, str]) -> date | None:
    """The day of a row: its date, or the middle of its month."""
    text = (row.get("date") or row.get("month") or "").strip()
    try:
        return date.fromisoformat(text[:10] if len(text) > 7 else f"{text}-{MIDDLE}")
    except ValueError:
        return None
