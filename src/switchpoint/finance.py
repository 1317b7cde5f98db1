"""Money over time: trailing means, present values, break-even, straight-line value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import MONTH_DAYS, NEVER, YEAR_DAYS, Amount, Clock, Days, Floats, first_day, per_day

WINDOW = 28
"""Days of a trailing mean: four whole weeks, so that weekends never make it wobble."""
SAME = 1e-9
"""Relative difference below which two amounts of money count as equal."""


def trailing_mean(daily: Floats) -> Floats:
    """Mean of the last 28 days, the day itself included; before day 27 that of days 0-27.

    Args:
        daily: amounts per day, shape (…, days) with at least 28 days.

    Returns:
        The means, same shape and unit.
    """
    sums = np.cumsum(daily, axis=-1)
    mean = np.empty_like(sums)
    mean[..., WINDOW:] = sums[..., WINDOW:] - sums[..., :-WINDOW]
    mean[..., :WINDOW] = sums[..., WINDOW - 1, None]
    mean /= WINDOW
    return mean


def discount_factors(clock: Clock, rate_per_year: float) -> Floats:
    """Present value of a dollar paid on day d: (1 + r)^(-d/365.25); shape (days,)."""
    factors: Floats = (1 + rate_per_year) ** (-clock.day / YEAR_DAYS)
    return factors


def per_month(daily_mean: Floats) -> Floats:
    """Dollars a month of 30.4375 days from a mean of dollars a day."""
    return daily_mean * MONTH_DAYS


def straight_line(price: Amount, age_days: Floats, lifetime_months: float, resale_share: float) -> Floats:
    """What a bought asset is worth at an age: price x max(resale_share, 1 - age/lifetime), dollars."""
    value: Floats = price * np.maximum(resale_share, 1 - age_days / (lifetime_months * MONTH_DAYS))
    return value


def replacements(lifetime_months: float, days: int) -> list[int]:
    """Ages in days, below `days`, at which an asset is resold and bought again: floor(k·lifetime·30.4375), k = 1, 2, …

    >>> replacements(12, 800)
    [365, 730]
    """
    ages, k = [], 1
    while (age := math.floor(k * lifetime_months * MONTH_DAYS + SAME)) < days:
        if age > 0:
            ages.append(age)
        k += 1
    return ages


@dataclass(frozen=True)
class BreakEven:
    """The moment at which savings have paid for the project, in days since the start of day 0."""

    moment: float = math.inf

    @property
    def day(self) -> int:
        """Day that holds the moment; NEVER where there is none."""
        return math.floor(self.moment) if math.isfinite(self.moment) else NEVER

    def payback_months(self, project_start: int) -> float | None:
        """Months of 30.4375 days from the start of the project's first day."""
        return (self.moment - project_start) / MONTH_DAYS if math.isfinite(self.moment) else None


def break_even(flow: Floats, capital: Floats, stay: Floats, project_start: int, first_spend: int) -> BreakEven:
    """When cumulative cost with the project is back at cumulative stay cost.

    Args:
        flow: dollars a day with the project, capital left out; they flow evenly through the day. Shape (days,).
        capital: dollars a day that fall at the start of the day. Shape (days,).
        stay: dollars a day without the project. Shape (days,).
        project_start: day on which the project starts.
        first_spend: day from which both are cumulated (labelling from day one comes before the project).

    Returns:
        The moment, interpolated inside its day. Where cumulative cost was never above stay before the first day (at
        or after the start) that saves, the start of that day. Infinite where it is not reached.
    """
    return BreakEven(float(break_even_moments(flow, capital, stay, project_start, first_spend)))


def break_even_moments(flow: Floats, capital: Floats, stay: Floats, project_start: Days, first_spend: Days) -> Floats:
    """The moments of `break_even` for many starts or worlds at once.

    Args:
        flow, capital, stay: as there, shape (…, days).
        project_start, first_spend: as there, shape (…).

    Returns:
        Shape (…); infinite where it is not reached.
    """
    days = stay.shape[-1]
    start = np.minimum(np.maximum(project_start, 0), days - 1)
    since = np.minimum(np.maximum(first_spend, 0), start)
    extra = np.where(np.arange(days) < per_day(since), 0.0, flow + capital - stay)
    end = np.cumsum(extra, axis=-1)
    begin = end - extra + capital
    slack = SAME * np.maximum(stay.sum(axis=-1), 1e-9)
    above = first_day(np.maximum(begin, end) > per_day(slack))
    saves = first_day(extra < -SAME * np.maximum(stay, 1e-9), start)
    back = first_day(end <= per_day(slack), np.maximum(above, start))
    day = per_day(np.minimum(back, days - 1))
    high, low = (np.take_along_axis(sums, day, axis=-1)[..., 0] for sums in (begin, end))
    fall = high - low
    part = np.where(fall > 0, np.minimum(np.maximum(high / np.where(fall > 0, fall, 1.0), 0.0), 1.0), 1.0)
    moment = np.minimum(back + part, np.nextafter(back + 1.0, back))
    earned = np.where(saves < above, saves, np.where(np.maximum(above, back) < NEVER, moment, np.inf))
    return np.where(project_start >= days, np.inf, earned)
