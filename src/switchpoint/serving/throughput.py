"""What one replica of a model makes: output tokens a second, and the latencies that come with it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from switchpoint.catalog import CatalogError, OpenModel
from switchpoint.catalog import gpu as find_gpu
from switchpoint.catalog import model as find_model
from switchpoint.catalog.errors import quoted
from switchpoint.serving.architecture import Architecture
from switchpoint.serving.binding import no_room
from switchpoint.serving.deployment import precision_key
from switchpoint.serving.efficiencies import engine_key
from switchpoint.serving.steady import Traffic, steady
from switchpoint.serving.step_time import ModelledSteps
from switchpoint.words import count, listed

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
    made = steady(steps.deployment, steps.efficiencies, steps.overhead, Traffic(*numbers))
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
    raise CatalogError(f"{name}: got {quoted(str(given))}; it takes a finite number of at least 1")


def _whole(name: str, given: object) -> int:
    if not isinstance(given, (int, np.integer)) or isinstance(given, bool) or not 1 <= given <= MOST_GPUS:
        raise CatalogError(f"{name}: got {quoted(str(given))}; it takes a whole number of GPUs from 1 to {MOST_GPUS}")
    return int(given)


def _check_context(model: OpenModel, tokens: float) -> None:
    if tokens > model.max_context:
        raise CatalogError(
            f"{model.key} takes {count(model.max_context)} tokens of input and output together, not {count(tokens)}"
        )


def _check_heads(model: OpenModel, gpus: int) -> None:
    if not model.splits_over(gpus):
        sizes = listed([str(size) for size in model.replica_sizes], "or")
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
