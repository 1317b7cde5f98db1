"""Logs of one's own, one row a call: with usage objects as providers' libraries return them, or with columns.

One JSON object a line or an array of them, with `model`, a moment (`created_at`, `created`, `timestamp`, `time`,
`date`) and an object of tokens, told apart by its keys:

| provider | object and its keys | where cached and reasoning tokens stand |
|---|---|---|
| OpenAI and alike | `usage`: `input_tokens` or `prompt_tokens`, `output_tokens` or `completion_tokens` | inside |
| Anthropic | `usage` with `cache_read_input_tokens` or `cache_creation_input_tokens` | beside; inside |
| Bedrock Converse | `usage`: `inputTokens`, `cacheReadInputTokens`, `cacheWriteInputTokens`, `outputTokens` | beside |
| Gemini | `usageMetadata`; tokens of tools and of thoughts are added | inside; beside |

Or, in CSV or JSON, columns: a moment and `model` as above, a name of the call (`id`, `request_id`, `call_id`,
`trace_id`), and `prompt_tokens` with `completion_tokens`, `cached_tokens` inside, as OpenAI counts; or `input_tokens`
with `output_tokens`, and `cache_read_input_tokens`, `cache_creation_input_tokens` beside, as Anthropic counts.

Dollars are read from `cost`, `cost_usd` or `usage.cost` where they are there. Each object or row is one
request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.cells import LARGEST
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

GIVEN, WRITTEN = ("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens")
READ, MADE = "cache_read_input_tokens", "cache_creation_input_tokens"
NAMES = ("id", "request_id", "call_id", "trace_id", "response_id")
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


def read_log(columns: Columns) -> Rows:
    """Usage of single calls in columns."""
    when = columns.moment(*MOMENTS)
    given, written = columns.number(*GIVEN, empty=None), columns.number(*WRITTEN, empty=None)
    measures = {"requests": np.ones(columns.length), "output_tokens": written}
    if columns.has(READ, MADE):
        measures["cached_tokens"], measures["cache_write_tokens"] = columns.number(READ), columns.number(MADE)
        given = given + measures["cached_tokens"] + measures["cache_write_tokens"]
    elif columns.has("cached_tokens"):
        measures["cached_tokens"] = columns.number("cached_tokens")
        columns.reject(measures["cached_tokens"] > given, "cached_tokens", "must be at most the tokens that go in")
    if columns.has("cost_usd", "cost"):
        measures["cost_usd"] = columns.dollars("cost_usd", "cost", empty=np.nan)
    return Rows(when, {**measures, "input_tokens": given}, columns.model("model"))


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
    identity=NAMES,
    one_call=True,
    deep=0,
)

CALL_LOG = UsageFormat(
    name="call-log",
    words="log of calls",
    provider="",
    holds="both",
    marks=marks(*(f"{name},{tokens}" for name in NAMES for tokens in GIVEN)),
    needs=(MOMENTS, ("model",), GIVEN, WRITTEN),
    read=read_log,
    identity=NAMES,
    one_call=True,
    unlike=frozenset({"requests", "api_requests", "usage"}),
    deep=0,
)
