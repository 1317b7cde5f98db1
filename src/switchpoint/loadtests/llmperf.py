"""Summaries of llmperf: one flat object, requests by the minute, latencies in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from switchpoint.loadtests.row import Latency, LoadRow, first, number, word

TOOL, MINUTE_S = "llmperf", 60.0
COMPLETED = "results_num_completed_requests_per_min"


def matches(held: Mapping[str, Any]) -> bool:
    """Whether an object is such a summary."""
    return COMPLETED in held


def read_summary(held: Mapping[str, Any]) -> LoadRow:
    """One summary."""
    minute = first(held, COMPLETED)
    return LoadRow(
        TOOL,
        requests_per_second=None if minute is None else minute / MINUTE_S,
        asked=first(held, "results_num_requests_started"),
        completed=first(held, "results_num_completed_requests"),
        failed=first(held, "results_number_errors"),
        input_tokens=first(held, "results_number_input_tokens_mean", "mean_input_tokens"),
        output_tokens=first(held, "results_number_output_tokens_mean", "mean_output_tokens"),
        concurrency=first(held, "num_concurrent_requests"),
        ttft=_latency(held, "ttft_s"),
        tpot=_latency(held, "inter_token_latency_s"),
        e2e=_latency(held, "end_to_end_latency_s"),
        engine=word(held.get("framework")),
        model=word(held.get("model")),
        refused="" if minute else "completed no request",
    )


def _latency(held: Mapping[str, Any], name: str) -> Latency:
    percentiles = ("p50", "p75", "p90", "p95", "p99")
    stated = {each: number(held.get(f"results_{name}_quantiles_{each}")) for each in percentiles}
    return Latency.of({**stated, "mean": number(held.get(f"results_{name}_mean"))})
