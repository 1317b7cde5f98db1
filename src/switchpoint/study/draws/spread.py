"""Spreads: what many draws say of one date or one amount of money."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from switchpoint.clock import NEVER, Bools, Floats, Ints

SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Days:
    """A date over all draws. A quantile is NEVER where the date is not reached in enough of them."""

    p10: int
    p50: int
    p90: int
    probability: float
    """Share of the draws in which it is reached within the horizon."""
    error: float
    """Standard error of that share."""

    @classmethod
    def of(cls, days: Ints) -> Days:
        """The spread of a day, shape (draws,); NEVER where it is not reached.

        A quantile is the earliest day by which at least so many draws have reached it.
        """
        share, error = probability(days < NEVER)
        p10, p50, p90 = (quantile_day(days, at) for at in SHARES)
        return cls(p10, p50, p90, share, error)


@dataclass(frozen=True)
class Money:
    """An amount of money over all draws, dollars."""

    mean: float
    p10: float
    p50: float
    p90: float
    error: float
    """Standard error of the mean."""

    @classmethod
    def of(cls, usd: Floats) -> Money:
        """The spread of an amount, shape (draws,)."""
        p10, p50, p90 = (float(each) for each in np.quantile(usd, SHARES))
        return cls(float(usd.mean()), p10, p50, p90, error_of_mean(usd))


def quantile_day(days: Ints, share: float) -> int:
    """Earliest day by which at least a share of the draws have reached it; NEVER where fewer do.

    >>> quantile_day(np.array([5, 3, NEVER, 9]), 0.5), quantile_day(np.array([5, 3, NEVER, 9]), 0.9) == NEVER
    (5, True)
    """
    place = max(int(np.ceil(share * len(days) - 1e-9)) - 1, 0)
    return int(np.partition(days, place)[place])


def latest_kept(days: Ints, share: float) -> int:
    """Latest day that is at or before the deadlines of at least a share of the draws.

    >>> latest_kept(np.array([10, 20, 30, 40, NEVER]), 0.8)
    20
    """
    place = min(int(np.floor((1 - share) * len(days) + 1e-9)), len(days) - 1)
    return int(np.partition(days, place)[place])


def probability(happens: Bools) -> tuple[float, float]:
    """Share of draws in which something happens, and its standard error sqrt(p·(1 - p)/n)."""
    share = float(happens.mean())
    return share, sqrt(share * (1 - share) / len(happens))


def error_of_mean(values: Floats) -> float:
    """Standard error of a mean: s/sqrt(n), as if draws were independent; of Sobol' draws it is at most about that."""
    return float(values.std(ddof=1) / sqrt(len(values))) if len(values) > 1 else 0.0
