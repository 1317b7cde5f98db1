"""`switchpoint.monitor`: what a daily bill and its limit say, Monday by Monday."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from switchpoint.errors import CannotCompute
from switchpoint.horizon import MONTH_DAYS, Floats, Horizon
from switchpoint.text import day
from switchpoint.warning.bills import WatchedBills
from switchpoint.warning.chances import FURTHEST
from switchpoint.warning.states import WATCHED_MONTHS, MondayState

if TYPE_CHECKING:
    from pandas import DataFrame, DatetimeIndex, Series


FURTHEST_WARNING = 60.0
"""Months beyond which no warning can be asked for."""
LONGEST = 366 * 20
"""Days beyond which a bill is refused: 20 years, as with scenarios."""
YEAR = 12.0
"""Months of `probability_12`."""

Changes = Sequence[tuple[int, float]]
"""Known price changes: day number, and what the price is multiplied by from that day on."""


def monitor(
    bill: Series,
    limit: float | Series,
    warn_months: tuple[float, float] = (2, 3),
    *,
    price_changes: Sequence[tuple[Any, float]] = (),
    steady: bool = False,
) -> DataFrame:
    """How likely a daily bill is to reach its limit, and when, as it could have been said each Monday before it.

    It sees the days before a Monday alone, and believes at first what real usage does: growth that changes, and jumps.
    One distribution of the time to the limit gives all that it says.

    Args:
        bill: dollars of each day, by date, without gaps.
        limit: dollars a day: a number, or a series that has every date of the bill. Pressure is the mean bill of 28
            days over their mean limit.
        warn_months: the warning is late, and opens, so many months ahead of the limit.
        price_changes: known changes (date, factor) of the price behind the bill, past or announced. The bill shows them
            from their dates on; they are taken out of what is learnt from it and put into what is ahead.
        steady: tells it that growth is steady: one line through all weeks, and nothing else.

    Returns:
        One row for each Monday that follows a whole week of the bill (Monday to Sunday), indexed by date:

        - `months_to_limit`: months by which the limit is reached with a chance of one half; 0 at pressure 1; infinite
          where that is more than 24 months ahead (the second of `warn_months`, if that is more), or nothing is said.
        - `low`, `high`: the 80 % interval, from a chance of 10 % to one of 90 %; infinite likewise.
        - `probability`: chance that pressure is 1 or more on some day within the second of `warn_months`; 1 where it is
          now; NaN where nothing is said: before eight whole weeks since the last one without a bill or a limit.
        - `probability_6`, `probability_12`: the same within six and twelve months.
        - `state`: over (pressure 1 or more); late (as likely as not there within the first of `warn_months`); open
          (within the second; it closes after four Mondays running below 0.4); watch (within six months); else calm.

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
    clock = Horizon(dates[0].date(), dollars.size)
    known = _known_factors(_changes(price_changes, clock), clock, opens)
    daily = _limit(limit, dates)[None, None, :]
    watched = WatchedBills(dollars[None], daily, clock.start.weekday(), known, (closes, opens), steady)
    first = clock.date_of(watched.mondays[0]) if watched.mondays.size else clock.start
    mondays = date_range(first, periods=watched.mondays.size, freq="7D", name="date")
    states = [MondayState(state).name.lower() for state in watched.states[0]]
    said = DataFrame(_weekly_numbers(watched, opens), index=mondays)
    return said.assign(state=Series(states, index=mondays, dtype=object))


def _weekly_numbers(watched: WatchedBills, opens: float) -> dict[str, Floats]:
    """The numbers of each Monday, by column."""
    found = watched.chances
    low, high = found.interval
    columns = {"months_to_limit": found.months_to_limit, "low": low, "high": high}
    columns |= {"probability": found.within(opens)}
    columns |= {f"probability_{months:g}": found.within(months) for months in (WATCHED_MONTHS, YEAR)}
    return {name: column[0] for name, column in columns.items()}


def _known_factors(changes: Changes, clock: Horizon, opens: float) -> Floats | None:
    """What the changes multiply the bill by on each day, as far ahead as anything is said; shape (1, days)."""
    if not changes:
        return None
    factors = np.ones((1, clock.days + round(max(FURTHEST, opens) * MONTH_DAYS) + 1))
    for number, factor in changes:
        factors[:, max(number, 0) :] *= factor
    return factors


def _months(warn_months: Any) -> tuple[float, float]:
    wanted = f"two numbers of months that do not fall, from 0 to {FURTHEST_WARNING:g}, such as (2, 3)"
    try:
        closes, opens = (float(month) for month in warn_months)
    except (TypeError, ValueError):
        raise CannotCompute(("warn_months",), f"got {warn_months!r}; it takes {wanted}") from None
    if not 0 <= closes <= opens <= FURTHEST_WARNING:
        raise CannotCompute(("warn_months",), f"got {warn_months!r}; it takes {wanted}")
    return closes, opens


def _daily(name: str, series: Any) -> tuple[DatetimeIndex, Floats]:
    """The days and dollars of a series, checked."""
    from pandas import Series

    if not isinstance(series, Series):
        raise CannotCompute(
            (name,), f"got a {type(series).__name__}; it takes a pandas Series of dollars a day, by date"
        )
    if series.empty:
        raise CannotCompute((name,), "is empty; it takes at least one day")
    dates = _dates(name, series)
    _refuse_disorder(name, dates)
    try:
        dollars = series.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise CannotCompute((name,), "holds something other than numbers; it takes dollars a day") from None
    wrong = ~((dollars >= 0) & np.isfinite(dollars))
    if wrong.any():
        first = int(wrong.argmax())
        raise CannotCompute((name,), f"is {dollars[first]:g} on {day(dates[first])}; it takes dollars a day, 0 or more")
    return dates, dollars


def _dates(name: str, series: Series) -> DatetimeIndex:
    """The index as midnights without a time zone."""
    from pandas import DatetimeIndex, PeriodIndex

    index: Any = series.index
    if isinstance(index, PeriodIndex):
        index = index.to_timestamp()
    if not isinstance(index, DatetimeIndex):
        if not all(isinstance(when, date) for when in index):
            raise CannotCompute((name,), f"is indexed by {index.dtype}; its index must hold dates")
        index = DatetimeIndex(index)
    if index.hasnans:
        raise CannotCompute((name,), "has a row without a date")
    midnights: DatetimeIndex = index.tz_localize(None).normalize()
    return midnights


def _refuse_disorder(name: str, dates: DatetimeIndex) -> None:
    """Refuse days that are not one after the other."""
    steps = np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(np.int64)
    wrong = np.flatnonzero(steps != 1)
    if dates.size > LONGEST:
        raise CannotCompute((name,), f"has {dates.size:,} days; it takes at most {LONGEST:,}")
    if not wrong.size:
        return
    before, after = dates[wrong[0]], dates[wrong[0] + 1]
    if steps[wrong[0]] == 0:
        raise CannotCompute((name,), f"has {day(before)} twice; it takes one value a day, so sum it by day first")
    if steps[wrong[0]] < 0:
        raise CannotCompute((name,), f"goes back from {day(before)} to {day(after)}; sort it by date")
    raise CannotCompute((name,), f"has no value between {day(before)} and {day(after)}; a day without a bill is 0")


def _limit(limit: Any, dates: DatetimeIndex) -> Floats:
    """Dollars a day of the limit on each date."""
    from pandas import Series

    if isinstance(limit, Series):
        known, dollars = _daily("limit", limit)
        missing = dates.difference(known)
        if missing.size:
            raise CannotCompute(
                ("limit",), f"has no value for {day(missing[0])}; it takes one for every date of the bill"
            )
        start = known.get_indexer(dates[:1])[0]
        return dollars[start : start + dates.size]
    try:
        number = float(limit)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise CannotCompute(
            ("limit",), f"got {limit!r}; it takes dollars a day, 0 or more: a number, or a Series by date"
        )
    return np.full(dates.size, number)


def _changes(price_changes: Any, clock: Horizon) -> Changes:
    """Price changes by day number, in order."""
    from pandas import Timestamp

    found: list[tuple[int, float]] = []
    try:
        for when, factor in price_changes:
            found.append((clock.day_of(Timestamp(when).date()), float(factor)))
    except (TypeError, ValueError, OverflowError):
        raise CannotCompute(("price_changes",), f"got {price_changes!r}; it takes pairs (date, factor)") from None
    for number, factor in found:
        if not 0 < factor < math.inf:
            when = day(clock.date_of(number))
            raise CannotCompute(("price_changes",), f"multiplies by {factor:g} on {when}; it takes factors above 0")
    return tuple(sorted(found))
