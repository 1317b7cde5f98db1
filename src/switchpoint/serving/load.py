"""Latency against load: one replica tried at several rates, from idle to more than it can carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import Floats, Ints, Problem
from switchpoint.serving.capacity import SAMPLES, SIZES, Capacity, Question
from switchpoint.serving.sample import Sample, cut
from switchpoint.serving.trial import attempt

SHARES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1.0)
"""Parts of the saturated throughput at which a replica is tried."""
FEWEST = 50
"""Requests of a trace that make a sample at least."""


@dataclass(frozen=True)
class LoadPoint:
    """Latencies at one rate, s."""

    requests_per_second: float
    ttft_p50_s: float
    ttft_p95_s: float
    tpot_p50_s: float
    tpot_p95_s: float
    kept: bool
    """Whether the replica can carry it: whether it is at most the capacity."""


def latency_against_load(
    question: Question, found: Capacity, lists: Sequence[Sample] | None = None
) -> tuple[LoadPoint, ...]:
    """Points by rising rate, the capacity among them; none where nothing fits.

    Args:
        question: replica, requests and promise.
        found: its capacity.
        lists: the samples, where they are not the question's own.
    """
    if found.saturated_per_second <= 0:
        return ()
    rates = {share * found.saturated_per_second for share in SHARES} | {found.requests_per_second} - {0.0}
    lists = question.samples() if lists is None else lists
    return tuple(_point(question, lists, rate, rate <= found.requests_per_second) for rate in sorted(rates))


def _point(question: Question, lists: Sequence[Sample], rate: float, kept: bool) -> LoadPoint:
    trial = attempt(question.bench, lists, rate)
    (ttft_50, tpot_50), (ttft_95, tpot_95) = trial.percentile(50), trial.percentile(95)
    return LoadPoint(rate, ttft_50, ttft_95, tpot_50, tpot_95, kept)


def trace_samples(
    arrival_s: Floats, input_tokens: Ints, output_tokens: Ints, longest: int, name: str = "trace"
) -> list[Sample]:
    """Samples from a trace, requests cut to what the replica takes.

    Args:
        arrival_s: of each request, s.
        input_tokens: of each.
        output_tokens: of each, at least 1.
        longest: most tokens of a request.
        name: of the trace, for what is said of it.

    Raises:
        Problem: it has too few requests, or all at one moment.
    """
    if len(arrival_s) < SAMPLES * FEWEST:
        raise Problem((name,), f"holds {len(arrival_s)} requests; it takes at least {SAMPLES * FEWEST}")
    written = np.minimum(output_tokens, longest - 1)
    lists = cut(arrival_s, np.minimum(input_tokens, longest - written), written, SAMPLES, SIZES[1])
    if not all(np.isfinite(sample.arrival).all() for sample in lists):
        raise Problem((name,), "holds many requests that all arrive at one moment; it takes their times")
    return lists
