"""Load tests by inference-perf: a report of one stage, or of a whole run, latencies in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from switchpoint.loadtests.row import NAMES, Latency, LoadRow, first, number, table

TOOL = "inference-perf"


def matches(held: Mapping[str, Any]) -> bool:
    """Whether an object is such a report."""
    return "load_summary" in held and "successes" in held


def read_stage(held: Mapping[str, Any]) -> LoadRow:
    """One stage."""
    load, good = table(held.get("load_summary")), table(held.get("successes"))
    made, latency = table(good.get("throughput")), table(good.get("latency"))
    rate, failed = first(made, "requests_per_sec"), first(table(held.get("failures")), "count")
    return LoadRow(
        TOOL,
        requests_per_second=rate,
        asked=first(load, "count"),
        completed=first(good, "count"),
        failed=failed,
        input_tokens=number(table(good.get("prompt_len")).get("mean")),
        output_tokens=number(table(good.get("output_len")).get("mean")),
        concurrency=first(load, "concurrency"),
        request_rate=first(load, "requested_rate"),
        duration_s=first(load, "send_duration"),
        ttft=_latency(latency, "time_to_first_token"),
        tpot=_latency(latency, "time_per_output_token") or _latency(latency, "inter_token_latency"),
        e2e=_latency(latency, "request_latency"),
        refused="" if rate else "completed no request",
    )


def _latency(latency: Mapping[str, Any], name: str) -> Latency:
    stated = table(latency.get(name))
    return Latency.of({each: number(stated.get(each)) for each in NAMES})
