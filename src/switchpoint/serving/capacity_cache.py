"""Capacities found before, on disk; latency against load; capacities that are stated, beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np

from switchpoint.errors import CannotCompute
from switchpoint.horizon import Amount, Floats, Ints
from switchpoint.scenario.candidates import OwnModel
from switchpoint.scenario.uncertain import amount
from switchpoint.serving.capacity import SAMPLES, SIZES, Capacity, Question, measure
from switchpoint.serving.disk_cache import found_once, kept_answer
from switchpoint.serving.requests import Sample, cut
from switchpoint.serving.serve import Bench, Promise, try_rate

BINDS = ("compute", "bandwidth", "memory", "latency")
elsewhere: Callable[[Question], Capacity] | None = None
"""Measures in place of `measure`, where a program has a better place for long work."""


@lru_cache(maxsize=4096)
def capacity(question: Question) -> Capacity:
    """What one replica can carry; the same answer as `measure`, found once.

    Args:
        question: replica, requests and promise.
    """
    return found_once("capacity", question, lambda: (elsewhere or measure)(question), _answer)


def is_kept(question: Question) -> bool:
    """Whether the disk holds the answer already."""
    return kept_answer("capacity", question, _answer) is not None


def _answer(held: dict[str, Any]) -> Capacity:
    """An answer from plain values.

    Raises:
        TypeError: one of them is of another type.
        ValueError: they are no answer together.
    """
    types: dict[str, tuple[type, ...]] = {"float": (float, int), "str": (str,), "bool": (bool,)}
    for field in fields(Capacity):
        if type(held[field.name]) not in types[str(field.type)]:
            raise TypeError(field.name)
    found = Capacity(**held)
    rates = (found.low, found.requests_per_second, found.high)
    numbers = (found.requests_per_second, found.saturated_per_second, found.ttft_p95_s, found.tpot_p95_s)
    right = all(isfinite(each) for each in (*rates, *numbers)) and min(numbers) >= 0
    if not right or found.binds not in BINDS or any(a > b for a, b in pairwise(rates)):
        raise ValueError("is no answer")
    return found


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
    bench, lists = question.bench, question.samples() if lists is None else lists
    return tuple(_point(bench, lists, rate, rate <= found.requests_per_second) for rate in sorted(rates))


def _point(bench: Bench, lists: Sequence[Sample], rate: float, kept: bool) -> LoadPoint:
    trial = try_rate(bench, lists, rate)
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
        CannotCompute: it has too few requests, or all at one moment.
    """
    if len(arrival_s) < SAMPLES * FEWEST:
        raise CannotCompute((name,), f"holds {len(arrival_s)} requests; it takes at least {SAMPLES * FEWEST}")
    written = np.minimum(output_tokens, longest - 1)
    lists = cut(arrival_s, np.minimum(input_tokens, longest - written), written, SAMPLES, SIZES[1])
    if not all(np.isfinite(sample.arrival).all() for sample in lists):
        raise CannotCompute((name,), "holds many requests that all arrive at one moment; it takes their times")
    return lists


@dataclass(frozen=True)
class Stated:
    """A capacity that was measured with known requests.

    capacity(requests) = stated·simulated(requests)/simulated(measured requests)

    Attributes:
        requests_per_second: as measured.
        simulated: of the measured requests.
        promised: whether both are simulated within the latency promise; without it where the simulation says that even
            the measured requests cannot keep it.
    """

    requests_per_second: Amount
    simulated: float
    promised: bool = True

    def free(self, asked: Question) -> Question:
        """The question to simulate other requests with."""
        return asked if self.promised else replace(asked, promise=Promise())

    def scale(self, rates: Floats) -> Floats:
        """The capacity where so much was simulated."""
        return self.requests_per_second * (rates / self.simulated)


def stated_capacity(spec: OwnModel, ask: Callable[[float, float], Question]) -> Amount | Stated | None:
    """What a fleet states of the capacity of a replica, requests per second.

    Args:
        spec: the candidate, or the current route.
        ask: the question to simulate a replica with, by mean input and output tokens.

    Returns:
        A plain number where it holds for all requests: nothing is said of those that it was measured with, or nothing
        can be simulated; None where no capacity is stated.
    """
    fleet = spec.fleet
    if fleet.requests_per_second_per_replica is None:
        return None
    rate, at = amount(fleet.requests_per_second_per_replica), fleet.measured_at
    if at is None or spec.model is None or fleet.gpu is None:
        return rate
    asked = ask(at.input_tokens, at.output_tokens)
    for promised in (True, False):
        stated = Stated(rate, 1.0, promised)
        if (simulated := capacity(stated.free(asked)).requests_per_second) > 0:
            return replace(stated, simulated=simulated)
    return rate
