"""Load tests by `vllm bench serve` and by SGLang: one flat object a run, latencies in milliseconds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from switchpoint.loadtests.row import NAMES, Latency, LoadRow, counted_gpus, figure, first, number, ratio, word

VLLM, SGLANG, INFERENCEX = "vLLM benchmark_serving", "SGLang bench_serving", "InferenceX"
_LATENCY = re.compile(r"(mean|median|p\d\d)_(ttft|tpot|itl|e2el|e2e_latency)(_ms)?")
CONTRADICTION = 0.1
"""Stated throughput and that of completed requests over duration may differ by this part."""


def matches(held: Mapping[str, Any]) -> bool:
    """Whether an object is such a run."""
    if "request_throughput" in held and not isinstance(held["request_throughput"], dict):
        return True
    return "duration" in held and ("completed" in held or any(map(_LATENCY.fullmatch, held)))


def read_run(held: Mapping[str, Any]) -> LoadRow:
    """One run."""
    completed, duration = first(held, "completed"), number(held.get("duration"))
    gpus, gpu = counted_gpus(word(held.get("gpu")) or word(held.get("gpu_type")) or word(held.get("hw")))
    rate, remarks = _throughput(held, ratio(completed, duration))
    return LoadRow(
        tool=_tool(held),
        requests_per_second=rate,
        asked=first(held, "num_prompts", "num_requests"),
        completed=completed,
        failed=first(held, "failed", "num_failed"),
        input_tokens=_tokens(held, "input", completed),
        output_tokens=_tokens(held, "output", completed),
        concurrency=first(held, "max_concurrency"),
        request_rate=_asked_rate(held.get("request_rate")),
        replicas=first(held, "decode_replicas", "replicas", "num_replicas", "data_parallel_size"),
        gpus=gpus or first(held, "num_gpus", "gpu_count"),
        gpus_per_replica=first(held, "tensor_parallel_size", "tp_size", "tp"),
        duration_s=duration,
        ttft=_latency(held, "ttft"),
        tpot=_latency(held, "tpot") or _latency(held, "itl"),
        e2e=_latency(held, "e2el") or _latency(held, "e2e_latency"),
        engine=word(held.get("backend")),
        model=word(held.get("model_id")) or word(held.get("model")),
        gpu=gpu,
        date=_day(word(held.get("date"))),
        refused="" if rate else "states no request_throughput above 0",
        remarks=remarks,
    )


def _tool(held: Mapping[str, Any]) -> str:
    if any((found := _LATENCY.fullmatch(name)) and not found[3] for name in held):
        return INFERENCEX
    return SGLANG if "total_output_tokens_retokenized" in held or "sglang_commit_id" in held else VLLM


def _throughput(held: Mapping[str, Any], counted: float | None) -> tuple[float | None, tuple[str, ...]]:
    """Requests per second: as stated, but no more than were completed in the time that the run took."""
    stated = number(held.get("request_throughput"))
    if "request_throughput" not in held or counted is None:
        return (counted if "request_throughput" not in held else stated), ()
    if stated and abs(stated / (counted or 1e-300) - 1) > CONTRADICTION:
        text = f"states {stated:.3g} requests/s, but its requests over its duration are {counted:.3g}"
        return min(stated, counted), (f"{text}; the lower one counts",)
    return stated, ()


def _tokens(held: Mapping[str, Any], side: str, completed: float | None) -> float | None:
    """Mean tokens of a request."""
    counted = ratio(first(held, f"total_{side}_tokens", f"total_{side}"), completed)
    return counted if counted is not None else first(held, f"random_{side}_len", f"{side}_len")


def _asked_rate(held: object) -> float | None:
    """The rate that was sent: infinite where it is "inf", None where it is not said."""
    if held == "inf" or held == math.inf:
        return math.inf
    return figure(held)


def _latency(held: Mapping[str, Any], which: str) -> Latency:
    seconds: dict[str, float | None] = {}
    for name, value in held.items():
        found = _LATENCY.fullmatch(name)
        if found and found[2] == which and found[1] in NAMES:
            stated = number(value)
            seconds[found[1]] = None if stated is None else stated * (1e-3 if found[3] else 1.0)
    for pair in held.get(f"percentiles_{which}_ms") or ():
        if isinstance(pair, (list, tuple)) and len(pair) == 2 and (value := number(pair[1])) is not None:
            seconds.setdefault(f"p{pair[0]:.0f}" if number(pair[0]) else "", value * 1e-3)
    return Latency.of(seconds)


def _day(text: str) -> str:
    """The ISO date in 20250530-194738; nothing for other texts."""
    found = re.fullmatch(r"(20\d\d)(\d\d)(\d\d)-\d{6}", text)
    return "-".join(found.groups()) if found else ""


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
