"""A usage table as days one after the other: requests, tokens and dollars of each, and the weeks that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from switchpoint.horizon import Floats, Ints
from switchpoint.owndata.usage_sums import idle_weekdays, is_used_now_and_then

if TYPE_CHECKING:
    from pandas import DataFrame

PER_1000_TOKENS = 1000.0
"""Input tokens that stand for a request where no file counts requests."""
COLUMNS = ("requests", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "cost_usd")


@dataclass(frozen=True, eq=False)
class UsageHistory:
    """Days of a product, from the first to the last, all models together.

    Args:
        first_day: day 0.
        daily: what the files say of each day, by column; nan on a day without a row, 0 where that is one
            without use. Each of shape (days,).
        table: the rows by day and model.
        hourly: requests by hour of the day, UTC, shape (24,); None where rows have no hours.
        format_name: what kind of file it is from.
        of_months: whether rows are of whole months, so that all days of one are alike.
    """

    first_day: date
    daily: Mapping[str, Floats]
    table: DataFrame
    hourly: Floats | None = None
    format_name: str = ""
    of_months: bool = False

    @property
    def days(self) -> int:
        """How many there are."""
        return int(next(iter(self.daily.values())).size)

    @property
    def last_day(self) -> date:
        """The last one."""
        return self.first_day + timedelta(days=self.days - 1)

    @property
    def missing_days(self) -> list[date]:
        """Days that no column says anything of: those around them stand for them."""
        known = np.any([np.isfinite(values) for values in self.daily.values()], axis=0)
        return [self.first_day + timedelta(days=int(each)) for each in np.flatnonzero(~known)]

    @property
    def weekday(self) -> Ints:
        """0 on Mondays; shape (days,)."""
        return (np.arange(self.days) + self.first_day.weekday()) % 7

    @property
    def counts_requests(self) -> bool:
        """Whether any file counts requests."""
        return "requests" in self.daily

    @property
    def has_tokens(self) -> bool:
        """Whether any file counts input tokens."""
        return "input_tokens" in self.daily

    @property
    def requests(self) -> Floats | None:
        """Requests a day; thousands of input tokens where no file counts requests; None with neither."""
        if self.counts_requests:
            return self.daily["requests"]
        return self.daily["input_tokens"] / PER_1000_TOKENS if self.has_tokens else None

    def has(self, column: str) -> bool:
        """Whether a column says anything."""
        return column in self.daily and bool(np.nansum(self.daily[column]) > 0)

    def until(self, last: date) -> UsageHistory:
        """What was known at the end of a day."""
        from pandas import Timestamp

        days = (last - self.first_day).days + 1
        if days >= self.days:
            return self
        known = {name: values[: max(days, 0)] for name, values in self.daily.items()}
        return replace(self, daily=known, table=self.table[self.table["date"] <= Timestamp(last)])

    def weekly(self, daily: Floats) -> Floats:
        """Means a day of whole weeks that end with the last day, days without a row filled; shape (weeks,)."""
        weeks = self.days // 7
        filled = fill_missing_days(daily)[self.days - 7 * weeks :]
        means: Floats = filled.reshape(weeks, 7).mean(axis=1)
        return means

    def weekly_ratio(self, above: str, below: Floats) -> Floats:
        """One column over something else, week by week, from the days that have both."""
        top = self.daily[above]
        both = np.isfinite(top) & np.isfinite(below)
        weeks = self.days // 7
        skip = self.days - 7 * weeks
        sums = [np.where(both, each, 0.0)[skip:].reshape(weeks, 7).sum(axis=1) for each in (top, below)]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: Floats = sums[0] / sums[1]
        return ratio

    def recent_sum(self, column: str, days: int = 28) -> float:
        """Sum of the last days of a column."""
        return float(np.nansum(self.daily[column][-days:]))


def history_of(read: Any) -> UsageHistory:
    """The days of files that were read.

    Args:
        read: a `UsageRead`: its `table` holds one row for each UTC day and model.
    """
    from pandas import date_range

    table = read.table
    days = date_range(read.first_day, read.last_day, freq="D")
    sums = table.groupby("date")[[name for name in COLUMNS if name in table]].sum(min_count=1).reindex(days)
    absent = ~days.isin(table["date"])
    present, name = table["date"].dt.date, str(getattr(read, "format_name", ""))
    rests = is_used_now_and_then(present, name) | days.day_of_week.isin(idle_weekdays(present))
    sums.loc[absent & rests] = 0.0
    daily = {str(name): sums[name].to_numpy(dtype=np.float64) for name in sums}
    hourly = _hours(read.hourly) if getattr(read, "hourly", None) is not None else None
    months = getattr(read, "rhythm", "day") == "month"
    return UsageHistory(read.first_day, daily, table, hourly, name, months)


def _hours(hourly: DataFrame) -> Floats | None:
    """Requests by hour of the day; None where all rows stand on one hour, as daily files do."""
    from pandas import DatetimeIndex

    stamps = DatetimeIndex(hourly.get("timestamp", hourly.index))
    requests = hourly["requests"].to_numpy(dtype=np.float64)
    sums = np.array([requests[stamps.hour == hour].sum() for hour in range(24)])
    return sums if (sums > 0).sum() > 1 else None


def fill_missing_days(daily: Floats) -> Floats:
    """Days without a row on a line between the nearest of the same weekday on either side, however long the hole.

    Every command counts them so: what the last 28 days cost must not depend on who asks.

    >>> fill_missing_days(np.array([1.0, np.nan, 3.0]))
    array([1., 2., 3.])
    """
    is_known, every = np.isfinite(daily), np.arange(daily.size)
    if is_known.all() or not is_known.any():
        return daily
    filled = np.interp(every, every[is_known], daily[is_known])
    for weekday in range(7):
        same = every[weekday::7]
        known = same[is_known[same]]
        if known.size:
            filled[same] = np.interp(same, known, daily[known])
    return filled
