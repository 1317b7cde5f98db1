"""Largest rate that keeps the promise, by bisection.

A replica is served several independent samples of requests at one rate; a rate keeps the promise where the 95th
percentiles of all samples together do. The largest such rate is found by bisection below the saturated throughput,
which no stable rate exceeds. Every rate gets the same samples, so that differences between rates are not chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.serving.batch import EngineLimits
from switchpoint.serving.requests import AS_IN_TRACE, Sample, Spread, samples
from switchpoint.serving.serve import Bench, Promise, RateTrial, saturated_rate, try_rate
from switchpoint.serving.steady_state import RequestSizes, _long_prompts, _ms, binding, no_room, replica_name, too_long
from switchpoint.serving.step_time import ModelledSteps, ScalarSteps

RUNNING = 256
"""Sequences that an engine runs at a time at most: vLLM's default."""
TOKEN_BUDGET = 2048
"""Tokens of a step, prompts chunked: vLLM's default for chunked prefill."""
SAMPLES = 4
SIZES = (800, 1200)
"""Requests of a sample, at least and at most: six times as many as run at a time."""
WIDTH = 0.02
"""The search stops when the bracket is this narrow, upper over lower end less 1."""
COARSE = 0.1
"""So narrow a bracket of the first sample alone begins the search with all."""
SLOWEST = 1 / 512
"""Part of the saturated throughput at which requests are as good as alone."""
LONGEST = 262_144
"""Tokens of a request at most; what is longer is cut, and a mean of more than half is not simulated."""
NEAR = 0.95
"""From this part of the saturated throughput on, it is a resource that binds, not the promise."""
STUDENT = 3.182
"""97.5 % quantile of Student's t with SAMPLES - 1 degrees of freedom."""
RULE = (
    f"bisection until the bracket is at most {WIDTH:.0%} wide; 95 % interval from {SAMPLES} independent samples; "
    "of each, requests count from 30 % to 85 %"
)


@dataclass(frozen=True)
class Question:
    """What is asked of a replica.

    Attributes:
        steps: model and GPUs.
        input_tokens: mean per request.
        output_tokens: mean per request.
        promise: 95th percentiles promised.
        max_context: longest input plus output, None where it is not known.
        spread: how far apart the tokens of single requests are.
    """

    steps: ModelledSteps
    input_tokens: float
    output_tokens: float
    promise: Promise
    max_context: int | None = None
    spread: Spread = AS_IN_TRACE

    @property
    def tokens(self) -> float:
        """Of the mean request."""
        return self.input_tokens + max(self.output_tokens, 1.0)

    @property
    def limits(self) -> EngineLimits:
        """Of the engine: KV blocks that fit, and vLLM's defaults."""
        held = EngineLimits.block_tokens
        fit = self.steps.sequences(self.tokens) * self.tokens
        return EngineLimits(max(int(fit / held), 1), held, RUNNING, "chunked", TOKEN_BUDGET)

    @property
    def longest(self) -> int:
        """Most tokens of a request: what context and KV cache take, but the mean request in any case."""
        limits = self.limits
        room = (limits.kv_blocks - limits.spare) * limits.block_tokens
        return min(room, LONGEST, max(self.max_context or room, math.ceil(self.tokens)))

    @property
    def bench(self) -> Bench:
        """The replica to try."""
        return Bench(_quick(self.steps), self.limits, self.steps.efficiencies.request_ms * 1e-3)

    def samples(self, number: int = SAMPLES) -> list[Sample]:
        """Requests to try it with; fewer where prompts take many steps."""
        at_once = min(RUNNING, self.steps.sequences(self.tokens))
        size = float(np.clip(6 * at_once, *SIZES)) / (1 + self.input_tokens / (8 * TOKEN_BUDGET))
        size = max(round(size), SIZES[0] // 2)
        return samples(self.input_tokens, self.output_tokens, self.longest, number, size, self.spread)


@lru_cache(maxsize=1)
def _quick(steps: ModelledSteps) -> ScalarSteps:
    return ScalarSteps(steps)


@dataclass(frozen=True)
class Capacity:
    """What one replica can carry.

    Attributes:
        requests_per_second: the largest rate that keeps the promise; 0 where none does.
        low: lower end of its 95 % interval.
        high: upper end.
        saturated_per_second: the largest stable rate, promise or not.
        binds: "compute", "bandwidth" or "memory" of the GPUs, or "latency"; at a capacity of 0 "memory" or "latency".
        ttft_p95_s: 95th percentile of the time to first token at the lower end of the bracket; 0 where not tried.
        tpot_p95_s: the same of the time per output token.
        why: why it is 0, in one sentence; else nothing.
        extrapolated: whether no published throughput of this GPU was at hand.
    """

    requests_per_second: float
    low: float
    high: float
    saturated_per_second: float
    binds: str
    ttft_p95_s: float
    tpot_p95_s: float
    why: str
    extrapolated: bool

    @staticmethod
    def none(question: Question, binds: str, why: str, saturated_per_second: float = 0.0) -> Capacity:
        """A replica that carries nothing."""
        return Capacity(0.0, 0.0, 0.0, saturated_per_second, binds, 0.0, 0.0, why, question.steps.gpu.extrapolated)


def measure(question: Question, lists: Sequence[Sample] | None = None) -> Capacity:
    """Find the capacity by simulation, from nothing; `capacity_cache.capacity` remembers the answer.

    Args:
        question: replica, requests and promise.
        lists: samples to use instead of lognormal ones, at least two.
    """
    steps = question.steps
    if why := no_room(steps, question.tokens):
        return Capacity.none(question, "memory", why)
    if question.tokens > LONGEST / 2:
        return Capacity.none(question, "memory", too_long(steps, question.tokens, LONGEST // 2))
    bench, lists = question.bench, question.samples() if lists is None else lists
    rates = saturated_rate(bench, lists)
    most = float(rates.mean())
    alone = try_rate(bench, lists[:1], most * SLOWEST)
    if alone.excess(question.promise) > 0:
        sizes = RequestSizes(question.input_tokens, question.spread)
        return Capacity.none(question, "latency", too_slow(steps, alone, question.promise, sizes), most)
    resource = binding(steps, question.input_tokens, max(question.output_tokens, 1.0), RUNNING)
    if try_rate(bench, lists[:1], most).excess(question.promise) <= 0:
        last = try_rate(bench, lists, most)
        if last.excess(question.promise) <= 0:
            half = STUDENT * float(rates.std(ddof=1)) / len(rates) ** 0.5
            return _answer(question, most, (max(most - half, 0.0), most + half), most, resource, last)
    trials = _search(bench, lists, question.promise, most)
    if trials[0].excess(question.promise) > 0:  # one sample alone kept it, all of them together do not
        sizes = RequestSizes(question.input_tokens, question.spread)
        return Capacity.none(question, "latency", too_slow(steps, trials[0], question.promise, sizes), most)
    rate, half = _crossing(trials, question.promise)
    below = max((trial for trial in trials if trial.rate <= rate), key=lambda trial: trial.rate)
    interval = (rate * math.exp(-half), rate * math.exp(half))
    return _answer(question, rate, interval, most, resource if rate > NEAR * most else "latency", below)


def _answer(
    question: Question, rate: float, interval: tuple[float, float], most: float, binds: str, trial: RateTrial
) -> Capacity:
    first, then = trial.percentile(95)
    return Capacity(rate, *interval, most, binds, first, then, "", question.steps.gpu.extrapolated)


def _search(bench: Bench, lists: Sequence[Sample], promise: Promise, most: float) -> list[RateTrial]:
    """Trials with all samples, by rising rate; two neighbours, at most WIDTH apart, keep and break the promise.

    Where even the slowest rate breaks it, no trial keeps it.
    """

    def kept_once(rate: float) -> bool:
        return try_rate(bench, lists[:1], rate).excess(promise) <= 0

    trials: dict[float, RateTrial] = {}

    def keeps_promise(rate: float) -> bool:
        trials[rate] = try_rate(bench, lists, rate)
        return trials[rate].excess(promise) <= 0

    low, high = (most / 4, most) if kept_once(most / 4) else (most * SLOWEST, most / 4)
    low, high = _halve_bracket(kept_once, low, high, COARSE)
    low, high = _widen_bracket(keeps_promise, math.sqrt(low * high), most)
    if trials[low].excess(promise) <= 0:
        _halve_bracket(keeps_promise, low, high, WIDTH)
    return [trials[rate] for rate in sorted(trials)]


def _halve_bracket(kept: Callable[[float], bool], low: float, high: float, width: float) -> tuple[float, float]:
    """Halve the logarithm of a bracket until it is narrow."""
    while high > low * (1 + width) * (1 + 1e-9):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if kept(middle) else (low, middle)
    return low, high


def _widen_bracket(kept: Callable[[float], bool], start: float, most: float) -> tuple[float, float]:
    """A rate that keeps the promise and one that breaks it, looked for from a start in growing steps.

    Where requests that are as good as alone break it, both do.
    """
    factor = (1 + WIDTH) ** 4
    if kept(start):
        low, high = start, start * factor
        while kept(high) and high < 2 * most:
            low, high, factor = high, high * factor, factor**2
        return low, high
    low, high = start / factor, start
    while not kept(low) and low > most * SLOWEST:
        low, high, factor = low / factor, low, factor**2
    return low, high


def _crossing(trials: Sequence[RateTrial], promise: Promise) -> tuple[float, float]:
    """The rate at which the percentile meets the promise, and half of the interval of its logarithm.

    Between the two rates around it the logarithm of the percentile is a line in that of the rate. The interval is
    t·s/√n of the samples' deviations, over the slope between the lowest and the highest rate tried.
    """
    excess = [trial.excess(promise) for trial in trials]
    place = max((i for i, over in enumerate(excess[:-1]) if over <= 0), default=0)
    below, run = trials[place], math.log(trials[place + 1].rate / trials[place].rate)
    rise = max(excess[place + 1] - excess[place], 1e-9)
    rate = below.rate * math.exp(run * min(max(-excess[place] / rise, 0.0), 1.0))
    slope = max(excess[-1] - excess[0], 1e-3) / math.log(trials[-1].rate / trials[0].rate)
    deviations: Floats = below.excesses(promise)
    return rate, STUDENT * float(deviations.std(ddof=1)) / len(deviations) ** 0.5 / slope


def lone_seconds(question: Question) -> float:
    """Seconds from arrival to the last token: time to first token, and a step for each further one."""
    steps, output = question.steps, max(question.output_tokens, 1.0)
    first = float(steps.prefill(question.input_tokens)) + steps.efficiencies.request_ms * 1e-3
    return first + output * float(steps.decode(1.0, question.input_tokens + output / 2))


def too_slow(steps: ModelledSteps, alone: RateTrial, promise: Promise, sizes: RequestSizes) -> str:
    """Why a replica on which requests fit carries none, and what decided it.

    Args:
        steps: model and GPUs.
        alone: requests served one at a time.
        promise: what they break.
        sizes: the requests.
    """
    pairs = zip(("first token", "per output token"), alone.percentile(95), promise.both, strict=True)
    broken = [(name, took, kept) for name, took, kept in pairs if kept is not None and took > kept]
    said = [f"{name} {_ms(took)} at the 95th percentile, promised {_ms(kept)}" for name, took, kept in broken]
    text = f"{replica_name(steps)} cannot keep the latency promise even for one request at a time: {' and '.join(said)}"
    return text + _long_prompts(steps, promise.ttft_p95_s, sizes) if broken and broken[0][0] == "first token" else text
