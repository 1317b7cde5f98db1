"""What a monitor knows of many bills after each week: level, drift of the last weeks, noise; no week ahead is used.

All arrays have the shape (worlds, weeks): a row a bill, a column what is known at the end of a week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.horizon import Bools, Floats, Ints
from switchpoint.warning.lines import WeeklyLine, fit_lines

MONTH = 4
"""Weeks of the trailing mean."""
MEMORY = 52
"""Weeks over which the size of changes is learnt."""
WEEKLY, WEEKLY_WORTH = 0.15, 4
"""Mean size of a week's change in the log that is believed at first, and the weeks that this belief is worth."""
MONTHLY, MONTHLY_WORTH = 0.2, 6
"""The same of the change of the trailing mean over four weeks."""
FEWEST_WEEKS = 8
"""Whole weeks before anything is said."""


@dataclass(frozen=True)
class WeeklyFacts:
    """What is known of each bill after each week. Logs of the bill over its limit throughout."""

    level: Floats
    """Log of the mean of the last four weeks."""
    last: Floats
    """The last week's log, less the level."""
    fortnight: Floats
    """Mean log of the last two weeks, less the level."""
    gaps: tuple[Floats, Floats, Floats]
    """The level, less the mean log of the last 13, 26 and 52 weeks."""
    weekly: Floats
    """Mean size of a week's change."""
    monthly: Floats
    """Mean size of the level's change over four weeks."""
    line: WeeklyLine
    """The line through the weeks of the last year."""
    known: Ints
    """Whole weeks since the last one without a bill or a limit, that one not counted."""

    @property
    def speaks(self) -> Bools:
        """Where there are weeks enough to say something."""
        enough: Bools = self.known >= FEWEST_WEEKS
        return enough

    def at(self, asked: Bools) -> WeeklyFacts:
        """The facts of some worlds and weeks."""
        plain = ("level", "last", "fortnight", "weekly", "monthly", "known")
        gap13, gap26, gap52 = (gap[asked] for gap in self.gaps)
        alone = {name: getattr(self, name)[asked] for name in plain}
        return WeeklyFacts(**alone, gaps=(gap13, gap26, gap52), line=self.line.at(asked))


def weekly_facts(logs: Floats) -> WeeklyFacts:
    """What is known after each week.

    Args:
        logs: log of each week's bill over its limit, shape (worlds, weeks). What is not finite is a week without a bill
            or without a limit: after it all is learnt anew.
    """
    usable = np.isfinite(logs)
    week = np.arange(logs.shape[1])
    first = np.maximum.accumulate(np.where(usable, 0, week + 1), axis=1)
    known = np.where(usable, logs, 0.0)
    level = np.log(_mean(np.where(usable, np.exp(known), 1.0), first, MONTH))
    weekly = _size(np.diff(known, prepend=0.0), first + 1, MEMORY, WEEKLY, WEEKLY_WORTH)
    monthly = _size(level - _before(level, MONTH), first + MONTH, MEMORY, MONTHLY, MONTHLY_WORTH)
    gap13, gap26, gap52 = (level - _mean(known, first, weeks) for weeks in (13, 26, 52))
    return WeeklyFacts(
        level=level,
        last=known - level,
        fortnight=_mean(known, first, 2) - level,
        gaps=(gap13, gap26, gap52),
        weekly=weekly,
        monthly=monthly,
        line=fit_lines(logs, MEMORY),
        known=week + 1 - first,
    )


def _sums(values: Floats, first: Ints, weeks: int) -> tuple[Floats, Ints]:
    """Sum of the last so many weeks from `first` on, and of how many."""
    end = np.arange(1, values.shape[1] + 1)
    begin = np.minimum(np.maximum(first, end - weeks), end)
    total = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
    return total[:, 1:] - np.take_along_axis(total, begin, axis=1), end - begin


def _mean(values: Floats, first: Ints, weeks: int) -> Floats:
    total, count = _sums(values, first, weeks)
    mean: Floats = np.where(count > 0, total / np.maximum(count, 1), 1.0)
    return mean


def _size(changes: Floats, first: Ints, weeks: int, prior: float, worth: int) -> Floats:
    """Mean size of changes, drawn towards what is believed at first."""
    total, count = _sums(np.abs(changes), first, weeks)
    mean: Floats = (total + worth * prior) / (count + worth)
    return mean


def _before(values: Floats, weeks: int) -> Floats:
    """The values of so many weeks before; the first ones again where there are none."""
    return np.concatenate([np.repeat(values[:, :1], min(weeks, values.shape[1]), axis=1), values[:, :-weeks]], axis=1)
