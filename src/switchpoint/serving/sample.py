"""Requests to try a replica with: several independent lists of them, whose arrivals can be squeezed to any rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from switchpoint.clock import Floats, Ints

INPUT_SPREAD = math.sqrt(math.log1p(0.96**2))
"""Standard deviation of the log of input tokens, 0.81. Assumption: lognormal, with the standard deviation over the mean
of Azure's conversation trace of 2023, 0.96."""
OUTPUT_SPREAD = math.sqrt(math.log1p(0.77**2))
"""The same of output tokens, 0.68, from the same trace, 0.77."""
SEED = 20_261_123


@dataclass(frozen=True)
class Spread:
    """How far apart single requests are: standard deviations of the log of their tokens; 0: all alike."""

    inputs: float = INPUT_SPREAD
    outputs: float = OUTPUT_SPREAD

    @staticmethod
    def of(inputs: float | None, outputs: float | None) -> Spread:
        """As stated; what is left out as in the trace."""
        return Spread(INPUT_SPREAD if inputs is None else inputs, OUTPUT_SPREAD if outputs is None else outputs)


AS_IN_TRACE = Spread()


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


def samples(
    input_tokens: float, output_tokens: float, longest: int, number: int, size: int, spread: Spread = AS_IN_TRACE
) -> list[Sample]:
    """Poisson arrivals (conditioned on their number) with lognormal lengths, independent of each other.

    Every sample has the same lengths in another order: the quantiles of the two distributions, so that their means are
    met and differences between samples come from arrivals and order alone. The same call gives the same samples.

    Args:
        input_tokens: mean per request.
        output_tokens: mean per request.
        longest: most tokens of input and output together; what is longer is cut.
        number: of samples.
        size: requests in each.
        spread: of their lengths; left out, that of the trace.
    """
    inputs, outputs = lengths(input_tokens, spread.inputs, size), lengths(output_tokens, spread.outputs, size)
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

    Args:
        mean: tokens.
        spread: standard deviation of their log.
        size: how many.
    """
    raw = np.exp(spread * _normal(size))
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
