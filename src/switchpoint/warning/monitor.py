"""`switchpoint.monitor`: what a daily bill and its limit say, Monday by Monday, of one bill or of many worlds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from switchpoint.errors import CannotCompute
from switchpoint.finance import SAME, WINDOW
from switchpoint.horizon import MONTH_DAYS, Bools, Floats, Horizon, Ints
from switchpoint.text import day
from switchpoint.warning.chances import (
    FURTHEST,
    WATCHED_MONTHS,
    Added,
    Chances,
    MondayState,
    chances,
    collect_chances,
    find_states,
)
from switchpoint.warning.weeks import FEWEST_WEEKS, MONTH, fit_lines, line_chance

if TYPE_CHECKING:
    from pandas import DataFrame, DatetimeIndex, Series


# Bills of many worlds that are watched every Monday, with all that is known of each beforehand -----------------------

FARTHEST_LOG = 12.0
"""Log of a week's bill over its limit, in size, beyond which further away says no more: a factor of 160,000."""


def steady_chances(
    logs: Floats, over: Bools, months: Sequence[float] = (2.0, 3.0), added: Added | None = None
) -> Chances:
    """How likely each bill is to reach its limit if its growth goes on as it did; arguments as those of `chances`."""
    line = fit_lines(logs)
    known = np.isfinite(logs) & (line.count >= FEWEST_WEEKS)
    asked = known & ~over
    line = line.at(asked)

    def chance(ahead: float) -> Floats:
        return line_chance(line, ahead, np.broadcast_to(added(ahead), asked.shape)[asked] if added else 0.0)

    return collect_chances(chance, known, over, months)


@dataclass(frozen=True)
class WatchedBills:
    """Bills of many worlds, watched every Monday from the days before it alone."""

    cost: Floats
    """Dollars of each day, shape (worlds, days)."""
    limits: Floats
    """Dollars a day of each limit, shape (limits, worlds or 1, days); the tightest one counts."""
    weekday: int
    """Weekday of day 0, Monday 0."""
    known_factors: Floats | None = None
    """What known changes of price and announced launches multiply the bill by on each day, those ahead included, shape
    (worlds or 1, any number of days from day 0 on); the last day's holds on. None for no change."""
    warn_months: tuple[float, float] = (2.0, 3.0)
    steady: bool = False
    """Whether the monitor is told that growth is steady."""

    @property
    def _first(self) -> int:
        return -self.weekday % 7

    @cached_property
    def mondays(self) -> Ints:
        """Day number of the Monday after each whole week, shape (weeks,)."""
        return self._first + 7 * np.arange(1, (self.cost.shape[1] - self._first) // 7 + 1)

    def _sums(self, daily: Floats) -> Floats:
        whole = daily[..., self._first : self._first + 7 * self.mondays.size]
        sums: Floats = whole.reshape(*whole.shape[:-1], -1, 7).sum(axis=-1)
        return sums

    @cached_property
    def over(self) -> Bools:
        """Whether the bill of the last four whole weeks, of fewer at the start, is at its limit; (worlds, weeks)."""
        bill = _trailing(self._sums(self.cost))
        at_limit: Bools = (bill > 0) & (bill >= _trailing(self._sums(self.limits)).min(axis=0) * (1 - SAME))
        return at_limit

    @cached_property
    def logs(self) -> Floats:
        """Log of each week's bill over its limit without what is known to change, at most FARTHEST_LOG in size: sums
        of weeks lose a small one beside one that is larger by more digits than a number has. Infinite where one is 0.
        """
        cost = self.cost if self.known_factors is None else self.cost / self._factors(self.cost.shape[1])
        bill, limit = self._sums(cost), self._sums(self.limits).min(axis=0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            logs: Floats = np.log(bill / limit)
        return np.where((bill > 0) & (limit > 0), np.clip(logs, -FARTHEST_LOG, FARTHEST_LOG), -np.inf)

    def _factors(self, days: int) -> Floats:
        factors = np.ones((1, 1)) if self.known_factors is None else self.known_factors
        short = max(days - factors.shape[1], 0)
        return np.concatenate([factors[:, :days], np.repeat(factors[:, -1:], short, axis=1)], axis=1)

    def _log_factors(self, months: float) -> Floats:
        """Log of the mean known factor over the 28 days before so many months after each Monday."""
        ends = self.mondays + round(months * MONTH_DAYS)
        total = np.pad(np.cumsum(self._factors(int(ends.max(initial=0))), axis=1), ((0, 0), (1, 0)))
        means = (total[:, ends] - total[:, np.maximum(ends - WINDOW, 0)]) / np.minimum(ends, WINDOW)
        logs: Floats = np.log(means)
        return logs

    @cached_property
    def chances(self) -> Chances:
        """How likely each is to reach its limit, as of each Monday."""
        judge = steady_chances if self.steady else chances
        return judge(self.logs, self.over, self.warn_months, None if self.known_factors is None else self._log_factors)

    @cached_property
    def states(self) -> Ints:
        """State of each Monday, shape (worlds, weeks)."""
        return find_states(self.chances, self.over, self.warn_months)


def _trailing(sums: Floats) -> Floats:
    total = np.cumsum(sums, axis=-1)
    total[..., MONTH:] -= total[..., :-MONTH].copy()
    return total


# `switchpoint.monitor` -----------------------------------------------------------------------------------------------

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
        CannotCompute: one line says which argument is wrong, and what would be right.

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
