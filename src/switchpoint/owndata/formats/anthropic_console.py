"""Anthropic console: the exports of tokens (Usage > Export) and of cost (Cost > Export), by UTC day.

Tokens, in three forms since 2024; what is read from and written to a cache stands beside the rest, never inside:

| column | unit |
|---|---|
| `usage_date_utc` | UTC day; older files have moments |
| `model_version` | id of the model |
| `usage_input_tokens_no_cache` | tokens neither read from nor written to a cache |
| `usage_input_tokens_cache_write_5m`, `…_1h`, or `…_cache_write` in older files | tokens written to a cache |
| `usage_input_tokens_cache_read` | tokens read from it |
| `usage_output_tokens` | tokens, those of thinking included |
| `web_search_count` | searches, which are no tokens |

Cost, in five forms since 2024:

| column | unit |
|---|---|
| `usage_date_utc` | UTC day |
| `model` | display name, such as "Claude Opus 4.6" |
| `token_type` | input_no_cache, output, input_cache_read, input_cache_write_5m, …; other lines are no tokens |
| `cost_usd` | dollars, rounded to cents: sums of many small lines come out too low |
| `list_price_usd` | dollars before discount |

Neither has requests; api_key is the name of a key and is never read. Seen in exports of December 2024 to September
2026.
"""

from __future__ import annotations

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.usage_format import IN_BATCHES, Names, Rows, UsageFormat, marks

WRITTEN = ("usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h", "usage_input_tokens_cache_write")
READ = "usage_input_tokens_cache_read"
GIVEN = ("usage_input_tokens_no_cache", "usage_input_tokens")
OUTPUT = "usage_output_tokens"
TOKEN_TYPES = ("input", "output", "cache", "uncached")


def read_tokens(columns: Columns) -> Rows:
    """Tokens of days."""
    when = columns.moment("usage_date_utc")
    given = columns.number(*GIVEN, empty=None)
    measures = {"output_tokens": columns.number(OUTPUT, empty=None)}
    if columns.has(*WRITTEN):
        measures["cache_write_tokens"] = np.sum([columns.number(name) for name in WRITTEN], axis=0)
        given = given + measures["cache_write_tokens"]
    if columns.has(READ):
        measures["cached_tokens"] = columns.number(READ)
        given = given + measures["cached_tokens"]
    rows = Rows(when, {**measures, "input_tokens": given}, columns.model("model_version", "model"))
    batch = columns.words("usage_type").where(lambda value: value == "batch")
    rows.said[IN_BATCHES] = np.where(batch, given + measures["output_tokens"], 0.0)
    rows.said["web searches, not counted as tokens"] = columns.number("web_search_count")
    return rows


def read_cost(columns: Columns) -> Rows:
    """Dollars of days; lines that are no tokens are left out."""
    when = columns.moment("usage_date_utc")
    dollars = columns.dollars("cost_usd")
    rows = Rows(when, {"cost_usd": dollars}, columns.model("model", "model_version"))
    kind = columns.words("token_type")
    other = kind.where(lambda value: bool(value) and not value.startswith(TOKEN_TYPES))
    if columns.has("cost_type"):
        other |= columns.words("cost_type").where(lambda value: value not in ("", "token", "tokens"))
        kind = columns.words("cost_type").map(lambda value: value.replace("_", " ")) if not kind.values[0] else kind
    rows.leave_out(other, kind.map(lambda value: value.replace("_", " ")), dollars)
    rows.said["lines rounded to $0.00, so that the sum is somewhat too low"] = (dollars == 0).astype(float)
    if columns.has("list_price_usd"):
        rows.said["discount on list prices $"] = np.where(other, 0.0, columns.dollars("list_price_usd") - dollars)
    return rows


def _form_of_tokens(names: Names) -> str:
    if WRITTEN[0] in names:
        return "2026 form"
    return "older form" if WRITTEN[2] in names else "form without caches"


def _form_of_cost(names: Names) -> str:
    if "api_key_status" in names:
        return "form of August 2026"
    if "list_price_usd" in names or "speed" in names:
        return "form of March 2026"
    return "form of 2025" if "cost_type" in names else "form of 2024"


ANTHROPIC_TOKENS = UsageFormat(
    name="anthropic-console-tokens",
    words="Anthropic console, tokens",
    provider="Anthropic",
    holds="usage",
    marks=marks(f"usage_date_utc,{OUTPUT}", f"usage_date_utc,{GIVEN[0]}", f"usage_date_utc,{READ}"),
    needs=(("usage_date_utc",), ("model_version", "model"), GIVEN, (OUTPUT,)),
    read=read_tokens,
    amounts=(*GIVEN, *WRITTEN, READ, OUTPUT, "web_search_count"),
    form=_form_of_tokens,
)

ANTHROPIC_COST = UsageFormat(
    name="anthropic-console-cost",
    words="Anthropic console, cost",
    provider="Anthropic",
    holds="cost",
    marks=marks("usage_date_utc,cost_usd", "usage_date_utc,token_type"),
    needs=(("usage_date_utc",), ("model", "model_version"), ("token_type", "cost_type"), ("cost_usd",)),
    read=read_cost,
    amounts=("cost_usd", "list_price_usd", "api_key_status"),
    form=_form_of_cost,
)
