"""A model in a precision on the GPUs of one replica, in the numbers that decide its speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from switchpoint.catalog import Gpu
from switchpoint.catalog.errors import unknown
from switchpoint.catalog.names import squash
from switchpoint.clock import Floats
from switchpoint.serving.architecture import BF16_BYTES, Architecture

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

    def cached(self, tokens: Floats) -> Floats:
        """Tokens of KV cache that a sequence of so many tokens keeps, averaged over its bytes."""
        return self._looked_back(tokens, self.windowed_share)

    def attended(self, tokens: Floats) -> Floats:
        """Tokens that one with so many before it attends to, averaged over the query width."""
        return self._looked_back(tokens, self.windowed_query_share)

    def _looked_back(self, tokens: Floats, share: Floats) -> Floats:
        kept: Floats = (1 - share) * tokens + share * np.minimum(tokens, self.window_tokens)
        return kept

    def sequences(self, tokens: Floats) -> Floats:
        """How many sequences of so many tokens fit into memory, not rounded."""
        fit: Floats = np.maximum(self.room, 0.0) / (self.cached(tokens) * self.kv_bytes)
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
