"""Which resource of a replica its throughput hangs on, and why it has none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from switchpoint.serving.deployment import ACTIVATION_BYTES, MEMORY_SHARE, Deployment
from switchpoint.serving.sample import Spread
from switchpoint.serving.steady import Traffic, steady
from switchpoint.serving.step_time import ModelledSteps
from switchpoint.serving.trial import Promise, Trial
from switchpoint.words import count

RESOURCES = {
    "compute": ("shared_peak", "expert_peak", "bf16_peak"),
    "bandwidth": ("bandwidth",),
    "memory": ("memory",),
}
MORE = 1.1
GIB = 2**30


@dataclass(frozen=True)
class Sizes:
    """Mean input tokens of requests, and how far apart single ones are."""

    inputs: float
    spread: Spread


def binding(steps: ModelledSteps, input_tokens: float, output_tokens: float, running: float) -> str:
    """The resource of which a tenth more would raise the steady throughput the most: compute, bandwidth or memory.

    Args:
        steps: model and GPUs.
        input_tokens: mean per request.
        output_tokens: mean per request.
        running: sequences that the engine runs at a time at most.
    """
    traffic = Traffic(*(np.asarray(each, dtype=float) for each in (input_tokens, output_tokens, running)))

    def made(on: Deployment) -> float:
        return float(steady(on, steps.efficiencies, steps.overhead, traffic).output_tokens_per_second)

    gains = {
        name: made(replace(steps.deployment, **{part: getattr(steps.deployment, part) * MORE for part in parts}))
        for name, parts in RESOURCES.items()
    }
    return max(gains, key=lambda name: gains[name])


def no_room(steps: ModelledSteps, tokens: float) -> str:
    """Why a request of so many tokens cannot be held; nothing where it can."""
    if steps.sequences(tokens) >= 1:
        return ""
    on = steps.deployment
    weights, memory, buffers = (
        float(each) / GIB for each in (on.weight_bytes, on.memory, on.gpus * np.asarray(ACTIVATION_BYTES))
    )
    used = f"the {MEMORY_SHARE * memory:.0f} GiB of {memory:.0f} GiB that an engine fills"
    needs = f"weights of {weights:.0f} GiB and activations of {buffers:.1f} GiB"
    if steps.room_bytes <= 0:
        return f"{named(steps)}: {needs} do not fit into {used}; take more GPUs or a lower precision"
    room = f"{steps.room_bytes / GIB:.1f} GiB that {needs} leave of {used}"
    return f"{named(steps)}: a request of {count(tokens)} tokens does not fit into the {room}; take more GPUs"


def too_slow(steps: ModelledSteps, alone: Trial, promise: Promise, sizes: Sizes) -> str:
    """Why a replica on which requests fit carries none, and what decided it.

    Args:
        steps: model and GPUs.
        alone: requests served one at a time.
        promise: what they break.
        sizes: the requests.
    """
    pairs = zip(("first token", "per output token"), alone.percentile(95), promise.both, strict=True)
    broken = [(name, took, kept) for name, took, kept in pairs if kept is not None and took > kept]
    said = [f"{name} {_ms(took)} at the 95th percentile, promised {_ms(kept)}" for name, took, kept in broken]
    text = f"{named(steps)} cannot keep the latency promise even for one request at a time: {' and '.join(said)}"
    return text + _long_prompts(steps, promise.ttft_p95_s, sizes) if broken and broken[0][0] == "first token" else text


def _long_prompts(steps: ModelledSteps, promised: float | None, sizes: Sizes) -> str:
    """That it is the long prompts that break the promise of a first token; nothing where those of mean length do."""
    mean = float(steps.prefill(sizes.inputs)) + steps.efficiencies.request_ms * 1e-3
    apart = sizes.spread.inputs
    if promised is None or mean > promised or not apart:
        return ""
    long = sizes.inputs * math.exp(NormalDist().inv_cdf(0.95) * apart - apart**2 / 2)
    return (
        f"; long prompts decide: one of {count(sizes.inputs)} tokens takes {_ms(mean)}, but one in twenty has over "
        f"{count(long)} (usage.input_spread = {apart:.2g}; 0 where all are alike)"
    )


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:,.3g} ms" if seconds < 1 else f"{seconds:,.3g} s"


def too_long(steps: ModelledSteps, tokens: float, most: int) -> str:
    """Why requests are not simulated."""
    return (
        f"{named(steps)}: requests of {count(tokens)} tokens on average are longer than what is simulated "
        f"({count(most)}); state the measured capacity of a replica"
    )


def named(steps: ModelledSteps) -> str:
    """Model, precision and GPUs of a replica."""
    return f"{steps.model.name} in {steps.precision} on {steps.tensor_parallel} x {steps.gpu.key}"
