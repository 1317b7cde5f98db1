"""Replay a trace of requests on fleets of one to three replicas: python -m tools.replay_trace CSV [FOLDER]

A replica is llama-3.1-70b in fp8 on two H100, promised a first token within 2 s and 50 ms per further token (95th
percentiles). Prints what each fleet makes of the trace, and writes a chart of it into the folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from switchpoint.catalog import gpu, model
from switchpoint.export.pictures import save_chart
from switchpoint.serving.capacity import Question
from switchpoint.serving.capacity_cache import capacity
from switchpoint.serving.hardware import Architecture
from switchpoint.serving.serve import Promise, Served, serve
from switchpoint.serving.step_time import ModelledSteps
from switchpoint.serving.trace_files import read_trace
from switchpoint.text import join_names
from tools.replay_chart import p95_by_minute, replay_chart

FLEETS = (1, 2, 3)
PROMISE = Promise(ttft_p95_s=2.0, tpot_p95_s=0.05)


def question(path: str | Path) -> Question:
    """One replica, and requests of the trace's mean size."""
    trace, known = read_trace(path), model("llama-3.1-70b")
    steps = ModelledSteps(Architecture.of(known), gpu("H100"), "fp8", 2)
    inputs, outputs = (round(float(trace[name].mean()), 2) for name in ("input_tokens", "output_tokens"))
    return Question(steps, inputs, outputs, PROMISE, known.max_context)


def replay(path: str | Path, asked: Question) -> dict[int, Served]:
    """The trace served by each fleet, by its number of replicas."""
    trace, bench = read_trace(path), asked.bench
    return {number: serve(trace, replica=bench.limits, step_time=bench.step_time, replicas=number) for number in FLEETS}


def takeaway(served: dict[int, Served]) -> str:
    """In how many minutes each fleet keeps the promise of the first token."""
    parts = []
    for number, each in served.items():
        slow = p95_by_minute(each.requests["arrival_s"].to_numpy(), each.requests["ttft_s"].to_numpy())
        slow = slow[np.isfinite(slow)]
        parts.append(f"{number} replica{'s' * (number > 1)} in {(slow <= PROMISE.ttft_p95_s).sum()}")
    return f"Of {slow.size} minutes, the promise is kept by {join_names(parts)}"


def main(path: str, folder: str = ".") -> None:
    """Print what each fleet makes of the trace, and write the chart."""
    asked = question(path)
    served, one = replay(path, asked), capacity(asked)
    rate = next(iter(served.values())).summary.requests_per_second
    print(f"{rate:.2f} requests/s on average; one replica carries {one.requests_per_second:.2f}")
    for number, (_, made) in served.items():
        times = f"first token {made.ttft_p95_s:.2f} s, per token {1e3 * made.tpot_p95_s:.0f} ms (95th percentiles)"
        print(f"{number} replicas: {made.verdict}, {times}, {made.mean_in_system:.0f} requests at a time")
    tables = {f"{number} replica{'s' * (number > 1)}": each.requests for number, each in served.items()}
    carried = f"{rate:.1f} requests/s on average, one replica carries {one.requests_per_second:.1f}"
    note = f"{Path(path).stem} on llama-3.1-70b in fp8, two H100 a replica; {carried}"
    chart = replay_chart(tables, PROMISE.ttft_p95_s or 0.0, takeaway(served), note)
    for file in save_chart(chart, Path(folder), "replay"):
        print(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
