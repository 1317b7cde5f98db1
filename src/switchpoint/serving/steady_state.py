"""Throughput by formula, and what binds.

A replica runs `places` requests at a time, and whenever one ends the next takes its place. A request decodes in
output - 1 steps and is delayed by the prompts of the others meanwhile:

    life = first token + (output - 1)·decode step + others·prompt
    throughput = places·output/life

where `prompt` is what one more prompt adds to the steps that carry it, and each of the others has one in that time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from switchpoint.catalog.hardware import OpenModel
from switchpoint.catalog.hardware import gpu as find_gpu
from switchpoint.catalog.hardware import model as find_model
from switchpoint.catalog.tables import CatalogError, quote_name
from switchpoint.horizon import Floats
from switchpoint.serving.hardware import (
    ACTIVATION_BYTES,
    MEMORY_SHARE,
    Architecture,
    Deployment,
    Efficiencies,
    engine_key,
    precision_key,
)
from switchpoint.serving.requests import Spread
from switchpoint.serving.step_time import ModelledSteps, Work, step_seconds
from switchpoint.text import count, join_names

MOST_SEQUENCES = 2048
"""Sequences that an engine runs at a time at most, as in the published runs."""
TOKEN_BUDGET = 8192
"""Tokens that an engine puts into a step at most, as in the published runs."""


@dataclass(frozen=True)
class RequestTraffic:
    """Requests of one size; arrays broadcast against the deployment's."""

    input_tokens: Floats
    output_tokens: Floats
    concurrency: Floats
    """Requests in flight; infinite where all are queued at once."""


@dataclass(frozen=True)
class Steady:
    """How a replica serves them."""

    output_tokens_per_second: Floats
    """Of the whole replica."""
    ttft_s: Floats
    """Mean time to first token; with an infinite queue counted from admission."""
    tpot_s: Floats
    """Mean time per output token after the first."""
    places: Floats
    """Sequences that memory and engine let run at a time."""


def steady(on: Deployment, with_: Efficiencies, overhead: Floats | float, traffic: RequestTraffic) -> Steady:
    """The steady state.

    Args:
        on: model and GPUs.
        with_: the fitted constants.
        overhead: the engine's factor on its own time.
        traffic: requests of one size.
    """
    inputs, outputs = traffic.input_tokens, traffic.output_tokens
    steps = np.maximum(outputs - 1, 1e-9)
    offline = np.isinf(traffic.concurrency)
    places = np.clip(np.floor(on.sequences(inputs + outputs)), 1, MOST_SEQUENCES)
    running = np.minimum(traffic.concurrency, places)
    batch = np.clip(TOKEN_BUDGET * steps / inputs, 1, running)
    others = np.where(offline, batch, np.maximum(running - 1, 0.0) * batch / running)
    kv = inputs + outputs / 2
    decode = step_seconds(on, with_, overhead, Work(batch, kv, np.zeros_like(batch), np.zeros_like(batch)))
    prompt = _prompt_seconds(on, with_, overhead, Work(batch, kv, inputs, inputs / 2), others / steps, decode)
    first = np.minimum(inputs, TOKEN_BUDGET)
    alone = step_seconds(on, with_, overhead, Work(batch, kv, first, inputs / 2)) * inputs / first
    own = alone + with_.request_ms * 1e-3
    life = (outputs - 1) * decode + others * prompt + np.where(offline, 0.0, own)
    rate = batch / life
    waiting = np.where(offline, 0.0, traffic.concurrency - running) / rate
    return Steady(
        output_tokens_per_second=rate * outputs,
        ttft_s=own + with_.waiting_share * others * prompt + waiting,
        tpot_s=decode + (1 - with_.waiting_share) * others * prompt / np.maximum(outputs - 1, 1.0),
        places=places,
    )


def _prompt_seconds(
    on: Deployment, with_: Efficiencies, overhead: Floats | float, whole: Work, per_step: Floats, decode: Floats
) -> Floats:
    """What one prompt adds, seconds.

    Prompts come in chunks of at least one prompt (where it fits the budget), at most the budget, else of as many tokens
    as arrive in a step.

    Args:
        on: model and GPUs.
        with_: the fitted constants.
        overhead: the engine's factor on its own time.
        whole: the sequences that decode meanwhile, with one whole prompt.
        per_step: prompts that arrive in a step, on average.
        decode: seconds of a step without prompts.
    """
    inputs = whole.prompt_tokens
    chunk = np.clip(per_step * inputs, np.minimum(inputs, TOKEN_BUDGET), TOKEN_BUDGET)
    mixed = step_seconds(on, with_, overhead, Work(whole.batch, whole.kv_tokens, chunk, whole.seen_tokens))
    seconds: Floats = (mixed - decode) * inputs / chunk
    return seconds


RESOURCES = {
    "compute": ("shared_peak", "expert_peak", "bf16_peak"),
    "bandwidth": ("bandwidth",),
    "memory": ("memory",),
}
MORE = 1.1
GIB = 2**30


@dataclass(frozen=True)
class RequestSizes:
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
    traffic = RequestTraffic(*(np.asarray(each, dtype=float) for each in (input_tokens, output_tokens, running)))

    def output_rate(on: Deployment) -> float:
        return float(steady(on, steps.efficiencies, steps.overhead, traffic).output_tokens_per_second)

    gains = {
        name: output_rate(replace(steps.deployment, **{part: getattr(steps.deployment, part) * MORE for part in parts}))
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
        return f"{replica_name(steps)}: {needs} do not fit into {used}; take more GPUs or a lower precision"
    room = f"{steps.room_bytes / GIB:.1f} GiB that {needs} leave of {used}"
    return f"{replica_name(steps)}: a request of {count(tokens)} tokens does not fit into the {room}; take more GPUs"


def _long_prompts(steps: ModelledSteps, promised: float | None, sizes: RequestSizes) -> str:
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
        f"{replica_name(steps)}: requests of {count(tokens)} tokens on average are longer than what is simulated "
        f"({count(most)}); state the measured capacity of a replica"
    )


def replica_name(steps: ModelledSteps) -> str:
    """Model, precision and GPUs of a replica."""
    return f"{steps.model.name} in {steps.precision} on {steps.tensor_parallel} x {steps.gpu.key}"


MOST_GPUS = 72
"""GPUs that share one fast interconnect at most."""


@dataclass(frozen=True)
class Throughput:
    """What one replica makes, estimated."""

    model: str
    gpu: str
    precision: str
    tensor_parallel: int
    input_tokens: float
    output_tokens: float
    concurrency: float | None
    """Requests in flight; None where all are queued at once."""
    output_tokens_per_second: float
    """Of the whole replica."""
    ttft_s: float
    """Mean time to first token, s; offline from admission."""
    tpot_s: float
    """Mean time per output token after the first, s."""
    max_concurrency: int
    """Requests of this size that memory and engine let run at a time."""
    extrapolated: bool
    """No published throughput of this GPU was at hand to calibrate on."""


def throughput(
    *,
    model: str,
    gpu: str,
    precision: str = "bf16",
    tensor_parallel: int = 1,
    input_tokens: float,
    output_tokens: float,
    concurrency: float | None = None,
    engine: str = "any",
) -> Throughput:
    """What one replica makes of requests of one size.

    Args:
        model: an open model of the catalogue, by key or full name.
        gpu: a GPU of the catalogue, by key or full name.
        precision: bf16, fp8, int8, fp4 or int4.
        tensor_parallel: GPUs of the replica.
        input_tokens: per request, at least 1.
        output_tokens: per request, at least 1.
        concurrency: requests in flight, each followed by the next; None: all queued at once, the offline maximum.
        engine: vllm, trtllm, or any where it is not known.

    Raises:
        CatalogError: one line, for a name that is not known, a number out of range, or a model that does not fit.
    """
    known, card, kept = find_model(_text("model", model)), find_gpu(_text("gpu", gpu)), precision_key(precision)
    gpus = _whole("tensor_parallel", tensor_parallel)
    inputs, outputs = _positive("input_tokens", input_tokens), _positive("output_tokens", output_tokens)
    _check_heads(known, gpus)
    flight = None if concurrency is None else _positive("concurrency", concurrency)
    _check_context(known, inputs + outputs)
    steps = ModelledSteps(Architecture.of(known), card, kept, gpus, engine_key(engine))
    _check_memory(steps, inputs + outputs)
    numbers = (np.asarray(each, dtype=float) for each in (inputs, outputs, flight or np.inf))
    made = steady(steps.deployment, steps.efficiencies, steps.overhead, RequestTraffic(*numbers))
    return Throughput(
        model=known.key,
        gpu=card.key,
        precision=kept,
        tensor_parallel=gpus,
        input_tokens=inputs,
        output_tokens=outputs,
        concurrency=flight,
        output_tokens_per_second=float(made.output_tokens_per_second),
        ttft_s=float(made.ttft_s),
        tpot_s=float(made.tpot_s),
        max_concurrency=int(made.places),
        extrapolated=card.extrapolated,
    )


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise CatalogError(f"{name}: got {given!r}; it takes a name")
    return given


def _positive(name: str, given: object) -> float:
    """A finite number of at least 1."""
    if isinstance(given, (int, float, np.number)) and not isinstance(given, bool):
        value = float(given)
        if math.isfinite(value) and value >= 1:
            return value
    raise CatalogError(f"{name}: got {quote_name(str(given))}; it takes a finite number of at least 1")


def _whole(name: str, given: object) -> int:
    if not isinstance(given, (int, np.integer)) or isinstance(given, bool) or not 1 <= given <= MOST_GPUS:
        raise CatalogError(
            f"{name}: got {quote_name(str(given))}; it takes a whole number of GPUs from 1 to {MOST_GPUS}"
        )
    return int(given)


def _check_context(model: OpenModel, tokens: float) -> None:
    if tokens > model.max_context:
        raise CatalogError(
            f"{model.key} takes {count(model.max_context)} tokens of input and output together, not {count(tokens)}"
        )


def _check_heads(model: OpenModel, gpus: int) -> None:
    if not model.splits_over(gpus):
        sizes = join_names([str(size) for size in model.replica_sizes], "or")
        raise CatalogError(
            f"tensor_parallel: must divide the {model.heads} attention heads of {model.key}: {sizes}; got {gpus}"
        )


def _check_memory(steps: ModelledSteps, tokens: float) -> None:
    """Refuse what does not fit.

    Raises:
        CatalogError: saying what is needed and what is there.
    """
    if why := no_room(steps, tokens):
        raise CatalogError(why)
