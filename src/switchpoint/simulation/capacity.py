"""Capacity of a replica by day; GPU, model and training looked up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from switchpoint.catalog import CatalogError, Rent, gpu, model, rent, sold_in
from switchpoint.horizon import Amount, Floats, Horizon
from switchpoint.scenario.candidates import Candidate, Fleet, GpuCandidate, HostedCandidate, Model, OwnModel
from switchpoint.scenario.current import CommonOfCurrent, OwnRoute
from switchpoint.scenario.project import Training
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import amount, num
from switchpoint.scenario.usage import Usage
from switchpoint.serving.capacity import Capacity, Question, lone_seconds
from switchpoint.serving.capacity_cache import Stated, capacity, stated_capacity
from switchpoint.serving.hardware import Architecture
from switchpoint.serving.requests import AS_IN_TRACE, Spread
from switchpoint.serving.serve import Promise
from switchpoint.serving.step_time import ModelledSteps
from switchpoint.simulation.prices import RequestTerms
from switchpoint.simulation.usage import Traffic

GRID = 1.5
"""Where tokens grow or are drawn, capacity is simulated at powers of this factor on the anchor's tokens."""


def rent_per_hour(spec: OwnModel) -> Amount:
    """Rent of a GPU-hour on the first day: as stated, else the catalogue's; 0 where GPUs are bought."""
    fleet = spec.fleet
    if fleet.usd_per_gpu_hour is not None:
        return amount(fleet.usd_per_gpu_hour)
    if fleet.purchase_usd_per_gpu is not None or fleet.gpu is None:
        return 0.0
    return rented_as(fleet).usd_per_gpu_hour


def rented_as(fleet: Fleet) -> Rent:
    """The catalogue's rent of a fleet's GPUs, in machines as large as its replicas and nodes.

    Raises:
        CatalogError: where nobody in the catalogue, or not the provider, has the GPU.
    """
    return rent(fleet.gpu or "", fleet.provider, fleet.spot, max(fleet.gpus_per_replica, node_size(fleet)))


def node_size(fleet: Fleet) -> int:
    """GPUs that are only sold together: as stated, else the catalogue's for the provider; 1 where neither says so."""
    if fleet.gpus_per_node is not None:
        return fleet.gpus_per_node
    if fleet.gpu is None or fleet.provider is None:
        return 1
    try:
        return sold_in(fleet.provider, fleet.gpu, fleet.spot)
    except CatalogError:  # a provider that the catalogue does not know, beside a stated rent
        return 1


def as_sold(fleet: Fleet) -> Fleet:
    """The fleet with the size of its nodes filled in."""
    return fleet.model_copy(update={"gpus_per_node": node_size(fleet)})


def architecture(spec: Model) -> Architecture:
    """Dimensions of the served model: as stated, else the catalogue's."""
    if spec.base is not None:
        return Architecture.of(model(spec.base))
    return Architecture.from_dimensions(
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


def question(spec: OwnModel, input_tokens: float, output_tokens: float, spread: Spread = AS_IN_TRACE) -> Question:
    """What is asked of one replica of a candidate.

    Args:
        spec: the candidate, or the current route.
        input_tokens: mean per request.
        output_tokens: mean per request.
        spread: how far apart single requests are; left out, as in the trace.
    """
    assert spec.model is not None
    assert spec.fleet.gpu is not None
    fleet = spec.fleet
    steps = ModelledSteps(architecture(spec.model), gpu(spec.fleet.gpu), spec.model.precision, fleet.gpus_per_replica)
    promise = Promise(fleet.ttft_p95_s, fleet.tpot_p95_s)
    sizes = _round_tokens(input_tokens), _round_tokens(output_tokens)
    return Question(steps, *sizes, promise, max_context(spec.model), spread)


def spread_of(usage: Usage) -> Spread:
    """How far apart single requests are."""
    return Spread.of(usage.input_spread, usage.output_spread)


def _round_tokens(tokens: float) -> float:
    """To a hundredth of a token, so that what rounding errors tell apart is one question."""
    return round(max(tokens, 1.0), 2)


Tokens = tuple[float, float]
"""Mean input and output tokens of a request."""


def tokens_of(spec: Candidate | CommonOfCurrent, usage: Usage) -> Tokens:
    """What a candidate makes of the stated tokens of a request, input and output."""
    inputs = num(usage.input_tokens) * num(spec.input_tokens_factor)
    return inputs, num(usage.output_tokens) * num(spec.output_tokens_factor)


def tokens_of_each(spec: Candidate, usage: Usage) -> Amount:
    """The same of both kinds together, where many worlds may differ."""
    inputs = amount(usage.input_tokens) * amount(spec.input_tokens_factor)
    return inputs + amount(usage.output_tokens) * amount(spec.output_tokens_factor)


def request_seconds(spec: OwnRoute, usage: Usage) -> float:
    """Seconds of one request alone: as stated, else as simulated with the tokens of the first day."""
    if spec.fleet.request_seconds is not None:
        return spec.fleet.request_seconds
    return lone_seconds(question(spec, *tokens_of(spec, usage)))


def capacity_by_day(
    spec: OwnModel, flow: Traffic, terms: RequestTerms, clock: Horizon, anchor: Tokens, spread: Spread = AS_IN_TRACE
) -> tuple[Floats, str]:
    """Requests per second of one replica on each day, estimated anew each calendar month; and why it is 0, if it is.

    Args:
        spec: the candidate.
        flow: tokens of each day.
        terms: what the candidate makes of them.
        clock: the horizon.
        anchor: the tokens at which it is simulated exactly; elsewhere it is interpolated.
        spread: how far apart single requests are; left out, as in the trace.
    """
    stated = stated_capacity(spec, partial(question, spec, spread=spread))
    if stated is not None and not isinstance(stated, Stated):
        return stated * np.ones(clock.days), ""
    months = clock.month_starts
    factors = np.broadcast_arrays(
        (flow.input_tokens[..., months] * terms.input_factor) / (anchor[0] or 1.0),
        (flow.output_tokens[..., months] * terms.output_factor) / (anchor[1] or 1.0),
    )

    def capacity_at(i: float, o: float) -> Capacity:
        asked = question(spec, anchor[0] * i, anchor[1] * o, spread)
        return capacity(stated.free(asked) if stated else asked)

    rates, why = across(capacity_at, np.array(factors).reshape(2, -1))
    rates = rates.reshape(factors[0].shape)
    return np.repeat(stated.scale(rates) if stated else rates, clock.month_days, axis=-1), why


def across(carried: Callable[[float, float], Capacity], factors: Floats) -> tuple[Floats, str]:
    """Requests per second at factors on the tokens, simulated at powers of GRID alone; and why it is 0, if it is.

    In each cell of that grid the logarithm of the rate is linear on the two triangles that meet along the line on which
    input and output grow alike. Where a corner carries nothing, the rate itself is.

    Args:
        carried: the capacity at a factor on input and one on output tokens.
        factors: on input and on output tokens, shape (2, n); with 0, the anchor's own.
    """
    place = np.round(np.log(np.where(factors > 0, factors, 1.0)) / np.log(GRID), 9)
    below = np.floor(place)
    part = place - below
    first = below + (part >= part.max(axis=0)) * (part > 0)
    corners = np.array([below, first, below + (part > 0)]).astype(int).transpose(0, 2, 1)
    weights = np.array([1 - part.max(axis=0), np.ptp(part, axis=0), part.min(axis=0)])
    asked, node = np.unique(corners.reshape(-1, 2), axis=0, return_inverse=True)
    place = node.reshape(weights.shape)
    needed = np.unique(place[weights > 0]).tolist()
    nodes = {each: carried(GRID ** float(asked[each, 0]), GRID ** float(asked[each, 1])) for each in needed}
    of_node = np.zeros(len(asked))
    of_node[needed] = [nodes[each].requests_per_second for each in needed]
    rates = of_node[place]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = rates[0] * ((rates[1:] / rates[0]) ** weights[1:]).prod(axis=0)
    carries = np.where(((rates > 0) | (weights == 0)).all(axis=0), between, (weights * rates).sum(axis=0))
    return carries, next((nodes[each].why for each in needed if nodes[each].why), "")


FLOPS_PER_PARAMETER = {"full": 6.0, "lora": 4.0, "qlora": 4.0}
"""Operations per parameter and training token: forward, backward and, for full tuning, weight gradients."""


def training_tokens(training: Training, examples: Amount, tokens_per_request: Amount) -> Amount:
    """Tokens of one iteration: runs x epochs x examples x tokens per example."""
    stated = training.tokens_per_example
    per_example = tokens_per_request if stated is None else amount(stated)
    return training.runs * training.epochs * examples * per_example


def gpu_hours(tokens: Amount, active_params_billion: float, training: Training, bf16_tflops: float) -> Amount:
    """GPU-hours of training: operations per token x tokens / (peak x utilisation) / 3600.

    >>> round(gpu_hours(10e6, 8.03, Training(method="lora"), 312), 1)
    0.9
    """
    operations = FLOPS_PER_PARAMETER[training.method] * active_params_billion * 1e9 * tokens
    return operations / (bf16_tflops * 1e12 * training.flops_utilisation) / 3600


def iteration_usd(spec: Candidate, scenario: Scenario) -> Amount:
    """Dollars of one iteration: the stated price plus, where `training` is given, the host's or the GPUs' price."""
    project = spec.project
    stated = amount(project.usd_per_iteration)
    if project.training is None:
        return stated
    tokens = training_tokens(project.training, amount(project.examples), tokens_of_each(spec, scenario.usage))
    if isinstance(spec, HostedCandidate):
        return stated + tokens / 1e6 * amount(spec.training_usd_per_mtok)
    return stated + _own_gpus(spec, project.training, tokens)


def _own_gpus(spec: Candidate, training: Training, tokens: Amount) -> Amount:
    if not isinstance(spec, GpuCandidate) or spec.model is None:
        return 0.0
    name = training.gpu or spec.fleet.gpu
    if name is None:
        return 0.0
    stated = training.usd_per_gpu_hour
    price = rent(name).usd_per_gpu_hour if stated is None else amount(stated)
    return gpu_hours(tokens, active_params_billion(spec.model), training, gpu(name).bf16_tflops) * price
