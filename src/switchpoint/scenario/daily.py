"""The usage file of a history curve: a CSV with `date,requests`, checked line by line."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path as File

from switchpoint.files import TooLarge
from switchpoint.scenario.access import Files
from switchpoint.scenario.errors import Fault
from switchpoint.scenario.words import did_you_mean, show

LARGEST = 20_000_000
FEWEST_WEEKS = 8
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)
MOST_REQUESTS = 1e15
COLUMNS = ("date", "requests")


def daily_faults(file: File, shown: str, files: Files) -> list[Fault]:
    """Everything that keeps a usage file from being read: its columns, its rows, and how long it is.

    Raises:
        OSError: it cannot or may not be opened.
    """
    try:
        raw = files.read(file, LARGEST)
    except TooLarge as reason:
        return [Fault(shown, 1, "", str(reason))]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        return [Fault(shown, raw.count(b"\n", 0, reason.start) + 1, "", "must be UTF-8 text; got other bytes")]
    rows = csv.DictReader(text.splitlines(keepends=True))
    try:
        return list(_header(rows, shown)) or list(_rows(rows, shown))
    except csv.Error as reason:
        return [Fault(shown, rows.line_num + 1, "", f"is not valid CSV: {reason}")]


def _header(rows: csv.DictReader[str], shown: str) -> Iterator[Fault]:
    names = rows.fieldnames or []
    for column in COLUMNS:
        if column not in names:
            got = show(",".join(names))
            hint = did_you_mean(column, names).replace("did you mean", "is it")
            yield Fault(shown, 1, column, f"is missing: the first line must name date and requests; got {got}{hint}")


def _rows(rows: csv.DictReader[str], shown: str) -> Iterator[Fault]:
    days: dict[date, float] = {}
    wrong = False
    for row in rows:
        day, requests = _day(row), _requests(row)
        if day is None:
            yield Fault(shown, rows.line_num, "date", f"{_no_day(row)}; got {show(row['date'])}")
        elif day in days:
            yield Fault(shown, rows.line_num, "date", f"states {day} for the second time")
        if requests is None:
            yield Fault(shown, rows.line_num, "requests", f"{_no_requests(row)}; got {show(row['requests'])}")
        wrong |= day is None or requests is None
        if day is not None:
            days[day] = requests or 0.0
    if not wrong and (weeks := _whole_weeks(days)) < FEWEST_WEEKS:
        needed = f"must cover at least {FEWEST_WEEKS} whole weeks, Monday to Sunday, with requests"
        yield Fault(shown, max(rows.line_num, 1), "date", f"{needed}; got {weeks}")


def _day(row: Mapping[str, str]) -> date | None:
    day = _date(row)
    return day if day is not None and EARLIEST <= day <= LATEST else None


def _date(row: Mapping[str, str]) -> date | None:
    try:
        return date.fromisoformat(row["date"][:10])
    except (TypeError, ValueError):
        return None


def _no_day(row: Mapping[str, str]) -> str:
    """What a cell would have to be to count as a day."""
    return "must be a date such as 2027-05-01" if _date(row) is None else "must lie between 1990 and 2200"


def _requests(row: Mapping[str, str]) -> float | None:
    requests = _number(row)
    return requests if 0 <= requests <= MOST_REQUESTS else None


def _number(row: Mapping[str, str]) -> float:
    try:
        return float(row["requests"])
    except (TypeError, ValueError):
        return math.nan


def _no_requests(row: Mapping[str, str]) -> str:
    """What a cell would have to be to count as requests of a day."""
    return f"must be at most {MOST_REQUESTS:g}" if _number(row) > MOST_REQUESTS else "must be a number, 0 or more"


def _whole_weeks(days: Mapping[date, float]) -> int:
    mondays = [day for day in days if day.weekday() == 0]
    weeks = [[days.get(monday + timedelta(days=i)) for i in range(7)] for monday in mondays]
    return sum(None not in week and any(week) for week in weeks)
