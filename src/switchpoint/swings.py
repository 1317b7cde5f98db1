"""Swings of a price around its level: a mean-reverting process, and how far apart sellers are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import YEAR_DAYS, Floats
from switchpoint.simulation.growth import geometric_sums


@dataclass(frozen=True)
class Swings:
    """What a price does around its level.

    Args:
        volatility: standard deviation of the log of its moves, per square root of a year.
        reversion: speed at which the log returns to its level, per year; 0 is a random walk.
        spread: standard deviation of the log of sellers' prices on one day.
    """

    volatility: float = 0.0
    reversion: float = 0.0
    spread: float = 0.0

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self.volatility > 0 or self.spread > 0

    def factors(self, normals: Floats) -> Floats:
        """exp(spread·z₀ + X(d)) of each day, X an Ornstein-Uhlenbeck process from X(0) = 0.

        Its median is 1 on every day; its mean is exp((spread² + variance of X)/2).

        Args:
            normals: standard normal numbers, shape (…, days): the first is the seller's, the others move the market.
        """
        moves = normals * self.step
        moves[..., 0] = 0.0
        factors: Floats = np.exp(self.spread * normals[..., :1] + geometric_sums(moves, self.kept))
        return factors

    @property
    def kept(self) -> float:
        """What is left of a swing a day later: exp(-reversion/365.25)."""
        return math.exp(-self.reversion / YEAR_DAYS)

    @property
    def step(self) -> float:
        """Standard deviation of the move of a day: volatility·√((1 - kept²)/(2·reversion)), exact for any step.

        >>> round(Swings(volatility=0.3).step * 365.25**0.5, 12)
        0.3
        """
        if not self.reversion:
            return self.volatility / math.sqrt(YEAR_DAYS)
        return self.volatility * math.sqrt((1 - self.kept**2) / (2 * self.reversion))
