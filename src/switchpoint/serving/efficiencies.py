"""What part of its datasheet a GPU reaches when it serves, and what an engine adds: the fitted constants.

They are in `data/efficiencies.csv`, each with its unit and where it comes from, written by
`python -m tools.calibrate_serving CSV --write`.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from switchpoint.catalog.errors import CatalogError, unknown
from switchpoint.catalog.names import squash

DATA = Path(__file__).parent / "data" / "efficiencies.csv"
ENGINES = {"vllm": "vllm", "trtllm": "trtllm", "tensorrtllm": "trtllm", "tensorrt": "trtllm", "any": "any"}


@dataclass(frozen=True)
class Efficiencies:
    """The constants of the step time. Shares are of the datasheet's figure."""

    compute: float
    """Share of the dense BF16, FP8 or INT8 peak that matrix products reach."""
    compute_fp4: float
    """Share of the dense FP4 peak."""
    expert_compute: float
    """Further share for products of experts, which are small."""
    unpacking: float
    """Further share, in reading and computing, where 4-bit weights are unpacked by a GPU that cannot compute in FP4."""
    prompt_attention: float
    """Share of the BF16 peak that attention over prompts reaches."""
    bandwidth: float
    """Share of the memory bandwidth that reading weights reaches."""
    kv_bandwidth: float
    """Share of the memory bandwidth that reading the KV cache reaches."""
    link: float
    """Share of the interconnect's rate that an all-reduce reaches."""
    nvlink_us: float
    """Latency of an all-reduce per doubling of GPUs over NVLink or its like, µs."""
    pcie_us: float
    """The same over PCIe, µs."""
    layer_us: float
    """Launching the kernels of a layer, µs a step."""
    sequence_us: float
    """Scheduling and sampling, µs a step and sequence; overlaps with the GPU's work."""
    vllm: float
    """What vLLM takes for the two above over TensorRT-LLM; an unnamed engine takes the geometric mean."""
    amd: float
    """Further share of compute and bandwidth that AMD's software reaches."""
    request_ms: float
    """From a request's arrival to its place in a batch and from its first token to the client, ms."""
    waiting_share: float
    """Part of other requests' prompt work that delays a first token; the rest delays tokens that follow."""

    def overhead(self, engine: str) -> float:
        """Factor on the engine's own time.

        Raises:
            CatalogError: for an engine that is not known.
        """
        return {"trtllm": 1.0, "vllm": self.vllm, "any": math.sqrt(self.vllm)}[engine_key(engine)]


def engine_key(name: str) -> str:
    """The engine of that name: vllm, trtllm or any.

    >>> engine_key("TensorRT-LLM"), engine_key("vLLM")
    ('trtllm', 'vllm')

    Raises:
        CatalogError: with the known names.
    """
    found = ENGINES.get(squash(name)) if isinstance(name, str) else None
    if found is None:
        raise unknown("engine", str(name), ("any", "trtllm", "vllm"))
    return found


@cache
def shipped() -> Efficiencies:
    """The fitted constants that come with the package."""
    with DATA.open(newline="", encoding="utf-8") as file:
        values = {row["name"]: float(row["value"]) for row in csv.DictReader(file)}
    missing = [field.name for field in fields(Efficiencies) if field.name not in values]
    if missing:
        raise CatalogError(f"{DATA.name} lacks {', '.join(missing)}")
    return Efficiencies(**values)
