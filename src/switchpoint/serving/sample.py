"""Requests to try a replica with: several independent lists of them, whose arrivals can be squeezed to any rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from switchpoint.clock import Floats, Ints

INPUT_SPREAD = 0.96
"""Standard deviation of input tokens over their mean. Assumption: that of Azure's conversation trace of 2023."""
OUTPUT_SPREAD = 0.77
"""The same of output tokens, from the same trace."""
SEED = 20_261_123


@dataclass(frozen=True, eq=False)
class Sample:
    """One list of requests.

    Attributes:
        arrival: in units of the mean time between arrivals, shape (requests,).
        input_tokens: of each, shape (requests,).
        output_tokens: of each, shape (requests,).
    """

    arrival: Floats
    input_tokens: Ints
    output_tokens: Ints


def samples(input_tokens: float, output_tokens: float, longest: int, number: int, size: int) -> list[Sample]:
    """Poisson arrivals (conditioned on their number) with lognormal lengths, independent of each other.

    Every sample has the same lengths in another order: the quantiles of the two distributions, so that their means are
    met and differences between samples come from arrivals and order alone. The same call gives the same samples.

    Args:
        input_tokens: mean per request.
        output_tokens: mean per request.
        longest: most tokens of input and output together; what is longer is cut.
        number: of samples.
        size: requests in each.
    """
    inputs, outputs = lengths(input_tokens, INPUT_SPREAD, size), lengths(output_tokens, OUTPUT_SPREAD, size)
    found = []
    for seed in np.random.SeedSequence(SEED).spawn(number):
        rng = np.random.default_rng(seed)
        gaps = rng.exponential(size=size)
        written = np.minimum(rng.permutation(outputs), longest - 1)
        read = np.minimum(rng.permutation(inputs), longest - written)
        found.append(Sample(gaps.cumsum() / gaps.mean(), read, written))
    return found


def lengths(mean: float, spread: float, size: int) -> Ints:
    """The quantiles of a lognormal distribution at (i + 1/2)/size, whole and at least 1, their mean as given.

    σ² = ln(1 + spread²).
    """
    raw = np.exp(math.sqrt(math.log1p(spread**2)) * _normal(size))
    whole: Ints = np.maximum(np.rint(raw * mean / raw.mean()), 1.0).astype(np.int64)
    return whole


@lru_cache(maxsize=64)
def _normal(size: int) -> Floats:
    inverse = NormalDist().inv_cdf
    return np.array([inverse((place + 0.5) / size) for place in range(size)])


def cut(arrival_s: Floats, input_tokens: Ints, output_tokens: Ints, number: int, size: int) -> list[Sample]:
    """Samples from a trace: stretches of it, one after another, each at a mean rate of 1.

    A trace shorter than `number` samples of `size` gives shorter ones. A stretch that takes no
    time has no finite arrivals.
    """
    order = np.argsort(arrival_s, kind="stable")
    size = min(size, len(order) // number)
    found = []
    for place in range(number):
        rows = order[place * size : (place + 1) * size]
        times = arrival_s[rows] - arrival_s[rows[0]]
        with np.errstate(divide="ignore", invalid="ignore"):
            times = times / times[-1] * (size - 1)
        found.append(Sample(times, input_tokens[rows], output_tokens[rows]))
    return found
