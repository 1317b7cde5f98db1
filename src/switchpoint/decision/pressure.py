"""Pressure: the monthly bill over its limit, and the day on which it reaches 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.clock import MONTH_DAYS, PER_DAY, Bools, Clock, Days, Floats, first_day
from switchpoint.finance import SAME, trailing_mean
from switchpoint.scenario.schema import Scenario
from switchpoint.timeline.prospect import Setting
from switchpoint.usage import revenue_per_month


@dataclass(frozen=True)
class Limits:
    """The stated limits, each as dollars a day, shape (limits, days) or (limits, worlds, 1, days).

    There may be none: the tightest is then infinite, and no bill reaches it.
    """

    daily: Floats

    @classmethod
    def of(cls, setting: Setting) -> Limits:
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

    def summed(self, sums: Floats) -> Floats:
        """The tightest of sums of `daily` over weeks or months, shape (limits, …, sums)."""
        tightest: Floats = sums.min(axis=0, initial=np.inf)
        return tightest

    def monthly(self, clock: Clock) -> Floats:
        """Dollars of the tightest limit per calendar month."""
        return self.summed(clock.by_month(self.daily))


def pressure(cost: Floats, limits: Limits) -> Floats:
    """Trailing mean of a cost over that of its limit; with a limit of 0, 0 where there is no bill, else infinite."""
    return ratio(trailing_mean(cost), limits.trailing)


def ratio(bill: Floats, limit: Floats) -> Floats:
    """Bill over limit; 0/0 is 0 (no bill threatens nothing)."""
    with np.errstate(all="ignore"):
        result: Floats = np.where(bill <= 0, 0.0, bill / limit)
    return result


def reached(values: Floats) -> Bools:
    """Where a pressure is at 1 or above."""
    flags: Bools = values >= 1 - SAME
    return flags


def threat(values: Floats) -> Days:
    """First day with pressure >= 1."""
    return first_day(reached(values))


def lasts(values: Floats, since: Days) -> Days:
    """First day after `since` on which pressure is below 1 again; NEVER where it stays."""
    return first_day(~reached(values), since)


def window(threat_day: int, scenario: Scenario) -> tuple[int, int]:
    """First and last day that lie 3 to 2 months (`warn_months`) ahead of a threat; may lie before day 0."""
    closes, opens = scenario.decision.warn_months
    return math.ceil(threat_day - opens * MONTH_DAYS), math.floor(threat_day - closes * MONTH_DAYS)
