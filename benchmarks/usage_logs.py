"""Spend logs read in a stream against plain pandas: python benchmarks/usage_logs.py [ROWS]

Writes spend logs of that many calls (1,000,000 when left out), one row a call over 200 days, then reads them twice,
each time in a process of its own: once as `switchpoint fit` does, once with pandas in one piece. Prints rows a second,
the most memory of either, and whether both come to the same tokens and dollars.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

MODELS = ("gpt-5-mini-2025-08-07", "claude-sonnet-5", "gemini-2.5-flash")
DAYS = 200
STEP = 250_000
STREAM = """
import resource, sys, time
from switchpoint.owndata.reading import read_usage
began = time.perf_counter()
table = read_usage([sys.argv[1]]).table
took, busy = time.perf_counter() - began, time.process_time()
print(table.input_tokens.sum(), table.cost_usd.sum(), took, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
PANDAS = """
import resource, sys, time
import pandas as pd
began = time.perf_counter()
calls = pd.read_csv(sys.argv[1], parse_dates=["startTime"])
calls = calls.drop_duplicates("request_id")
table = calls.groupby([calls.startTime.dt.floor("D"), "model"])[["prompt_tokens", "completion_tokens", "spend"]].sum()
took, busy = time.perf_counter() - began, time.process_time()
print(table.prompt_tokens.sum(), table.spend.sum(), took, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write_logs(path: Path, rows: int) -> None:
    """Spend logs with the columns that matter and some that do not, in order of time."""
    rng = np.random.default_rng(1)
    begin = np.datetime64("2026-01-01", "ms")
    writer = None
    for first in range(0, rows, STEP):
        number = np.arange(first, min(first + STEP, rows))
        when = begin + (number / rows * DAYS * 86_400_000).astype("timedelta64[ms]")
        text = pc.strftime(pa.array(when), format="%Y-%m-%dT%H:%M:%SZ")
        given, written = rng.integers(50, 4_000, len(number)), rng.integers(10, 900, len(number))
        columns = {
            "request_id": pc.binary_join_element_wise("chatcmpl-", pa.array(number).cast(pa.string()), "-x7Qp", ""),
            "call_type": pa.array(["acompletion"] * len(number)),
            "spend": pa.array((given * 25 + written * 200) / 1e8),
            "total_tokens": pa.array(given + written),
            "prompt_tokens": pa.array(given),
            "completion_tokens": pa.array(written),
            "startTime": text,
            "endTime": text,
            "model": pa.array(np.array(MODELS, dtype=object)[rng.integers(0, 3, len(number))]),
            "metadata": pa.array(['{"tags": ["a", "b"], "usage_object": {}}'] * len(number)),
            "cache_hit": pa.array(["None"] * len(number)),
            "end_user": pc.binary_join_element_wise("customer-", pa.array(number % 5_000).cast(pa.string()), ""),
            "status": pa.array(["success"] * len(number)),
        }
        table = pa.table(columns)
        writer = writer or pyarrow.csv.CSVWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def measure(code: str, path: Path) -> tuple[float, float, float, float, float]:
    """Tokens in, dollars, seconds, seconds of processors and the most memory in MB of a process that reads the logs."""
    run = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    tokens, dollars, took, busy, peak = map(float, run.stdout.split())
    return tokens, dollars, took, busy, peak / 1024


def main() -> None:
    """Write, read twice, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spend_logs.csv"
        began = time.perf_counter()
        write_logs(path, rows)
        print(f"{rows:,} calls, {path.stat().st_size / 1e9:.2f} GB, written in {time.perf_counter() - began:.0f} s")
        found = {name: measure(code, path) for name, code in (("in a stream", STREAM), ("plain pandas", PANDAS))}
    for name, (_, _, took, busy, peak) in found.items():
        speed = f"{took:.1f} s ({busy:.1f} s of processors), {rows / took:,.0f} rows a second"
        print(f"  {name}: {speed}, {peak:,.0f} MB at most")
    (tokens, dollars, *_), (others, paid, *_) = found.values()
    print(f"  the same tokens: {tokens == others}; dollars apart by {abs(dollars - paid):.2g}")


if __name__ == "__main__":
    main()
