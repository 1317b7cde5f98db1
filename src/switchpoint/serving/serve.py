"""A table of requests in, latencies and a summary out; and one rate of requests tried against a promise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from switchpoint.errors import CannotCompute
from switchpoint.horizon import Bools, Floats, Ints
from switchpoint.interrupt import pause
from switchpoint.serving.batch import TICKS_PER_S, EngineLimits, Pace, Request, StepTime, TickClock, in_seconds, ticks
from switchpoint.serving.fleet import Autoscale, FleetPlan, Outage, ServingFleet
from switchpoint.serving.requests import Sample
from switchpoint.text import join_names

if TYPE_CHECKING:
    from pandas import DataFrame


# A table of requests in, latencies and a summary out -----------------------------------------------------------------

GROWING = 0.05
"""Part of the later arrivals by which the queue must have grown for the fleet to be overloaded."""
NOISE = 3.0
"""Standard deviations of a Poisson count that such growth must exceed as well."""
RARELY = 0.05
"""Part of the requests that may wait longer than they are served, in a stable fleet."""


@dataclass(frozen=True)
class RequestOutcomes:
    """Every request's figures, in the order given; each of shape (requests,).

    Attributes:
        arrival_s: when it arrived, s.
        wait_s: time in queues.
        ttft_s: from its arrival to its first token.
        tpot_s: mean time between its tokens, (finish - first token)/(tokens - 1); 0 where it has a single one.
        e2e_s: from its arrival to its last token.
        finish_s: when it was complete.
        several: whether it has more than one output token.
        output_tokens: generated.
        input_tokens: of its prompt.
        replica: the number of the replica that completed it.
        restarts: how often it was recomputed.
    """

    arrival_s: Floats
    wait_s: Floats
    ttft_s: Floats
    tpot_s: Floats
    e2e_s: Floats
    finish_s: Floats
    several: Bools
    input_tokens: Ints
    output_tokens: Ints
    replica: Ints
    restarts: Ints

    @staticmethod
    def of(requests: Sequence[Request], input_tokens: Ints, output_tokens: Ints) -> RequestOutcomes:
        """Figures of completed requests, differences taken in ticks."""
        gaps = np.maximum(output_tokens - 1, 1)
        return RequestOutcomes(
            arrival_s=in_seconds(request.arrival for request in requests),
            wait_s=in_seconds(request.waited for request in requests),
            ttft_s=in_seconds(request.first - request.arrival for request in requests),
            tpot_s=in_seconds(request.finish - request.first for request in requests) / gaps,
            e2e_s=in_seconds(request.finish - request.arrival for request in requests),
            finish_s=in_seconds(request.finish for request in requests),
            several=output_tokens > 1,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            replica=np.array([request.replica for request in requests], dtype=np.int64),
            restarts=np.array([request.restarts for request in requests], dtype=np.int64),
        )


@dataclass(frozen=True)
class ServeSummary:
    """What a run comes to. Times in seconds; rates from the first arrival to the last completion.

    Attributes:
        requests: how many were served, all of them.
        span_s: from the first arrival to the last completion.
        requests_per_second: completed.
        input_tokens_per_second: prompt tokens of the requests completed.
        output_tokens_per_second: generated.
        ttft_p50_s: time to first token, and its 95th and 99th percentile.
        tpot_p50_s: time per output token of requests that have several; 0 where none has.
        e2e_p50_s: from arrival to the last token.
        utilisation: part of the replicas' time in which they computed.
        mean_queue: requests waiting, on average over the span.
        mean_in_system: requests waiting or running, on average over the span.
        restarts: recomputations, after eviction or the loss of a replica.
        replica_hours: time that replicas were there.
        verdict: "overloaded" where the queue kept growing with the arrivals, else "backlogged" where many waited longer
            than they were served, else "stable".
    """

    requests: int
    span_s: float
    requests_per_second: float
    input_tokens_per_second: float
    output_tokens_per_second: float
    ttft_p50_s: float
    ttft_p95_s: float
    ttft_p99_s: float
    tpot_p50_s: float
    tpot_p95_s: float
    tpot_p99_s: float
    e2e_p50_s: float
    e2e_p95_s: float
    e2e_p99_s: float
    utilisation: float
    mean_queue: float
    mean_in_system: float
    restarts: int
    replica_hours: float
    verdict: str

    def as_dict(self) -> dict[str, float | int | str]:
        """Names to values."""
        return asdict(self)


def summarise(outcome: RequestOutcomes, fleet: ServingFleet) -> ServeSummary:
    """Percentiles, rates and the verdict of a run; every figure is 0 where there were no requests."""
    number = len(outcome.arrival_s)
    span = float(outcome.finish_s.max() - outcome.arrival_s.min()) if number else 0.0
    hours, used = _time_of(fleet, float(outcome.finish_s.max(initial=0.0)))
    per_second = 1 / span if span > 0 else 0.0
    return ServeSummary(
        requests=number,
        span_s=span,
        requests_per_second=number * per_second,
        input_tokens_per_second=float(outcome.input_tokens.sum()) * per_second,
        output_tokens_per_second=float(outcome.output_tokens.sum()) * per_second,
        **percentiles("ttft", outcome.ttft_s),
        **percentiles("tpot", outcome.tpot_s[outcome.several]),
        **percentiles("e2e", outcome.e2e_s),
        utilisation=used,
        mean_queue=float(outcome.wait_s.sum()) * per_second,
        mean_in_system=float(outcome.e2e_s.sum()) * per_second,
        restarts=int(outcome.restarts.sum()),
        replica_hours=hours,
        verdict=verdict(outcome),
    )


def percentiles(name: str, values: Floats) -> dict[str, float]:
    """The 50th, 95th and 99th percentile, named; 0 of no values."""
    found = np.percentile(values, (50, 95, 99)) if values.size else np.zeros(3)
    return {f"{name}_p{share}_s": float(value) for share, value in zip((50, 95, 99), found, strict=True)}


def verdict(outcome: RequestOutcomes) -> str:
    """Whether the fleet keeps up: stable, backlogged or overloaded.

    Overloaded: over the second half of the time in which requests arrive, the number waiting for their first admission
    grew by more than 5 % of those that arrived in it, and by more than chance would do.
    Backlogged: more than 5 % of the requests waited longer than they were served.
    """
    arrivals = np.sort(outcome.arrival_s)
    if not arrivals.size:
        return "stable"
    middle, last = (arrivals[0] + arrivals[-1]) / 2, arrivals[-1]
    admitted = np.sort(outcome.arrival_s + outcome.wait_s)
    came = int((arrivals > middle).sum())
    grown = came - int(((admitted > middle) & (admitted <= last)).sum())
    if grown > max(GROWING * came, NOISE * came**0.5):
        return "overloaded"
    late = outcome.wait_s > outcome.e2e_s - outcome.wait_s
    return "backlogged" if late.mean() > RARELY else "stable"


def _time_of(fleet: ServingFleet, until_s: float) -> tuple[float, float]:
    """Hours that replicas were there, and the part of them in which they computed."""
    until = round(until_s * TICKS_PER_S)
    there = sum(max(stay.length(until), 0) for stay in fleet.stays)
    busy = sum(stay.replica.busy_until(until) for stay in fleet.stays)
    return there / TICKS_PER_S / 3600, min(busy / there, 1.0) if there else 0.0


COLUMNS = ("arrival_s", "input_tokens", "output_tokens")
LONGEST_S = 1e9
MOST_TOKENS = 100_000_000


class Served(NamedTuple):
    """The requests with what became of them, and what the run comes to."""

    requests: DataFrame
    summary: ServeSummary


def serve(
    requests: DataFrame,
    *,
    replica: EngineLimits | Mapping[str, Any] = EngineLimits(),  # noqa: B008 - frozen
    step_time: StepTime,
    replicas: int = 1,
    router: str = "least-loaded",
    autoscale: Autoscale | None = None,
    outages: Sequence[Outage] = (),
) -> Served:
    """Simulate how a fleet serves requests; the same input gives the same output.

    Args:
        requests: a row per request: arrival_s (s), input_tokens and output_tokens (whole, at least 1).
        replica: what each replica's engine may hold, as Limits or a mapping of its fields.
        step_time: how long its steps take.
        replicas: how many there are at first.
        router: "least-loaded", "round-robin" or "shared-queue"; spaces and underscores do as well as hyphens.
        autoscale: how the number of replicas follows the load.
        outages: failures, and spot instances taken back.

    Returns:
        The requests with ttft_s, tpot_s (0 where there is one token), finish_s, wait_s, restarts and replica, in the
        same order and with the same index; and a summary of the run.

    Raises:
        CannotCompute: the input cannot be served; one line says why.
    """
    from pandas import DataFrame

    if not isinstance(requests, DataFrame):
        raise CannotCompute(
            ("requests",), f"got {type(requests).__name__}; it takes a DataFrame with {join_names(COLUMNS)}"
        )
    for name in COLUMNS:
        if name not in requests.columns:
            raise CannotCompute(("requests", name), f"is missing; it takes a column for each of {join_names(COLUMNS)}")
    named = router.replace("_", "-").replace(" ", "-") if isinstance(router, str) else router
    plan = FleetPlan(EngineLimits.of(replica), replicas, named, autoscale, tuple(outages))
    arrival, inputs, outputs = (requests[name].to_numpy() for name in COLUMNS)
    outcome, summary = run(arrival, inputs, outputs, plan, step_time)
    new = {name: getattr(outcome, name) for name in ("ttft_s", "tpot_s", "finish_s", "wait_s", "restarts", "replica")}
    return Served(requests.assign(**new), summary)


def run(
    arrival_s: Any, input_tokens: Any, output_tokens: Any, plan: FleetPlan, step_time: StepTime
) -> tuple[RequestOutcomes, ServeSummary]:
    """The same on arrays of shape (requests,), without a table.

    Raises:
        CannotCompute: the input cannot be served; one line says why.
    """
    if not isinstance(step_time, StepTime):
        raise CannotCompute(
            ("step_time",), f"got {type(step_time).__name__}; it takes an object with decode_ns and mixed_ns"
        )
    arrival = _times(arrival_s)
    inputs, outputs = _tokens("input_tokens", input_tokens), _tokens("output_tokens", output_tokens)
    pace = Pace(step_time, _longest(inputs + outputs, plan.limits))
    outcome, fleet = _serve_whole(arrival, inputs, outputs, plan, pace)
    return outcome, summarise(outcome, fleet)


def _serve_whole(
    arrival: Floats, inputs: Ints, outputs: Ints, plan: FleetPlan, pace: Pace
) -> tuple[RequestOutcomes, ServingFleet]:
    """Requests that are known to be right, served to the last; each array of shape (requests,)."""
    rows = zip(arrival.tolist(), inputs.tolist(), outputs.tolist(), strict=True)
    requests = [Request(number, ticks(at), tokens, more) for number, (at, tokens, more) in enumerate(rows)]
    env = TickClock(min((request.arrival for request in requests), default=0))
    fleet = ServingFleet(env, plan, pace)
    fleet.serve(sorted(requests, key=lambda request: request.arrival))
    return RequestOutcomes.of(requests, inputs, outputs), fleet


def _times(values: Any) -> Floats:
    arrival = _numbers("arrival_s", values)
    _refuse(~(np.abs(arrival) <= LONGEST_S), arrival, "arrival_s", "it takes finite seconds below 1e9 in size")
    return arrival


def _tokens(name: str, values: Any) -> Ints:
    tokens = _numbers(name, values)
    whole = (tokens >= 1) & (tokens <= MOST_TOKENS) & (np.floor(tokens) == tokens)
    _refuse(~whole, tokens, name, "it takes a whole number from 1 to 100,000,000")
    return tokens.astype(np.int64)


def _numbers(name: str, values: Any) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CannotCompute(("requests", name), f"is not a column of numbers: {error}") from None


def _refuse(wrong: Any, values: Floats, name: str, right: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise CannotCompute(("requests", name), f"row {row}: got {values[row]:g}; {right}")


def _longest(totals: Ints, limits: EngineLimits) -> int:
    """Tokens of the longest request, which must fit into a replica."""
    longest = int(totals.max(initial=1))
    if why := limits.refuse(longest):
        raise CannotCompute(("requests",), f"row {int(totals.argmax())}: {why}")
    return longest


# One rate of requests tried on a replica -----------------------------------------------------------------------------

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

    @cached_property
    def _pace(self) -> Pace:
        """What steps take: found once, not anew for each sample at each rate."""
        return Pace(self.step_time, 0)

    def serve(self, sample: Sample, arrival_s: Floats) -> tuple[RequestOutcomes, ServingFleet]:
        """Serve a sample whose requests arrive at these times, s; shape (requests,).

        Raises:
            CannotCompute: a request does not fit.
        """
        self._pace.longest = max(self._pace.longest, _longest(sample.input_tokens + sample.output_tokens, self.limits))
        plan = FleetPlan(limits=self.limits)
        return _serve_whole(_times(arrival_s), sample.input_tokens, sample.output_tokens, plan, self._pace)


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
        outcome, fleet = bench.serve(sample, arrival)
        kept = slice(int(FIRST * len(arrival)), math.ceil(LAST * len(arrival)))
        several = outcome.several[kept]
        ttft.append(outcome.ttft_s[kept] + bench.request_s)
        tpot.append(outcome.tpot_s[kept][several])
        used.append(_time_of(fleet, float(outcome.finish_s.max(initial=0.0)))[1])
    return RateTrial(rate, tuple(ttft), tuple(tpot), float(np.mean(used)))


def saturated_rate(bench: Bench, samples: Sequence[Sample]) -> Floats:
    """Requests per second completed while more always wait, by sample: no higher rate is stable; shape (samples,)."""
    return np.array([_throughput(bench.serve(sample, np.zeros(len(sample.arrival)))[0]) for sample in samples])


def _throughput(outcome: RequestOutcomes) -> float:
    """Completions a second between the first and the last that count."""
    finish = np.sort(outcome.finish_s)
    first, last = int(FIRST * len(finish)), int(0.7 * len(finish))
    return (last - first) / float(finish[last] - finish[first])
