"""Anthropic Admin API: reports of usage and of cost.

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
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.usage_format import IN_BATCHES, AnswerPage, Rows, UsageFormat, marks, objects_in

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
