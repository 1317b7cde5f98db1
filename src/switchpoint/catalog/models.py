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
    wanted = words(name, VARIANT_WORDS)
    for each in models():
        if wanted in (words(each.key, VARIANT_WORDS), words(each.full_name, VARIANT_WORDS)):
            return each
    raise unknown("model", name, (each.key for each in models()))
