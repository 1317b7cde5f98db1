"""Money over time: trailing means, present values, break-even, straight-line value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.horizon import (
    MONTH_DAYS,
    NEVER,
    YEAR_DAYS,
    Amount,
    Bools,
    Days,
    Floats,
    Horizon,
    Ints,
    first_day,
    from_day,
    on_days,
    per_day,
)

WINDOW = 28
"""Days of a trailing mean: four whole weeks, so that weekends never make it wobble."""
SAME = 1e-9
"""Relative difference below which two amounts of money count as equal."""


def trailing_mean(daily: Floats) -> Floats:
    """Mean of the last 28 days, the day itself included; before day 27 that of days 0-27, or of all where there are
    fewer.

    Args:
        daily: amounts per day, shape (…, days) with at least one day.

    Returns:
        The means, same shape and unit.
    """
    sums = np.cumsum(daily, axis=-1)
    mean, width = np.empty_like(sums), min(WINDOW, sums.shape[-1])
    mean[..., width:] = sums[..., width:] - sums[..., :-width]
    mean[..., :width] = sums[..., width - 1, None]
    mean /= width
    return mean


def discount_factors(clock: Horizon, rate_per_year: float) -> Floats:
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
    """When cumulative cost with the project is back at cumulative stay cost for good.

    Args:
        flow: dollars a day with the project, capital left out; they flow evenly through the day. Shape (days,).
        capital: dollars a day that fall at the start of the day. Shape (days,).
        stay: dollars a day without the project. Shape (days,).
        project_start: day on which the project starts.
        first_spend: day from which both are cumulated, at the latest the project's start (labelling from day one
            comes before the project).

    Returns:
        The moment, interpolated inside its day, from which on cumulative cost never again exceeds that of staying
        within the horizon. Where it never does, the first day (at or after the start) that saves. Infinite for none.
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
    extra = flow + capital - stay if np.any(capital) else flow - stay
    begin, end, slack = _behind(extra, capital, stay, since)
    behind = np.maximum(begin, end) > slack
    last = np.where(behind.any(axis=-1), days - 1 - behind[..., ::-1].argmax(axis=-1), -1)
    day = per_day(np.maximum(last, 0))
    high, low, forgiven = (np.take_along_axis(sums, day, axis=-1)[..., 0] for sums in (begin, end, slack))
    fall = high - low
    part = np.where(fall > 0, np.minimum(np.maximum(high / np.where(fall > 0, fall, 1.0), 0.0), 1.0), 1.0)
    back = np.where(low <= forgiven, np.minimum(last + part, np.nextafter(last + 1.0, last)), last + 1.0)
    back = np.where((last == days - 1) & (low > forgiven), np.inf, back)
    saves = first_day(extra < -SAME * np.maximum(stay, 1e-9), start)
    earned = np.where(last >= 0, back, np.where(np.less(saves, NEVER), saves, np.inf))
    return np.where(project_start >= days, np.inf, earned)


def _behind(extra: Floats, capital: Floats, stay: Floats, since: Days) -> tuple[Floats, Floats, Floats]:
    """Cumulative cost over that of staying at the beginning, capital paid, and at the end of each day, and the rounding
    that is forgiven; `extra` is what each day costs more."""
    counted = from_day(since, stay.shape[-1])
    extra = np.where(counted, extra, 0.0)
    end = np.cumsum(extra, axis=-1)
    begin = end - extra
    if np.any(capital):
        begin += np.where(counted, capital, 0.0)
    slack = SAME * np.maximum(np.cumsum(np.where(counted, stay, 0.0), axis=-1), 1e-9)
    return begin, end, np.broadcast_to(slack, end.shape)


def peak_cash(flow: Floats, capital: Floats, stay: Floats) -> tuple[Floats, Days]:
    """The most by which cumulative cost with a project exceeds that of staying at the end of a day.

    Args:
        flow, capital, stay: of paths as in `break_even`, the end credit left out, shape (…, days).

    Returns:
        Undiscounted dollars, 0 where it is never behind, and the day, NEVER with 0; shape (…).
    """
    gap, paid = np.cumsum(flow + capital - stay, axis=-1), np.cumsum(stay, axis=-1)
    day = gap.argmax(axis=-1)
    most, until = (
        np.take_along_axis(np.broadcast_to(sums, gap.shape), per_day(day), axis=-1)[..., 0] for sums in (gap, paid)
    )
    behind = most > SAME * np.maximum(until, 1e-9)
    return np.where(behind, most, 0.0), np.where(behind, day, NEVER)


NO_SUM_AT_RISK, NOT_EARNED_BACK, AGAIN = "no sum at risk", "not earned back", "earned back more than once"
NO_RETURN = ("", NO_SUM_AT_RISK, NOT_EARNED_BACK, AGAIN)
"""Why there is no rate of return; nothing where there is one."""


def internal_rate(gains: Floats, stay: Floats) -> tuple[float | None, str]:
    """The yearly rate i with sum of gains(d)·(1 + i)^(-d/365.25) = 0.

    Args:
        gains: dollars a day that staying costs more than the switch, end credits included, shape (days,).
        stay: dollars a day of staying, for what rounding is forgiven, shape (days,).

    Returns:
        The rate, or None and the reason: the cumulative gain is not negative first ("no sum at risk"), is negative in
        the end ("not earned back"), or is so again in between ("earned back more than once").
    """
    rate, why = rates_of_return(gains, stay)
    return (None if why else float(rate)), NO_RETURN[int(why)]


def rates_of_return(gains: Floats, stay: Floats) -> tuple[Floats, Ints]:
    """The rates of `internal_rate` for many paths at once, NaN for none, and why, as places in `NO_RETURN`.

    Args:
        gains, stay: as there, shape (…, days).
    """
    total = np.cumsum(gains, axis=-1)
    told = np.abs(total) > SAME * np.maximum(np.cumsum(stay, axis=-1), 1e-9)
    why = _why_none(told & (total > 0), told & (total < 0))
    rate = np.full(why.shape, np.nan)
    rate[why == 0] = np.expm1(_discounts_at_zero(gains[why == 0]))
    return rate, why


def _why_none(ahead: Bools, behind: Bools) -> Ints:
    """Why paths have no rate of return, as places in `NO_RETURN`, shape (…).

    Args:
        ahead: days on which the cumulative gain is above zero by more than rounding, shape (…, days).
        behind: days on which it is below, same shape.
    """
    last = ahead.shape[-1] - 1
    risked, earned = first_day(behind), first_day(ahead)
    at_risk, held = (last - days[..., ::-1].argmax(axis=-1) for days in (behind, ahead))
    why = np.where(at_risk > earned, NO_RETURN.index(AGAIN), 0)
    why = np.where(np.equal(earned, NEVER) | (at_risk > held), NO_RETURN.index(NOT_EARNED_BACK), why)
    return np.where(np.equal(risked, NEVER) | np.less(earned, risked), NO_RETURN.index(NO_SUM_AT_RISK), why)


def _discounts_at_zero(gains: Floats) -> Floats:
    """The continuous yearly rates at which discounted gains, shape (paths, days), sum to zero: Newton's steps, halvings
    where one leaves the interval that holds the rate. It is unique where the cumulative gain changes its sign once
    (Norstrom 1972). Paths whose rate is found are looked at no more: a few take five times as many steps as most."""
    flows, rate = _in_blocks(gains), np.full(len(gains), HIGHEST_RATE)
    todo = np.flatnonzero(_worth_and_slope(flows, rate)[0] <= 0)
    flows, low, high, rate[todo] = flows[todo], np.zeros(todo.size), rate[todo], 0.0
    for _ in range(RATE_STEPS):
        if not todo.size:
            break
        gain, slope = _worth_and_slope(flows, before := rate[todo])
        low, high = np.where(gain > 0, before, low), np.where(gain <= 0, before, high)
        step = np.where(slope != 0, before + gain / np.where(slope != 0, slope, 1.0), -1.0)
        # Once it is found, an end of the interval may be no farther off than rounding: no reason to halve that.
        there = np.abs(step - before) <= LAST_STEP * before
        following = np.where(there | (low < step) & (step < high), step, (low + high) / 2)
        rate[todo] = following
        wide = np.abs(following - before) > LAST_STEP * following
        if not wide.all():
            todo, flows, low, high = (each[wide] for each in (todo, flows, low, high))
    return rate


def _in_blocks(gains: Floats) -> Floats:
    """Gains of paths, shape (paths, days), as rows of `BLOCK` days with zeros after the last, (paths, rows, BLOCK)."""
    rows = -(-gains.shape[-1] // BLOCK)
    flows = np.zeros((len(gains), rows * BLOCK))
    flows[:, : gains.shape[-1]] = gains
    return flows.reshape(len(gains), rows, BLOCK)


def _worth_and_slope(flows: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """Discounted gains, and those times their years, summed over days; shape (paths,).

    The discount of a day is that of the first day of its row times that of its place in the row, so that of each only a
    few are raised to a power.

    Args:
        flows: gains of days in rows, see `_in_blocks`.
        rate: continuous yearly rate of each path.
    """
    place, row = np.arange(BLOCK) / YEAR_DAYS, np.arange(flows.shape[1]) * (BLOCK / YEAR_DAYS)
    within, before = np.exp(-rate[:, None] * place), np.exp(-rate[:, None] * row)
    sums = flows @ np.stack((within, within * place), axis=-1)
    gain, later = (before[:, None] @ sums)[:, 0].T
    return gain, later + ((before * row)[:, None] @ sums)[:, 0, 0]


BLOCK = 32
"""Days that are discounted together where a rate is looked for."""
HIGHEST_YEARLY_RATE = 2.0**40
"""A yearly rate of return beyond which none is told."""
HIGHEST_RATE, RATE_STEPS, LAST_STEP = float(np.log1p(HIGHEST_YEARLY_RATE)), 200, 1e-12
"""The same as a continuous rate, the most steps to a rate, and the part of it that the last step may be long."""


@dataclass(frozen=True)
class Sums:
    """Discounted cumulative sums of a flow."""

    present: Floats
    """The discounted flow, shape (days,) or (worlds, 1, days)."""

    @classmethod
    def of(cls, flow: Floats, discount: Floats) -> Sums:
        """Sums of dollars a day, shape (days,) or (worlds, 1, days)."""
        return cls(flow * discount)

    @cached_property
    def plain(self) -> Floats:
        """Sums of the flow before each day, shape (…, days + 1)."""
        return _cumulative(self.present)

    @cached_property
    def by_day(self) -> Floats:
        """Sums of the flow times its day."""
        return _cumulative(self.present * np.arange(self.present.shape[-1]))

    def between(self, first: Ints, end: Ints) -> Floats:
        """Present value of the days from `first` to the one before `end`."""
        begin, stop = self._inside(first, end)
        value: Floats = on_days(self.plain, stop) - on_days(self.plain, begin)
        return value

    def rising(self, first: Ints, end: Ints, steps: Ints) -> Floats:
        """The same with each day weighted (day - first + 0.5)/steps."""
        begin, stop = self._inside(first, end)
        days = on_days(self.by_day, stop) - on_days(self.by_day, begin)
        plain = on_days(self.plain, stop) - on_days(self.plain, begin)
        value: Floats = (days - (first - 0.5) * plain) / np.maximum(steps, 1)
        return value

    def _inside(self, first: Ints, end: Ints) -> tuple[Ints, Ints]:
        """The days cut to the horizon; none where they end before they begin."""
        last = self.present.shape[-1]
        begin = _within(first, last)
        return begin, np.maximum(_within(end, last), begin)


def _within(day: Ints, last: int) -> Ints:
    """Days cut to 0 … last."""
    return np.minimum(np.maximum(day, 0), last)


def _cumulative(flow: Floats) -> Floats:
    sums = np.empty((*flow.shape[:-1], flow.shape[-1] + 1))
    sums[..., 0] = 0.0
    np.cumsum(flow, axis=-1, out=sums[..., 1:])
    return sums
