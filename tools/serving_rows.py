"""Published serving throughput, read from a CSV and cleaned: which rows can be compared, and why the others cannot.

Columns: model, precision, gpu, tp_or_gpus, isl, osl, concurrency_or_max, output_tokens_per_s_total, ttft_ms, tpot_ms,
engine, version, source. A concurrency that begins with "max" means that all requests are queued at once.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from switchpoint.catalog import CatalogError, gpu, model
from switchpoint.horizon import Bools, Floats
from switchpoint.serving.hardware import (
    Architecture,
    Deployment,
    Efficiencies,
    deploy,
    engine_key,
    precision_key,
    stack,
)
from switchpoint.serving.steady_state import RequestTraffic, Steady, steady

MACHINE = 8
"""GPUs of one machine; runs over several machines are another matter."""
SPECULATIVE = re.compile("mtp|eagle|medusa|specul|draft", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One published measurement."""

    model: str
    precision: str
    gpu: str
    gpus: int
    input_tokens: float
    output_tokens: float
    concurrency: float
    """Infinite where all requests are queued at once."""
    output_tokens_per_second: float
    ttft_s: float
    """Not a number where it was not published."""
    tpot_s: float
    engine: str
    version: str
    source: str

    @property
    def offline(self) -> bool:
        """Whether all requests were queued at once."""
        return self.concurrency == float("inf")

    @property
    def family(self) -> str:
        """The model; those of one architecture are one."""
        return {"llama-3.3-70b": "llama-3.1-70b"}.get(self.model, self.model)

    @property
    def deployment(self) -> Deployment:
        """What was measured, as the step time sees it."""
        return deploy(Architecture.of(model(self.model)), gpu(self.gpu), self.precision, self.gpus)

    @property
    def engine_name(self) -> str:
        """Engine and version as the tables show them."""
        return {"trtllm": "TensorRT-LLM", "vllm": "vLLM"}[self.engine] + f" {self.version}"


@dataclass(frozen=True)
class Rows:
    """Measurements as arrays."""

    rows: tuple[Row, ...]

    def column(self, name: str) -> Floats:
        """One field of all rows."""
        return np.array([getattr(row, name) for row in self.rows], dtype=float)

    @cached_property
    def deployment(self) -> Deployment:
        """Their deployments."""
        return stack([row.deployment for row in self.rows])

    @cached_property
    def traffic(self) -> RequestTraffic:
        """Their requests."""
        return RequestTraffic(*(self.column(name) for name in ("input_tokens", "output_tokens", "concurrency")))

    @cached_property
    def measured(self) -> tuple[Floats, Floats, Floats]:
        """Output tokens per second, tpot and ttft."""
        return self.column("output_tokens_per_second"), self.column("tpot_s"), self.column("ttft_s")

    @cached_property
    def on_vllm(self) -> Bools:
        """Which of them ran on vLLM."""
        return np.array([row.engine == "vllm" for row in self.rows])

    def predicted(self, with_: Efficiencies, engine_known: bool = True) -> Steady:
        """What the step time says."""
        known = np.where(self.on_vllm, with_.overhead("vllm"), with_.overhead("trtllm"))
        overhead = known if engine_known else np.full(len(self.rows), with_.overhead("any"))
        return steady(self.deployment, with_, overhead, self.traffic)

    def errors(self, with_: Efficiencies, engine_known: bool = True) -> Floats:
        """Throughput predicted over measured, less 1."""
        return self.predicted(with_, engine_known).output_tokens_per_second / self.measured[0] - 1

    def where(self, chosen: Bools) -> Rows:
        """Some of them."""
        return Rows(tuple(row for row, each in zip(self.rows, chosen, strict=True) if each))


def read(path: Path) -> tuple[list[Row], Counter[str]]:
    """The rows that can be compared, and how many were dropped for which reason."""
    kept: list[Row] = []
    dropped: Counter[str] = Counter()
    seen: set[tuple[object, ...]] = set()
    with path.open(newline="", encoding="utf-8") as file:
        for cells in csv.DictReader(file):
            row = _row(cells)
            reason = row if isinstance(row, str) else _reason(row, cells, seen)
            if reason:
                dropped[reason] += 1
            elif isinstance(row, Row):
                kept.append(row)
    return kept, dropped


def _row(cells: dict[str, str]) -> Row | str:
    """A row, or why it cannot be read."""
    try:
        names = model(cells["model"]).key, gpu(cells["gpu"]).key
    except CatalogError as fault:
        return str(fault).split(";")[0]
    flight = cells["concurrency_or_max"]
    return Row(
        model=names[0],
        precision=precision_key(cells["precision"].partition("(")[0]),
        gpu=names[1],
        gpus=int(cells["tp_or_gpus"]),
        input_tokens=float(cells["isl"]),
        output_tokens=float(cells["osl"]),
        concurrency=float("inf") if flight.startswith("max") else float(flight),
        output_tokens_per_second=float(cells["output_tokens_per_s_total"]),
        ttft_s=float(cells["ttft_ms"] or "nan") / 1e3,
        tpot_s=float(cells["tpot_ms"] or "nan") / 1e3,
        engine=engine_key(cells["engine"]),
        version=cells["version"],
        source=cells["source"],
    )


def _reason(row: Row, cells: dict[str, str], seen: set[tuple[object, ...]]) -> str:
    """Why a row cannot be compared, empty where it can."""
    if SPECULATIVE.search(" ".join((cells["model"], row.engine, row.version, row.source))):
        return "speculative decoding"
    if row.gpus > MACHINE:
        return "GPUs of more than one machine"
    measured = (row.model, row.precision, row.gpu, row.gpus, row.input_tokens, row.output_tokens, row.concurrency)
    known = (*measured, row.engine, row.version, row.output_tokens_per_second, str(row.ttft_s), str(row.tpot_s))
    if known in seen and not row.offline:
        return "the same measurement again"
    seen.add(known)
    return ""
