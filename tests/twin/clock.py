"""Days, months and the trailing mean."""

from __future__ import annotations

import calendar
import math
from datetime import date, timedelta
from functools import cached_property

MONTH = 365.25 / 12
DAILY = 12 / 365.25
EQUAL = 1e-9


def add_months(day: date, months: int) -> date:
    year = day.year + (day.month - 1 + months) // 12
    month = (day.month - 1 + months) % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def whole_days(days: float) -> int:
    """Steps take whole days: fractions round up (but 7.000000000001 is 7)."""
    return math.ceil(days - 1e-9)


def at_least(amount: float, other: float) -> bool:
    """Whether amount >= other, where money within 1e-9 counts as equal."""
    return amount >= other - EQUAL * max(abs(amount), abs(other))


def above(amount: float, other: float) -> bool:
    return not at_least(other, amount)


class Clock:
    """The days of the horizon, numbered from 0 on the first."""

    def __init__(self, start: date, months: int) -> None:
        self.start = start
        self.days = (add_months(start, months) - start).days

    def date(self, day: int | None) -> date | None:
        return None if day is None else self.start + timedelta(days=day)

    def seen(self, day: int | None) -> date | None:
        """The date of a day, None where it lies beyond the horizon."""
        return None if day is None or day >= self.days else self.date(day)

    def day(self, when: date) -> int:
        return (when - self.start).days

    def weekday(self, day: int) -> int:
        return (self.start + timedelta(days=day)).weekday()

    def t(self, day: int) -> float:
        """Noon of a day, in months."""
        return (day + 0.5) / MONTH

    @cached_property
    def calendar_months(self) -> list[tuple[date, int, list[int]]]:
        """First day of each calendar month, how long that month is, and which of its days lie in the horizon."""
        months: list[tuple[date, int, list[int]]] = []
        for day in range(self.days):
            when = self.start + timedelta(days=day)
            first = when.replace(day=1)
            if not months or months[-1][0] != first:
                months.append((first, calendar.monthrange(when.year, when.month)[1], []))
            months[-1][2].append(day)
        return months

    def trailing(self, values: list[float], day: int) -> float:
        """Mean over the trailing 28 days; early on, over the first 28."""
        last = max(day, 27)
        total = 0.0
        for d in range(last - 27, last + 1):
            total += values[d]
        return total / 28
