"""The modelled step times once more, in plain numbers: a simulation asks for one step at a time, thousands of times."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, log2

import numpy as np

from switchpoint.clock import Floats, Ints
from switchpoint.serving.architecture import BF16_BYTES
from switchpoint.serving.step_time import ALL_REDUCES, ModelledSteps
from switchpoint.serving.steps import Chunk

MOST_HELD = 8_000_000
"""Decode steps that are remembered at most."""


class QuickSteps:
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
        prompt = sum(size for size, _ in chunks)
        pairs = sum(size * (before + size / 2) for size, before in chunks)
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
