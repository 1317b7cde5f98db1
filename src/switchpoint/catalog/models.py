"""Open models that can be served and tuned: their dimensions and licences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from switchpoint.catalog.errors import unknown
from switchpoint.catalog.names import words
from switchpoint.catalog.table import Row, flag, rows

VARIANT_WORDS = frozenset(["meta", "instruct", "it", "base", "chat", "hf"])


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
    return tuple(_model(row) for row in rows("models"))


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


def _model(row: Row) -> OpenModel:
    return OpenModel(
        key=row["key"],
        full_name=row["full_name"],
        params_billion=float(row["params_billion"]),
        active_params_billion=float(row["active_params_billion"]),
        layers=int(row["layers"]),
        hidden=int(row["hidden"]),
        heads=int(row["heads"]),
        kv_heads=int(row["kv_heads"]),
        head_dim=int(row["head_dim"]),
        max_context=int(row["max_context"]),
        kv_bytes_per_token_bf16=int(row["kv_bytes_per_token_bf16"]),
        weight_bits=float(row["weight_bits"]),
        licence=row["licence"],
        commercial=flag(row["commercial"]),
        released=row["released"],
        note=row["note"],
        verified=flag(row["verified"]),
        source=row["source"],
        date=row["date"],
    )
