"""Growth that wanders around its curve: a mean-reverting rate, stepped exactly, and what it adds up to.

Everything is exact for any length of step, has one row a world, and a row depends on its own random numbers alone:
however worlds are put together into batches, each comes out the same to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from switchpoint.horizon import MONTH_DAYS, YEAR_DAYS, Floats

DAY = 1 / MONTH_DAYS
"""Months of a day."""
SMALL = 0.02
"""Decays per step below which a difference of exponentials is taken from its series."""


@dataclass(frozen=True)
class WanderStep:
    """One exact step of an Ornstein-Uhlenbeck rate x (mean 0) and of its integral y, from a rate x0 at its start.

    x1 = keep·x0 + rate·z1 and y1 - y0 = carry·x0 + shared·z1 + own·z2, with independent standard normal z1, z2.
    """

    keep: float
    """Part of the rate that a step leaves, exp(-theta·h)."""
    carry: float
    """What a rate of 1 at the start adds to the integral, (1 - exp(-theta·h))/theta, months."""
    rate: float
    """Standard deviation of what a step adds to the rate, per month."""
    shared: float
    """Part of the standard deviation of the integral that moves with the rate."""
    own: float
    """Its part that does not."""

    @classmethod
    def of(cls, sd_per_month: float, half_life_months: float, months: float = DAY) -> WanderStep:
        """The step of so many months.

        With theta = ln 2/half-life, a = exp(-theta·h) and the stationary standard deviation s: Var x = s²(1 - a²),
        Cov = s²(1 - a)²/theta, Var y = 2s²/theta²·(theta·h - 2(1 - a) + (1 - a²)/2) (Gillespie, Phys. Rev. E 54, 1996).

        Args:
            sd_per_month: stationary standard deviation of the rate, logs a month; 0 or more.
            half_life_months: months after which half of a rate is left; above 0.
            months: length of the step.
        """
        theta = math.log(2) / half_life_months
        decay = theta * months
        left = -math.expm1(-decay)
        fresh = left * (2 - left)  # 1 - a²
        joint = left**2 / math.sqrt(fresh)
        own = max(2 * _lag(decay) - joint**2, 0.0)
        scale = sd_per_month / theta
        return cls(1 - left, left / theta, sd_per_month * math.sqrt(fresh), scale * joint, scale * math.sqrt(own))


def _lag(decay: float) -> float:
    """u - 2(1 - e^-u) + (1 - e^-2u)/2, which is about u³/3 and would be lost in rounding where u is small."""
    if decay < SMALL:
        return decay**3 * (1 / 3 - decay * (1 / 4 - decay * (7 / 60 - decay * (1 / 24 - decay * 31 / 2520))))
    return decay + 2 * math.expm1(-decay) - math.expm1(-2 * decay) / 2


def wander_paths(
    standard_normals: Floats, sd_per_month: float, half_life_months: float, *, from_stationary: bool
) -> Floats:
    """Log factors on usage from a growth rate that wanders: the integral of a mean-reverting rate of mean 0.

    The factor's median is 1 on every day. On day d its log has the variance 2s²/theta²·(theta·t - 1 + exp(-theta·t))
    from a stationary start and 2s²/theta²·(theta·t - 2(1 - exp(-theta·t)) + (1 - exp(-2·theta·t))/2) from a rate of 0,
    with t = d/30.4375 months and theta = ln 2/half-life.

    Args:
        standard_normals: independent standard normal numbers, shape (worlds, days, 2). The first of day 0 is the rate
            at the start where that is drawn; the other one of day 0 is not used.
        sd_per_month: stationary standard deviation s of the log rate a month; 0 or more.
        half_life_months: months after which half of a rate is left; above 0.
        from_stationary: whether the rate starts from its stationary distribution; else it starts at 0.

    Returns:
        Log factors at the days' noons, 0 on day 0, shape (worlds, days).

    >>> wander_paths(np.ones((1, 3, 2)), 0.0, 2.0, from_stationary=True)
    array([[0., 0., 0.]])
    """
    step = WanderStep.of(sd_per_month, half_life_months)
    added = step.rate * standard_normals[..., 0]
    added[:, :1] = sd_per_month * standard_normals[:, :1, 0] if from_stationary else 0.0
    rate = geometric_sums(added, step.keep)
    logs = np.zeros_like(rate)
    logs[:, 1:] = (
        step.carry * rate[:, :-1] + step.shared * standard_normals[:, 1:, 0] + step.own * standard_normals[:, 1:, 1]
    )
    return np.cumsum(logs, axis=1)


def wander_variance(months: float, sd_per_month: float, half_life_months: float, *, from_stationary: bool) -> float:
    """Variance of the log factor that `wander_paths` reaches after so many months.

    >>> wander_variance(0.0, 0.1, 2.0, from_stationary=True)
    0.0
    """
    theta = math.log(2) / half_life_months
    decay = theta * months
    grown = decay + math.expm1(-decay) if from_stationary else _lag(decay)
    return 2 * (sd_per_month / theta) ** 2 * grown


def arrival_days(exponential_gaps: Floats, per_year: float) -> Floats:
    """Days on which jumps arrive, a Poisson process of so many a year: none on day 0, and infinite where none is.

    Args:
        exponential_gaps: independent exponential numbers of mean 1, shape (worlds, most jumps).
        per_year: jumps a year; 0 or more.

    Returns:
        Whole day numbers from 1 on, rising along a row, shape (worlds, most jumps).

    >>> arrival_days(np.array([[0.5, 0.001, 2.0]]), per_year=1.0)
    array([[183., 183., 914.]])
    """
    if per_year <= 0:
        return np.full_like(exponential_gaps, np.inf)
    days: Floats = np.floor(np.cumsum(exponential_gaps, axis=1) * (YEAR_DAYS / per_year)) + 1
    return days


def jump_paths(arrivals: Floats, standard_normals: Floats, jump_mean: float, jump_sd: float, days: int) -> Floats:
    """Log factors on usage from jumps that hold from their day on.

    Args:
        arrivals: day number of each jump, shape (worlds, most jumps); those at or after `days` never come.
        standard_normals: independent standard normal numbers, one a jump, same shape.
        jump_mean: mean of a jump's log factor.
        jump_sd: standard deviation of it; 0 or more.
        days: length of the horizon.

    Returns:
        Log factors, shape (worlds, days); several jumps of a day add up.

    >>> jump_paths(np.array([[1.0, 2.0, np.inf]]), np.array([[1.0, -1.0, 9.0]]), 0.1, 0.5, days=4).round(9)
    array([[0. , 0.6, 0.2, 0.2]])
    """
    sizes = jump_mean + jump_sd * standard_normals
    world, jump = np.nonzero(arrivals < days)
    steps = np.zeros((arrivals.shape[0], days))
    np.add.at(steps, (world, arrivals[world, jump].astype(np.int64)), sizes[world, jump])
    return np.cumsum(steps, axis=1)


def noise_factors(standard_normals: Floats, daily_noise: float, carryover: float = 0.0) -> Floats:
    """Factors of a mean of 1 from day to day: exp(s·z - s²/2), z a standard normal that carries over.

    z is stationary from day 0 on: each day keeps a part c of the day before, z(d) = c·z(d - 1) + sqrt(1 - c²)·e(d), so
    that s stays the standard deviation of the log and the correlation of days n apart is c^n.

    Args:
        standard_normals: independent standard normal numbers, shape (worlds, days).
        daily_noise: standard deviation s of the log of a day's factor; 0 or more.
        carryover: correlation c of a day's log with the day before it; above -1 and below 1.

    Returns:
        Factors, shape (worlds, days).

    >>> noise_factors(np.array([[1.0, -1.0]]), 0.0)
    array([[1., 1.]])
    """
    normals = standard_normals
    if carryover:
        fresh = math.sqrt(1 - carryover**2) * normals
        fresh[:, :1] = normals[:, :1]
        normals = geometric_sums(fresh, carryover)
    factors: Floats = np.exp(daily_noise * normals - daily_noise**2 / 2)
    return factors


def geometric_sums(moves: Floats, kept: float) -> Floats:
    """x(d) = kept·x(d - 1) + moves(d) from x = 0 before day 0, by doubling: log2(days) passes over the array.

    Moves have shape (…, days).

    >>> geometric_sums(np.array([1.0, 0.0, 0.0, 2.0]), 0.5)
    array([1.   , 0.5  , 0.25 , 2.125])
    """
    sums, reach, left = moves.copy(), 1, kept
    while reach < sums.shape[-1] and abs(left) > 1e-18:
        sums[..., reach:] += left * sums[..., :-reach]
        reach, left = 2 * reach, left * left
    return sums


@dataclass(frozen=True)
class RentSwings:
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
        factors: Floats = np.exp(self.spread * normals[..., :1] + geometric_sums(moves, self.kept_share))
        return factors

    @property
    def kept_share(self) -> float:
        """What is left of a swing a day later: exp(-reversion/365.25)."""
        return math.exp(-self.reversion / YEAR_DAYS)

    @property
    def step(self) -> float:
        """Standard deviation of the move of a day: volatility·√((1 - kept²)/(2·reversion)), exact for any step.

        >>> round(RentSwings(volatility=0.3).step * 365.25**0.5, 12)
        0.3
        """
        if not self.reversion:
            return self.volatility / math.sqrt(YEAR_DAYS)
        return self.volatility * math.sqrt((1 - self.kept_share**2) / (2 * self.reversion))
