"""Load tests by GuideLLM, reports of version 1 and 2: an object with a list of benchmarks, one for each rate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from switchpoint.loadtests.row import Latency, LoadRow, first, number, table, word

TOOL = "GuideLLM"


def matches(held: Mapping[str, Any]) -> bool:
    """Whether an object is such a report."""
    runs = held.get("benchmarks")
    return isinstance(runs, list) and any("metrics" in table(run) for run in runs)


def read_report(held: Mapping[str, Any]) -> Iterator[LoadRow]:
    """One row for each benchmark of a report."""
    for place, run in enumerate(map(table, held["benchmarks"]), 1):
        yield replace(_row(run), where=f"benchmark {place}")


def _row(run: Mapping[str, Any]) -> LoadRow:
    metrics, totals = table(run.get("metrics")), _totals(run)
    made = _metric(metrics, "requests_per_second")
    rate, completed, failed = number(made.get("mean")), first(totals, "successful"), first(totals, "errored")
    streams, sent = _load(_strategy(run))
    return LoadRow(
        TOOL,
        requests_per_second=rate,
        asked=None if completed is None else completed + (failed or 0.0),
        completed=completed,
        failed=failed,
        input_tokens=number(_metric(metrics, "prompt_token_count").get("mean")),
        output_tokens=number(_metric(metrics, "output_token_count").get("mean")),
        concurrency=streams,
        request_rate=sent,
        duration_s=first(run, "duration"),
        ttft=_latency(metrics, "time_to_first_token_ms", 1e-3),
        tpot=_latency(metrics, "inter_token_latency_ms", 1e-3) or _latency(metrics, "time_per_output_token_ms", 1e-3),
        e2e=_latency(metrics, "request_latency", 1.0),
        model=_model(run),
        refused="" if rate else "completed no request",
    )


def _totals(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """Requests by how they ended; those cut off by the end of the run are in no count here."""
    metrics = table(run.get("metrics"))
    places = (
        metrics.get("request_totals"),
        run.get("request_totals"),
        table(run.get("run_stats")).get("requests_made"),
        table(run.get("scheduler_metrics")).get("requests_made"),
    )
    return next((table(place) for place in places if place), {})


def _strategy(run: Mapping[str, Any]) -> Mapping[str, Any]:
    return table(table(run.get("config")).get("strategy") or table(run.get("args")).get("strategy"))


def _load(strategy: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Requests in flight and requests sent a second, as far as the strategy sets them."""
    kind = word(strategy.get("type_"))
    if kind == "synchronous":
        return 1.0, None
    if kind == "throughput":
        return first(strategy, "max_concurrency"), math.inf
    if kind == "concurrent":
        return first(strategy, "streams", "max_concurrency"), None
    return None, first(strategy, "rate")


def _metric(metrics: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return table(table(metrics.get(name)).get("successful"))


def _latency(metrics: Mapping[str, Any], name: str, unit_s: float) -> Latency:
    found = _metric(metrics, name)
    stated = {**table(found.get("percentiles")), "mean": found.get("mean"), "median": found.get("median")}
    return Latency.of({each: number(value) for each, value in stated.items()}, unit_s)


def _model(run: Mapping[str, Any]) -> str:
    return word(table(table(run.get("config")).get("backend")).get("model")) or word(
        table(table(run.get("worker"))).get("backend_model")
    )
