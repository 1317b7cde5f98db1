"""A line through the logs of a bill's weeks, as of each week, from running sums; and what it says of the limit."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from switchpoint.horizon import MONTH_DAYS, Bools, Floats

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
    from scipy.special import ndtr

    at = line.since + ahead * WEEKS + 0.5 - MEAN_WEEKS / 2  # from the line's middle to the mean's
    path = line.level + line.slope * at + added
    variance = line.noise * LONG * (1 / line.count + at**2 / line.square + 1 / MEAN_WEEKS)
    reached: Floats = ndtr(path / np.sqrt(variance))
    return reached
