"""What a fleet's GPUs and model are: looked up where they are not stated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from switchpoint.catalog import gpu, model, rent
from switchpoint.clock import Clock, Floats
from switchpoint.scenario.candidate import Model
from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import GpuCandidate, Usage
from switchpoint.serving.architecture import Architecture
from switchpoint.serving.capacity import Capacity, Question
from switchpoint.serving.remember import capacity
from switchpoint.serving.step_time import ModelledSteps
from switchpoint.serving.trial import Promise
from switchpoint.timeline.market import Terms
from switchpoint.usage import Traffic

GRID = 1.5
"""Where tokens grow, capacity is simulated at powers of this factor on the stated tokens."""


def rent_per_hour(spec: GpuCandidate) -> float:
    """Rent of a GPU-hour on the first day: as stated, else the catalogue's; 0 where GPUs are bought."""
    fleet = spec.fleet
    if fleet.usd_per_gpu_hour is not None:
        return num(fleet.usd_per_gpu_hour)
    if fleet.purchase_usd_per_gpu is not None or fleet.gpu is None:
        return 0.0
    return rent(fleet.gpu, fleet.provider, fleet.spot).usd_per_gpu_hour


def architecture(spec: Model) -> Architecture:
    """Dimensions of the served model: as stated, else the catalogue's."""
    if spec.base is not None:
        return Architecture.of(model(spec.base))
    return Architecture.stated(
        spec.params_billion or 0.0,
        spec.layers or 0,
        spec.kv_heads or 0,
        spec.head_dim or 0,
        spec.active_params_billion,
    )


def active_params_billion(spec: Model) -> float:
    """Parameters that each token uses: as stated, else the catalogue's."""
    if spec.base is not None:
        return model(spec.base).active_params_billion
    return spec.active_params_billion or spec.params_billion or 0.0


def max_context(spec: Model) -> int | None:
    """Longest input plus output of the served model, None where it is not known."""
    if spec.max_context is None and spec.base is not None:
        return model(spec.base).max_context
    return spec.max_context


def question(spec: GpuCandidate, input_tokens: float, output_tokens: float) -> Question:
    """What is asked of one replica of a candidate without a measured capacity.

    Args:
        spec: the candidate.
        input_tokens: mean per request.
        output_tokens: mean per request.
    """
    assert spec.model is not None
    assert spec.fleet.gpu is not None
    fleet = spec.fleet
    steps = ModelledSteps(architecture(spec.model), gpu(spec.fleet.gpu), spec.model.precision, fleet.gpus_per_replica)
    promise = Promise(fleet.ttft_p95_s, fleet.tpot_p95_s)
    return Question(steps, _rounded(input_tokens), _rounded(output_tokens), promise, max_context(spec.model))


def _rounded(tokens: float) -> float:
    """To a hundredth of a token, so that what rounding errors tell apart is one question."""
    return round(max(tokens, 1.0), 2)


def capacity_by_day(spec: GpuCandidate, usage: Usage, flow: Traffic, terms: Terms, clock: Clock) -> tuple[Floats, str]:
    """Requests per second of one replica on each day, estimated anew each calendar month; and why it is 0, if it is."""
    fleet = spec.fleet
    if fleet.requests_per_second_per_replica is not None:
        return np.full(clock.days, num(fleet.requests_per_second_per_replica)), ""
    inputs, outputs = num(usage.input_tokens) * terms.input_factor, num(usage.output_tokens) * terms.output_factor
    grown = flow.input_tokens + flow.output_tokens
    stated = num(usage.input_tokens) + num(usage.output_tokens)
    factors = grown[clock.month_starts] / stated if stated > 0 else np.ones(len(clock.month_starts))
    rates, why = along(lambda factor: capacity(question(spec, inputs * factor, outputs * factor)), factors)
    return np.repeat(rates, clock.month_days), why


def along(carried: Callable[[float], Capacity], factors: Floats) -> tuple[Floats, str]:
    """Requests per second at factors on the tokens, simulated at powers of GRID alone; and why it is 0, if it is.

    Between two powers the logarithm of the rate is a line in that of the factor; where the upper one carries nothing,
    the rate is the lower one's, less in proportion.

    Args:
        carried: the capacity at a factor.
        factors: shape (n,).
    """
    place = np.round(np.log(factors) / np.log(GRID), 9)
    below = np.floor(place).astype(int)
    nodes = {int(each): carried(GRID ** float(each)) for each in np.unique([below, np.ceil(place).astype(int)])}
    low, high = (np.array([nodes[int(each)].requests_per_second for each in at]) for at in (below, np.ceil(place)))
    part = place - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = low * (high / low) ** part
    rates = np.where(low * high > 0, between, low * (1 - part))
    return rates, next((nodes[each].why for each in sorted(nodes) if nodes[each].why), "")
