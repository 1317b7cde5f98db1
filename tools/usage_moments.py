"""What is measured of a usage series, real or simulated, by the same rules: changes, jumps, noise, the week."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from switchpoint.horizon import MONTH_DAYS, Bools, Floats

MONTH = 4
"""Weeks of a block whose mean stands for a month."""
LAGS = (1, 3, 6, 12)
"""Blocks between two levels whose difference is measured."""
QUARTER = 3
BEFORE, HELD, APART = 4, 8, 6
"""Weeks on either side of a jump, weeks for which it must hold, weeks between two."""
LEAST, TIMES, PART = 0.3, 3.0, 0.6
"""A jump changes the log by at least LEAST and by TIMES the usual change, and keeps PART of it over HELD weeks."""
TO_DEVIATION = 1.4826
"""Standard deviations in a normal's median size."""
DAYS_AROUND = 29
"""Days of the median that a day is compared with."""


@dataclass(frozen=True)
class Changes:
    """How levels move, one number a series each; nan where a series is too short. Logs throughout."""

    variance: Floats
    """Of the difference of monthly means at each of LAGS, around the series' own mean, shape (series, lags)."""
    next_month: Floats
    """Correlation of one month's growth with the next one's."""
    next_quarter: Floats
    """Correlation of a quarter's growth with that of the next quarter, non-overlapping within a pair."""
    growth: Floats
    """Mean growth a month of 30.4375 days."""
    jumps: list[Floats]
    """Sizes of the jumps found in each."""
    years: Floats
    """Years that each was watched for."""


def measure_changes(logs: Floats) -> Changes:
    """Changes of weekly logs, shape (series, weeks); nan where a week is unknown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are nan, as they should be
        blocks = _blocks(logs)
        steps = [blocks[:, lag:] - blocks[:, :-lag] for lag in LAGS]
        variance = np.stack([np.nanvar(each, axis=1, ddof=1) for each in steps], axis=1)
        growth = np.nanmean(steps[0], axis=1) * MONTH_DAYS / (7 * MONTH)
        return Changes(
            variance,
            _correlation(steps[0], 1),
            _correlation(steps[LAGS.index(QUARTER)], QUARTER),
            growth,
            find_jumps(logs),
            np.isfinite(logs).sum(axis=1) * 7 / 365.25,
        )


def _blocks(logs: Floats) -> Floats:
    whole = logs[:, : logs.shape[1] // MONTH * MONTH].reshape(len(logs), -1, MONTH)
    means: Floats = np.where(np.isfinite(whole).sum(axis=2) >= MONTH / 2, np.nanmean(whole, axis=2), np.nan)
    return means


def _correlation(steps: Floats, lag: int) -> Floats:
    off = steps - np.nanmean(steps, axis=1, keepdims=True)
    together: Floats = np.nanmean(off[:, lag:] * off[:, :-lag], axis=1) / np.nanmean(off**2, axis=1)
    return together


def find_jumps(logs: Floats) -> list[Floats]:
    """Sizes of the lasting jumps of each series: the largest changes of the median of four weeks, and no other near."""
    steps = _medians_apart(logs, BEFORE)
    size = np.nan_to_num(np.abs(steps))
    usual = TO_DEVIATION * np.nanmedian(np.abs(steps - np.nanmedian(steps, axis=1, keepdims=True)), axis=1)
    padded = np.pad(size, ((0, 0), (APART, APART)))
    peak = size >= sliding_window_view(padded, 2 * APART + 1, axis=1).max(axis=2)
    jumps = peak & (size >= np.maximum(LEAST, TIMES * usual)[:, None]) & _lasts(logs, steps)
    return [row[found] for row, found in zip(steps, jumps, strict=True)]


def _medians_apart(logs: Floats, weeks: int) -> Floats:
    """Median of so many weeks from each week on, less that of as many before it; nan near the ends."""
    median = np.median if np.isfinite(logs).all() else np.nanmedian  # the second is slow
    medians = median(sliding_window_view(logs, weeks, axis=1), axis=2)
    apart = np.full(logs.shape, np.nan)
    apart[:, weeks : logs.shape[1] - weeks + 1] = medians[:, weeks:] - medians[:, :-weeks]
    return apart


def _lasts(logs: Floats, steps: Floats) -> Bools:
    held = _medians_apart(logs, HELD)
    near_an_end = np.isnan(held) & np.isfinite(steps)
    lasting: Bools = near_an_end | ((held * steps > 0) & (np.abs(held) > PART * np.abs(steps)))
    return lasting


@dataclass(frozen=True)
class Days:
    """How days differ from the weeks around them."""

    noise: float
    """Robust standard deviation of the log of a day, without the week's pattern."""
    carryover: float
    """Correlation of a day's log with the day before."""
    weekend: float
    """A day of the weekend over a weekday."""


def measure_days(values: Floats) -> Days:
    """Noise of daily values, from a Monday on in whole weeks; days of 0 are left out."""
    from pandas import Series

    logs = Series(np.log(np.where(values > 0, values, np.nan)))
    off = (logs - logs.rolling(DAYS_AROUND, center=True, min_periods=DAYS_AROUND * 2 // 3).median()).to_numpy()
    week = np.nanmedian(off.reshape(-1, 7), axis=0)
    noise = off - np.tile(week, off.size // 7)
    deviation = TO_DEVIATION * float(np.nanmedian(np.abs(noise)))
    near = np.clip(noise, -3 * deviation, 3 * deviation)
    carryover = float(np.nanmean(near[1:] * near[:-1]) / np.nanmean(near**2))
    return Days(deviation, carryover, float(np.exp(week[5:].mean() - week[:5].mean())))


def quarter_pairs(logs: Floats) -> Floats:
    """Log growth of each quarter and of the next one, none of them overlapping, of one series; shape (quarters, 2)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        growth = np.diff(_blocks(logs[None])[0, ::QUARTER])
    pairs = np.stack([growth[:-1], growth[1:]], axis=1)
    known: Floats = pairs[np.isfinite(pairs).all(axis=1)]
    return known
