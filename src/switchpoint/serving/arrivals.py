"""When requests come and how many tokens they have, drawn at random; the same seed gives the same requests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from switchpoint.clock import Floats, Ints, Problem

if TYPE_CHECKING:
    from pandas import DataFrame

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
        raise Problem(("hours",), f"got {list(hours)}; it takes 24 weights, 0 or more, not all 0")
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
        raise Problem(("cv",), f"got {cv!r}; it takes a number above 0, at most 100")
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
        raise Problem(("tokens",), f"got a mean of {mean!r} and a cv of {cv!r}; they take at least 1 and 0")
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
            raise Problem((name,), f"got {value!r}; it takes a number above 0")
    if per_second * seconds > MOST_REQUESTS:
        raise Problem(("seconds",), f"makes {per_second * seconds:,.0f} requests; at most {MOST_REQUESTS:,} are drawn")
