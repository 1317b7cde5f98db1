"""Layouts of a replica: an open model in a precision on so many GPUs, and what each carries by a formula.

The formula is the steady state of requests that are all alike, with the prompts of one in twenty as long as they are.
It knows nothing of chance; what it says serves to choose the layouts that are worth simulating.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from functools import cache, lru_cache
from statistics import NormalDist

import numpy as np

from switchpoint.catalog import Gpu, OpenModel, gpus, models, rents
from switchpoint.catalog import gpu as find_gpu
from switchpoint.catalog import model as find_model
from switchpoint.catalog.templates import size_of_parameters, template_value
from switchpoint.horizon import Floats, add_months
from switchpoint.serving.capacity import RUNNING
from switchpoint.serving.hardware import BITS, Architecture, Deployment, deploy, shipped_efficiencies, stack
from switchpoint.serving.requests import AS_IN_TRACE, Spread
from switchpoint.serving.serve import Promise
from switchpoint.serving.steady_state import RequestTraffic, steady

GPUS_TOGETHER = (1, 2, 4, 8)
MOST_OVER_PCIE = 4
"""More GPUs than that without a fast link are not shared by one replica."""
CONCURRENCY = 2.0 ** np.arange(np.log2(RUNNING) + 0.5, step=0.5)
"""Requests in flight that are tried, from one to as many as an engine runs at a time."""
ALONE = 1.05
"""Times the formula's time for a long prompt that is allowed for: samples hold a longer one by chance."""
EACH_TOKEN = 1.3
"""Times the mean time per output token that its 95th percentile is taken for."""
CONSUMER = "consumer card"


@dataclass(frozen=True)
class ReplicaLayout:
    """A model in a precision on the GPUs of one replica."""

    model: OpenModel
    gpu: Gpu
    precision: str
    gpus: int

    @property
    def words(self) -> str:
        """As it is listed."""
        return f"{self.model.key} in {self.precision} on {self.gpus} x {self.gpu.key}"


def layouts(sizes: tuple[str, ...], tokens: float, start: date) -> list[ReplicaLayout]:
    """Every layout of open models of the size classes whose weights and one request fit into memory.

    4-bit weights only where the model is published so: what they cost in quality is in no list.

    Args:
        sizes: size classes that are asked for.
        tokens: of a request, input and output.
        start: first day, on which a model must not be too old.
    """
    wanted = [model for model in models() if _is_wanted(model, sizes, tokens) and is_recent(model, start)]
    return [layout for model in wanted for layout in _fitting(model, tokens)]


def rented_gpus() -> tuple[Gpu, ...]:
    """The GPUs that somebody rents out, consumer cards left out."""
    return tuple(
        gpu for gpu in gpus() if CONSUMER not in gpu.note and any(rents(gpu.key, spot) for spot in (False, True))
    )


def is_recent(model: OpenModel, start: date) -> bool:
    """Whether an open model has been published by then, and not too long ago."""
    released = date.fromisoformat(f"{model.released}-01"[:10])
    return released <= start <= add_months(released, round(template_value("oldest_months")))


def is_large_enough(model: OpenModel) -> bool:
    """Whether an open model is large enough to be looked at."""
    return model.params_billion >= template_value("from_billion", "small")


def _is_wanted(model: OpenModel, sizes: tuple[str, ...], tokens: float) -> bool:
    """Whether a product may be built on it, it is of a class that is asked for, and a request fits its context."""
    return (
        model.commercial
        and is_large_enough(model)
        and size_of_parameters(model.params_billion) in sizes
        and tokens <= model.max_context
    )


def _fitting(model: OpenModel, tokens: float) -> Iterator[ReplicaLayout]:
    for gpu in rented_gpus():
        for precision in _precisions(model, gpu):
            for count in GPUS_TOGETHER:
                if not model.splits_over(count) or (count > MOST_OVER_PCIE and gpu.interconnect_gb_s < 100):
                    continue
                if weights_gb(model, precision) > gpu.hbm_gib * count * 1.08:  # 1 GiB is 1.074 GB: surely too little
                    continue
                if deployment(model.key, gpu.key, precision, count).sequences(np.asarray(tokens)) >= 1:
                    yield ReplicaLayout(model, gpu, precision, count)


def _precisions(model: OpenModel, gpu: Gpu) -> tuple[str, ...]:
    if model.weight_bits < 8:
        return ("fp4",)
    return ("bf16", "fp8") if gpu.fp8_tflops else ("bf16", "int8") if gpu.int8_tops else ("bf16",)


def weights_gb(model: OpenModel, precision: str) -> float:
    """About the memory that the weights take, GB, the least they can."""
    return model.params_billion * min(BITS[precision], model.weight_bits, 16.0) / 8


@cache
def architecture_of(model: str) -> Architecture:
    """The dimensions of a model of the catalogue."""
    return Architecture.of(find_model(model))


@lru_cache(maxsize=20_000)
def deployment(model: str, gpu: str, precision: str, count: int) -> Deployment:
    """A layout in numbers."""
    return deploy(architecture_of(model), find_gpu(gpu), precision, count)


def formula_rates(
    found: list[ReplicaLayout], inputs: float, outputs: float, promise: Promise, spread: Spread = AS_IN_TRACE
) -> Floats:
    """Requests per second that a replica of each layout carries by the formula, shape (layouts,); 0 where it is slow.

    Args:
        found: the layouts.
        inputs: mean input tokens of a request.
        outputs: mean output tokens.
        promise: 95th percentiles promised.
        spread: how far apart single requests are; a long prompt takes its time.
    """
    whole = stack([deployment(each.model.key, each.gpu.key, each.precision, each.gpus) for each in found])
    column = Deployment(**{each.name: getattr(whole, each.name)[:, None] for each in fields(Deployment)})
    with_ = shipped_efficiencies()
    traffic = RequestTraffic(np.asarray(max(inputs, 1.0)), np.asarray(max(outputs, 1.0)), CONCURRENCY)
    made = steady(column, with_, with_.overhead("any"), traffic)
    kept = made.places >= CONCURRENCY
    if promise.ttft_p95_s is not None:
        times = longest_of_twenty(spread.inputs)
        one = RequestTraffic(traffic.input_tokens * times, traffic.output_tokens, np.ones(1))
        alone = steady(column, with_, with_.overhead("any"), one).ttft_s
        waiting = (made.ttft_s - made.ttft_s[:, :1]) * times
        kept &= alone * ALONE + waiting <= promise.ttft_p95_s
    if promise.tpot_p95_s is not None:
        kept &= made.tpot_s * EACH_TOKEN <= promise.tpot_p95_s
    rates: Floats = np.where(kept, made.output_tokens_per_second / max(outputs, 1.0), 0.0).max(axis=1)
    return rates


def longest_of_twenty(spread: float) -> float:
    """The 95th percentile of a lognormal size over its mean: exp(1.645·s - s²/2).

    >>> round(longest_of_twenty(0.81), 2)
    2.73
    """
    return math.exp(NormalDist().inv_cdf(0.95) * spread - spread**2 / 2)
