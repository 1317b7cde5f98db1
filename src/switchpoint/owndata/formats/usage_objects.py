"""Logs of one's own with the usage object of each answer, as the provider's library returns it.

One JSON object a line or an array of them, with `model`, a moment (`created_at`, `created`, `timestamp`, `time`,
`date`) and an object of tokens, told apart by its keys:

| provider | object and its keys | where cached and reasoning tokens stand |
|---|---|---|
| OpenAI and alike | `usage`: `input_tokens` or `prompt_tokens`, `output_tokens` or `completion_tokens` | inside |
| Anthropic | `usage` with `cache_read_input_tokens` or `cache_creation_input_tokens` | beside; inside |
| Bedrock Converse | `usage`: `inputTokens`, `cacheReadInputTokens`, `cacheWriteInputTokens`, `outputTokens` | beside |
| Gemini | `usageMetadata`; tokens of tools and of thoughts are added | inside; beside |

Dollars are read from `cost`, `cost_usd` or `usage.cost` where they are there. Each object is one request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.cells import LARGEST
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

MOMENTS = ("created_at", "created", "timestamp", "time", "start_time", "starttime", "date")


@dataclass
class TokensOfCall:
    """Tokens of one call: those that go in, cached and written ones included, and those that come out."""

    input_tokens: float = 0.0
    cached_tokens: float = 0.0
    cache_write_tokens: float = 0.0
    output_tokens: float = 0.0


def finite(held: object) -> float:
    """A number from 0 on; 0 for anything else."""
    if isinstance(held, bool) or not isinstance(held, (int, float)) or not 0 <= held <= LARGEST:
        return 0.0
    return float(held)


def tokens_of_usage(held: Mapping[str, Any]) -> TokensOfCall | None:
    """Tokens of a usage object of any known provider; None where it is of none.

    Args:
        held: the object, such as `{"input_tokens": 6, "cache_read_input_tokens": 20443, "output_tokens": 489}`.
    """
    if "promptTokenCount" in held or "candidatesTokenCount" in held:
        return _of_gemini(held)
    if "inputTokens" in held or "outputTokens" in held:
        return _beside(held, "inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens", "outputTokens")
    if "cache_read_input_tokens" in held or "cache_creation_input_tokens" in held:
        return _beside(held, "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    if "input_tokens" in held or "prompt_tokens" in held:
        return _inside(held)
    return None


def _of_gemini(held: Mapping[str, Any]) -> TokensOfCall:
    return TokensOfCall(
        input_tokens=finite(held.get("promptTokenCount")) + finite(held.get("toolUsePromptTokenCount")),
        cached_tokens=finite(held.get("cachedContentTokenCount")),
        output_tokens=finite(held.get("candidatesTokenCount")) + finite(held.get("thoughtsTokenCount")),
    )


def _beside(held: Mapping[str, Any], given: str, read: str, made: str, written: str) -> TokensOfCall:
    """Kinds of tokens that stand beside each other."""
    cached, cache_write = finite(held.get(read)), finite(held.get(made))
    whole = finite(held.get(given)) + cached + cache_write
    return TokensOfCall(whole, cached, cache_write, finite(held.get(written)))


def _inside(held: Mapping[str, Any]) -> TokensOfCall:
    """Kinds of tokens that are parts of the whole."""
    details = held.get("input_tokens_details", held.get("prompt_tokens_details"))
    parts = details if isinstance(details, Mapping) else {}
    return TokensOfCall(
        finite(held.get("input_tokens", held.get("prompt_tokens"))),
        finite(parts.get("cached_tokens")),
        finite(parts.get("cache_write_tokens")),
        finite(held.get("output_tokens", held.get("completion_tokens"))),
    )


def read_calls(columns: Columns) -> Rows:
    """Usage of single calls."""
    when = columns.moment(*MOMENTS)
    objects = _first_known(columns.objects("usage"), columns.objects("usagemetadata"))
    found = [tokens_of_usage(held) for held in objects]
    columns.reject(np.array([each is None for each in found], dtype=bool), "usage", "must be a known usage object")
    tokens = [each or TokensOfCall() for each in found]
    names = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens")
    measures = {name: np.array([getattr(each, name) for each in tokens], dtype=float) for name in names}
    paid = [held.get("cost") for held in objects]
    if columns.has("cost_usd", "cost"):
        measures["cost_usd"] = columns.dollars("cost_usd", "cost", empty=np.nan)
    elif any(each is not None for each in paid):
        measures["cost_usd"] = np.array([np.nan if each is None else finite(each) for each in paid], dtype=float)
    return Rows(when, {"requests": np.ones(columns.length), **measures}, columns.model("model"))


def _first_known(*columns: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [next((held for held in row if held), {}) for row in zip(*columns, strict=True)]


USAGE_OBJECTS = UsageFormat(
    name="usage-objects",
    words="log with usage objects",
    provider="",
    holds="both",
    marks=marks(
        "usage.input_tokens",
        "usage.prompt_tokens",
        "usage.inputtokens",
        "usagemetadata.prompttokencount",
        "usagemetadata.candidatestokencount",
    ),
    needs=(MOMENTS, ("model",), ("usage", "usagemetadata")),
    read=read_calls,
    identity=("id", "request_id", "response_id"),
    one_call=True,
    deep=0,
)
