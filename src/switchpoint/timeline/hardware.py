"""What a fleet's GPUs and model are: looked up where they are not stated."""

from __future__ import annotations

import numpy as np

from switchpoint.catalog import gpu, model, rent
from switchpoint.clock import Clock, Floats
from switchpoint.scenario.candidate import Model
from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import GpuCandidate
from switchpoint.serving.roofline import Dimensions, Replica, capacity, why_not
from switchpoint.timeline.market import Terms
from switchpoint.usage import Traffic


def rent_per_hour(spec: GpuCandidate) -> float:
    """Rent of a GPU-hour on the first day: as stated, else the catalogue's; 0 where GPUs are bought."""
    fleet = spec.fleet
    if fleet.usd_per_gpu_hour is not None:
        return num(fleet.usd_per_gpu_hour)
    if fleet.purchase_usd_per_gpu is not None or fleet.gpu is None:
        return 0.0
    return rent(fleet.gpu, fleet.provider, fleet.spot).usd_per_gpu_hour


def dimensions(spec: Model) -> Dimensions:
    """Dimensions of the served model: as stated, else the catalogue's.

    KV cache takes 2 (keys and values) x 2 bytes (BF16) x layers x kv_heads x head_dim per token.
    """
    if spec.base is not None:
        known = model(spec.base)
        return Dimensions(known.key, known.params_billion, known.active_params_billion, known.kv_bytes_per_token_bf16)
    params = spec.params_billion or 0.0
    kv = 4.0 * (spec.layers or 0) * (spec.kv_heads or 0) * (spec.head_dim or 0)
    return Dimensions("the model", params, spec.active_params_billion or params, kv)


def max_context(spec: Model) -> int | None:
    """Longest input plus output of the served model, None where it is not known."""
    if spec.max_context is None and spec.base is not None:
        return model(spec.base).max_context
    return spec.max_context


def capacity_by_day(spec: GpuCandidate, flow: Traffic, terms: Terms, clock: Clock) -> tuple[Floats, str]:
    """Requests per second of one replica on each day, estimated anew each calendar month; and why it is 0, if it is."""
    fleet = spec.fleet
    if fleet.requests_per_second_per_replica is not None:
        return np.full(clock.days, num(fleet.requests_per_second_per_replica)), ""
    assert spec.model is not None
    assert fleet.gpu is not None
    replica = Replica(dimensions(spec.model), gpu(fleet.gpu), spec.model.precision, fleet.gpus_per_replica)
    firsts = clock.month_starts
    inputs = flow.input_tokens[firsts] * terms.input_factor
    outputs = flow.output_tokens[firsts] * terms.output_factor
    rates = capacity(replica, inputs, outputs, fleet.ttft_p95_s, fleet.tpot_p95_s)
    return np.repeat(rates, clock.month_days), why_not(replica)
