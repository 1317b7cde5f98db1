"""Which inputs drive a result of a sweep: first-order shares of its variance, from the means of bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.clock import Floats, Ints
from switchpoint.study.sweep.results import Input, Results

MOST_VALUES = 24
"""An input with more values than this is cut into bins."""
BINS = 10
CLEAR = 0.1
"""Rank correlations below this size are told as no direction."""


@dataclass(frozen=True)
class Influence:
    """What one input explains of a result."""

    input: Input
    share: float
    """First-order share of the variance, 0 to 1."""
    correlation: float
    """Spearman's rank correlation; NaN for an input without order."""

    @property
    def direction(self) -> str:
        """Whether more of the input means more of the result: "+", "-", or nothing clear."""
        return "" if not abs(self.correlation) >= CLEAR else ("+" if self.correlation > 0 else "-")


def influences(inputs: tuple[Input, ...], result: Floats) -> list[Influence]:
    """The influence of each input on a number, the largest first; points without it (NaN) are left out.

    Empty where the number does not vary.
    """
    there = ~np.isnan(result)
    values = result[there]
    if values.size < 3 or np.ptp(values) == 0:
        return []
    found = [
        Influence(each, explained(bins(each)[there], values[:, None]), _correlation(each, there, values))
        for each in inputs
    ]
    return sorted(found, key=lambda each: -each.share)


def on_the_answer(results: Results) -> list[Influence]:
    """The influence of each input on what is advised, the largest first.

    The result is one column of zeros and ones for each answer, and shares are of the sum of their variances.
    """
    answers = sorted(set(results.answer))
    each = np.array([[answer == name for name in answers] for answer in results.answer], dtype=np.float64)
    found = [Influence(i, explained(bins(i), each), float("nan")) for i in results.inputs]
    return sorted(found, key=lambda influence: -influence.share)


def explained(bin_: Ints, result: Floats) -> float:
    """First-order share of the variance: 1 - (1 - SSB/SST)·(n - 1)/(n - k), not below 0.

    SSB is the sum of squares of the means of the k bins around the mean of all n points, SST that of the points
    themselves. Without the factor, many bins would explain noise.

    Args:
        bin_: the bin of each point, from 0; shape (points,).
        result: shape (points, columns); sums of squares are added over columns.
    """
    count, (points, columns) = np.bincount(bin_), result.shape
    total = float(((result - result.mean(axis=0)) ** 2).sum())
    used = count > 0
    if total == 0 or points <= used.sum():
        return 0.0
    sums = np.stack([np.bincount(bin_, result[:, column]) for column in range(columns)], axis=1)[used]
    means = sums / count[used, None]
    between = float((count[used, None] * (means - result.mean(axis=0)) ** 2).sum())
    share = 1 - (1 - between / total) * (points - 1) / (points - used.sum())
    return max(float(share), 0.0)


def bins(input_: Input, most: int = BINS) -> Ints:
    """The bin of each point: its value, or one of equally many ranks where there are many values."""
    values, place = np.unique(input_.numbers, return_inverse=True)
    if len(values) <= MOST_VALUES or not input_.ordered:
        return place
    ranks = np.argsort(np.argsort(input_.numbers, kind="stable"), kind="stable")
    cut: Ints = ranks * most // len(ranks)
    return cut


def _correlation(input_: Input, there: np.ndarray[tuple[int], np.dtype[np.bool_]], values: Floats) -> float:
    if not input_.ordered:
        return float("nan")
    from scipy.stats import rankdata

    mine = input_.numbers[there]
    if np.ptp(mine) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(mine), rankdata(values))[0, 1])
