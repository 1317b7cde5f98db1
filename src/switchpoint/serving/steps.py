"""How long a step of a serving engine takes: what the simulation asks of an engine, and two answers.

A step either gives every decoding sequence its next token, or works on prompts, or both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np

from switchpoint.clock import Floats, Ints, Problem

Chunk: TypeAlias = tuple[int, int]
"""Prompt tokens of one sequence in a step, and how many of its tokens came before them."""


@runtime_checkable
class StepTime(Protocol):
    """The step times of an engine. Both are asked often; neither may depend on anything but its arguments."""

    def decode_ns(self, batch: int, mean_kv: Ints) -> Floats:
        """Steps in which `batch` sequences decode one token each.

        Args:
            batch: sequences, at least 1.
            mean_kv: cached tokens per sequence, averaged and rounded down; shape (n,).

        Returns:
            Nanoseconds, shape (n,).
        """

    def mixed_ns(self, batch: int, mean_kv: int, chunks: Sequence[Chunk]) -> float:
        """A step that works on prompts, while `batch` sequences (0 or more) decode one token each; nanoseconds."""


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
            raise Problem(("step_time",), f"the measured grid does not reach {what} in a step")
