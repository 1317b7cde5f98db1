"""Summaries of InferenceMAX (InferenceX): one object a point, tokens a second by GPU, latencies in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from switchpoint.loadtests.row import Latency, LoadRow, first, number, word

TOOL = "InferenceMAX"


def matches(held: Mapping[str, Any]) -> bool:
    """Whether an object is such a point."""
    return "output_tput_per_gpu" in held or ("tput_per_gpu" in held and "conc" in held)


def read_point(held: Mapping[str, Any]) -> LoadRow:
    """One point.

    Requests per second are output tokens over tokens a request; without those, by Little's law, requests in flight over
    the time that one takes.
    """
    gpus = first(held, "num_gpus") or first(held, "tp")
    written, e2e, flight = first(held, "osl", "output_len"), _latency(held, "e2el"), first(held, "conc")
    made = first(held, "output_tput_per_gpu")
    rate = made * gpus / written if made and gpus and written else None
    if rate is None and flight and e2e.typical:
        rate = flight / e2e.typical
    return LoadRow(
        TOOL,
        requests_per_second=rate,
        input_tokens=first(held, "isl", "input_len"),
        output_tokens=written,
        concurrency=flight,
        gpus=gpus,
        gpus_per_replica=gpus,
        ttft=_latency(held, "ttft"),
        tpot=_latency(held, "tpot") or _latency(held, "itl"),
        e2e=e2e,
        engine=word(held.get("framework")),
        model=word(held.get("model")),
        gpu=word(held.get("hw")),
        refused="" if rate else "states neither tokens a request nor the time that one takes",
    )


def _latency(held: Mapping[str, Any], which: str) -> Latency:
    return Latency.of({name: number(held.get(f"{name}_{which}")) for name in ("mean", "median", "p90", "p95", "p99")})
