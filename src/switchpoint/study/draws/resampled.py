"""How far a start-by day hangs on which worlds happened to be drawn: the same rule on resampled draws."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from switchpoint.clock import NEVER, Floats, Ints
from switchpoint.decision.starts import best_start
from switchpoint.study.draws.survey import TOO_LATE
from switchpoint.study.draws.weighed import MAJORITY, SURE, Weighed

RESAMPLES = 200
MOST_AT_ONCE = 2_000_000
"""Weights that are held at once."""
LOW, HIGH = 0.1, 0.9
STREAM = 0xB007
"""Keeps the resampling apart from the streams of the draws."""


def start_by_range(weighed: Weighed, seed: int) -> tuple[int, int]:
    """Days between which the start-by day of a candidate lies in 80 % of resamples of its draws; NEVER for none.

    Args:
        weighed: the candidate over all draws.
        seed: of the draws.
    """
    found = np.concatenate([start_by_of(weighed, weights) for weights in _resamples(weighed.world.draws, seed)])
    low, high = np.quantile(found, (LOW, HIGH), method="inverted_cdf")
    return int(low), int(high)


def _resamples(draws: int, seed: int) -> Iterator[Floats]:
    """How much each draw counts in some resamples with replacement, shape (resamples, draws)."""
    stream = np.random.default_rng([seed, STREAM])
    block = max(MOST_AT_ONCE // draws, 1)
    for first in range(0, RESAMPLES, block):
        picked = stream.integers(draws, size=(min(block, RESAMPLES - first), draws))
        yield np.stack([np.bincount(row, minlength=draws) for row in picked]) / draws


def start_by_of(weighed: Weighed, weights: Floats) -> Ints:
    """The start-by day with each draw counting so much, shape (resamples,).

    Args:
        weighed: the candidate over all draws.
        weights: of the draws, shape (resamples, draws), each row of sum 1.
    """
    seen, world = weighed.seen, weighed.world
    live = (weights @ (seen.cutover < weighed.days) >= MAJORITY) & (weights @ seen.possible >= MAJORITY)[:, None]
    best = best_start(weighed.searched, weights @ weighed.weighed_cost, live, weights @ world.weighed_stay)
    if weighed.for_money or weighed.outlook.starts.limit_is_a_price or weighed.in_time == NEVER:
        return np.asarray(best)
    threatened = weights @ (world.threat < NEVER) >= MAJORITY
    return np.asarray(np.minimum(best, np.where(threatened, _in_time(weighed, weights), NEVER)))


def _in_time(weighed: Weighed, weights: Floats) -> Ints:
    """Latest start that is in time in 80 % of the draws."""
    order = np.argsort(weighed.seen.in_time, kind="stable")
    before = np.cumsum(weights[:, order], axis=1)
    latest = weighed.seen.in_time[order][(before > 1 - SURE + 1e-9).argmax(axis=1)]
    return np.asarray(np.where(latest == TOO_LATE, weighed.searched[0], latest))
