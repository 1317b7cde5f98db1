"""Load tests by aiperf and its forerunner genai-perf: one object of metrics with units, or the CSV of the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from switchpoint.loadtests.row import NAMES, Latency, LoadRow, figure, first, number, table, word

UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "seconds": 1.0}
_TITLE = re.compile(r"(.+?)(?: \(([^()]*)\))?")


def matches(held: Mapping[str, Any]) -> bool:
    """Whether an object is such a run."""
    return isinstance(held.get("request_throughput"), dict) or isinstance(held.get("time_to_first_token"), dict)


def matches_cells(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a CSV is one of theirs."""
    return bool(rows) and rows[0][:2] == ["Metric", "avg"]


def read_cells(rows: Iterable[Sequence[str]]) -> LoadRow:
    """The run in a CSV: blocks of metrics, each with a line of column names."""
    metrics: dict[str, dict[str, Any]] = {}
    names: Sequence[str] = ()
    for cells in rows:
        if cells and cells[0] == "Metric":
            names = ["avg" if name == "Value" else name for name in cells[1:]]
        elif len(cells) > 1 and (found := _TITLE.fullmatch(cells[0].strip())):
            values = {name: figure(cell) for name, cell in zip(names, cells[1:], strict=False)}
            metrics[found[1].lower().replace(" ", "_")] = {"unit": found[2] or "", **values}
    return read_metrics({**metrics, "tool": "genai-perf" if len(metrics) < 12 else "aiperf"})


def read_metrics(held: Mapping[str, Any]) -> LoadRow:
    """The run in an object."""
    completed = _mean(held, "request_count")
    failed = _mean(held, "error_request_count")
    rate = _mean(held, "request_throughput")
    return LoadRow(
        word(held.get("tool")) or ("aiperf" if "aiperf_version" in held else "genai-perf"),
        requests_per_second=rate,
        asked=None if completed is None else completed + (failed or 0.0),
        completed=completed,
        failed=failed,
        input_tokens=_mean(held, "input_sequence_length"),
        output_tokens=_mean(held, "output_sequence_length"),
        concurrency=_setting(held, "concurrency"),
        request_rate=_setting(held, "request_rate"),
        duration_s=_mean(held, "benchmark_duration"),
        ttft=_latency(held, "time_to_first_token"),
        tpot=_latency(held, "inter_token_latency") or _latency(held, "time_per_output_token"),
        e2e=_latency(held, "request_latency"),
        engine=word(table(held.get("input_config")).get("backend")),
        model=_model(held),
        refused=_refusal(held, rate),
    )


def _refusal(held: Mapping[str, Any], rate: float | None) -> str:
    if held.get("was_cancelled") is True:
        return "was cancelled"
    return "" if rate else "states no request throughput above 0"


def _mean(held: Mapping[str, Any], name: str) -> float | None:
    return number(table(held.get(name)).get("avg"))


def _latency(held: Mapping[str, Any], name: str) -> Latency:
    """In the unit that it states; nothing where the unit is not one of time."""
    stated = table(held.get(name))
    unit = UNITS.get(str(stated.get("unit", "")).lower())
    return Latency() if unit is None else Latency.of({each: number(stated.get(each)) for each in NAMES}, unit)


def _setting(held: Mapping[str, Any], name: str) -> float | None:
    """How the load was made, in the places in which versions keep it."""
    varied = table(table(held.get("run_info")).get("variation_values"))
    config = table(held.get("input_config"))
    stimulus = table(table(config.get("perf_analyzer")).get("stimulus"))
    places = (table(config.get("loadgen")), stimulus, config)
    inside = next((value for path, value in varied.items() if str(path).rsplit(".", 1)[-1] == name), None)
    return figure(inside) or next((value for place in places if (value := first(place, name))), None)


def _model(held: Mapping[str, Any]) -> str:
    config = table(held.get("input_config"))
    names = config.get("model_names") or table(config.get("endpoint")).get("model_names") or config.get("model")
    return word(names[0] if isinstance(names, list) and names else names)
