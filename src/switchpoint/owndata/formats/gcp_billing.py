"""Google Cloud billing: rows of the BigQuery export as JSON or CSV, and the CSV of the console.

Names as in the schema of the BigQuery export; rows that a query gives names of its own are read under the ones below.

| column | also | unit |
|---|---|---|
| `usage_start_time` | `usage_start_date`, `day` | moment or day; UTC as far as is stated |
| `sku.description` | `sku`, `SKU description` | model and kind: "Gemini 2.5 Flash GA Text Input - Predictions" |
| `usage.amount` | `usage_amount` | TOKENS, where the unit is count, requests or tokens; those are no requests |
| `usage.unit` | `usage_unit` | hours and months are storage of caches and provisioned throughput, and no tokens |
| `cost` | `gross` | money before credits, in `currency` |
| `credits[].amount` | `net` less `gross` | credits, below 0; a forecast needs the cost before them |

Thinking has SKUs of its own and is output; input read from a cache has too, so it stands beside. There are no requests.
"""

from __future__ import annotations

import json
import re

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.cells import Floats
from switchpoint.owndata.formats.meters import KINDS, measures_of
from switchpoint.owndata.formats.usage_objects import finite
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

START = ("usage_start_time", "usage_start_date", "usage start date", "usage start time", "day", "date")
SKU = ("sku.description", "sku_description", "sku description", "sku")
AMOUNT = ("usage.amount", "usage_amount", "usage amount")
UNIT = ("usage.unit", "usage_unit", "usage unit")
COST = ("gross", "cost", "unrounded cost ($)", "cost ($)")
SERVICE = ("service.description", "service_description", "service description", "service")
MODELS = ("gemini", "claude", "llama", "mistral", "imagen", "veo", "embedding")
TOKEN_UNITS = ("requests", "request", "count", "tokens", "token")
_MODEL = re.compile(
    r"(?i)\s+(?:GA|Global|Batch|Priority|Flex|Thinking|Text|Image|Audio|Video|Input|Output|Caching|Cached|-)\b.*$"
)
_OTHER = re.compile(r"(?i)storage|character|embedding|imagen|veo|image output|provisioned|tuning|training|grounding")


def read_gcp(columns: Columns) -> Rows:
    """Tokens and dollars by model."""
    when = columns.moment(*START)
    sku = columns.words(*SKU)
    of_tokens = sku.where(lambda value: kind_of_sku(value) in KINDS)
    of_tokens &= columns.words(*UNIT).where(lambda value: value.casefold() in TOKEN_UNITS)
    columns.count_money_only_of(of_tokens)
    dollars = columns.dollars(*COST, currency="currency")
    tokens = np.where(of_tokens, np.maximum(columns.number(*AMOUNT, below_zero=True), 0.0), 0.0)
    measures = measures_of(sku.map(kind_of_sku), tokens)
    rows = Rows(when, {**measures, "cost_usd": dollars}, sku.map(lambda value: _MODEL.sub("", value)))
    rows.leave_out(~of_tokens & sku.where(_is_of_a_model), sku, dollars)
    rows.leave_out(~of_tokens, columns.words(*SERVICE), dollars)
    rows.said["credits, not taken off the dollars $"] = np.where(of_tokens, _credits(columns, dollars), 0.0)
    return rows


def kind_of_sku(sku: str) -> str:
    """Which tokens of a language model a SKU counts; nothing where it counts none.

    >>> kind_of_sku("Gemini 2.5 Flash Thinking Text Output - Predictions")
    'output'
    >>> kind_of_sku("Gemini 3 Flash Text Input Caching"), kind_of_sku("Gemini 3 Flash Caching Storage")
    ('cached', '')
    """
    small = sku.casefold()
    if _OTHER.search(small):
        return ""
    if "input" in small:
        cached = "cach" in small
        return "cache_write" if cached and "write" in small else "cached" if cached else "input"
    return "output" if "output" in small else ""


def _is_of_a_model(sku: str) -> bool:
    return any(word in sku.casefold() for word in MODELS)


def _credits(columns: Columns, gross: Floats) -> Floats:
    """Credits of each row in dollars, below 0."""
    if columns.has("net"):
        return columns.dollars("net", currency="currency") - gross
    if not columns.has("credits"):
        return np.zeros(columns.length)
    sums = columns.words("credits").figures(_sum_of_credits)
    return sums * columns.rates("currency", gross != 0) if columns.has("currency") else sums


def _sum_of_credits(text: str) -> float:
    """The sum of `[{"amount": -1.2}]`, written as text."""
    try:
        held = json.loads(text) if text.startswith("[") else []
    except (ValueError, RecursionError):
        return 0.0
    return -sum(finite(-each["amount"]) for each in held if isinstance(each, dict) and _is_number(each.get("amount")))


def _is_number(held: object) -> bool:
    return isinstance(held, (int, float)) and not isinstance(held, bool)


GCP = UsageFormat(
    name="gcp-billing",
    words="Google Cloud billing",
    provider="Google Cloud",
    holds="both",
    marks=marks("sku.description,cost", "sku,usage_amount", "sku_description,cost", "sku description,usage amount"),
    needs=(START, SKU, AMOUNT, UNIT, COST),
    read=read_gcp,
    amounts=(*AMOUNT, *COST, "net", "credits", "usage.amount_in_pricing_units", "export_time"),
    unlike=frozenset({"billedcost"}),
)
