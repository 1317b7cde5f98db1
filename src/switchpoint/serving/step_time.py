"""Roofline step time, arrays and scalars; measured grids.

In a step, `batch` sequences decode one token each and some prompt tokens are worked on. Weights are read once, or their
products computed; the KV cache is read, prompts attend; with several GPUs two all-reduces follow in each layer; every
layer costs its kernel launches. While the GPUs work, the engine schedules and samples.

    step = √((products + attention + all-reduces + launches)² + scheduling²)
    products = √(reading² + computing²)

The root of squares stands for overlap that is not perfect: near the larger of the two, √2 times either where they are
equal. Efficiencies that datasheets do not tell are fitted to published throughput, see docs/validation-serving.md.

A step either gives every decoding sequence its next token, or works on prompts, or both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot, log2
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from switchpoint.catalog.hardware import Gpu
from switchpoint.errors import CannotCompute
from switchpoint.horizon import Floats, Ints
from switchpoint.serving.hardware import (
    BF16_BYTES,
    Architecture,
    Deployment,
    Efficiencies,
    deploy,
    shipped_efficiencies,
)

if TYPE_CHECKING:
    from switchpoint.serving.batch import Chunk

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
    read = work.batch * on.cached_tokens(work.kv_tokens) * on.kv_bytes
    seconds: Floats = read / (on.bandwidth * with_.kv_bandwidth)
    return seconds


def _prompt_attention(on: Deployment, with_: Efficiencies, work: Work) -> Floats:
    """Seconds in which prompt tokens attend: 4 FLOPs per layer, query dimension and token seen."""
    flops = 4 * on.layers * on.query_width * work.prompt_tokens * on.attended_tokens(work.seen_tokens)
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
    efficiencies: Efficiencies = field(default_factory=shipped_efficiencies)
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


@dataclass(frozen=True)
class AffineSteps:
    """Step times that are a sum of parts: overhead, sequences, cached tokens, prompt tokens and their attention."""

    overhead_ns: float = 5e6
    sequence_ns: float = 2e4
    kv_token_ns: float = 50.0
    prompt_token_ns: float = 4e4
    prompt_pair_ns: float = 0.0

    def decode_ns(self, batch: int, mean_kv: Ints) -> Floats:
        """overhead + batch·sequence + batch·mean_kv·kv_token."""
        return np.asarray(self.overhead_ns + batch * (self.sequence_ns + self.kv_token_ns * mean_kv), dtype=np.float64)

    def mixed_ns(self, batch: int, mean_kv: int, chunks: Sequence[Chunk]) -> float:
        """The decode step + Σ tokens·prompt_token + Σ tokens·(context + tokens)·prompt_pair."""
        tokens = sum(size for size, _ in chunks)
        pairs = sum(size * (before + size) for size, before in chunks)
        decode = self.overhead_ns + batch * (self.sequence_ns + self.kv_token_ns * mean_kv)
        return decode + tokens * self.prompt_token_ns + pairs * self.prompt_pair_ns


@dataclass(frozen=True)
class GridSteps:
    """Step times from measured grids, milliseconds per layer.

    Attributes:
        compute: by tokens in the step, shape (tokens + 1,).
        decode: attention of decoding, by batch and mean KV in units of 64 tokens rounded up; shape (batch + 1, kv + 1).
        prefill: attention of one prompt, by its tokens; shape (tokens + 1,).
        layers: layers of the model.
    """

    compute: Floats
    decode: Floats
    prefill: Floats
    layers: int

    @staticmethod
    def read(path: Path) -> GridSteps:
        """Read an .npz with comp_ms_per_layer, dec_ms_per_layer, pre_ms_per_layer and num_layers."""
        with np.load(path) as held:
            compute, decode, prefill = (held[f"{part}_ms_per_layer"] for part in ("comp", "dec", "pre"))
            return GridSteps(compute, decode, prefill, int(held["num_layers"]))

    def decode_ns(self, batch: int, mean_kv: Ints) -> Floats:
        """layers·(compute[batch] + decode[batch, ceil(mean_kv/64)])."""
        self._within(batch < len(self.decode), f"{batch} sequences")
        column = -(-np.asarray(mean_kv) // 64)
        self._within(
            int(column.max(initial=0)) < self.decode.shape[1], f"{int(column.max(initial=0)) * 64} cached tokens"
        )
        step: Floats = self.layers * (self.compute[batch] + self.decode[batch, column]) * 1e6
        return step

    def mixed_ns(self, batch: int, mean_kv: int, chunks: Sequence[Chunk]) -> float:
        """layers·(compute[tokens] + prefill[√Σ((c + p)² - c²)]·(1.1 if several) + decode[batch, ceil(mean_kv/64)])."""
        tokens = batch + sum(size for size, _ in chunks)
        side = round(math.sqrt(sum(size * (size + 2 * before) for size, before in chunks)))
        column = -(-mean_kv // 64)
        self._within(max(tokens, side) < len(self.prefill), f"{max(tokens, side)} prompt tokens")
        self._within(
            batch < len(self.decode) and column < self.decode.shape[1], f"{batch} sequences of {mean_kv} tokens"
        )
        attention = self.prefill[side] * (1.1 if len(chunks) > 1 else 1.0)
        return float(self.layers * (self.compute[tokens] + attention + self.decode[batch, column]) * 1e6)

    def _within(self, inside: bool, what: str) -> None:
        if not inside:
            raise CannotCompute(("step_time",), f"the measured grid does not reach {what} in a step")


MOST_HELD = 8_000_000
"""Decode steps that are remembered at most."""


class ScalarSteps:
    """The same figures as `ModelledSteps`, a step with prompts some thirty times as fast; decode rows are remembered.

    Args:
        modelled: the step times.
    """

    def __init__(self, modelled: ModelledSteps) -> None:
        self.modelled = modelled
        on, with_ = modelled.deployment, modelled.efficiencies
        number = {name: float(getattr(on, name)) for name in on.__dataclass_fields__}
        self.windowed, self.windowed_query = number["windowed_share"], number["windowed_query_share"]
        self.window = number["window_tokens"]
        self.rest = 1 - number["expert_share"]
        self._products(number)
        self.kv_ns = 1e9 * number["kv_bytes"] / (number["bandwidth"] * with_.kv_bandwidth)
        pairs = 4 * number["layers"] * number["query_width"]
        self.pair_ns = 1e9 * pairs / (number["bf16_peak"] * with_.prompt_attention)
        self.reached = with_.amd if number["amd"] > 0 else 1.0
        self.launch_ns = 1e3 * modelled.overhead * number["layers"] * with_.layer_us
        self.sequence_ns = 1e3 * modelled.overhead * with_.sequence_us
        self._all_reduces(number)
        self.rows: dict[tuple[int, int, int], Floats] = {}
        self.held = 0

    def _products(self, number: dict[str, float]) -> None:
        """Nanoseconds to read weights, and to compute with them per token."""
        with_ = self.modelled.efficiencies
        bandwidth = number["bandwidth"] * with_.bandwidth / 1e9
        unpacked = {part: with_.unpacking if number[f"{part}_unpacked"] > 0 else 1.0 for part in ("shared", "expert")}
        fast = {
            part: with_.compute_fp4 if number[f"{part}_fp4"] > 0 else with_.compute for part in ("shared", "expert")
        }
        self.shared_read = (number["shared_bytes"] / unpacked["shared"] + number["vocabulary_bytes"]) / bandwidth
        self.expert_read = number["expert_bytes"] / unpacked["expert"] / bandwidth
        shared = number["shared_flops"] / (number["shared_peak"] * fast["shared"] * unpacked["shared"])
        rate = number["expert_peak"] * fast["expert"] * with_.expert_compute * unpacked["expert"]
        self.token_ns = 1e9 * (shared + number["expert_flops"] / rate)
        self.choice_ns = 1e9 * number["vocabulary_flops"] / (number["bf16_peak"] * with_.compute)

    def _all_reduces(self, number: dict[str, float]) -> None:
        """Nanoseconds of all-reduces in a step, and per token in it."""
        with_, gpus = self.modelled.efficiencies, number["gpus"]
        latency = with_.pcie_us if float(self.modelled.deployment.pcie) > 0 else with_.nvlink_us
        reduces = ALL_REDUCES * number["layers"]
        self.launch_ns += 1e3 * reduces * latency * log2(gpus)
        sent = number["hidden"] * BF16_BYTES * 2 * (gpus - 1) / gpus
        self.sent_ns = 1e9 * reduces * sent / (number["link"] * with_.link) if gpus > 1 else 0.0

    def decode_ns(self, batch: int, mean_kv: Ints) -> Floats:
        """Nanoseconds of decode steps, from the model; what was asked before is not computed again."""
        key = (batch, int(mean_kv[0]) if len(mean_kv) else 0, len(mean_kv))
        if key not in self.rows:
            self.held += len(mean_kv)
            if self.held > MOST_HELD:
                self.rows.clear()
                self.held = len(mean_kv)
            self.rows[key] = np.asarray(self.modelled.decode_ns(batch, mean_kv), dtype=np.float64)
        return self.rows[key]

    def mixed_ns(self, batch: int, mean_kv: int, chunks: Sequence[Chunk]) -> float:
        """Nanoseconds of a step that works on chunks of prompts, each its tokens and how many came before them."""
        prompt, pairs = 0, 0.0
        for size, before in chunks:
            prompt += size
            pairs += size * (before + size / 2)
        tokens = batch + prompt
        read = self.shared_read
        if self.expert_read:
            read += self.expert_read * (1 - self.rest ** max(tokens, 1))
        products = hypot(read, tokens * self.token_ns + batch * self.choice_ns)
        attention = batch * self._looked_back(mean_kv, self.windowed) * self.kv_ns
        attention += prompt * self._looked_back(pairs / max(prompt, 1), self.windowed_query) * self.pair_ns
        gpus = (products + attention) / self.reached + self.launch_ns + tokens * self.sent_ns
        return hypot(gpus, batch * self.sequence_ns)

    def _looked_back(self, tokens: float, share: float) -> float:
        """Tokens looked back on, where a share of the model has a window."""
        return (1 - share) * tokens + share * min(tokens, self.window) if share else tokens
