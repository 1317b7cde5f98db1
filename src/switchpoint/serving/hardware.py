"""Model on GPUs in numbers: architecture, deployment, fitted efficiencies.

They are in `data/efficiencies.csv`, each with its unit and where it comes from, written by
`python -m tools.calibrate_serving CSV --write`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from switchpoint.catalog.hardware import Gpu, OpenModel
from switchpoint.catalog.tables import CatalogError, squash, unknown
from switchpoint.horizon import Floats

BF16_BYTES = 2


@dataclass(frozen=True)
class Architecture:
    """The dimensions of a model, parameters counted by what reads them."""

    name: str
    layers: int
    hidden: int
    query_width: int
    """Heads x head dimension, averaged over the layers."""
    shared_params: float
    """Parameters that every token uses, vocabulary matrices left out."""
    expert_params: float
    """Parameters in experts; 0 where there are none."""
    expert_share: float
    """Part of the experts that a token uses; 1 where there are none."""
    vocabulary_params: float
    """Parameters of one vocabulary matrix."""
    vocabulary_matrices: int
    kv_bytes_bf16: float
    """KV cache per token in BF16, bytes, sliding windows not subtracted."""
    window_tokens: int = 0
    windowed_share: float = 0.0
    """Part of the KV cache of a token in layers that look back on `window_tokens` only."""
    windowed_query_share: float = 0.0
    """Part of the query width in those layers."""
    kv_heads: int = 0
    """Parts into which GPUs can split the KV cache; more GPUs keep copies. 0: any number."""
    weight_bits: float = 16
    """Bits per weight as published; below 8 only the experts are so, the rest is BF16."""

    @property
    def native_4bit(self) -> bool:
        """Whether it is published with 4-bit experts, whatever precision it is served in."""
        return self.weight_bits < 8

    @staticmethod
    def of(model: OpenModel) -> Architecture:
        """The architecture of a model in the catalogue.

        Experts hold what total and active parameters differ by: (total - active)/(1 - share of experts per token).
        """
        one = float(model.vocabulary * model.hidden)
        matrices = 1 if model.tied else 2
        total, active = (each * 1e9 - matrices * one for each in (model.params_billion, model.active_params_billion))
        windowed, full = model.query_widths
        share = model.experts_per_token / model.experts if model.experts else 1.0
        experts = (total - active) / (1 - share) if model.experts else 0.0
        return Architecture(
            name=model.key,
            layers=model.layers,
            hidden=model.hidden,
            query_width=round((windowed + full) / model.layers),
            shared_params=total - experts,
            expert_params=experts,
            expert_share=share,
            vocabulary_params=one,
            vocabulary_matrices=matrices,
            kv_bytes_bf16=float(model.kv_bytes_per_token_bf16),
            window_tokens=model.window_tokens,
            windowed_share=model.kv_windowed_share,
            windowed_query_share=windowed / (windowed + full),
            kv_heads=model.kv_heads,
            weight_bits=model.weight_bits,
        )

    @staticmethod
    def from_dimensions(
        params_billion: float, layers: int, kv_heads: int, head_dim: int, active_params_billion: float | None = None
    ) -> Architecture:
        """A model of which only these are known.

        A layer of width h has about 12·h² parameters, so h = √(params/(12·layers)). Vocabulary matrices count as
        layers, and every parameter of a mixture of experts as in an expert.
        """
        params, active = params_billion * 1e9, (active_params_billion or params_billion) * 1e9
        hidden = round(math.sqrt(active / (12 * layers)))
        mixed = active < params
        return Architecture(
            name="the model",
            layers=layers,
            hidden=hidden,
            query_width=hidden,
            shared_params=0.0 if mixed else params,
            expert_params=params if mixed else 0.0,
            expert_share=active / params,
            vocabulary_params=0.0,
            vocabulary_matrices=0,
            kv_bytes_bf16=2.0 * BF16_BYTES * layers * kv_heads * head_dim,
            kv_heads=kv_heads,
        )


BITS = {"bf16": 16.0, "fp8": 8.0, "int8": 8.0, "fp4": 4.5, "int4": 4.5}
"""Bits per weight; 4-bit formats with a scale per 16 weights."""
SPELLINGS = {"fp16": "bf16", "float16": "bf16", "bfloat16": "bf16", "nvfp4": "fp4", "mxfp4": "fp4"}
MEMORY_SHARE = 0.95
"""Part of the GPU memory that weights, activations and KV cache may fill, as in the published runs."""
ACTIVATION_BYTES = 1.5e9
"""Activations and buffers on each GPU."""
PCIE_BELOW = 100e9
"""An interconnect slower than this, bytes a second one way, is PCIe."""


@dataclass(frozen=True)
class Deployment:
    """One deployment as scalars, or many as arrays of shape (n,), one element each."""

    layers: Floats
    hidden: Floats
    query_width: Floats
    shared_flops: Floats
    """Of the shared weights, per token."""
    expert_flops: Floats
    """Of the experts that a token uses, per token."""
    vocabulary_flops: Floats
    """Of choosing a token."""
    shared_bytes: Floats
    expert_bytes: Floats
    """Of all experts."""
    vocabulary_bytes: Floats
    """Of the matrix that chooses tokens."""
    weight_bytes: Floats
    """All weights in memory."""
    expert_share: Floats
    kv_bytes: Floats
    """KV cache per token, over all its GPUs; those that cannot split it keep copies."""
    window_tokens: Floats
    windowed_share: Floats
    """Part of the KV cache in layers with a window."""
    windowed_query_share: Floats
    """Part of the query width in those layers."""
    gpus: Floats
    memory: Floats
    """Of all its GPUs, bytes."""
    bandwidth: Floats
    """Of all its GPUs, bytes a second."""
    link: Floats
    """Interconnect of one GPU, one way, bytes a second."""
    shared_peak: Floats
    """Dense FLOP/s of all its GPUs at the precision that computes the shared weights."""
    expert_peak: Floats
    """The same for the experts."""
    bf16_peak: Floats
    """The same for attention and vocabulary."""
    shared_fp4: Floats
    """1 where the shared weights are computed in FP4, else 0."""
    expert_fp4: Floats
    shared_unpacked: Floats
    """1 where 4-bit weights are unpacked before they are computed with, else 0."""
    expert_unpacked: Floats
    amd: Floats
    """1 for AMD, else 0."""

    @property
    def pcie(self) -> Floats:
        """Whether the GPUs talk over PCIe."""
        return np.asarray(self.link < PCIE_BELOW, dtype=float)

    @property
    def room(self) -> Floats:
        """Bytes left for KV cache; not positive where the weights do not fit."""
        room: Floats = self.memory * MEMORY_SHARE - self.gpus * ACTIVATION_BYTES - self.weight_bytes
        return room

    def cached_tokens(self, tokens: Floats) -> Floats:
        """Tokens of KV cache that a sequence of so many tokens keeps, averaged over its bytes."""
        return self._looked_back(tokens, self.windowed_share)

    def attended_tokens(self, tokens: Floats) -> Floats:
        """Tokens that one with so many before it attends to, averaged over the query width."""
        return self._looked_back(tokens, self.windowed_query_share)

    def _looked_back(self, tokens: Floats, share: Floats) -> Floats:
        kept: Floats = (1 - share) * tokens + share * np.minimum(tokens, self.window_tokens)
        return kept

    def sequences(self, tokens: Floats) -> Floats:
        """How many sequences of so many tokens fit into memory, not rounded."""
        fit: Floats = np.maximum(self.room, 0.0) / (self.cached_tokens(tokens) * self.kv_bytes)
        return fit


def precision_key(name: str) -> str:
    """The precision of that name.

    >>> precision_key("FP16"), precision_key("NVFP4")
    ('bf16', 'fp4')

    Raises:
        CatalogError: with the known names.
    """
    spelt = squash(name) if isinstance(name, str) else ""
    found = SPELLINGS.get(spelt, spelt)
    if found not in BITS:
        raise unknown("precision", str(name), BITS)
    return found


def deploy(model: Architecture, gpu: Gpu, precision: str, gpus: int = 1) -> Deployment:
    """A model on GPUs.

    The vocabulary stays in BF16; a model published with 4-bit experts is served so, with the rest in BF16.
    KV cache is in FP8 where weights are narrower than BF16 and the GPU computes with them so, else in BF16.
    """
    shared_key = "bf16" if model.native_4bit else precision
    shared_bits, expert_bits = BITS[shared_key], min(BITS[precision], model.weight_bits)
    shared_peak, shared_fp4, shared_unpacked = _peak(gpu, shared_key)
    expert_peak, expert_fp4, expert_unpacked = _peak(gpu, "mxfp4" if model.native_4bit else precision)
    vocabulary = model.vocabulary_params * BF16_BYTES
    shared, experts = model.shared_params * shared_bits / 8, model.expert_params * expert_bits / 8
    copies = max(gpus / model.kv_heads, 1.0) if model.kv_heads else 1.0
    numbers = {
        "layers": model.layers,
        "hidden": model.hidden,
        "query_width": model.query_width,
        "shared_flops": 2 * model.shared_params,
        "expert_flops": 2 * model.expert_params * model.expert_share,
        "vocabulary_flops": 2 * model.vocabulary_params,
        "shared_bytes": shared,
        "expert_bytes": experts,
        "vocabulary_bytes": vocabulary,
        "weight_bytes": shared + experts + vocabulary * model.vocabulary_matrices,
        "expert_share": model.expert_share,
        "kv_bytes": model.kv_bytes_bf16 * copies * (0.5 if _narrow_kv(model, gpu, precision) else 1.0),
        "window_tokens": model.window_tokens,
        "windowed_share": model.windowed_share,
        "windowed_query_share": model.windowed_query_share,
        "gpus": gpus,
        "memory": gpu.hbm_gib * 2**30 * gpus,
        "bandwidth": gpu.bandwidth_gb_s * 1e9 * gpus,
        "link": gpu.interconnect_gb_s * 1e9,
        "shared_peak": shared_peak * gpus,
        "expert_peak": expert_peak * gpus,
        "bf16_peak": gpu.bf16_tflops * 1e12 * gpus,
        "shared_fp4": shared_fp4,
        "expert_fp4": expert_fp4,
        "shared_unpacked": shared_unpacked,
        "expert_unpacked": expert_unpacked,
        "amd": gpu.key.startswith("MI"),
    }
    return Deployment(**{name: np.asarray(value, dtype=float) for name, value in numbers.items()})


def stack(deployments: Sequence[Deployment]) -> Deployment:
    """Many deployments as one of arrays."""
    names = [field.name for field in fields(Deployment)]
    return Deployment(**{name: np.array([getattr(each, name) for each in deployments]) for name in names})


def _narrow_kv(model: Architecture, gpu: Gpu, precision: str) -> bool:
    narrow = gpu.fp4_tflops if model.native_4bit else gpu.fp8_tflops
    return precision != "bf16" and narrow is not None


def _peak(gpu: Gpu, precision: str) -> tuple[float, bool, bool]:
    """Dense FLOP/s of one GPU, whether that is in FP4, and whether weights must be unpacked first.

    4-bit experts as published are computed in FP8 by GPUs that have FP4, in BF16 by the others.
    """
    plain = gpu.bf16_tflops
    four = gpu.fp4_tflops is not None
    tflops = {
        "bf16": plain,
        "fp8": gpu.fp8_tflops or plain,
        "int8": max(gpu.int8_tops or plain, plain),
        "fp4": gpu.fp4_tflops or plain,
        "int4": plain,
        "mxfp4": (gpu.fp8_tflops if four else None) or plain,
    }[precision]
    unpacked = precision == "int4" or (precision in ("fp4", "mxfp4") and not four)
    return tflops * 1e12, precision == "fp4" and four, unpacked


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
def shipped_efficiencies() -> Efficiencies:
    """The fitted constants that come with the package."""
    with DATA.open(newline="", encoding="utf-8") as file:
        values = {row["name"]: float(row["value"]) for row in csv.DictReader(file)}
    missing = [field.name for field in fields(Efficiencies) if field.name not in values]
    if missing:
        raise CatalogError(f"{DATA.name} lacks {', '.join(missing)}")
    return Efficiencies(**values)
