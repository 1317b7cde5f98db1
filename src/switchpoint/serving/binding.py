"""Which resource of a replica its throughput hangs on, and why it has none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from switchpoint.serving.deployment import Deployment
from switchpoint.serving.steady import Traffic, steady
from switchpoint.serving.step_time import ModelledSteps
from switchpoint.words import count

RESOURCES = {
    "compute": ("shared_peak", "expert_peak", "bf16_peak"),
    "bandwidth": ("bandwidth",),
    "memory": ("memory",),
}
MORE = 1.1


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
    weights, memory = (float(each) / 2**30 for each in (steps.deployment.weight_bytes, steps.deployment.memory))
    if steps.room_bytes <= 0:
        return (
            f"{named(steps)}: weights of {weights:.0f} GiB do not fit into {memory:.0f} GiB; take more GPUs per replica"
        )
    room = f"{steps.room_bytes / 2**30:.1f} GiB that {weights:.0f} GiB of weights leave of {memory:.0f} GiB"
    return (
        f"{named(steps)}: a request of {count(tokens)} tokens does not fit into the {room}; take more GPUs per replica"
    )


def too_slow(steps: ModelledSteps) -> str:
    """Why a replica on which requests fit carries none."""
    return f"{named(steps)} cannot keep the latency promise even for one request at a time"


def too_long(steps: ModelledSteps, tokens: float, most: int) -> str:
    """Why requests are not simulated."""
    return (
        f"{named(steps)}: requests of {count(tokens)} tokens on average are longer than what is simulated "
        f"({count(most)}); state the measured capacity of a replica"
    )


def named(steps: ModelledSteps) -> str:
    """Model, precision and GPUs of a replica."""
    return f"{steps.model.name} in {steps.precision} on {steps.tensor_parallel} x {steps.gpu.key}"
