"""How far the plain estimate of a replica's capacity is from published throughput.

`python benchmarks/offline_throughput.py` prints the errors; with `--fit` also the constants that would make their
median smallest. The rows are what NVIDIA publishes for TensorRT-LLM with all requests queued at once and no latency
promise; each has its source in `offline_throughput.csv`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from switchpoint.catalog import gpu, model
from switchpoint.clock import Floats
from switchpoint.serving import roofline
from switchpoint.serving.roofline import Dimensions, Replica, capacity

ROWS = Path(__file__).with_suffix(".csv")
CONSTANTS = ("COMPUTE_EFFICIENCY", "BANDWIDTH_EFFICIENCY", "STEP_OVERHEAD_S")


@dataclass(frozen=True)
class Row:
    """One published measurement."""

    model: str
    precision: str
    gpu: str
    gpus: int
    input_tokens: float
    output_tokens: float
    output_tokens_per_s: float
    engine: str
    version: str
    source: str

    def replica(self, kv_as_weights: bool) -> Replica:
        """The replica measured; KV cache in BF16, or in FP8 where the weights are."""
        known = model(self.model)
        kv = known.kv_bytes_per_token_bf16 / (2 if kv_as_weights and self.precision == "fp8" else 1)
        dimensions = Dimensions(known.key, known.params_billion, known.active_params_billion, kv)
        return Replica(dimensions, gpu(self.gpu), self.precision, self.gpus)

    def error(self, kv_as_weights: bool) -> float:
        """Estimate over measurement, less 1."""
        tokens = np.array([self.input_tokens]), np.array([self.output_tokens])
        rate = float(capacity(self.replica(kv_as_weights), *tokens, None, None)[0])
        return rate * self.output_tokens / self.output_tokens_per_s - 1


@cache
def rows() -> tuple[Row, ...]:
    """All published rows."""
    with ROWS.open(newline="", encoding="utf-8") as file:
        return tuple(
            Row(
                **row
                | {"gpus": int(row["gpus"])}
                | {name: float(row[name]) for name in ("input_tokens", "output_tokens", "output_tokens_per_s")}
            )
            for row in csv.DictReader(file)
        )


def errors(chosen: Sequence[Row], kv_as_weights: bool) -> Floats:
    """Signed relative errors of some rows."""
    return np.array([row.error(kv_as_weights) for row in chosen])


GROUPS: dict[str, Callable[[Row], bool]] = {
    "all": lambda row: row.gpus > 0,
    "one GPU": lambda row: row.gpus == 1,
    "BF16": lambda row: row.precision == "bf16",
    "FP8": lambda row: row.precision == "fp8",
    "L40S, several": lambda row: row.gpu == "L40S" and row.gpus > 1,
}


def table() -> str:
    """Median absolute error, median signed error and 90th percentile of the absolute error, by group of rows."""
    lines = [f"{'rows':<15}{'n':>5}{'KV cache':>14}{'median':>9}{'signed':>9}{'p90':>9}"]
    for name, belongs in GROUPS.items():
        chosen = [row for row in rows() if belongs(row)]
        for kv_as_weights, label in ((False, "BF16"), (True, "as measured")):
            error = errors(chosen, kv_as_weights)
            figures = np.median(abs(error)), np.median(error), np.quantile(abs(error), 0.9)
            lines.append(f"{name:<15}{len(chosen):>5}{label:>14}" + "".join(f"{x:>9.1%}" for x in figures))
    return "\n".join(lines)


@contextmanager
def constants(values: Sequence[float]) -> Iterator[None]:
    """Other constants in the roofline, for a while."""
    before = [getattr(roofline, name) for name in CONSTANTS]
    for name, value in zip(CONSTANTS, values, strict=True):
        setattr(roofline, name, float(value))
    try:
        yield
    finally:
        for name, value in zip(CONSTANTS, before, strict=True):
            setattr(roofline, name, value)


def fit(chosen: Sequence[Row], kv_as_weights: bool) -> tuple[Floats, float]:
    """The constants with the smallest median absolute error, and that error."""
    from scipy.optimize import minimize

    def loss(values: Floats) -> float:
        if min(values) <= 0 or max(values[:2]) > 1:
            return 10.0
        with constants(values):
            return float(np.median(abs(errors(chosen, kv_as_weights))))

    begins = ([0.55, 0.7, 0.004], [0.4, 0.8, 0.002], [0.7, 0.95, 0.006])
    found = [minimize(loss, begin, method="Nelder-Mead", options={"maxfev": 150}) for begin in begins]
    best = min(found, key=lambda each: float(each.fun))
    return best.x, float(best.fun)


def main() -> None:
    print(table())
    if "--fit" in sys.argv[1:]:
        for name in ("all", "one GPU"):
            chosen = [row for row in rows() if GROUPS[name](row)]
            for kv_as_weights, label in ((False, "BF16"), (True, "as measured")):
                values, error = fit(chosen, kv_as_weights)
                shown = ", ".join(f"{key} {value:.4g}" for key, value in zip(CONSTANTS, values, strict=True))
                print(f"fit, {name}, KV cache {label}: {error:.1%} with {shown}")


if __name__ == "__main__":
    main()
