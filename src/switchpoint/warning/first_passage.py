"""The chance that a wandering level has reached a limit by some time, for a spread that is itself uncertain."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from switchpoint.horizon import Floats

STEP = 0.05
"""Of the drift in the table."""
ROOT_STEP = 0.008
"""Of the root of the distance in it: against a drift the chance falls within hundredths of a deviation."""
FARTHEST, STRONGEST = 20.0, 8.0
"""Distance and drift, in standard deviations, beyond which the table ends."""


def passage_chance(distance: Floats, drift: Floats, deviation: float) -> Floats:
    """Chance that a process with drift reaches a distance above it, its spread known only up to a factor.

    For a Brownian path with a total drift d and a standard deviation of 1 at the time asked for, the chance to have
    been at a or above is N(d - a) + exp(2·a·d)·N(-a - d) (Cox and Miller 1965, section 5.7). It is averaged over a
    spread that is lognormal around 1.

    Args:
        distance: distance a in expected standard deviations of that time; at or below 0 it is reached.
        drift: drift d in the same unit, same shape.
        deviation: standard deviation of the log of the spread.

    Returns:
        Chances, from a table, right to 0.0006; same shape.
    """
    table = _table(deviation)
    a = np.sqrt(np.clip(distance, 0.0, FARTHEST)) / ROOT_STEP
    d = (np.clip(drift, -STRONGEST, STRONGEST - STEP) + STRONGEST) / STEP
    row, column = a.astype(np.int64), d.astype(np.int64)
    a -= row
    d -= column
    at = row * table.shape[1] + column
    flat = table.ravel()
    low = flat[at] * (1 - d) + flat[at + 1] * d
    at += table.shape[1]
    high = flat[at] * (1 - d) + flat[at + 1] * d
    chance: Floats = low * (1 - a) + high * a
    return chance


@lru_cache(maxsize=8)
def _table(deviation: float) -> Floats:
    """The chance by distance (rows) and drift (columns)."""
    distance = np.arange(0.0, np.sqrt(FARTHEST) + 2 * ROOT_STEP, ROOT_STEP)[:, None] ** 2
    drift = np.arange(-STRONGEST, STRONGEST + STEP / 2, STEP)[None, :]
    return exact_chance(distance, drift, deviation)


def exact_chance(distance: Floats, drift: Floats, deviation: float) -> Floats:
    """The same without a table; the mean over the spread by three nodes of Gauss and Hermite."""
    from scipy.special import log_ndtr, ndtr

    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    total = np.zeros(np.broadcast_shapes(distance.shape, drift.shape))
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        spread = np.exp(deviation * node)
        a, d = distance / spread, drift / spread
        total += weight * (ndtr(d - a) + np.exp(np.minimum(2 * a * d + log_ndtr(-a - d), 0.0)))
    chance: Floats = np.minimum(total, 1.0)
    return chance
