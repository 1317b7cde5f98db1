"""Unit economics: what 1,000 requests cost, and what of the revenue is left."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from switchpoint.charts.unit import per_1000
from switchpoint.charts.words import lead, within
from switchpoint.clock import MONTH_DAYS, Floats
from switchpoint.finance import trailing_mean
from switchpoint.result import Result
from switchpoint.ui.parts.facts import Fact
from switchpoint.usage import revenue_per_month
from switchpoint.words import percent, usd

NONE = "–"


def economics(result: Result) -> Iterator[Fact]:
    """Cost of 1,000 requests and gross margin, today and at the end, staying and with the leading candidate."""
    case, best = result.case, lead(result)
    unit = case.usd_per_1000
    yield Fact("1,000 requests today", _usd(unit[0]), "on the current route")
    ends = [f"{_usd(unit[-1])} staying"]
    if best is not None and within(result, best.cutover):
        requests = trailing_mean(case.setting.traffic.requests)
        ends.append(f"{_usd(per_1000(trailing_mean(best.running.cost), requests)[-1])} with {best.name}")
    yield Fact("1,000 requests at the end", ends[-1], ends[0] if len(ends) > 1 else "")
    yield from _margins(result)


def _margins(result: Result) -> Iterator[Fact]:
    staying = margin(result, result.case.stay)
    if not np.isfinite(staying[0]):
        return
    yield Fact("Gross margin today", _percent(staying[0]), "revenue less the bill; other costs left out")
    best, end = lead(result), f"{_percent(staying[-1])} staying"
    if best is None or not within(result, best.cutover):
        yield Fact("Gross margin at the end", end)
        return
    live = margin(result, best.running.cost)
    yield Fact("Gross margin at the end", f"{_percent(live[-1])} with {best.name}", end)


def margin(result: Result, cost: Floats) -> Floats:
    """Part of the revenue that a cost leaves, 1 - cost/revenue over the trailing 28 days; NaN without revenue.

    Args:
        result: whose revenue.
        cost: dollars a day, shape (days,).
    """
    case = result.case
    revenue = revenue_per_month(case.scenario.revenue, case.setting.traffic, case.clock) / MONTH_DAYS
    earned = trailing_mean(revenue)
    with np.errstate(divide="ignore", invalid="ignore"):
        left: Floats = np.where(earned > 0, 1 - trailing_mean(cost) / earned, np.nan)
    return left


def _usd(amount: float) -> str:
    return usd(float(amount)) if math.isfinite(amount) else NONE


def _percent(share: float) -> str:
    return percent(float(share)) if math.isfinite(share) else NONE
