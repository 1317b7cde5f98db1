"""The monitor: what could have been said each Monday from the weeks before it, and when the warning fires."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.finance import SAME, WINDOW
from switchpoint.horizon import MONTH_DAYS, NEVER, Bools, Days, Floats, Horizon, Ints, first_day
from switchpoint.simulation.limits import BillLimits, ratio
from switchpoint.warning.chances import OPENS

MOST_WEEKS, FEWEST_WEEKS = 12, 8
FLAT = 1e-9
"""Slope of the log ratio per day below which it counts as flat."""


@dataclass(frozen=True)
class Forecast:
    """What a monitor says on each Monday (day number): months until pressure reaches 1, infinite where it is silent.

    Months have shape (mondays,), of many worlds (worlds, 1, mondays).
    """

    mondays: Ints
    months: Floats
    chance: Floats | None = None
    """Chance that the limit is reached within the second of `warn_months`, nan where nothing is said; shape of
    `months`. None from a monitor that says no chances."""

    def first_within(self, months: float | Floats) -> Days:
        """First Monday on which the limit is forecast within so many months, which may differ between Mondays; NEVER
        where there is none."""
        return self._first(self.months <= months)

    def first_warning(self, opens: float) -> Days:
        """First Monday on which it warns: by the chance, where one is said, else by the months."""
        return self.first_within(opens) if self.chance is None else self._first(self.chance >= OPENS)

    def _first(self, holds: Bools) -> Days:
        if not self.mondays.size:
            return NEVER
        place = first_day(holds)
        found = np.where(np.less(place, NEVER), self.mondays[np.minimum(place, self.mondays.size - 1)], NEVER)
        return found if found.ndim else int(found)


def mondays(clock: Horizon) -> Ints:
    """The Monday after each whole week of a horizon, shape (weeks,); the last one may be the day after it."""
    first = int(-clock.weekday[0] % 7)
    return first + 7 * np.arange(1, max((clock.days - first) // 7, 0) + 1)


def weekly_ratios(cost: Floats, limits: BillLimits, clock: Horizon) -> tuple[int, Floats]:
    """First Monday, and the bill over the tightest limit of each whole week from it on, shape (…, weeks)."""
    first, bills, limit = weekly_sums(cost, limits, clock)
    return first, ratio(bills, limits.tightest_sums(limit))


def weekly_sums(cost: Floats, limits: BillLimits, clock: Horizon) -> tuple[int, Floats, Floats]:
    """First Monday, and dollars of each whole week from it on: bill (…, weeks), limits (limits, …, weeks)."""
    first = int(-clock.weekday[0] % 7)
    weeks = max((clock.days - first) // 7, 0)

    def by_week(daily: Floats) -> Floats:
        whole = daily[..., first : first + 7 * weeks]
        sums: Floats = whole.reshape(*whole.shape[:-1], weeks, 7).sum(axis=-1)
        return sums

    return first, by_week(cost), by_week(limits.daily)


def forecast(cost: Floats, limits: BillLimits, clock: Horizon, errors: float = 0.0, most: int = MOST_WEEKS) -> Forecast:
    """The plain monitor of the definitions.

    Each Monday it fits a line through the log of the last 12 whole weeks' ratios (at least 8), and speaks where the
    slope is above `errors` times its standard error on two Mondays running. At or above the limit in the last whole
    week it says 0 months, whatever the slope.

    Args:
        cost: dollars a day of the stay route.
        limits: its limits.
        clock: the horizon.
        errors: standard errors that the slope must exceed; 0 in the base case, 2 with noise.
        most: weeks of the line, 12 by the definitions.

    Returns:
        What is said on the Monday after each whole week; the last one may be the day after the horizon.
    """
    first, ratios = weekly_ratios(cost, limits, clock)
    count = ratios.shape[-1]
    months = np.full(ratios.shape, np.inf)
    with np.errstate(divide="ignore"):
        logs = np.log(ratios)
    rising = np.zeros(ratios.shape, dtype=bool)
    for weeks in range(FEWEST_WEEKS, most + 1):
        last = np.arange(weeks - 1, count if weeks == most else min(weeks, count))
        if last.size:
            months[..., last], rising[..., last] = _fit(logs, last, weeks, errors)
    silent = ~rising
    silent[..., 1:] |= ~rising[..., :-1]
    silent[..., :1] = True
    months[silent] = np.inf
    months[ratios >= 1 - SAME] = 0.0
    return Forecast(first + 7 * np.arange(1, count + 1), months)


def _fit(logs: Floats, last: Ints, weeks: int, errors: float) -> tuple[Floats, Bools]:
    """Months to the limit and whether the ratio rises, from the `weeks` weeks up to each of the weeks `last`.

    Days are counted from the Monday after the last week, weeks placed at their middles.
    """
    x = -3.5 - 7.0 * np.arange(weeks - 1, -1, -1)
    y = logs[..., last[:, None] + np.arange(1 - weeks, 1)]
    usable = np.asarray(np.isfinite(y).all(axis=-1))
    y = np.where(usable[..., None], y, 0.0)
    spread = x - x.mean()
    square = float(spread @ spread)
    slope = y @ spread / square
    level = y.mean(axis=-1) - slope * x.mean()
    residual = y - level[..., None] - slope[..., None] * x
    error = np.sqrt((residual**2).sum(axis=-1) / (weeks - 2) / square)
    rising = usable & (slope > np.maximum(errors * error, FLAT))
    return np.where(rising, months_to_limit(level, np.where(rising, slope, 1.0)), np.inf), rising


def months_to_limit(level: Floats, slope: Floats) -> Floats:
    """Months until the trailing 28-day mean of exp(level + slope·day) reaches 1; 0 where it has.

    The mean over (T - 28, T] is exp(level + slope·T)·(1 - exp(-28·slope))/(28·slope), so
    T = -(level + ln((1 - exp(-28·slope))/(28·slope)))/slope days.

    Args:
        level: log of the ratio on the day from which months are counted; any shape.
        slope: of that log per day, above 0; same shape.
    """
    lag = np.log(-np.expm1(-WINDOW * slope) / (WINDOW * slope))
    days: Floats = -(level + lag) / slope
    return np.maximum(days, 0.0) / MONTH_DAYS
