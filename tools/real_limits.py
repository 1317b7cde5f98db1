"""Limits set along real series, and when each was reached: what a monitor is fitted to and judged on.

Every quarter a limit is set at several multiples of the mean of the last four weeks, and watched for a year, each
Monday until it is reached. What counts is the trailing mean of 28 days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, Bools, Floats, Ints
from switchpoint.warning.weeks import WeeklyFacts, WeeklyLine, weekly_facts
from tools.real_series import Series

MULTIPLES = (1.1, 1.25, 1.5, 2.0, 3.0)
FIRST_WEEKS, SET_EVERY, WATCHED_WEEKS, KNOWN_WEEKS = 12, 13, 52, 13
"""Weeks before the first limit and between two; weeks that one is watched; weeks that must be known ahead."""
COLUMNS = ("number", "week", "limit", "months", "known", "case")
CLEAR_WEEKS = 13
"""Weeks on either side of a Monday that no long hole may touch."""


@dataclass(frozen=True)
class Watched:
    """Mondays on which limits were watched, one number a Monday and limit."""

    series: tuple[Series, ...]
    number: Ints
    """Which series."""
    week: Ints
    """The last week that is known."""
    limit: Floats
    """Log of the limit."""
    months: Floats
    """Months until the limit was reached; infinite where it was not as far as is known."""
    known: Floats
    """Months that are known ahead."""
    case: Ints
    """Which limit of which series, as it was set."""

    @cached_property
    def facts(self) -> WeeklyFacts:
        """What a monitor knows on each Monday, shapes (Mondays,)."""
        found = [weekly_facts(each.logs[None]) for each in self.series]

        def picked(of: Sequence[Floats]) -> Floats:
            values = np.zeros(self.number.size)
            for number, row in enumerate(of):
                mine = self.number == number
                values[mine] = row[0][self.week[mine]]
            return values

        names = [field.name for field in fields(WeeklyFacts) if field.name not in ("gaps", "level", "line")]
        gap13, gap26, gap52 = (picked([each.gaps[i] for each in found]) for i in range(3))
        own = {name: picked([getattr(each, name) for each in found]) for name in names}
        level = picked([each.level for each in found]) - self.limit
        line = {field.name: picked([getattr(each.line, field.name) for each in found]) for field in fields(WeeklyLine)}
        line["level"] -= self.limit
        return WeeklyFacts(level=level, gaps=(gap13, gap26, gap52), line=WeeklyLine(**line), **own)

    @cached_property
    def judged(self) -> Bools:
        """Where a monitor has something to say: it has weeks enough, and the limit is above the last four."""
        return self.facts.speaks & (self.facts.level < 0)

    @cached_property
    def weight(self) -> Floats:
        """Every series weighs the same, shape (Mondays,)."""
        return 1 / np.bincount(self.number, minlength=len(self.series))[self.number]

    @cached_property
    def origins(self) -> list[str]:
        """Origin of each series."""
        return [each.origin for each in self.series]

    def pick(self, which: Ints | Floats) -> Watched:
        """Some of the Mondays: flags or numbers."""
        return Watched(self.series, *(getattr(self, name)[which] for name in COLUMNS))


def watch_limits(series: Sequence[Series], every: int = 1) -> Watched:
    """All Mondays, or every so many, on which limits are watched."""
    found = [row for number, each in enumerate(series) for row in _rows(number, each, every)]
    number, week, limit, months, known, begun = (np.array(column) for column in zip(*found, strict=True))
    _, case = np.unique(np.stack([number, begun, limit]), axis=1, return_inverse=True)
    return Watched(tuple(series), number, week, limit, months, known, case.ravel())


def _rows(number: int, series: Series, every: int) -> list[tuple[int, int, float, float, float, int]]:
    weeks, rows = series.weekly.size, []
    mean = trailing_mean(series.values)
    clear = ~np.isnan(series.logs)
    silent = np.flatnonzero(~clear[: weeks // 2] & ~series.hole[: weeks // 2])
    start = int(silent[-1]) + 1 if silent.size else 0
    for begin in range(start + FIRST_WEEKS, weeks - KNOWN_WEEKS, SET_EVERY):
        level = mean[7 * begin - 1]
        for multiple in MULTIPLES if level > 0 else ():
            above = mean[7 * begin :] >= level * multiple
            reached = 7 * begin + int(above.argmax()) if above.any() else None
            for monday in range(begin, min(begin + WATCHED_WEEKS, weeks - KNOWN_WEEKS), every):
                if reached is not None and reached < 7 * monday:
                    break
                if not clear[max(monday - CLEAR_WEEKS, 0) : monday + CLEAR_WEEKS].all():
                    continue
                left = np.inf if reached is None else (reached + 1 - 7 * monday) / MONTH_DAYS
                ahead = (series.values.size - 7 * monday) / MONTH_DAYS
                rows.append((number, monday - 1, float(np.log(level * multiple)), left, ahead, begin))
    return rows
