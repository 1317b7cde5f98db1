"""The days of a horizon: what day 0 is, how long a month is, which weekday and calendar month a day belongs to.

An array of days has the days on its last axis. In one world it has shape (days,), or (starts, days) where it hangs on
the start of a project. Many worlds are simulated at once with a leading axis: (worlds, 1, days) and (worlds, starts,
days). What is said of each start has shape (worlds, starts), of each world (worlds, 1), and a number of the scenario
that differs between worlds is an `Amount` of shape (worlds, 1, 1). So the same lines compute one world and many.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

Amount: TypeAlias = float | Floats
"""A number of a scenario: plain in one world, shape (worlds, 1, 1) where it differs between many."""
Days: TypeAlias = Any
"""A day number: an int in one world, Ints of shape (worlds, 1) in many; NEVER for none."""

YEAR_DAYS = 365.25
MONTH_DAYS = YEAR_DAYS / 12
PER_DAY = 12 / YEAR_DAYS
"""What a day accrues of an amount per month."""

NEVER = 1 << 30
"""A day number that no horizon reaches."""
STAY = NEVER + 1
"""The start of a project of which nothing is ever begun, not even what would begin by itself."""
LONGEST_MONTHS = 240
"""Months that a horizon may have."""
MOST = 1e15
"""More requests, tokens or dollars than any scenario may come to."""


@dataclass(frozen=True)
class Horizon:
    """The days of a horizon. Day 0 is `start`; the clock of a day is its noon."""

    start: date
    days: int

    @cached_property
    def day(self) -> Ints:
        """Day numbers, shape (days,)."""
        return np.arange(self.days)

    @cached_property
    def months_since_start(self) -> Floats:
        """Months since the start at each day's noon, (d + 0.5)/30.4375; shape (days,)."""
        return np.asarray((self.day + 0.5) / MONTH_DAYS, dtype=np.float64)

    @cached_property
    def weekday(self) -> Ints:
        """0 on Mondays to 6 on Sundays; shape (days,)."""
        return (self.day + self.start.weekday()) % 7

    @cached_property
    def month_starts(self) -> Ints:
        """First day of each calendar month that the horizon touches; shape (calendar months,)."""
        return np.array([max(0, self.day_of(first)) for first in self.months])

    @cached_property
    def months(self) -> tuple[date, ...]:
        """First of each calendar month that the horizon touches, the first one possibly before the start."""
        first, last = self.start.replace(day=1), self.date_of(self.days - 1)
        found = []
        while first <= last:
            found.append(first)
            first = add_months(first, 1)
        return tuple(found)

    @cached_property
    def month_days(self) -> Ints:
        """Days of the horizon in each of those calendar months."""
        return np.diff(np.append(self.month_starts, self.days))

    @cached_property
    def month_part(self) -> Floats:
        """Part of each of those calendar months that lies in the horizon, 0 to 1."""
        whole = np.array([calendar.monthrange(m.year, m.month)[1] for m in self.months], dtype=np.float64)
        return np.asarray(self.month_days / whole)

    def day_of(self, when: date) -> int:
        """Day number of a date; negative before the start."""
        return (when - self.start).days

    def date_of(self, day: int | np.integer[Any]) -> date:
        """Date of a day number."""
        return self.start + timedelta(days=int(day))

    def date_or_none(self, day: int | np.integer[Any]) -> date | None:
        """Date of a day number, None where it lies beyond the horizon."""
        return self.date_of(day) if day < self.days else None

    def by_month(self, daily: Floats) -> Floats:
        """Sums per calendar month along the last axis."""
        sums: Floats = np.add.reduceat(daily, self.month_starts, axis=-1)
        return sums


def add_months(when: date, months: int) -> date:
    """The same day so many calendar months later, clamped to that month's last day.

    >>> add_months(date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    count = when.year * 12 + when.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(when.day, calendar.monthrange(year, month + 1)[1]))


def compound_factor(rate: Amount, t: Floats) -> Floats:
    """What one dollar has become after t periods at a rate per period, (1 + rate)^t; shape of t."""
    growth: Floats = (1 + rate) ** t if np.any(rate) else np.ones_like(t)
    return growth


def per_start(amount: Amount) -> Amount:
    """A number of the scenario as it meets what is said of starts: shape (worlds, 1) instead of (worlds, 1, 1)."""
    return amount[..., 0] if isinstance(amount, np.ndarray) and amount.ndim else amount


def per_day(number: Any) -> Any:
    """What is said of each start or world as it meets arrays of days: with one more axis at the end."""
    return np.asarray(number)[..., None]


def from_day(first: Days, days: int) -> Bools:
    """Which days of a horizon of so many come on or after a day, shape (…, days).

    They are compared as short numbers, which takes a sixth of the time.

    >>> from_day(1, 3).tolist(), from_day(NEVER, 2).tolist()
    ([False, True, True], [False, False])
    """
    day = _short_days(days)
    found: Bools = day >= per_day(np.minimum(np.maximum(first, 0), days).astype(day.dtype))
    return found


@lru_cache(maxsize=64)
def _short_days(days: int) -> NDArray[Any]:
    return np.arange(days, dtype=np.int16 if days <= np.iinfo(np.int16).max else np.int64)


def span_days(first: Ints, end: Ints, days: int) -> tuple[Ints, ...]:
    """The days within a horizon from a first one to the one before another, as places in an array of days.

    Args:
        first, end: of each start or world, shape (…); none where the end does not come after the first.
        days: of the horizon.

    Returns:
        Places along each axis of shape (…), and the day.

    >>> [place.tolist() for place in span_days(np.array([-1, 2]), np.array([1, 4]), 3)]
    [[0, 1], [0, 2]]
    """
    places = np.nonzero((end > first) & (first < days) & (end > 0))
    begin, over = (np.minimum(np.maximum(day[places], 0), days) for day in (first, end))
    day = begin[:, None] + np.arange((over - begin).max(initial=0))
    inside = day < over[:, None]
    return *(np.broadcast_to(place[:, None], day.shape)[inside] for place in places), day[inside]


def start_of(values: Any, row: Any) -> Any:
    """What is said of one of several starts.

    Args:
        values: shape (starts,), or (worlds, starts) and (worlds, starts, days), 1 for what is the same in all.
        row: of the start; in many worlds one for each, shape (worlds, 1).
    """
    if not np.ndim(row):
        return values[row]
    if values.shape[1] == 1:
        return values
    each = np.broadcast_to(values, (len(row), *values.shape[1:]))
    return np.take_along_axis(each, row if values.ndim == 2 else row[..., None], axis=1)


def on_days(values: Any, day: Ints) -> Any:
    """Values of arrays of days on given days.

    Args:
        values: shape (days,), or (worlds, 1, days), with one world for all where they do not differ.
        day: day numbers within them, any shape, or (worlds, …), likewise.
    """
    if values.ndim == 1:
        return values[day]
    if len(values) == 1:  # the same in all worlds, though not in the shape of one
        return values[0, 0][day]
    rows = np.arange(0, values.size, values.shape[-1]).reshape(-1, *(1,) * (day.ndim - 1))
    return np.take(values, day + rows)


def weighed_sum(flow: Floats, weights: Floats) -> Any:
    """Sum over days of dollars a day times weights, such as discount factors; a number, or an array over starts.

    Each start is added up by itself, so that it comes to the same alone, beside others and in many worlds.
    """
    if weights.ndim == 1:
        return (flow * weights).sum(axis=-1)
    return np.einsum("...d,...d->...", flow, weights)


@lru_cache(maxsize=64)
def horizon_of(start: date, months: int) -> Horizon:
    """The clock of a horizon of so many calendar months."""
    return Horizon(start, (add_months(start, months) - start).days)


def first_day(condition: Bools, since: Days = 0) -> Days:
    """First day at or after `since` on which a condition holds, NEVER where there is none.

    Args:
        condition: of one world, shape (days,), or of many, (…, days).
        since: a day, or one for each world or start, shape (…).
    """
    if condition.ndim == 1 and np.ndim(since) == 0:
        tail = condition[since:]
        if not tail.size:
            return NEVER
        found = int(tail.argmax())
        return since + found if tail[found] else NEVER
    if np.any(since):
        condition = condition & (np.arange(condition.shape[-1]) >= per_day(since))
    return np.where(condition.any(axis=-1), condition.argmax(axis=-1), NEVER)


def mean_since(since: Days, flags: Bools) -> Any:
    """The part of the days from one on that have a flag, NaN where that is beyond the horizon.

    Args:
        since: a day, or one of each world, shape (worlds, 1).
        flags: shape (days,), or (worlds, 1, days).
    """
    days = np.arange(flags.shape[-1]) >= per_day(since)
    with np.errstate(all="ignore"):
        return (days & flags).sum(axis=-1) / days.sum(axis=-1)


def earliest(*days: Days) -> Days:
    """The earliest of some days, in each world."""
    return np.minimum.reduce(np.broadcast_arrays(*days)) if any(map(np.ndim, days)) else min(days)


def latest_day(holds: Callable[[Ints], Bools], last: Ints, known: Days = -1) -> Ints:
    """The latest day from 0 to `last` on which something holds that, once it fails, fails on all later days.

    Args:
        holds: says on which of some days it holds, shape of `last`.
        last: the latest day that is asked about, one for each world.
        known: a day up to then on which it is known to hold; -1 for none.

    Returns:
        The days; 0 where it does not even hold on day 0. Found by halving.
    """
    low, high = np.full_like(last, known), last + 1
    while (high - low > 1).any():
        middle = (low + high) // 2
        kept = holds(np.maximum(middle, 0))
        low, high = np.where(kept, middle, low), np.where(kept, high, np.maximum(middle, low + 1))
    return np.maximum(low, 0)
