"""OpenRouter: activity by day and by generation, as the site exports it, and as its API answers.

Dollars are credits of OpenRouter. What is used with keys of one's own (BYOK) is paid to the provider itself and stands
in no bill of OpenRouter: its tokens count, its dollars are said beside the table and not added.

| by day (CSV) | API `GET /api/v1/activity`, `data[]` | by generation (CSV) | unit |
|---|---|---|---|
| `Date` | `date` | `created_at` | UTC day; moment, UTC |
| `Slug` | `model` | `model_permaslug` | model |
| `Usage` | `usage` | `cost_total` | dollars |
| `BYOK Usage` | `byok_usage_inference` | `byok_usage_inference` | dollars, paid elsewhere |
| `Requests` | `requests` | a row each | requests |
| `Prompt Tokens` | `prompt_tokens` | `tokens_prompt` | tokens, cached ones included |
| `Completion Tokens` | `completion_tokens` | `tokens_completion` | tokens |
| `Reasoning Tokens` | `reasoning_tokens` | `tokens_reasoning` | tokens, taken as part of the completion |
| | | `tokens_cached` | tokens read from a cache |

Headers of exports of December 2025 to June 2026; the API is described in OpenRouter's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks, objects_in

BYOK = "paid to providers themselves with keys of one's own (BYOK), beyond these dollars $"
INSIDE = "reasoning tokens are taken as part of the completion tokens, in which OpenRouter's own answers count them"


def read_days(columns: Columns) -> Rows:
    """Usage of days by model."""
    when = columns.moment("date")
    elsewhere = columns.dollars("byok usage", "byok_usage_inference")
    measures = {
        "requests": columns.number("requests", empty=None),
        "input_tokens": columns.number("prompt tokens", "prompt_tokens", empty=None),
        "output_tokens": columns.number("completion tokens", "completion_tokens", empty=None),
        "cost_usd": columns.dollars("usage"),
    }
    return Rows(when, measures, columns.model("slug", "model", "model_permaslug"), said={BYOK: elsewhere})


def read_generations(columns: Columns) -> Rows:
    """Usage of single calls."""
    when = columns.moment("created_at")
    elsewhere = columns.dollars("byok_usage_inference")
    measures = {
        "requests": np.ones(columns.length),
        "input_tokens": columns.number("tokens_prompt"),
        "output_tokens": columns.number("tokens_completion"),
        "cost_usd": columns.dollars("cost_total"),
    }
    if columns.has("tokens_cached"):
        measures["cached_tokens"] = columns.number("tokens_cached")
    rows = Rows(when, measures, columns.model("model_permaslug"), said={BYOK: elsewhere})
    cancelled = columns.words("cancelled").where(lambda value: value.casefold() in ("true", "1", "t"))
    rows.said["calls that were cancelled, counted"] = cancelled.astype(float)
    rows.said["of the dollars, for web search $"] = columns.dollars("cost_web_search")
    free = columns.words("variant").where(lambda value: value == "free")
    rows.said["calls of free variants, counted"] = free.astype(float)
    return rows


def _unpack(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from objects_in(held.get("data"))


OPENROUTER_DAILY = UsageFormat(
    name="openrouter-daily",
    words="OpenRouter, activity by day",
    provider="OpenRouter",
    holds="both",
    marks=marks("date,slug,prompt tokens", "date,slug,usage", "date,byok usage"),
    needs=(("date",), ("slug",), ("usage",), ("requests",), ("prompt tokens",), ("completion tokens",)),
    read=read_days,
    amounts=("usage", "byok usage", "requests", "prompt tokens", "completion tokens", "reasoning tokens"),
    note=INSIDE,
)

OPENROUTER_GENERATIONS = UsageFormat(
    name="openrouter-generations",
    words="OpenRouter, activity by generation",
    provider="OpenRouter",
    holds="both",
    marks=marks("generation_id,cost_total", "generation_id,tokens_prompt"),
    needs=(("created_at",), ("cost_total",), ("tokens_prompt",), ("tokens_completion",), ("model_permaslug",)),
    read=read_generations,
    identity=("generation_id",),
    one_call=True,
    note=INSIDE,
)

OPENROUTER_API = UsageFormat(
    name="openrouter-api",
    words="OpenRouter, activity API",
    provider="OpenRouter",
    holds="both",
    marks=marks("data.model_permaslug,data.usage", "data.byok_usage_inference,data.requests"),
    needs=(("data.date",), ("data.usage",), ("data.requests",), ("data.prompt_tokens",), ("data.completion_tokens",)),
    read=read_days,
    amounts=("usage", "byok_usage_inference", "requests", "prompt_tokens", "completion_tokens", "reasoning_tokens"),
    unpack=_unpack,
    note=INSIDE,
)
