"""What of a model decides how fast it is served."""

from __future__ import annotations

import math
from dataclasses import dataclass

from switchpoint.catalog import OpenModel

BF16_BYTES = 2


@dataclass(frozen=True)
class Architecture:
    """The dimensions of a model, parameters counted by what reads them."""

    name: str
    layers: int
    hidden: int
    query_width: int
    """Heads x head dimension, averaged over the layers."""
    shared_params: float
    """Parameters that every token uses, vocabulary matrices left out."""
    expert_params: float
    """Parameters in experts; 0 where there are none."""
    expert_share: float
    """Part of the experts that a token uses; 1 where there are none."""
    vocabulary_params: float
    """Parameters of one vocabulary matrix."""
    vocabulary_matrices: int
    kv_bytes_bf16: float
    """KV cache per token in BF16, bytes, sliding windows not subtracted."""
    window_tokens: int = 0
    windowed_share: float = 0.0
    """Part of the KV cache of a token in layers that look back on `window_tokens` only."""
    windowed_query_share: float = 0.0
    """Part of the query width in those layers."""
    kv_heads: int = 0
    """Parts into which GPUs can split the KV cache; more GPUs keep copies. 0: any number."""
    weight_bits: float = 16
    """Bits per weight as published; below 8 only the experts are so, the rest is BF16."""

    @property
    def native_4bit(self) -> bool:
        """Whether it is published with 4-bit experts, whatever precision it is served in."""
        return self.weight_bits < 8

    @staticmethod
    def of(model: OpenModel) -> Architecture:
        """The architecture of a model in the catalogue.

        Experts hold what total and active parameters differ by: (total - active)/(1 - share of experts per token).
        """
        one = float(model.vocabulary * model.hidden)
        matrices = 1 if model.tied else 2
        total, active = (each * 1e9 - matrices * one for each in (model.params_billion, model.active_params_billion))
        windowed, full = model.query_widths
        share = model.experts_per_token / model.experts if model.experts else 1.0
        experts = (total - active) / (1 - share) if model.experts else 0.0
        return Architecture(
            name=model.key,
            layers=model.layers,
            hidden=model.hidden,
            query_width=round((windowed + full) / model.layers),
            shared_params=total - experts,
            expert_params=experts,
            expert_share=share,
            vocabulary_params=one,
            vocabulary_matrices=matrices,
            kv_bytes_bf16=float(model.kv_bytes_per_token_bf16),
            window_tokens=model.window_tokens,
            windowed_share=model.kv_windowed_share,
            windowed_query_share=windowed / (windowed + full),
            kv_heads=model.kv_heads,
            weight_bits=model.weight_bits,
        )

    @staticmethod
    def stated(
        params_billion: float, layers: int, kv_heads: int, head_dim: int, active_params_billion: float | None = None
    ) -> Architecture:
        """A model of which only these are known.

        A layer of width h has about 12·h² parameters, so h = √(params/(12·layers)). Vocabulary matrices count as
        layers, and every parameter of a mixture of experts as in an expert.
        """
        params, active = params_billion * 1e9, (active_params_billion or params_billion) * 1e9
        hidden = round(math.sqrt(active / (12 * layers)))
        mixed = active < params
        return Architecture(
            name="the model",
            layers=layers,
            hidden=hidden,
            query_width=hidden,
            shared_params=0.0 if mixed else params,
            expert_params=params if mixed else 0.0,
            expert_share=active / params,
            vocabulary_params=0.0,
            vocabulary_matrices=0,
            kv_bytes_bf16=2.0 * BF16_BYTES * layers * kv_heads * head_dim,
            kv_heads=kv_heads,
        )
