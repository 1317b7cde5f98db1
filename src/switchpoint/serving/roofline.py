"""A plain steady-state estimate of what one replica can carry, for fleets without a measured figure.

The replica decodes a batch while it works off prompts. Its step time is the larger of reading weights and KV cache from
memory and of computing, plus a fixed overhead; a prompt costs compute alone. In steady state a request takes
prompt + output x step/batch seconds of the replica, and the gap between its tokens is those seconds x batch/output. The
capacity is the best rate of all batches that fit in memory and keep the latency promise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.catalog import Gpu
from switchpoint.clock import Floats

COMPUTE_EFFICIENCY = 0.55
"""Part of the dense peak that prompts and batches reach. Assumption; a fit to 204 rows that NVIDIA published for
TensorRT-LLM, KV cache as measured there, gives 0.57 (benchmarks/offline_throughput.py, 2026-11-23)."""
BANDWIDTH_EFFICIENCY = 0.7
"""Part of the memory bandwidth that decoding reaches. Assumption; the same fit gives 0.77."""
MEMORY_SHARE = 0.9
"""Part of the GPU memory that weights and KV cache may fill; serving engines default to 0.9."""
STEP_OVERHEAD_S = 0.004
"""Scheduling and kernel launches of one step, seconds. Assumption; the same fit gives 0.0040."""
TAIL = 1.5
"""95th percentile of a latency over its mean at the planned load. Assumption, until requests are simulated."""
BATCHES = np.unique(np.geomspace(1, 512, 64).round())
"""Batch sizes that are tried, requests."""
BITS = {"bf16": 16, "fp8": 8, "int8": 8, "fp4": 4.25, "int4": 4.25}
"""Bits per weight; of the four-bit formats with the scales of their blocks."""


@dataclass(frozen=True)
class Dimensions:
    """What of a model decides its speed."""

    name: str
    params_billion: float
    active_params_billion: float
    kv_bytes_per_token: float
    """Keys and values of one token, all layers; in BF16 whatever the weights."""


@dataclass(frozen=True)
class Replica:
    """One copy of a model on its GPUs."""

    model: Dimensions
    gpu: Gpu
    precision: str
    gpus: int = 1

    @property
    def flops(self) -> float:
        """Dense FLOP/s at the precision that computes: FP8 and INT8 where the GPU has them, else BF16."""
        fast = {"fp8": self.gpu.fp8_tflops, "int8": self.gpu.int8_tops, "fp4": self.gpu.fp4_tflops}
        return (fast.get(self.precision) or self.gpu.bf16_tflops) * 1e12 * self.gpus

    @property
    def bandwidth(self) -> float:
        """Bytes a second of all its GPUs."""
        return self.gpu.bandwidth_gb_s * 1e9 * self.gpus

    @property
    def room(self) -> float:
        """Bytes of memory left for KV cache; negative where the weights do not fit."""
        return self.gpu.hbm_gib * 2**30 * self.gpus * MEMORY_SHARE - self.weight_bytes

    @property
    def weight_bytes(self) -> float:
        """Bytes of all weights."""
        return self.model.params_billion * 1e9 * BITS[self.precision] / 8

    def weights_read(self, batch: Floats) -> Floats:
        """Bytes of weights that a step of a batch reads: of a mixture of experts, those that its tokens choose.

        active + (all - active)·(1 - (1 - active/all)^(batch - 1)).
        """
        active = self.model.active_params_billion / self.model.params_billion
        read: Floats = active + (1 - active) * (1 - (1 - active) ** (batch - 1))
        return self.weight_bytes * read


def capacity(
    replica: Replica, input_tokens: Floats, output_tokens: Floats, ttft_s: float | None, tpot_s: float | None
) -> Floats:
    """Largest steady rate of requests that keeps the promise.

    Args:
        replica: model and GPUs.
        input_tokens: per request, shape (n,).
        output_tokens: per request, shape (n,).
        ttft_s: promised 95th percentile of the time to first token, s; None for none.
        tpot_s: promised 95th percentile of the time per output token, s; None for none.

    Returns:
        Requests per second of one replica, shape (n,); 0 where the weights do not fit, or not even one request keeps
        the promise.
    """
    inputs, outputs = input_tokens[:, None], np.maximum(output_tokens, 1.0)[:, None]
    per_token = 2 * replica.model.active_params_billion * 1e9 / (replica.flops * COMPUTE_EFFICIENCY)
    prompt = inputs * per_token
    kv = replica.model.kv_bytes_per_token * (inputs + outputs / 2)
    read = (replica.weights_read(BATCHES) + BATCHES * kv) / (replica.bandwidth * BANDWIDTH_EFFICIENCY)
    step = np.maximum(read, BATCHES * per_token) + STEP_OVERHEAD_S
    seconds = prompt + outputs * step / BATCHES
    gap = seconds * BATCHES / outputs
    fits = BATCHES * replica.model.kv_bytes_per_token * (inputs + outputs) <= replica.room
    keeps = (gap * TAIL <= (tpot_s or np.inf)) & ((prompt + step) * TAIL <= (ttft_s or np.inf))
    rate: Floats = np.where(fits & keeps, 1 / seconds, 0.0).max(axis=1)
    return rate


def why_not(replica: Replica) -> str:
    """Why a replica can carry nothing, in one sentence."""
    what = f"{replica.model.name} in {replica.precision} on {replica.gpus} x {replica.gpu.key}"
    if replica.room <= 0:
        need, have = replica.weight_bytes / 2**30, replica.gpu.hbm_gib * replica.gpus
        return f"{what}: weights of {need:.0f} GiB do not fit into {have:.0f} GiB; take more GPUs per replica"
    return f"{what} cannot keep the latency promise even for one request at a time"
