"""How the days of a history differ: by weekday, by hour, by chance, and in the tokens of a request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.owndata.growth_curves import FAMILIES, fit_curve
from switchpoint.owndata.growth_study import MOST_WEEKS, week_middles
from switchpoint.owndata.usage_history import UsageHistory, fill_missing_days

RECENT_WEEKS = 26
"""Weeks from which weekdays and noise are taken."""
FEWEST = 4
"""Weeks without which weekdays are told from nothing."""
LAGS = np.arange(1, 15)
"""Days apart over which it is measured how far noise is carried over."""
CARRIED = np.linspace(0, 0.95, 39)
NINETY = (0.05, 0.5, 0.95)
"""Ends and middle of a 90 % range."""
FEW_DAYS_SPREAD = 0.1
"""What is believed of the spread of a ratio of which there is a single day, in logs."""
FLAT_HOURS = 0.1
"""Where all hours lie within this part of their mean they are called alike."""


@dataclass(frozen=True)
class Ranged:
    """A number with its 90 % range."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, draws: Floats) -> Ranged:
        """That of draws."""
        low, middle, high = (float(each) for each in np.quantile(draws, NINETY))
        return cls(low, middle, high)


def weekday_factors_of(history: UsageHistory, daily: Floats) -> tuple[Floats, Floats] | None:
    """Factors of the seven weekdays, Monday first, with a mean of 1, and the standard error of each; None in a history
    of under four whole weeks.

    Each day is taken as a share of the seven days around it, so that growth is no part of it.
    """
    if daily.size < 7 * FEWEST:
        return None
    filled = fill_missing_days(daily)
    around = np.convolve(filled, np.full(7, 1 / 7), mode="valid")
    middle = slice(3, filled.size - 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(np.isfinite(daily[middle]), filled[middle] / around, np.nan)[-7 * RECENT_WEEKS :]
    weekday = history.weekday[middle][-7 * RECENT_WEEKS :]
    each = [shares[(weekday == day) & np.isfinite(shares)] for day in range(7)]
    if min(values.size for values in each) < FEWEST - 1:
        return None
    means = np.array([values.mean() for values in each])
    errors = np.array([values.std(ddof=1) / np.sqrt(values.size) for values in each])
    return means / means.mean(), errors / means.mean()


@dataclass(frozen=True)
class DailyNoise:
    """How days differ by chance: standard deviation of the log of a day, and its correlation with the day before."""

    deviation: Ranged
    carryover: Ranged


def daily_noise_of(history: UsageHistory, daily: Floats, factors: Floats) -> DailyNoise | None:
    """The noise of the days, from how far days differ that lie one to seven days apart; None with under four weeks.

    Of noise with deviation s and correlation c the mean square of the difference of days k apart is 2·s²·(1 - c^k);
    what wanders adds to that in proportion to k.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(daily / factors[history.weekday])[-7 * RECENT_WEEKS :]
    if np.isfinite(logs).sum() < 7 * FEWEST:
        return None
    logs = _without_outliers(logs)
    size = int(np.isfinite(logs).sum())
    if not size:
        return None
    parts = np.array_split(logs, max(min(logs.size // 42, 8), 1))
    whole = _noise_of_squares(_squares_apart(logs))
    # Parts left out one at a time tell how sure that is.
    left_out = []
    for place in range(len(parts)):
        rest = [each if number != place else np.full(each.size, np.nan) for number, each in enumerate(parts)]
        if len(parts) > 2:
            left_out.append(_noise_of_squares(_squares_apart(np.concatenate(rest))))
    return DailyNoise(
        _jackknife(whole[0], [each[0] for each in left_out], whole[0] / np.sqrt(size / 3)),
        _jackknife(whole[1], [each[1] for each in left_out], 1.2 / np.sqrt(size), least=0.0, most=0.95),
    )


def _without_outliers(logs: Floats) -> Floats:
    """The logs without days far from the week around them; a day of no use takes its week out."""
    middle = np.nanmedian(logs)
    with np.errstate(invalid="ignore"):  # two such days are no step
        known = np.abs(np.diff(logs))
        known = known[np.isfinite(known)]
        if not known.size:  # no day beside another one: nothing tells how far is far
            return logs
        spread = np.median(known) + 1e-9
        steps = np.abs(logs - np.convolve(np.nan_to_num(logs, nan=float(middle)), np.full(7, 1 / 7), mode="same"))
    return np.where(steps > 12 * spread, np.nan, logs)


def _squares_apart(logs: Floats) -> Floats:
    """Mean square of the difference of days so many days apart, less the square of its mean; shape (lags,)."""
    squares, usable = [], np.isfinite(logs)
    for lag in LAGS:
        both = usable[lag:] & usable[:-lag]
        apart = logs[lag:][both] - logs[:-lag][both]
        squares.append(float(apart.var()) if apart.size > 2 else 0.0)
    return np.array(squares)


def _noise_of_squares(squares: Floats) -> tuple[float, float]:
    """Deviation and correlation that come closest to the mean squares, what wanders taken out."""
    best = (np.inf, 0.0, 0.0)
    for carried in CARRIED:
        columns = np.stack([2 * (1 - carried**LAGS), LAGS.astype(float)], axis=1)
        numbers = np.linalg.lstsq(columns, squares, rcond=None)[0]
        if numbers[1] < 0:
            numbers = np.array([columns[:, 0] @ squares / (columns[:, 0] @ columns[:, 0]), 0.0])
        if numbers[0] < 0:
            continue
        off = float(((squares - columns @ numbers) ** 2).sum()) * (1 + 0.02 * carried)
        if off < best[0] - 1e-12:
            best = (off, float(np.sqrt(numbers[0])), float(carried))
    return best[1], best[2]


def _jackknife(
    value: float, left_out: list[float], least_error: float, *, least: float = 0.0, most: float = np.inf
) -> Ranged:
    count = len(left_out)
    error = least_error
    if count > 2:
        error = max(error, float(np.sqrt((count - 1) / count * np.sum((np.array(left_out) - np.mean(left_out)) ** 2))))
    low, high = (float(np.clip(value + side * 1.645 * error, least, most)) for side in (-1, 1))
    return Ranged(low, value, high)


def hour_weights_of(hourly: Floats) -> Floats | None:
    """Weights of the 24 hours with a mean of 1; None where all are about alike."""
    weights = hourly / hourly.mean()
    return None if np.abs(weights - 1).max() < FLAT_HOURS else weights


@dataclass(frozen=True)
class RatioFit:
    """A ratio such as tokens a request: today's, and how it drifts a month, None where that cannot be told."""

    today: Ranged
    drift: Ranged | None


def ratio_of_days(above: Floats, below: Floats) -> RatioFit | None:
    """A ratio of a few days: of the sums, with a range from how far days are apart; None where no day has both."""
    both = np.isfinite(above) & np.isfinite(below) & (above > 0) & (below > 0)
    if not both.any():
        return None
    middle = float(above[both].sum() / below[both].sum())
    spread = float(np.log(above[both] / below[both]).std(ddof=1)) if both.sum() > 1 else FEW_DAYS_SPREAD
    wide = float(np.exp(1.645 * max(spread, 0.01) / np.sqrt(both.sum()) * 2))
    return RatioFit(Ranged(middle / wide, middle, middle * wide), None)


def fit_ratio(weekly: Floats) -> RatioFit | None:
    """Today's value of a ratio and its drift, from whole weeks; None where under four weeks have it.

    Args:
        weekly: the ratio of each week, shape (weeks,).
    """
    usable = np.isfinite(weekly) & (weekly > 0)
    empty = np.flatnonzero(~usable)
    rest = weekly[empty[-1] + 1 if empty.size else 0 :][-MOST_WEEKS:]
    if rest.size < FEWEST:
        return None
    fit = fit_curve(FAMILIES[1], np.log(rest), week_middles(rest.size))
    return RatioFit(Ranged.of(fit.level), Ranged.of(fit.per_month))
