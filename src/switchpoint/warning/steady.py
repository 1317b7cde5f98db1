"""The monitor that is told that growth is steady: one line through all weeks of a bill, and its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import MONTH_DAYS, Bools, Floats
from switchpoint.warning.chances import Added, Chances, collect_chances
from switchpoint.warning.weeks import FEWEST_WEEKS, MONTH

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
class Line:
    """The line through all weeks so far, as of each week; shapes (worlds, weeks)."""

    count: Floats
    middle: Floats
    """Week number of its middle."""
    level: Floats
    """Log there."""
    slope: Floats
    """A week."""
    square: Floats
    """What the slope's variance is divided by."""
    noise: Floats
    """Variance of a week's noise."""


def fit_lines(logs: Floats) -> Line:
    """Lines through all weeks since the last one without a bill or limit, from running sums.

    Args:
        logs: log of each week's bill over its limit, shape (worlds, weeks).
    """
    usable = np.isfinite(logs)
    week = np.arange(logs.shape[1])
    first = np.maximum.accumulate(np.where(usable, 0, week + 1), axis=1)
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
    return Line(count, middle, level, slope, square, noise)


def steady_chances(
    logs: Floats, over: Bools, months: Sequence[float] = (2.0, 3.0), added: Added | None = None
) -> Chances:
    """How likely each bill is to reach its limit if its growth goes on as it did; arguments as those of `chances`."""
    from scipy.special import ndtr

    line, week = fit_lines(logs), np.arange(logs.shape[1])

    def chance(ahead: float) -> Floats:
        at = week + ahead * WEEKS + 0.5 - MONTH / 2 - line.middle  # both means stand at their middles
        path = line.level + line.slope * at + (added(ahead) if added else 0.0)
        variance = line.noise * LONG * (1 / line.count + at**2 / line.square + 1 / MONTH)
        reached: Floats = ndtr(path / np.sqrt(variance))
        return reached

    known = np.isfinite(logs) & (line.count >= FEWEST_WEEKS)
    return collect_chances(chance, known, over, months)
