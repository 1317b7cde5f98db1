"""Open models that can be served and tuned: their dimensions and licences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from switchpoint.catalog.errors import unknown
from switchpoint.catalog.names import words
from switchpoint.catalog.table import records

VARIANT_WORDS = re.compile("meta|instruct|it|base|chat|hf")


@dataclass(frozen=True)
class OpenModel:
    """An open-weight model."""

    key: str
    full_name: str
    """The name as its maker writes it."""
    params_billion: float
    active_params_billion: float
    """Parameters that each token uses; all of them but in mixtures of experts."""
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    """Tokens of its vocabulary."""
    tied: bool
    """One vocabulary matrix serves input and output."""
    experts: int
    """Experts per layer; 0 where it has none."""
    experts_per_token: int
    window_tokens: int
    """Tokens that a sliding-window layer looks back on; 0 where it has none."""
    windowed_share: float
    """Part of the layers with a sliding window."""
    latent_width: int
    """Width of the one vector per layer and token that multi-head latent attention keeps; 0 where it has none."""
    full_kv_heads: int
    """KV heads of the layers without a window, where they are others; else 0."""
    full_head_dim: int
    """Dimension of the heads of the layers without a window, where it is another; else 0."""
    max_context: int
    """Longest input plus output, tokens."""
    kv_bytes_per_token_bf16: int
    """Sliding windows are not subtracted: 2 x 2 bytes x kv_heads x head_dim of each layer; 2 bytes x layers x
    latent_width where that is all that is kept."""
    weight_bits: float
    """Bits per weight as published."""
    licence: str
    commercial: bool
    """Whether the licence lets a product be built on it; False where that is not verified."""
    released: str
    note: str
    verified: bool
    source: str
    date: str

    @property
    def windowed_layers(self) -> int:
        """Layers with a sliding window."""
        return round(self.layers * self.windowed_share)

    @property
    def query_widths(self) -> tuple[int, int]:
        """Heads x head dimension, summed over the layers with a window, and over those without."""
        full = self.full_head_dim or self.head_dim
        return (
            self.windowed_layers * self.heads * self.head_dim,
            (self.layers - self.windowed_layers) * self.heads * full,
        )

    @property
    def kv_windowed_share(self) -> float:
        """Part of the KV cache of a token that is kept in layers with a window."""
        windowed = 4 * self.windowed_layers * self.kv_heads * self.head_dim
        return windowed / self.kv_bytes_per_token_bf16 if self.window_tokens else 0.0

    def splits_over(self, gpus: int) -> bool:
        """Whether its attention heads can be shared out evenly over so many GPUs."""
        return self.heads % gpus == 0

    @property
    def replica_sizes(self) -> tuple[int, ...]:
        """Numbers of GPUs, up to a node of 16, over which its heads can be shared out."""
        return tuple(gpus for gpus in range(1, 17) if self.splits_over(gpus))


@cache
def models() -> tuple[OpenModel, ...]:
    """All open models of the catalogue."""
    return records(OpenModel, "models")


@cache
def model(name: str) -> OpenModel:
    """The open model of that key, or full name as its maker writes it ("meta-llama/Llama-3.1-8B-Instruct").

    Raises:
        CatalogError: with the nearest known names.
    """
    wanted = _spelt(name)
    for each in models():
        if wanted in (_spelt(each.key), _spelt(each.full_name)):
            return each
    raise unknown("model", name, (each.key for each in models()))


def _spelt(name: str) -> tuple[str, ...]:
    """The words of a name, v3.1 as 3.1."""
    return tuple(re.sub(r"^v(?=\d)", "", word) for word in words(name, VARIANT_WORDS))
