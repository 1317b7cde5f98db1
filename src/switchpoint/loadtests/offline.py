"""Results that look like load tests and are none: offline maxima, one batch, tokens a second of one sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from switchpoint.loadtests.row import LoadRow, first, number, ratio, word

ALL_AT_ONCE = "an offline maximum: all requests wait at once, and no latency is measured"
ONE_BATCH = "the latency of one batch: it says nothing of what a replica carries"
ONE_SEQUENCE = "tokens a second of one sequence: it says nothing of what a replica carries"


def read_offline(held: Mapping[str, Any]) -> LoadRow | None:
    """A row of such a result; None where it is none."""
    if "avg_ts" in held and "n_gen" in held:
        text = word(held.get("model_type"))
        return LoadRow("llama-bench", model=text, gpu=word(held.get("gpu_info")), refused=ONE_SEQUENCE)
    if "elapsed_time" in held and "num_requests" in held:
        return _maximum("vLLM bench throughput", held, "requests_per_second", "num_requests", "elapsed_time")
    if "last_gen_throughput" in held and "total_latency" in held:
        return _maximum(
            "SGLang bench_offline_throughput", held, "request_throughput", "successful_requests", "total_latency"
        )
    if "avg_latency" in held and "percentiles" in held:
        return LoadRow("vLLM bench latency", refused=ONE_BATCH)
    if "prefill_latency" in held and "batch_size" in held:
        return LoadRow("SGLang bench_one_batch", refused=ONE_BATCH)
    return None


def _maximum(tool: str, held: Mapping[str, Any], rate: str, requests: str, seconds: str) -> LoadRow:
    asked, duration = first(held, requests), number(held.get(seconds))
    return LoadRow(
        tool,
        requests_per_second=first(held, rate) or ratio(asked, duration),
        asked=asked,
        completed=asked,
        input_tokens=ratio(first(held, "total_input_tokens"), asked),
        output_tokens=ratio(first(held, "total_output_tokens"), asked),
        duration_s=duration,
        engine=word(held.get("backend")),
        refused=ALL_AT_ONCE,
    )
