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
    max_context: int
    """Longest input plus output, tokens."""
    kv_bytes_per_token_bf16: int
    """2 x 2 bytes x layers x kv_heads x head_dim; sliding windows are not subtracted."""
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
