"""One rate of requests tried on a replica: whether it keeps its promise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.interrupt import pause
from switchpoint.serving.engine_limits import EngineLimits
from switchpoint.serving.fleet import FleetPlan
from switchpoint.serving.requests import Sample
from switchpoint.serving.serve import RequestOutcomes, run
from switchpoint.serving.step_time import StepTime

FIRST, LAST = 0.3, 0.85
"""Requests count from the first to the last of these parts of a sample: the replica fills before, and empties after."""


@dataclass(frozen=True)
class Promise:
    """95th percentiles that are promised, s; None for none."""

    ttft_p95_s: float | None = None
    tpot_p95_s: float | None = None

    @property
    def both(self) -> tuple[float | None, float | None]:
        """Of the first token and of each output token."""
        return self.ttft_p95_s, self.tpot_p95_s

    def excess(self, ttft_s: Floats, tpot_s: Floats) -> tuple[float, float]:
        """log(95th percentile/promise) of each, above 0 where it is broken; -inf where nothing is promised."""
        pairs = ((ttft_s, self.ttft_p95_s), (tpot_s, self.tpot_p95_s))
        first, then = (_log_ratio(values, promised) for values, promised in pairs)
        return first, then


def _log_ratio(values: Floats, promised: float | None) -> float:
    if promised is None or not values.size:
        return -math.inf
    return math.log(max(float(np.percentile(values, 95)), 1e-12) / promised)


@dataclass(frozen=True)
class Bench:
    """The replica that is tried.

    Attributes:
        step_time: of its engine.
        limits: of its engine.
        request_s: what a first token takes outside the engine, s.
    """

    step_time: StepTime
    limits: EngineLimits
    request_s: float = 0.0


@dataclass(frozen=True)
class RateTrial:
    """What came of one rate, over all samples.

    Attributes:
        rate: requests per second.
        ttft_s: of each request that counts, by sample.
        tpot_s: of those with several tokens, by sample.
        utilisation: part of the time in which the replica computed.
    """

    rate: float
    ttft_s: tuple[Floats, ...]
    tpot_s: tuple[Floats, ...]
    utilisation: float

    def excess(self, promise: Promise) -> float:
        """How far the worse of the two percentiles, of all samples together, is above the promise; a logarithm."""
        return max(promise.excess(np.concatenate(self.ttft_s), np.concatenate(self.tpot_s)))

    def excesses(self, promise: Promise) -> Floats:
        """The same of each sample, of the promise that is the worse of all together; shape (samples,)."""
        place = int(np.argmax(promise.excess(np.concatenate(self.ttft_s), np.concatenate(self.tpot_s))))
        pairs = zip(self.ttft_s, self.tpot_s, strict=True)
        return np.array([promise.excess(ttft, tpot)[place] for ttft, tpot in pairs])

    def percentile(self, share: float) -> tuple[float, float]:
        """That percentile of time to first token and of time per output token, s; 0 of no values."""
        both = (np.concatenate(self.ttft_s), np.concatenate(self.tpot_s))
        first, then = (float(np.percentile(values, share)) if values.size else 0.0 for values in both)
        return first, then


def try_rate(bench: Bench, samples: Sequence[Sample], rate: float) -> RateTrial:
    """Serve every sample at a rate."""
    ttft, tpot, used = [], [], []
    for sample in samples:
        pause()
        arrival = sample.arrival / rate
        outcome, summary = run(
            arrival, sample.input_tokens, sample.output_tokens, FleetPlan(limits=bench.limits), bench.step_time
        )
        kept = slice(int(FIRST * len(arrival)), math.ceil(LAST * len(arrival)))
        several = outcome.several[kept]
        ttft.append(outcome.ttft_s[kept] + bench.request_s)
        tpot.append(outcome.tpot_s[kept][several])
        used.append(summary.utilisation)
    return RateTrial(rate, tuple(ttft), tuple(tpot), float(np.mean(used)))


def saturated_rate(bench: Bench, samples: Sequence[Sample]) -> Floats:
    """Requests per second completed while more always wait, by sample: no higher rate is stable; shape (samples,)."""
    return np.array([_throughput(_at_once(bench, sample)) for sample in samples])


def _at_once(bench: Bench, sample: Sample) -> RequestOutcomes:
    zero = np.zeros(len(sample.arrival))
    outcome, _ = run(zero, sample.input_tokens, sample.output_tokens, FleetPlan(limits=bench.limits), bench.step_time)
    return outcome


def _throughput(outcome: RequestOutcomes) -> float:
    """Completions a second between the first and the last that count."""
    finish = np.sort(outcome.finish_s)
    first, last = int(FIRST * len(finish)), int(0.7 * len(finish))
    return (last - first) / float(finish[last] - finish[first])
