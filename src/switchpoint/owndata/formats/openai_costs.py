"""OpenAI, costs: the organization costs API and the export of the dashboard's costs.

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

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.formats.openai_usage import page_of_buckets, unpack_buckets
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

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
