"""Rules of thumb for when a limit is reached, on the same Mondays that the monitor is judged on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from switchpoint.horizon import MONTH_DAYS, Floats
from tools.real_limits import Watched
from tools.real_series import Series

WEEKS = MONTH_DAYS / 7
HOLT_LEVEL, HOLT_TREND, HOLT_DAMPING = 0.3, 0.1, 0.95
"""Usual weights of a damped Holt forecast of weekly logs, and what a week leaves of its trend."""
EDGES = np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5])
"""Logs between which distances count as one for the base rate."""
SHARES = (0.1, 0.5, 0.9)
"""Shares of the paths whose months are asked for."""
LEAST_SHARE = 0.01
"""Weight of a base rate of 20 % in every class of distances."""


def slopes(series: Series, weeks: int) -> Floats:
    """Slope a month of a line through the logs of the last so many weeks, as of each; nan where one is unknown."""
    logs, x = series.logs, np.arange(weeks) - (weeks - 1) / 2
    found = np.full(logs.size, np.nan)
    rows = np.lib.stride_tricks.sliding_window_view(logs, weeks)
    found[weeks - 1 :] = rows @ x / (x @ x) * WEEKS
    return found


def quarter_growth(series: Series) -> Floats:
    """Growth a month of the last four weeks over those of three months before."""
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.log(np.convolve(np.exp(series.logs), np.full(4, 0.25))[: series.logs.size])
    found = np.full(means.size, np.nan)
    found[13:] = (means[13:] - means[:-13]) / (13 / WEEKS)
    return found


def holt(series: Series) -> tuple[Floats, Floats]:
    """Level and trend a week of a damped Holt forecast, as of each week."""
    level, trend, out = series.logs[0], 0.0, np.zeros((2, series.logs.size))
    for week, log in enumerate(series.logs):
        if week and np.isfinite(log):
            expected = level + HOLT_DAMPING * trend if np.isfinite(level) else log
            new = HOLT_LEVEL * log + (1 - HOLT_LEVEL) * expected
            trend = HOLT_TREND * (new - level if np.isfinite(level) else 0.0) + (1 - HOLT_TREND) * HOLT_DAMPING * trend
            level = new
        out[:, week] = level, trend
    return out[0], out[1]


def months_by_slope(watched: Watched, of: Callable[[Series], Floats]) -> Floats:
    """Months to the limit from the mean of the last four weeks, at a growth a month; infinite where that falls."""
    growth = np.nan_to_num(_picked(watched, of))
    return np.where(growth > 0, -watched.facts.level / np.where(growth > 0, growth, 1.0), np.inf)


def months_by_holt(watched: Watched) -> Floats:
    """Months to the limit by a damped Holt forecast."""
    found = [holt(each) for each in watched.series]
    level, trend = (_picked(watched, lambda s, i=i: found[watched.series.index(s)][i]) for i in (0, 1))
    far = (watched.limit - level) * (1 - HOLT_DAMPING) / (HOLT_DAMPING * np.where(trend > 0, trend, 1.0))
    rises = (trend > 0) & (far < 1)
    weeks = np.where(rises, np.log1p(-np.where(rises, far, 0.0)) / np.log(HOLT_DAMPING), np.inf)
    return np.where(watched.limit <= level, 0.0, weeks / WEEKS)


def _picked(watched: Watched, of: Callable[[Series], Floats]) -> Floats:
    values = np.zeros(watched.number.size)
    for number, series in enumerate(watched.series):
        mine = watched.number == number
        if mine.any():
            values[mine] = of(series)[watched.week[mine]]
    return values


def point_rules(watched: Watched) -> dict[str, Floats]:
    """Months to the limit by every rule that says one number."""
    rules: dict[str, Callable[[Series], Floats]] = {
        "line, 8 weeks": lambda s: slopes(s, 8),
        "line, 12 weeks": lambda s: slopes(s, 12),
        "line, 20 weeks": lambda s: slopes(s, 20),
        "half the line, 12 weeks": lambda s: slopes(s, 12) / 2,
        "growth of the last three months": quarter_growth,
        "5 % a month": lambda s: np.full(s.logs.size, np.log(1.05)),
        "8 % a month": lambda s: np.full(s.logs.size, np.log(1.08)),
    }
    found = {name: months_by_slope(watched, of) for name, of in rules.items()}
    return {**found, "damped Holt": months_by_holt(watched)}


def base_rate(seen: Watched, asked: Watched, months: float) -> tuple[Floats, dict[float, Floats]]:
    """Share reached within so many months at the same distance, and months by which shares were; from other series."""
    mine, theirs = (np.digitize(-each.facts.level, EDGES) for each in (seen, asked))
    share, quantiles = np.zeros(EDGES.size + 1), {each: np.full(EDGES.size + 1, np.inf) for each in SHARES}
    for number in range(EDGES.size + 1):
        here = mine == number
        weight, reached = seen.weight[here], seen.months[here] <= months
        share[number] = (weight @ reached + 0.2 * LEAST_SHARE) / (weight.sum() + LEAST_SHARE)
        known = seen.months[here] <= seen.known[here]
        far = known | (seen.known[here] >= 12)
        order = np.argsort(seen.months[here][far])
        total = np.cumsum(weight[far][order])
        for each in SHARES if order.size else ():
            quantiles[each][number] = seen.months[here][far][order][np.searchsorted(total, each * total[-1])]
    return share[theirs], {each: values[theirs] for each, values in quantiles.items()}
