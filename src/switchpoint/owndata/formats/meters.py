"""Meters of clouds: what a meter's name says of the tokens it counts, and how many its unit is."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from switchpoint.owndata.cell_columns import Words
from switchpoint.owndata.cells import Floats

KINDS = ("input", "cached", "cache_write", "output")
GIVEN = ("inp", "inpt", "input", "in", "prompt")
WRITTEN = ("out", "outp", "outpt", "opt", "output", "completion")
CACHED = ("cached", "cd", "cchd", "cache", "caching")
MADE = ("write", "wr", "wrt", "creation")
PLACES = (
    "glbl",
    "gl",
    "global",
    "regnl",
    "reg",
    "regional",
    "dz",
    "dzone",
    "datazone",
    "data",
    "zone",
    "tokens",
    "token",
)
SIZES = ("1m", "1k", "count", "units", "standard")
NO_TOKENS = (
    "image",
    "images",
    "img",
    "audio",
    "aud",
    "video",
    "embedding",
    "embeddings",
    "emb",
    "ft",
    "hosting",
    "training",
    "trng",
)
_UNIT = re.compile(r"(?i)\s*(\d[\d,]*)?\s*(k|m|b|thousand|million|billion)?\s*(?:text\s+)?(tokens?)?\s*")
_THOUSANDS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9}


@dataclass(frozen=True)
class Meter:
    """What a meter counts.

    Attributes:
        kind: input, cached, cache_write or output; nothing where it counts no tokens of a language model.
        model: that it is of, as the cloud names it.
    """

    kind: str
    model: str


def meter_of(name: str) -> Meter:
    """What the name of a meter says.

    >>> meter_of("gpt-4o-0806-Inp-glbl"), meter_of("gpt 4.1 nano cached Inp glbl")
    (Meter(kind='input', model='gpt-4o-0806'), Meter(kind='cached', model='gpt-4.1-nano'))
    >>> meter_of("Intra-Region Ingress").kind
    ''
    """
    words = [word for word in re.split(r"[\s\-_/]+", name) if word]
    small = [word.casefold() for word in words]
    written, cached = _has(small, WRITTEN), _has(small, CACHED)
    if not (written or _has(small, GIVEN)) or _has(small, NO_TOKENS):
        return Meter("", "")
    kind = "output" if written else "input"
    if cached:
        kind = "cache_write" if _has(small, MADE) else "cached"
    spoken = (*GIVEN, *WRITTEN, *CACHED, *MADE, *PLACES, *SIZES)
    return Meter(kind, "-".join(word for word, each in zip(words, small, strict=True) if each not in spoken))


def _has(words: list[str], any_of: tuple[str, ...]) -> bool:
    return any(word in any_of for word in words)


def tokens_of_unit(unit: str) -> float:
    """How many tokens one unit is; NaN where it is no number of tokens.

    >>> tokens_of_unit("1K"), tokens_of_unit("1M Tokens"), tokens_of_unit("1K tokens"), tokens_of_unit("Tokens")
    (1000.0, 1000000.0, 1000.0, 1.0)
    >>> tokens_of_unit("1 Hour"), tokens_of_unit("1"), tokens_of_unit("")
    (nan, nan, nan)
    """
    found = _UNIT.fullmatch(unit)
    if not found or not (found[2] or found[3]):
        return float("nan")
    return float((found[1] or "1").replace(",", "")) * _THOUSANDS.get((found[2] or "").casefold(), 1.0)


def measures_of(kinds: Words, tokens: Floats) -> dict[str, Floats]:
    """Columns of the usage table of rows that each count one kind of tokens; each kind stands beside the others.

    Args:
        kinds: of each row: input, cached, cache_write or output.
        tokens: of each row.
    """
    of = {kind: np.where(kinds.where(lambda value, kind=kind: value == kind), tokens, 0.0) for kind in KINDS}  # type: ignore[misc]
    return {
        "input_tokens": of["input"] + of["cached"] + of["cache_write"],
        "cached_tokens": of["cached"],
        "cache_write_tokens": of["cache_write"],
        "output_tokens": of["output"],
    }
