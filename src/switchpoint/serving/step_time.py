"""How long one step of a serving engine takes: a roofline of the GPUs and the model.

In a step, `batch` sequences decode one token each and some prompt tokens are worked on. Weights are read once, or their
products computed; the KV cache is read, prompts attend; with several GPUs two all-reduces follow in each layer; every
layer costs its kernel launches. While the GPUs work, the engine schedules and samples.

    step = √((products + attention + all-reduces + launches)² + scheduling²)
    products = √(reading² + computing²)

The root of squares stands for overlap that is not perfect: near the larger of the two, √2 times either where they are
equal. Efficiencies that datasheets do not tell are fitted to published throughput, see docs/validation-serving.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from switchpoint.catalog import Gpu
from switchpoint.clock import Floats
from switchpoint.serving.architecture import BF16_BYTES, Architecture
from switchpoint.serving.deployment import Deployment, deploy
from switchpoint.serving.efficiencies import Efficiencies, shipped

ALL_REDUCES = 2
"""Of each layer: after attention and after the feed-forward block."""


@dataclass(frozen=True)
class Work:
    """What a step does; arrays broadcast against the deployment's."""

    batch: Floats
    """Sequences that decode a token."""
    kv_tokens: Floats
    """Cached tokens that each of them reads, on average."""
    prompt_tokens: Floats
    seen_tokens: Floats
    """Tokens that a prompt token attends to, on average: half of a whole prompt."""


def step_seconds(on: Deployment, with_: Efficiencies, overhead: Floats | float, work: Work) -> Floats:
    """Seconds of a step.

    Args:
        on: model and GPUs.
        with_: the fitted constants.
        overhead: the engine's factor on launches and scheduling.
        work: what the step does.
    """
    reached = np.where(on.amd > 0, with_.amd, 1.0)
    products = np.hypot(_reading(on, with_, work), _computing(on, with_, work))
    attention = _cache_reading(on, with_, work) + _prompt_attention(on, with_, work)
    launches = overhead * on.layers * with_.layer_us * 1e-6
    scheduling = overhead * work.batch * with_.sequence_us * 1e-6
    seconds: Floats = np.hypot((products + attention) / reached + _all_reduces(on, with_, work) + launches, scheduling)
    return seconds


def _reading(on: Deployment, with_: Efficiencies, work: Work) -> Floats:
    """Seconds to read the weights; of the experts, those that the tokens are expected to choose.

    A token takes a share r of the experts, so that n tokens leave (1 - r)^n of them untouched.
    """
    chosen = 1 - (1 - on.expert_share) ** np.maximum(work.batch + work.prompt_tokens, 1.0)
    shared = on.shared_bytes / np.where(on.shared_unpacked > 0, with_.unpacking, 1.0)
    experts = on.expert_bytes * chosen / np.where(on.expert_unpacked > 0, with_.unpacking, 1.0)
    seconds: Floats = (shared + experts + on.vocabulary_bytes) / (on.bandwidth * with_.bandwidth)
    return seconds


def _computing(on: Deployment, with_: Efficiencies, work: Work) -> Floats:
    """Seconds to compute the products: 2 FLOPs per parameter and token; the vocabulary for decoded tokens only."""
    shared_rate = on.shared_peak * np.where(on.shared_fp4 > 0, with_.compute_fp4, with_.compute)
    expert_rate = on.expert_peak * np.where(on.expert_fp4 > 0, with_.compute_fp4, with_.compute) * with_.expert_compute
    shared = on.shared_flops / (shared_rate * np.where(on.shared_unpacked > 0, with_.unpacking, 1.0))
    experts = on.expert_flops / (expert_rate * np.where(on.expert_unpacked > 0, with_.unpacking, 1.0))
    vocabulary = work.batch * on.vocabulary_flops / (on.bf16_peak * with_.compute)
    seconds: Floats = (work.batch + work.prompt_tokens) * (shared + experts) + vocabulary
    return seconds


def _cache_reading(on: Deployment, with_: Efficiencies, work: Work) -> Floats:
    """Seconds in which decoding sequences read their KV cache."""
    read = work.batch * on.cached(work.kv_tokens) * on.kv_bytes
    seconds: Floats = read / (on.bandwidth * with_.kv_bandwidth)
    return seconds


def _prompt_attention(on: Deployment, with_: Efficiencies, work: Work) -> Floats:
    """Seconds in which prompt tokens attend: 4 FLOPs per layer, query dimension and token seen."""
    flops = 4 * on.layers * on.query_width * work.prompt_tokens * on.attended(work.seen_tokens)
    seconds: Floats = flops / (on.bf16_peak * with_.prompt_attention)
    return seconds


def _all_reduces(on: Deployment, with_: Efficiencies, work: Work) -> Floats:
    """Seconds of all-reduces in a ring of n GPUs.

    2·layers·(latency·log2(n) + tokens·hidden·2 bytes·2(n - 1)/n/link).
    """
    latency = np.where(on.pcie > 0, with_.pcie_us, with_.nvlink_us) * 1e-6 * np.log2(on.gpus)
    sent = (work.batch + work.prompt_tokens) * on.hidden * BF16_BYTES * 2 * (on.gpus - 1) / on.gpus
    seconds: Floats = ALL_REDUCES * on.layers * (latency + sent / (on.link * with_.link))
    return np.where(on.gpus > 1, seconds, 0.0)


@dataclass(frozen=True)
class ModelledSteps:
    """The step times of a model on the GPUs of one replica.

    Attributes:
        model: its dimensions.
        gpu: the GPU.
        precision: bf16, fp8, int8, fp4 or int4.
        tensor_parallel: GPUs that share every layer.
        engine: vllm, trtllm or any.
        efficiencies: the fitted constants.
    """

    model: Architecture
    gpu: Gpu
    precision: str
    tensor_parallel: int = 1
    engine: str = "any"
    efficiencies: Efficiencies = field(default_factory=shipped)
    deployment: Deployment = field(init=False, repr=False, compare=False)
    overhead: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made = deploy(self.model, self.gpu, self.precision, self.tensor_parallel)
        object.__setattr__(self, "deployment", made)
        object.__setattr__(self, "overhead", self.efficiencies.overhead(self.engine))

    def step(
        self, batch: Floats | float, mean_kv_tokens: Floats | float, prompt_tokens: Floats | float, seen: Floats | float
    ) -> Floats:
        """Seconds of a step in which `batch` sequences decode and `prompt_tokens` are worked on.

        Args:
            batch: sequences that decode, 0 or more.
            mean_kv_tokens: cached tokens of each, on average.
            prompt_tokens: tokens of prompts, 0 or more.
            seen: tokens that each of them attends to, on average.
        """
        work = Work(*(np.asarray(each, dtype=float) for each in (batch, mean_kv_tokens, prompt_tokens, seen)))
        return step_seconds(self.deployment, self.efficiencies, self.overhead, work)

    def decode(self, batch: Floats | float, mean_kv_tokens: Floats | float) -> Floats:
        """Seconds of a step in which `batch` sequences with so many cached tokens each decode a token."""
        return self.step(batch, mean_kv_tokens, 0.0, 0.0)

    def prefill(self, tokens: Floats | float, before: Floats | float = 0.0) -> Floats:
        """Seconds of a step that works on `tokens` of one prompt, of which `before` tokens are already cached."""
        return self.step(0.0, 0.0, tokens, before + np.asarray(tokens) / 2)

    def table(self, max_batch: int, max_kv: int) -> Floats:
        """Decode seconds by batch and mean KV tokens, shape (max_batch + 1, max_kv + 1); row 0 is zero."""
        table = self.decode(np.arange(max_batch + 1.0)[:, None], np.arange(max_kv + 1.0)[None, :])
        table[0] = 0.0
        return table

    def decode_ns(self, batch: int, mean_kv: object) -> Floats:
        """Nanoseconds of decode steps of `batch` sequences, by their mean KV tokens; shape of `mean_kv`."""
        seconds: Floats = self.decode(float(batch), np.asarray(mean_kv, dtype=float))
        return seconds * 1e9

    def mixed_ns(self, batch: int, mean_kv: int, chunks: Sequence[tuple[int, int]]) -> float:
        """Nanoseconds of a step that works on chunks of prompts, each its tokens and how many came before them."""
        tokens = sum(size for size, _ in chunks)
        pairs = sum(size * (before + size / 2) for size, before in chunks)
        return float(self.step(float(batch), float(mean_kv), float(tokens), pairs / max(tokens, 1))) * 1e9

    @property
    def room_bytes(self) -> float:
        """Memory left for KV cache, bytes; not positive where the weights do not fit."""
        return float(self.deployment.room)

    def sequences(self, tokens: float) -> float:
        """How many sequences of so many tokens fit into memory, not rounded."""
        return float(self.deployment.sequences(np.asarray(tokens, dtype=float)))
