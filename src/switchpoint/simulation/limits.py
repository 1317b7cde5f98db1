"""Limits a day, pressure, threat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.finance import SAME, Sums, trailing_mean
from switchpoint.horizon import MONTH_DAYS, PER_DAY, Amount, Bools, Days, Floats, Horizon, Ints, first_day
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.candidate import World
from switchpoint.simulation.usage import revenue_per_month


@dataclass(frozen=True)
class BillLimits:
    """The stated limits, each as dollars a day, shape (limits, days) or (limits, worlds, 1, days).

    There may be none: the tightest is then infinite, and no bill reaches it.
    """

    daily: Floats

    @classmethod
    def of(cls, setting: World) -> BillLimits:
        """What is stated of share x revenue/30.4375, usd_per_month/30.4375, usd_per_1000_requests·requests/1000."""
        scenario, clock, flow = setting.scenario, setting.clock, setting.traffic
        limit, stated = scenario.limit, []
        if limit is None:
            return cls(np.empty((0, 1, 1, clock.days) if setting.many else (0, clock.days)))
        if limit.share_of_revenue is not None:
            stated.append(limit.share_of_revenue * PER_DAY * revenue_per_month(scenario.revenue, flow, clock))
        if limit.usd_per_month is not None:
            stated.append(limit.usd_per_month * PER_DAY * np.ones(clock.days))
        if limit.usd_per_1000_requests is not None:
            stated.append(limit.usd_per_1000_requests * flow.requests / 1000)
        daily = np.array(np.broadcast_arrays(*stated))
        return cls(daily[:, None, None] if setting.many and daily.ndim == 2 else daily)

    @cached_property
    def trailing(self) -> Floats:
        """Mean dollars a day of the tightest limit over the trailing 28 days; shape (…, days)."""
        tightest: Floats = trailing_mean(self.daily).min(axis=0, initial=np.inf)
        return tightest

    def tightest_sums(self, sums: Floats) -> Floats:
        """The tightest of sums of `daily` over weeks or months, shape (limits, …, sums)."""
        tightest: Floats = sums.min(axis=0, initial=np.inf)
        return tightest

    def monthly(self, clock: Horizon) -> Floats:
        """Dollars of the tightest limit per calendar month."""
        return self.tightest_sums(clock.by_month(self.daily))


def pressure(cost: Floats, limits: BillLimits) -> Floats:
    """Trailing mean of a cost over that of its limit; with a limit of 0, 0 where there is no bill, else infinite."""
    return ratio(trailing_mean(cost), limits.trailing)


def ratio(bill: Floats, limit: Floats) -> Floats:
    """Bill over limit; 0/0 is 0 (no bill threatens nothing)."""
    with np.errstate(all="ignore"):
        result: Floats = np.where(bill <= 0, 0.0, bill / limit)
    return result


def is_reached(values: Floats) -> Bools:
    """Where a pressure is at 1 or above."""
    flags: Bools = values >= 1 - SAME
    return flags


def threat(values: Floats) -> Days:
    """First day with pressure >= 1."""
    return first_day(is_reached(values))


def lasts(values: Floats, since: Days) -> Days:
    """First day after `since` on which pressure is below 1 again; NEVER where it stays."""
    return first_day(~is_reached(values), since)


def window(threat_day: int, scenario: Scenario) -> tuple[int, int]:
    """First and last day that lie 3 to 2 months (`warn_months`) ahead of a threat; may lie before day 0."""
    closes, opens = scenario.decision.warn_months
    return math.ceil(threat_day - opens * MONTH_DAYS), math.floor(threat_day - closes * MONTH_DAYS)


@dataclass(frozen=True)
class AboveLimit:
    """The cost of being above the limit, weighed where starts, candidates and policies are, and no part of any bill.

    12/365.25 of `usd_per_month` for each day with pressure >= 1, discounted: before cutover by the pressure of staying,
    from cutover on by the candidate's as if live.

    Args:
        usd_per_month: of a month above it; where worlds differ in it shape (worlds, 1, 1).
        discount: present value of a dollar on each day, shape (days,).
        staying: days on which staying is above it, shape (…, days).
        live: days on which the candidate, as if live, is.
    """

    usd_per_month: Amount
    discount: Floats
    staying: Bools
    live: Bools

    @cached_property
    def _sums(self) -> tuple[Sums, Sums]:
        usd: Floats = self.discount * (self.usd_per_month * PER_DAY)
        return Sums(np.where(self.staying, usd, 0.0)), Sums(np.where(self.live, usd, 0.0))

    @property
    def of_staying(self) -> Floats | float:
        """Discounted dollars where nothing is switched."""
        return self._sums[0].plain[..., -1] if np.any(self.usd_per_month) else 0.0

    def of_switch(self, cutover: Ints) -> Floats:
        """Discounted dollars with these days of cutover, shape (…, starts)."""
        if not np.any(self.usd_per_month):
            return np.zeros(np.shape(cutover))
        staying, live = self._sums
        whole: Floats = staying.between(np.zeros_like(cutover), cutover)
        return whole + live.between(np.maximum(cutover, 0), np.full_like(cutover, self.discount.size))
