"""The numbers of growth that changes whose simulated series measure as the real ones do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.simulation.growth import arrival_days, jump_paths, noise_factors, wander_paths
from tools.usage_moments import LAGS, Changes, measure_changes, measure_days

NUMBER, WEEKS, SEED = 240, 150, 2026
"""Simulated series, weeks of each (the median of the real ones), and the seed of their random numbers."""
MOST_JUMPS = 14
SHORTEST, LONGEST = 0.5, 12.0
"""Months between which a half-life is looked for: levels of a month cannot tell a shorter one from noise."""
START = (0.06, 0.7, 0.6, 0.45, 0.2)
"""Standard deviation, half-life, jumps a year, their deviation and mean, from which the search starts."""
TRIES = 150
CLOSE = {"variance": 0.2, "quarter": 0.1, "rate": 0.12, "size": 0.15, "mean": 0.15}
"""What counts as a standard error of each measure."""


@dataclass(frozen=True)
class Measures:
    """What a simulated class has to match: medians over series, and all their jumps taken together."""

    variance: Floats
    """Log of the median variance of level differences at the lags from a quarter on."""
    quarter: float
    """Median correlation of a quarter's growth with the next one's."""
    rate: float
    """Jumps found a year."""
    size: float
    """Log of the median size of a jump."""
    mean: float
    """Mean log of a jump."""

    @classmethod
    def of(cls, changes: Changes, weights: Floats) -> Measures:
        """Of many series, each with its weight."""
        sizes = np.concatenate(changes.jumps)
        of_jump = np.repeat(weights, [each.size for each in changes.jumps])
        counts = np.array([each.size for each in changes.jumps])
        variances = [weighted_median(changes.variance[:, lag], weights) for lag in range(1, len(LAGS))]
        return cls(
            np.log(variances),
            weighted_median(changes.next_quarter, weights),
            float(weights @ counts / (weights @ changes.years)),
            float(np.log(weighted_median(np.abs(sizes), of_jump))) if sizes.size else -3.0,
            float(np.average(sizes, weights=of_jump)) if sizes.size else 0.0,
        )

    def distance(self, other: Measures) -> float:
        """Sum of squared differences, in standard errors."""
        off = [np.square((self.variance - other.variance) / CLOSE["variance"]).sum()]
        off += [
            ((getattr(self, each) - getattr(other, each)) / CLOSE[each]) ** 2 for each in CLOSE if each != "variance"
        ]
        return float(sum(off))


def weighted_median(values: Floats, weights: Floats) -> float:
    """The value with half of the weight below it; values of nan are left out.

    >>> weighted_median(np.array([3.0, 1.0, np.nan, 2.0]), np.array([1.0, 1.0, 9.0, 1.0]))
    2.0
    """
    known = np.isfinite(values)
    order = np.argsort(values[known])
    share = np.cumsum(weights[known][order])
    return float(values[known][order][np.searchsorted(share, share[-1] / 2)])


@dataclass(frozen=True)
class Fit:
    """The numbers found for one class."""

    sd_per_month: float
    half_life_months: float
    jumps_per_year: float
    jump_sd: float
    jump_mean: float
    daily_noise_carryover: float
    simulated: Measures
    """What series with these numbers measure."""


@dataclass(frozen=True)
class Fitter:
    """Fits one class; the same random numbers for every try."""

    real: Measures
    daily_noise: float
    carryover: float
    """The correlation that is measured of the days, which their trends bias."""

    @cached_property
    def _numbers(self) -> tuple[Floats, Floats, Floats, Floats]:
        rng, days = np.random.default_rng(SEED), 7 * WEEKS
        return (
            rng.standard_normal((NUMBER, days, 2)),
            rng.standard_exponential((NUMBER, MOST_JUMPS)),
            rng.standard_normal((NUMBER, MOST_JUMPS)),
            rng.standard_normal((NUMBER, days)),
        )

    def simulate(self, point: Sequence[float], carryover: float) -> Floats:
        """Daily values of many series, shape (series, days)."""
        sd, half_life, jumps, jump_sd = np.exp(point[:4])
        rates, gaps, sizes, noise = self._numbers
        logs = wander_paths(rates, sd, half_life, from_stationary=True)
        logs += jump_paths(arrival_days(gaps, jumps), sizes, point[4], jump_sd, noise.shape[1])
        return np.exp(logs) * noise_factors(noise, self.daily_noise, carryover)

    def measure(self, point: Sequence[float], carryover: float) -> Measures:
        """What series with these numbers measure."""
        weekly = np.log(self.simulate(point, carryover).reshape(NUMBER, WEEKS, 7).mean(axis=2))
        return Measures.of(measure_changes(weekly), np.ones(NUMBER))

    def _loss(self, point: Floats) -> float:
        out = max(np.log(SHORTEST) - point[1], point[1] - np.log(LONGEST), 0.0)
        return self.real.distance(self.measure(point, self.carryover)) + 1e3 * out**2

    def fit(self) -> Fit:
        """The numbers whose simulated series measure most like the real ones."""
        from scipy.optimize import minimize

        start = np.append(np.log(START[:4]), START[4])
        found = minimize(self._loss, start, method="Nelder-Mead", options={"maxfev": TRIES, "xatol": 0.02}).x
        carryover = self._carryover(found)
        sd, half_life, jumps, jump_sd = (float(each) for each in np.exp(found[:4]))
        return Fit(sd, half_life, jumps, jump_sd, float(found[4]), carryover, self.measure(found, carryover))

    def _carryover(self, point: Floats) -> float:
        """The carry-over whose series measure that of the real ones, between three tries."""
        tried = np.array([0.3, 0.6, 0.85])
        measured = [
            np.median([measure_days(each).carryover for each in self.simulate(point, carry)[:60]]) for carry in tried
        ]
        return float(np.clip(np.interp(self.carryover, measured, tried), 0.0, 0.95))
