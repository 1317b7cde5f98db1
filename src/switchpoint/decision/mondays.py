"""`switchpoint.monitor`: what a daily bill and its limit say, Monday by Monday."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from switchpoint.clock import Clock, Floats, Problem
from switchpoint.decision.pressure import Limits
from switchpoint.decision.warning import AHEAD, Changes, State, Watch
from switchpoint.words import day

if TYPE_CHECKING:
    from pandas import DataFrame, DatetimeIndex, Series

FURTHEST = 60.0
"""Months beyond which no warning can be asked for."""
LONGEST = 366 * 20
"""Days beyond which a bill is refused: 20 years, as with scenarios; memory grows with their square."""


def monitor(
    bill: Series,
    limit: float | Series,
    warn_months: tuple[float, float] = (2, 3),
    *,
    price_changes: Sequence[tuple[Any, float]] = (),
) -> DataFrame:
    """When a daily bill will reach its limit, as it could have been said each Monday from the days before it alone.

    Args:
        bill: dollars of each day, by date, without gaps.
        limit: dollars a day: a number, or a series that has every date of the bill. Pressure is the mean bill of 28
            days over their mean limit.
        warn_months: the warning is late, and opens, so many months ahead of the limit.
        price_changes: known changes (date, factor) of the price behind the bill, past or announced. The bill shows them
            from their dates on; they are taken out of its trend and put into the forecast.

    Returns:
        One row for each Monday that follows a whole week of the bill (Monday to Sunday), indexed by date:

        - `months_to_limit`: months until the pressure is as likely as not at 1; 0 at 1; infinite where that is never or
          more than 12 months ahead (twice the second of `warn_months`, if that is more), and before eight whole weeks.
        - `low`, `high`: the 80 % interval; 0 to infinity before there is a forecast.
        - `state`: over (pressure 1 or more), late (fewer months than the first of `warn_months`), open (up to the
          second), watch (further) or calm (no forecast). It rises at once, and falls when four Mondays running call for
          less.

    Raises:
        Problem: one line says which argument is wrong, and what would be right.

    >>> from pandas import Series, date_range
    >>> days = date_range("2027-01-04", periods=300)
    >>> said = monitor(Series(100 * 1.08 ** (np.arange(300) / 30.4375), index=days), limit=220)
    >>> str(said.index[said["state"] == "open"][0].date())
    '2027-08-30'
    """
    from pandas import DataFrame, Series, date_range

    closes, opens = _months(warn_months)
    dates, dollars = _daily("bill", bill)
    clock = Clock(dates[0].date(), dollars.size)
    limits = Limits(_limit(limit, dates)[None, :])
    watch = Watch(dollars, limits, clock, _changes(price_changes, clock), max(AHEAD, 2 * opens))
    low, high = watch.interval
    first = clock.date_of(watch.mondays[0]) if watch.mondays.size else clock.start
    mondays = date_range(first, periods=watch.mondays.size, freq="7D", name="date")
    said = DataFrame({"months_to_limit": watch.months, "low": low, "high": high}, index=mondays)
    states = [State(state).name.lower() for state in watch.states((closes, opens))]
    return said.assign(state=Series(states, index=mondays, dtype=object))


def _months(warn_months: Any) -> tuple[float, float]:
    wanted = f"two numbers of months that do not fall, from 0 to {FURTHEST:g}, such as (2, 3)"
    try:
        closes, opens = (float(month) for month in warn_months)
    except (TypeError, ValueError):
        raise Problem(("warn_months",), f"got {warn_months!r}; it takes {wanted}") from None
    if not 0 <= closes <= opens <= FURTHEST:
        raise Problem(("warn_months",), f"got {warn_months!r}; it takes {wanted}")
    return closes, opens


def _daily(name: str, series: Any) -> tuple[DatetimeIndex, Floats]:
    """The days and dollars of a series, checked."""
    from pandas import Series

    if not isinstance(series, Series):
        raise Problem((name,), f"got a {type(series).__name__}; it takes a pandas Series of dollars a day, by date")
    if series.empty:
        raise Problem((name,), "is empty; it takes at least one day")
    dates = _dates(name, series)
    _refuse_disorder(name, dates)
    try:
        dollars = series.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise Problem((name,), "holds something other than numbers; it takes dollars a day") from None
    wrong = ~((dollars >= 0) & np.isfinite(dollars))
    if wrong.any():
        first = int(wrong.argmax())
        raise Problem((name,), f"is {dollars[first]:g} on {day(dates[first])}; it takes dollars a day, 0 or more")
    return dates, dollars


def _dates(name: str, series: Series) -> DatetimeIndex:
    """The index as midnights without a time zone."""
    from pandas import DatetimeIndex, PeriodIndex

    index: Any = series.index
    if isinstance(index, PeriodIndex):
        index = index.to_timestamp()
    if not isinstance(index, DatetimeIndex):
        if not all(isinstance(when, date) for when in index):
            raise Problem((name,), f"is indexed by {index.dtype}; its index must hold dates")
        index = DatetimeIndex(index)
    if index.hasnans:
        raise Problem((name,), "has a row without a date")
    midnights: DatetimeIndex = index.tz_localize(None).normalize()
    return midnights


def _refuse_disorder(name: str, dates: DatetimeIndex) -> None:
    """Refuse days that are not one after the other."""
    steps = np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(np.int64)
    wrong = np.flatnonzero(steps != 1)
    if dates.size > LONGEST:
        raise Problem((name,), f"has {dates.size:,} days; it takes at most {LONGEST:,}")
    if not wrong.size:
        return
    before, after = dates[wrong[0]], dates[wrong[0] + 1]
    if steps[wrong[0]] == 0:
        raise Problem((name,), f"has {day(before)} twice; it takes one value a day, so sum it by day first")
    if steps[wrong[0]] < 0:
        raise Problem((name,), f"goes back from {day(before)} to {day(after)}; sort it by date")
    raise Problem((name,), f"has no value between {day(before)} and {day(after)}; a day without a bill is 0")


def _limit(limit: Any, dates: DatetimeIndex) -> Floats:
    """Dollars a day of the limit on each date."""
    from pandas import Series

    if isinstance(limit, Series):
        known, dollars = _daily("limit", limit)
        missing = dates.difference(known)
        if missing.size:
            raise Problem(("limit",), f"has no value for {day(missing[0])}; it takes one for every date of the bill")
        start = known.get_indexer(dates[:1])[0]
        return dollars[start : start + dates.size]
    try:
        number = float(limit)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise Problem(("limit",), f"got {limit!r}; it takes dollars a day, 0 or more: a number, or a Series by date")
    return np.full(dates.size, number)


def _changes(price_changes: Any, clock: Clock) -> Changes:
    """Price changes by day number, in order."""
    from pandas import Timestamp

    found: list[tuple[int, float]] = []
    try:
        for when, factor in price_changes:
            found.append((clock.day_of(Timestamp(when).date()), float(factor)))
    except (TypeError, ValueError, OverflowError):
        raise Problem(("price_changes",), f"got {price_changes!r}; it takes pairs (date, factor)") from None
    for number, factor in found:
        if not 0 < factor < math.inf:
            when = day(clock.date_of(number))
            raise Problem(("price_changes",), f"multiplies by {factor:g} on {when}; it takes factors above 0")
    return tuple(sorted(found))
