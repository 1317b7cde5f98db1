"""Usage by day and plans of growth, as CSV: what they say, and everything that keeps them from being read."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path as File

from switchpoint.files import TooLarge
from switchpoint.scenario.access import Files
from switchpoint.scenario.errors import Fault, did_you_mean, show
from switchpoint.text import count, day, join_names

LARGEST = 20_000_000
FEWEST_WEEKS = 8
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)
MOST_REQUESTS = 1e15
COLUMNS = ("date", "requests")
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, eq=False)
class Daily:
    """What a usage file says: requests by day; rows of the same day (hours, models) are summed.

    The same content is the same object, so that what is computed from it can be kept.
    """

    requests: Mapping[date, float]
    summed: bool = False
    """Whether some days had several rows."""


@lru_cache(maxsize=32)
def daily_of(raw: bytes) -> Daily:
    """Requests by day of what a usage file without faults holds."""
    days: dict[date, float] = {}
    rows = 0
    for row in csv.DictReader(raw.decode("utf-8-sig").splitlines()):
        when = date.fromisoformat(row["date"][:10])
        days[when] = days.get(when, 0.0) + float(row["requests"])
        rows += 1
    return Daily(days, summed=rows > len(days))


def daily_faults(file: File, shown: str, files: Files) -> list[Fault]:
    """Everything that keeps a usage file from being read: its columns, its rows, and how long it is.

    Raises:
        OSError: it cannot or may not be opened.
    """
    rows = rows_of(file, shown, files)
    if isinstance(rows, Fault):
        return [rows]
    try:
        return list(_header(rows, shown)) or list(_rows(rows, shown))
    except csv.Error as reason:
        return [Fault(shown, rows.line_num + 1, "", f"is not valid CSV: {reason}")]


def rows_of(file: File, shown: str, files: Files) -> csv.DictReader[str] | Fault:
    """The rows of a CSV, or the fault that keeps it from being read at all.

    Raises:
        OSError: it cannot or may not be opened.
    """
    try:
        raw = files.read(file, LARGEST)
    except TooLarge as reason:
        return Fault(shown, 1, "", str(reason))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        return Fault(shown, raw.count(b"\n", 0, reason.start) + 1, "", "must be UTF-8 text; got other bytes")
    return csv.DictReader(text.splitlines(keepends=True))


def _header(rows: csv.DictReader[str], shown: str) -> Iterator[Fault]:
    names = rows.fieldnames or []
    for column in COLUMNS:
        if column not in names:
            got = show(",".join(names))
            hint = did_you_mean(column, names).replace("did you mean", "is it")
            yield Fault(shown, 1, column, f"is missing: the first line must name date and requests; got {got}{hint}")


def _rows(rows: csv.DictReader[str], shown: str) -> Iterator[Fault]:
    days: dict[date, float] = {}
    lines: dict[tuple[str, ...], int] = {}
    days_of: dict[int, date] = {}
    twice: list[tuple[int, int]] = []
    wrong = False
    for row in rows:
        when, requests = _day(row), requests_of(row)
        if when is None:
            yield Fault(shown, rows.line_num, "date", f"{_no_day(row)}; got {show(row['date'])}")
        if requests is None:
            yield Fault(shown, rows.line_num, "requests", f"{no_requests(row)}; got {show(row['requests'])}")
        wrong |= when is None or requests is None
        if when is not None:
            days[when] = days.get(when, 0.0) + (requests or 0.0)
            days_of[rows.line_num] = when
            # A row is told from another by all that it says but its requests: its hour, its model.
            said = tuple(str(value) for name, value in row.items() if name != "requests")
            if said in lines:
                twice.append((rows.line_num, lines[said]))
            lines.setdefault(said, rows.line_num)
    if twice:
        line, before = twice[0]
        more = f"; {len(twice) - 1:,} more rows do" if len(twice) > 1 else ""
        states = f"states {days_of[before]} for the second time, after line {before}; sum it by day{more}"
        yield Fault(shown, line, "date", states)
    elif not wrong and _whole_weeks(days) < FEWEST_WEEKS:
        yield Fault(shown, max(rows.line_num, 1), "date", _too_short(days))


def _too_short(days: Mapping[date, float]) -> str:
    """What is missing for the fewest weeks that a trend needs."""
    needed = f"must cover at least {FEWEST_WEEKS} whole weeks, Monday to Sunday, with requests"
    got = f"got {_whole_weeks(days)} in {count(len(days))} day{'s' * (len(days) != 1)}"
    if not days:
        return f"{needed}; {got}"
    if every := _rhythm(sorted(days)):
        by_month = '; a plan takes months (curve = "plan")' if every == "month" else ""
        return f"has one row a {every}, but a history needs one a day{by_month}"
    first, last = min(days), max(days)
    span = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    missing = [each for each in span if each not in days]
    if not missing:
        return f"{needed}; {got}, {day(first)} to {day(last)}"
    absent = [name for i, name in enumerate(WEEKDAYS) if all(each in missing for each in span if each.weekday() == i)]
    which = f"all {join_names(absent)} are missing" if absent else f"{count(len(missing))} days between are missing"
    return f"{needed}; {got}: {which}, {day(missing[0])} first; a day without requests has a row with 0"


def _rhythm(days: Sequence[date]) -> str:
    """What lies between each day and the next, where that is a week or a month; else nothing."""
    steps = {(after - before).days for before, after in pairwise(days)}
    if steps == {7}:
        return "week"
    return "month" if steps and steps <= {28, 29, 30, 31} else ""


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


def requests_of(row: Mapping[str, str], column: str = "requests") -> float | None:
    """Requests in a row, None where there is no number, one below 0 or an absurd one."""
    requests = _number(row, column)
    return requests if 0 <= requests <= MOST_REQUESTS else None


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError):
        return math.nan


def no_requests(row: Mapping[str, str], column: str = "requests") -> str:
    """What a cell would have to be to count as requests of a day."""
    too_many = _number(row, column) > MOST_REQUESTS
    return f"must be at most {MOST_REQUESTS:g}" if too_many else "must be a number, 0 or more"


def _whole_weeks(days: Mapping[date, float]) -> int:
    mondays = [day for day in days if day.weekday() == 0]
    weeks = [[days.get(monday + timedelta(days=i)) for i in range(7)] for monday in mondays]
    return sum(None not in week and any(week) for week in weeks)


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
        return list(_plan_faults(rows, shown))
    except csv.Error as reason:
        return [Fault(shown, rows.line_num + 1, "", f"is not valid CSV: {reason}")]


def _plan_faults(rows: csv.DictReader[str], shown: str) -> Iterator[Fault]:
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
