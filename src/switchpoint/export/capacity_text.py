"""What a replica of a candidate carries, as text and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from switchpoint.scenario.schema import Scenario
from switchpoint.serving.capacity import RULE, SAMPLES, Capacity, Question
from switchpoint.serving.capacity_cache import LoadPoint
from switchpoint.text import count

WIDE = 0.5
"""An interval wider than this part of a capacity says that a trace is too short."""

SETTLED = 5.0
"""So many times as long as one request must a stretch of a trace last, or its requests are as good as one batch."""


@dataclass(frozen=True)
class Carried:
    """What one replica of a candidate carries."""

    name: str
    question: Question
    found: Capacity
    points: tuple[LoadPoint, ...]
    measured: float | None
    """What the scenario states, requests per second."""
    trace: str | None
    """The trace that was replayed."""
    over: bool = False
    """Whether `measured` was measured with other requests, and carried over to these."""
    requests: int = 0
    """In the trace."""


def page(carried: Carried) -> str:
    """What one replica carries, as text."""
    return "\n".join([*_head(carried), *_table(carried)]) + "\n"


def _head(carried: Carried) -> Iterator[str]:
    asked, found = carried.question, carried.found
    steps = asked.steps
    yield f"{carried.name}: {steps.model.name} in {steps.precision} on {steps.tensor_parallel} x {steps.gpu.key}"
    yield f"  {note(carried)}"
    if found.requests_per_second <= 0:
        yield f"  carries nothing: {found.why}"
    else:
        interval = f"{found.low:.3g} to {found.high:.3g}"
        yield f"  carries {found.requests_per_second:.3g} requests/s per replica (95 % interval {interval})"
        if carried.trace and found.high - found.low > WIDE * found.requests_per_second:
            yield f"  the trace is too short for a narrower interval: {count(carried.requests)} requests"
        elif carried.trace and (told := _over_too_soon(carried)):
            yield f"  {told}"
        yield f"  found by {RULE}"
        yield f"  binds: {found.binds}; without a promise {found.saturated_per_second:.3g} requests/s"
    if carried.measured is not None:
        what = "the measured capacity, carried over to these requests, is" if carried.over else "the scenario states"
        yield f"  {what} {carried.measured:.3g} requests/s, and that is what its costs are computed with"
    if found.extrapolated:
        yield f"  extrapolated: no published measurements of {steps.gpu.key}"


def _over_too_soon(carried: Carried) -> str:
    """That a trace ends before a replica at its capacity has got going; nothing where it does not."""
    found, asked = carried.found, carried.question
    one = found.ttft_p95_s + asked.output_tokens * found.tpot_p95_s
    lasts = carried.requests / SAMPLES / found.requests_per_second
    if lasts > SETTLED * one:
        return ""
    ends = f"at that rate each of its {SAMPLES} stretches lasts {lasts:.2g} s, and one request takes {one:.2g} s"
    return f"the trace is too short, so this is an upper bound: {count(carried.requests)} requests; {ends}"


def note(carried: Carried) -> str:
    """Which requests, and what is promised."""
    asked = carried.question
    size = f"{count(asked.input_tokens)} input and {count(asked.output_tokens)} output tokens on average"
    promised = (("first token", asked.promise.ttft_p95_s), ("per output token", asked.promise.tpot_p95_s))
    parts = [f"{what} {1e3 * seconds:,.4g} ms" for what, seconds in promised if seconds is not None]
    promise = f"95th percentiles promised: {', '.join(parts)}" if parts else "no latency promised"
    return f"{f'requests of {carried.trace}, ' if carried.trace else ''}{size}; {promise}"


def _table(carried: Carried) -> Iterator[str]:
    if not carried.points:
        return
    yield ""
    yield "  requests/s   first token, ms        per output token, ms   carried"
    yield "               median       p95       median         p95"
    for at in carried.points:
        mark = "yes" if at.kept else "no"
        here = "  <- capacity" if at.requests_per_second == carried.found.requests_per_second else ""
        times = f"{1e3 * at.ttft_p50_s:8,.0f}  {1e3 * at.ttft_p95_s:8,.0f}     {1e3 * at.tpot_p50_s:8,.1f}"
        yield f"  {at.requests_per_second:10.3g} {times}    {1e3 * at.tpot_p95_s:8,.1f}   {mark}{here}"


def json_text(scenario: Scenario, carried: list[Carried]) -> str:
    """The same as indented JSON."""
    data = {"scenario": scenario.name, "rule": RULE, "candidates": {each.name: _as_json(each) for each in carried}}
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _as_json(carried: Carried) -> dict[str, Any]:
    asked = carried.question
    return {
        "model": asked.steps.model.name,
        "precision": asked.steps.precision,
        "gpu": asked.steps.gpu.key,
        "gpus_per_replica": asked.steps.tensor_parallel,
        "input_tokens": asked.input_tokens,
        "output_tokens": asked.output_tokens,
        "trace": carried.trace,
        "promise": asdict(asked.promise),
        "measured_requests_per_second": carried.measured,
        **asdict(carried.found),
        "load": [asdict(point) for point in carried.points],
    }
