"""What is doubtful about the days of a usage file: gaps, a day that is not over, a running total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby, pairwise
from statistics import median

from switchpoint.text import count, day

INCOMPLETE = 0.5
"""A last day with less than this part of its weekday before may not be over."""
OUTLIER = 20
"""A day with this many times the busiest day of the weeks around it is hardly usage."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FEW = 3
"""From so many whole weeks on, days that are always the same within one are no chance."""
SILENT = 7
"""So many days in a row without a request are noted."""
TOTAL = 5
"""A file that never falls and ends at this many times its beginning may be a running total."""


def history_doubts(requests: Mapping[date, float], start: date) -> Iterator[str]:
    """One sentence for each doubt about requests by day.

    Args:
        requests: of each day that the file has, at least one.
        start: first day of the scenario.
    """
    first, last = min(requests), max(requests)
    span = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    missing = [each for each in span if each not in requests]
    if missing:
        lacks = f"{count(len(missing))} day{'s are' if len(missing) > 1 else ' is'} missing, {day(missing[0])} first"
        yield f"the history has gaps: {lacks}; weeks that lack a day do not count"
    if last >= start:
        yield f"the history goes on to {day(last)}, past the first day; the days after it count like those before"
    for silent, run in groupby((each for each in span if each in requests), lambda each: requests[each] == 0):
        days = list(run)
        if silent and len(days) >= SILENT:
            yield f"{len(days)} days in a row have no requests, {day(days[0])} first; a week without any does not count"
    yield from _last(requests, last)
    yield from _outliers(requests)
    if _running_total(requests):
        yield "requests never fall from one day to the next; is each day a running total?"
    if _sums_of_weeks(requests):
        yield "the seven days of each week have the same requests; is it the week's sum, written on every day?"


def _sums_of_weeks(requests: Mapping[date, float]) -> bool:
    """Whether the seven days of every whole week, from Monday on, are the same, but not all weeks."""
    mondays = (each for each in requests if each.weekday() == 0)
    weeks = [[requests.get(monday + i * DAY) for i in range(7)] for monday in mondays]
    whole = [set(week) for week in weeks if None not in week]
    return len(whole) >= FEW and all(len(week) == 1 for week in whole) and len(set.union(*whole)) > 1


def _last(requests: Mapping[date, float], last: date) -> Iterator[str]:
    before = [requests[last - i * WEEK] for i in range(1, 5) if last - i * WEEK in requests]
    if len(before) >= 3 and requests[last] < INCOMPLETE * median(before):
        usual = f"where that day of the week had {count(median(before))}"
        yield f"the last day, {day(last)}, has {count(requests[last])} requests {usual}; is it complete?"


def _outliers(requests: Mapping[date, float]) -> Iterator[str]:
    around = [timedelta(days=i) for i in range(-7, 8) if i]
    for each, number in requests.items():
        near = [requests[each + step] for step in around if each + step in requests]
        if len(near) >= 7 and number > OUTLIER * max(near) > 0:
            busiest = f"{number / max(near):,.0f} times the busiest day of the two weeks around it"
            yield f"{day(each)} has {count(number)} requests, {busiest}"


def _running_total(requests: Mapping[date, float]) -> bool:
    """Whether the days never fall, and rise ever more slowly in proportion, as a sum does."""
    days = [requests[each] for each in sorted(requests)]
    middle = days[len(days) // 2]
    rises = all(a <= b for a, b in pairwise(days))
    return rises and days[-1] >= TOTAL * days[0] > 0 and middle / days[0] > 1.5 * days[-1] / middle
