"""Anthropic: reports of its Admin API, and exports of its console.

Anthropic Admin API: reports of usage and of cost.

Usage: `GET /v1/organizations/usage_report/messages`, `data[]` of minutes, hours or days with `results[]`:

| key | unit |
|---|---|
| `starting_at`, `ending_at` | RFC 3339, UTC |
| `uncached_input_tokens` | tokens neither read from nor written to a cache |
| `cache_creation.ephemeral_5m_input_tokens`, `…_1h_…` | tokens written to a cache; nested |
| `cache_read_input_tokens` | tokens read from it |
| `output_tokens` | tokens, those of thinking included |
| `model`, `service_tier` | nothing unless it is grouped by them |

Cost: `GET /v1/organizations/cost_report`, days:

| key | unit |
|---|---|
| `amount` | CENTS, as decimal text: "123.78912" is $1.2378912 |
| `currency` | USD |
| `cost_type` | tokens, or what is none: web_search, code_execution, session_usage; nothing where it is not grouped |

Neither has requests; money of the Priority Tier never appears. Described in the reference of Anthropic's Admin API, and
divided by 100 in anthropics/anthropic-cookbook, observability/usage_cost_api.ipynb.

Anthropic console: the exports of tokens (Usage > Export) and of cost (Cost > Export), by UTC day.

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

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.usage_format import IN_BATCHES, AnswerPage, Names, Rows, UsageFormat, marks, objects_in

# Anthropic Admin API: reports of usage and of cost -------------------------------------------------------------------

CENT = 0.01
UNGROUPED = "of the dollars, without a cost type, so that nothing tells whether they are for tokens $"
NESTED = ("cache_creation.ephemeral_5m_input_tokens", "cache_creation.ephemeral_1h_input_tokens")
FLAT = "cache_creation_input_tokens"
TOKENS = ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens")
NO_USE = {
    **dict.fromkeys(TOKENS, 0),
    "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
}


def read_usage_report(columns: Columns) -> Rows:
    """Tokens of buckets: what goes in is the sum of four."""
    when = columns.moment("starting_at")
    uncached, written_out = (columns.number(name, empty=None) for name in (TOKENS[0], TOKENS[2]))
    cached = columns.number(TOKENS[1])
    made = sum((columns.number(name) for name in NESTED), np.zeros(columns.length))
    if not columns.has(*NESTED):
        made = columns.number(FLAT)
    measures = {
        "input_tokens": uncached + cached + made,
        "cached_tokens": cached,
        "cache_write_tokens": made,
        "output_tokens": written_out,
    }
    rows = Rows(when, measures, columns.model("model"))
    batch = columns.words("service_tier").where(lambda value: value == "batch")
    rows.said[IN_BATCHES] = np.where(batch, measures["input_tokens"] + written_out, 0.0)
    rows.said["web searches, not counted as tokens"] = columns.number("server_tool_use.web_search_requests")
    return rows


def read_cost_report(columns: Columns) -> Rows:
    """Dollars of days, from cents; what is no tokens is left out."""
    when = columns.moment("starting_at")
    dollars = columns.dollars("amount", currency="currency", unit=CENT)
    rows = Rows(when, {"cost_usd": dollars}, columns.model("model"))
    kind = columns.words("cost_type")
    other = kind.where(lambda value: value not in ("", "tokens", "token"))
    rows.leave_out(other, kind.map(lambda value: value.replace("_", " ")), dollars)
    rows.said[UNGROUPED] = np.where(kind.where(lambda value: not value), dollars, 0.0)
    return rows


def _unpack_usage(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return _results(held, NO_USE)


def _unpack_cost(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return _results(held, {"amount": "0"})


def _results(held: Mapping[str, Any], nothing: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Results of every bucket with its times; a bucket without any is one of no use."""
    for bucket in objects_in(held.get("data")):
        times = {key: bucket.get(key) for key in ("starting_at", "ending_at")}
        yield from ({**result, **times} for result in objects_in(bucket.get("results")) or [nothing])


def _page(held: Mapping[str, Any]) -> AnswerPage:
    buckets = objects_in(held.get("data"))
    begins = buckets[0].get("starting_at") if buckets else None
    return AnswerPage(held.get("has_more") is True, begins, buckets[-1].get("ending_at") if buckets else None)


ANTHROPIC_USAGE_REPORT = UsageFormat(
    name="anthropic-admin-usage",
    words="Anthropic Admin API, usage",
    provider="Anthropic",
    holds="usage",
    marks=marks("data.starting_at,data.results.uncached_input_tokens", "data.starting_at,data.results,has_more"),
    needs=(("data.starting_at",),),
    read=read_usage_report,
    amounts=(*TOKENS, *NESTED, FLAT, "server_tool_use.web_search_requests"),
    unpack=_unpack_usage,
    page=_page,
    unlike=frozenset({"data.results.amount"}),
)

ANTHROPIC_COST_REPORT = UsageFormat(
    name="anthropic-admin-cost",
    words="Anthropic Admin API, cost",
    provider="Anthropic",
    holds="cost",
    marks=marks("data.starting_at,data.results.amount"),
    needs=(("data.results.amount",),),
    read=read_cost_report,
    amounts=("amount",),
    unpack=_unpack_cost,
    page=_page,
)


# Anthropic console ---------------------------------------------------------------------------------------------------

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
