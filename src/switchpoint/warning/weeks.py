"""What a monitor knows of many bills after each week: level, drift, noise, and the line through their logs.

What a monitor knows of many bills after each week: level, drift of the last weeks, noise; no week ahead is used.

All arrays have the shape (worlds, weeks): a row a bill, a column what is known at the end of a week.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from switchpoint.horizon import MONTH_DAYS, Bools, Floats, Ints
from switchpoint.normal import normal_share

# A line through the logs of a bill's weeks, as of each week, from running sums ---------------------------------------

MEAN_WEEKS = 4
"""Weeks of the trailing mean."""
NOISE, NOISE_WEEKS = 0.05, 3.0
"""Standard deviation of a week's noise that is believed at first, and the weeks that this belief is worth."""
SLOPE = 0.15
"""Variance of the slope a week that is believed at first, in variances of a week's noise."""
CARRIED = 0.2
"""Correlation of a week's noise with that of the week before."""
LONG = (1 + CARRIED) / (1 - CARRIED)
"""Variance of a mean of many weeks, in that of as many independent ones."""
WEEKS = MONTH_DAYS / 7


@dataclass(frozen=True)
class WeeklyLine:
    """The line through all weeks so far, as of each week; shapes (worlds, weeks)."""

    count: Floats
    since: Floats
    """Weeks since its middle."""
    level: Floats
    """Log there."""
    slope: Floats
    """A week."""
    square: Floats
    """What the slope's variance is divided by."""
    noise: Floats
    """Variance of a week's noise."""

    def at(self, asked: Bools) -> WeeklyLine:
        """The lines of some worlds and weeks."""
        return WeeklyLine(**{each.name: getattr(self, each.name)[asked] for each in fields(self)})


def fit_lines(logs: Floats, most: int | None = None) -> WeeklyLine:
    """Lines through all weeks since the last one without a bill or limit, from running sums.

    Args:
        logs: log of each week's bill over its limit, shape (worlds, weeks).
        most: weeks beyond which a line forgets; None for never.
    """
    usable = np.isfinite(logs)
    week = np.arange(logs.shape[1])
    first = np.maximum.accumulate(np.where(usable, 0, week + 1), axis=1)
    if most is not None:
        first = np.maximum(first, week + 1 - most)
    x = np.broadcast_to(week.astype(np.float64), logs.shape)
    y = np.where(usable, logs, 0.0)

    def since(values: Floats) -> Floats:
        total = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
        sums: Floats = total[:, 1:] - np.take_along_axis(total, np.minimum(first, week + 1), axis=1)
        return sums

    count = np.maximum(week + 1.0 - first, 1.0)
    middle, level = since(x) / count, since(y) / count
    across = np.maximum(since(x * x) - count * middle**2, 0.0)
    along = since(x * y) - count * middle * level
    square = across + 1 / SLOPE
    slope = along / square
    left = np.maximum(since(y * y) - count * level**2 - slope * along, 0.0)
    noise = (NOISE_WEEKS * NOISE**2 + left) / (NOISE_WEEKS + np.maximum(count - 2, 0))
    return WeeklyLine(count, week - middle, level, slope, square, noise)


def line_chance(line: WeeklyLine, ahead: float, added: Floats | float = 0.0) -> Floats:
    """Chance that the trailing mean is at the limit so many months ahead, if the line goes on.

    Args:
        line: the lines.
        ahead: months.
        added: log that known changes add by then.
    """
    at = line.since + ahead * WEEKS + 0.5 - MEAN_WEEKS / 2  # from the line's middle to the mean's
    path = line.level + line.slope * at + added
    variance = line.noise * LONG * (1 / line.count + at**2 / line.square + 1 / MEAN_WEEKS)
    return normal_share(path / np.sqrt(variance))


# What a monitor knows of many bills after each week ------------------------------------------------------------------

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
