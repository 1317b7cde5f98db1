"""Lists of requests: samples with a spread of sizes, Poisson and gamma arrivals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from switchpoint.errors import CannotCompute
from switchpoint.horizon import Floats, Ints

if TYPE_CHECKING:
    from pandas import DataFrame


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


Seed: TypeAlias = int | Sequence[int] | np.random.Generator
HOUR_S = 3600.0
FLAT = (1.0,) * 24
MOST_REQUESTS = 10_000_000


def poisson_arrivals(per_second: float, seconds: float, seed: Seed = 0, hours: Sequence[float] = FLAT) -> Floats:
    """A Poisson process whose rate follows the hours of the day, by thinning.

    Candidates come at the busiest hour's rate; one at t is kept with probability rate(t)/busiest.

    Args:
        per_second: mean rate over a whole day.
        seconds: until when; time 0 is midnight.
        seed: of the draws.
        hours: the day's shape, 24 weights; only their proportions count.

    Returns:
        Arrivals in seconds, in order; shape (requests,).
    """
    shape = np.asarray(hours, dtype=np.float64)
    if shape.shape != (24,) or not (np.isfinite(shape).all() and (shape >= 0).all() and shape.any()):
        raise CannotCompute(("hours",), f"got {list(hours)}; it takes 24 weights, 0 or more, not all 0")
    peak = float(shape.max() / shape.mean())
    _check(per_second * peak, seconds)
    rng = np.random.default_rng(seed)
    candidates = np.sort(rng.uniform(0, seconds, rng.poisson(per_second * peak * seconds)))
    kept = shape[(candidates // HOUR_S).astype(np.int64) % 24] / shape.max()
    return np.asarray(candidates[rng.uniform(size=candidates.size) < kept], dtype=np.float64)


def gamma_arrivals(per_second: float, seconds: float, cv: float, seed: Seed = 0) -> Floats:
    """Bursts: gaps between arrivals are gamma with shape 1/cv², so that cv 1 is Poisson and more is burstier.

    Args:
        per_second: mean rate.
        seconds: until when.
        cv: standard deviation of the gaps over their mean.
        seed: of the draws.

    Returns:
        Arrivals in seconds, in order; shape (requests,).
    """
    _check(per_second, seconds)
    if not (math.isfinite(cv) and 0 < cv <= 100):
        raise CannotCompute(("cv",), f"got {cv!r}; it takes a number above 0, at most 100")
    rng = np.random.default_rng(seed)
    shape, last, found = cv**-2, 0.0, [np.zeros(0)]
    while last < seconds:
        gaps = rng.gamma(shape, 1 / (shape * per_second), max(16, math.ceil(per_second * seconds)))
        found.append(last + gaps.cumsum())
        last = float(found[-1][-1])
    arrivals = np.concatenate(found)
    return np.asarray(arrivals[arrivals < seconds], dtype=np.float64)


def lognormal_tokens(mean: float, cv: float, number: int, seed: Seed = 0, most: int = 1_000_000) -> Ints:
    """Token counts, lognormal around a mean, rounded to whole ones from 1 to `most`.

    σ² = ln(1 + cv²), μ = ln(mean) - σ²/2.

    Args:
        mean: of the law; at least 1.
        cv: standard deviation over mean; 0 for the mean itself.
        number: how many.
        seed: of the draws.
        most: cap.

    Returns:
        Tokens, shape (number,).
    """
    if not (math.isfinite(mean) and mean >= 1 and math.isfinite(cv) and cv >= 0):
        raise CannotCompute(("tokens",), f"got a mean of {mean!r} and a cv of {cv!r}; they take at least 1 and 0")
    spread = math.log1p(cv * cv)
    drawn = np.random.default_rng(seed).lognormal(math.log(mean) - spread / 2, math.sqrt(spread), number)
    return np.asarray(np.rint(drawn).clip(1, most), dtype=np.int64)


def requests_table(arrival_s: Floats, input_tokens: Ints, output_tokens: Ints) -> DataFrame:
    """Arrivals and tokens as the table that `serve` takes."""
    from pandas import DataFrame

    return DataFrame({"arrival_s": arrival_s, "input_tokens": input_tokens, "output_tokens": output_tokens})


def _check(per_second: float, seconds: float) -> None:
    for name, value in (("per_second", per_second), ("seconds", seconds)):
        if not (math.isfinite(value) and value > 0):
            raise CannotCompute((name,), f"got {value!r}; it takes a number above 0")
    if per_second * seconds > MOST_REQUESTS:
        raise CannotCompute(
            ("seconds",), f"makes {per_second * seconds:,.0f} requests; at most {MOST_REQUESTS:,} are drawn"
        )
