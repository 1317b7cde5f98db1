"""OpenAI: usage of completions and costs, by the organization's API and as the dashboard exports them.

OpenAI, usage of completions: the organization usage API and the export of the dashboard's activity.

API: `GET /v1/organization/usage/completions`, an object `page` with `data[]` of buckets with `results[]`; schema
UsageCompletionsResult in openai/openai-openapi, openapi.yaml. Dashboard: Usage > Export, `completions_usage_*.csv`;
days without use are rows with nothing but their times, and a row is a minute, an hour or a day wide, as was chosen.

| key or column | unit |
|---|---|
| `start_time`, `end_time` | Unix seconds, UTC |
| `num_model_requests` | requests |
| `input_tokens` | tokens, those read from and written to a cache, and those of sound and pictures, included |
| `input_cached_tokens` | of these, tokens read from the cache |
| `input_cache_write_tokens` | of these, tokens written to it (since 2026) |
| `output_tokens` | tokens, those of reasoning included |
| `model`, `batch` | nothing unless it is grouped by them |

All other token keys are parts of these and are not added. There is no money.

OpenAI, costs: the organization costs API and the export of the dashboard's costs.

API: `GET /v1/organization/costs`, an object `page` with `data[]` of days with `results[]`; schema CostsResult in
openai/openai-openapi, openapi.yaml. Dashboard: Usage > Export, `cost_*.csv`; days of no cost are rows with nothing but
their times.

| key | column | unit |
|---|---|---|
| `start_time` | `start_time` | Unix seconds, UTC |
| `amount.value` | `amount_value` | dollars, as number or text, up to 30 decimals |
| `amount.currency` | `amount_currency` | usd, in small letters |
| `line_item` | `line_item` | model and kind, such as "gpt-5-nano, input_tokens"; nothing where it is not grouped |
| `quantity_unit` | `quantity_unit` | tokens, 1000_tokens, or what is no token: images, duration, storage, characters |

There are no requests. Tokens of line items are left to the usage export, which has them in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.usage_format import IN_BATCHES, AnswerPage, Names, Rows, UsageFormat, marks, objects_in

# OpenAI, usage of completions ----------------------------------------------------------------------------------------

COMPLETIONS = "organization.usage.completions.result"
KINDS_IN = ("", "cached_", "cache_write_", "uncached_", "text_", "audio_", "image_")
CACHED_KINDS = ("cached_text_", "cached_audio_", "cached_image_")
AMOUNTS = (
    "num_model_requests",
    *(f"input_{kind}tokens" for kind in (*KINDS_IN, *CACHED_KINDS)),
    *(f"output_{kind}tokens" for kind in ("", "text_", "audio_", "image_")),
)
NO_USE = {"num_model_requests": 0, "input_tokens": 0, "output_tokens": 0}


def read_completions(columns: Columns) -> Rows:
    """Usage of buckets of completions."""
    when = columns.moment("start_time")
    requests, given, written = columns.numbers_together("num_model_requests", "input_tokens", "output_tokens")
    measures = {"requests": requests, "input_tokens": given, "output_tokens": written}
    parts = np.zeros(columns.length)
    for name, key in (("cached_tokens", "input_cached_tokens"), ("cache_write_tokens", "input_cache_write_tokens")):
        if columns.has(key):
            measures[name] = columns.number(key)
            parts += measures[name]
    columns.reject(parts > given, "input_cached_tokens", "must be at most input_tokens, which it is a part of")
    rows = Rows(when, measures, columns.model("model"))
    kind = columns.words("object")
    other = kind.where(lambda value: value not in ("", COMPLETIONS, "bucket"))
    rows.leave_out(other, kind.map(lambda value: value.removeprefix("organization.usage.").removesuffix(".result")))
    batch = columns.words("batch").where(lambda value: value.casefold() == "true")
    rows.said[IN_BATCHES] = np.where(batch, given + written, 0.0)
    return rows


def unpack_buckets(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Results of every bucket with its times; a bucket without any is one of no use."""
    for bucket in objects_in(held.get("data")):
        times = {key: bucket.get(key) for key in ("start_time", "end_time")}
        results = objects_in(bucket.get("results", bucket.get("result")))
        yield from ({**result, **times} for result in results or [NO_USE])


def page_of_buckets(held: Mapping[str, Any]) -> AnswerPage:
    """Which part of an answer an object is."""
    buckets = objects_in(held.get("data"))
    begins = buckets[0].get("start_time") if buckets else None
    return AnswerPage(held.get("has_more") is True, begins, buckets[-1].get("end_time") if buckets else None)


def _dashboard_form(names: Names) -> str:
    return "" if "num_model_requests" in names else "days without use"


OPENAI_USAGE = UsageFormat(
    name="openai-usage",
    words="OpenAI usage API",
    provider="OpenAI",
    holds="usage",
    marks=marks("data.results.num_model_requests", "object,data.results,data.start_time,has_more"),
    needs=(("data.start_time",),),
    read=read_completions,
    amounts=AMOUNTS,
    unpack=unpack_buckets,
    page=page_of_buckets,
    unlike=frozenset({"data.results.amount"}),
)

OPENAI_ACTIVITY = UsageFormat(
    name="openai-dashboard-activity",
    words="OpenAI dashboard, activity",
    provider="OpenAI",
    holds="usage",
    marks=marks("start_time,end_time,num_model_requests", "start_time,end_time,start_time_iso,end_time_iso"),
    needs=(("start_time",),),
    read=read_completions,
    amounts=AMOUNTS,
    unlike=frozenset({"amount_value", "request_id"}),
    form=_dashboard_form,
)


# OpenAI, costs -------------------------------------------------------------------------------------------------------

UNGROUPED = "of the dollars, without a line item, so that nothing tells whether they are for tokens $"
TOKEN_UNITS = ("", "tokens", "1000_tokens")
_TOKENS = re.compile(r"input|output|cached|prompt|completion|token")
_OTHER_MODELS = re.compile(r"embedding|dall-e|image|whisper|tts|transcribe|moderation|sora|search|interpreter|storage")


def read_costs(columns: Columns) -> Rows:
    """Dollars of days; line items that are no tokens of a language model are left out."""
    when = columns.moment("start_time")
    currency = next((name for name in ("amount.currency", "amount_currency") if columns.has(name)), None)
    dollars = columns.dollars("amount.value", "amount_value", currency=currency)
    item, unit = columns.words("line_item"), columns.words("quantity_unit")
    rows = Rows(when, {"cost_usd": dollars}, item.map(_model))
    rows.said[UNGROUPED] = np.where(item.where(lambda value: not value), dollars, 0.0)
    rows.leave_out(item.where(lambda value: not _is_tokens(value)), item, dollars)
    rows.leave_out(unit.where(lambda value: value.casefold() not in TOKEN_UNITS), item, dollars)
    return rows


def _model(item: str) -> str:
    """The model of a line item."""
    return item.partition(",")[0].strip()


def _is_tokens(item: str) -> bool:
    """Whether a line item is tokens of a language model; without a line item nothing else is known.

    >>> _is_tokens("gpt-5-nano, input_tokens"), _is_tokens("Web search tool calls"), _is_tokens("")
    (True, False, True)
    """
    if not item:
        return True
    return bool(_TOKENS.search(item.partition(",")[2].casefold())) and not _OTHER_MODELS.search(item.casefold())


OPENAI_COSTS = UsageFormat(
    name="openai-costs",
    words="OpenAI costs API",
    provider="OpenAI",
    holds="cost",
    marks=marks("data.results.amount.value"),
    needs=(("data.start_time",),),
    read=read_costs,
    amounts=("amount.value", "quantity"),
    unpack=unpack_buckets,
    page=page_of_buckets,
)

OPENAI_DASHBOARD_COST = UsageFormat(
    name="openai-dashboard-cost",
    words="OpenAI dashboard, cost",
    provider="OpenAI",
    holds="cost",
    marks=marks("start_time,amount_value"),
    needs=(("start_time",), ("amount_value",)),
    read=read_costs,
    amounts=("amount_value", "quantity"),
)
