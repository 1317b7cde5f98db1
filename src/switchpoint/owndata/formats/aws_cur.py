"""AWS Cost and Usage Reports, CUR 1 (`lineItem/UsageType`) and CUR 2 or Data Exports (`line_item_usage_type`).

Headers as AWS documents them in its guide to Data Exports. Names are compared in small letters.

| column of CUR 2 | unit |
|---|---|
| `line_item_usage_start_date` | hour or day, UTC |
| `line_item_usage_type` | model and kind: "USE1-NovaLite-input-tokens", "USE1-MP:USE1_InputTokenCount-Units" |
| `line_item_usage_amount` | in `pricing_unit` |
| `pricing_unit` | "1K tokens"; usage types of the Marketplace, such as Claude's, end in -Units, each a MILLION tokens |
| `line_item_unblended_cost` | money in `line_item_currency_code` |
| `line_item_line_item_type` | Usage; Tax, Credit, Refund, Fee and discounts are left out |
| `line_item_product_code` | AmazonBedrock; in the Marketplace an id, whose `product_product_name` tells the model |

Cached tokens have usage types of their own, so they stand beside the rest. There are no requests.
"""

from __future__ import annotations

import re

import numpy as np

from switchpoint.owndata.cell_columns import Columns, Words
from switchpoint.owndata.formats.meters import KINDS, measures_of, tokens_of_unit
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

MARKETPLACE_UNIT = 1e6
"""Tokens of one Unit of a model of the Marketplace."""
USED = ("", "usage", "discountedusage", "savingsplancoveredusage")
NAMES = {
    "start": ("line_item_usage_start_date", "lineitem/usagestartdate"),
    "type": ("line_item_usage_type", "lineitem/usagetype"),
    "amount": ("line_item_usage_amount", "lineitem/usageamount"),
    "cost": ("line_item_unblended_cost", "lineitem/unblendedcost"),
    "currency": ("line_item_currency_code", "lineitem/currencycode"),
    "line": ("line_item_line_item_type", "lineitem/lineitemtype"),
    "code": ("line_item_product_code", "lineitem/productcode"),
    "unit": ("pricing_unit", "pricing/unit"),
    "product": ("product_product_name", "product/productname", "product_servicename", "product/servicename"),
}
_OWN_MODEL = re.compile(r"(?:[A-Z]{2,4}\d?-)?(.+?)[-_](?:mantle[-_])?(?:cache|input|output)", re.IGNORECASE)
_IN_MAP = re.compile(r'"product_name"\s*:\s*"([^"]*)"')
_WORD = re.compile(r"token", re.IGNORECASE)
_NO_LANGUAGE = re.compile(r"image|video|audio|speech|embed|rerank|train|custom", re.IGNORECASE)


def read_cur(columns: Columns) -> Rows:
    """Tokens and dollars by model."""
    when = columns.moment(*NAMES["start"])
    usage_type = columns.words(*NAMES["type"])
    line, code = columns.words(*NAMES["line"]), columns.words(*NAMES["code"])
    used = line.where(lambda value: value.casefold() in USED)
    of_tokens = used & usage_type.where(lambda value: kind_of(value) in KINDS)
    columns.count_money_only_of(of_tokens)
    currency = next((name for name in NAMES["currency"] if columns.has(name)), None)
    dollars = columns.dollars(*NAMES["cost"], currency=currency)
    amounts = np.maximum(columns.number(*NAMES["amount"], below_zero=True), 0.0)
    size = columns.words(*NAMES["unit"]).figures(tokens_of_unit)
    size = np.where(usage_type.where(_is_marketplace), MARKETPLACE_UNIT, size)
    columns.reject(of_tokens & np.isnan(size), "pricing_unit", "must say how many tokens a unit is, such as 1K tokens")
    tokens = np.where(of_tokens, amounts * np.nan_to_num(size), 0.0)
    measures = measures_of(usage_type.map(kind_of), tokens)
    rows = Rows(when, {**measures, "cost_usd": dollars}, _models(usage_type, _products(columns)))
    rows.leave_out(~used, line, dollars)
    bedrock = code.where(lambda value: "bedrock" in value.casefold())
    rows.leave_out(~of_tokens & bedrock, usage_type, dollars)
    rows.leave_out(~of_tokens, code, dollars)
    return rows


def kind_of(usage_type: str) -> str:
    """Which tokens of a language model a usage type counts; nothing where it counts none.

    >>> kind_of("USE1-NovaLite-cache-read-input-token-count"), kind_of("USE1-MP:USE1_OutputTokenCount_Global-Units")
    ('cached', 'output')
    >>> kind_of("BoxUsage:m5.large")
    ''
    """
    small = usage_type.casefold()
    if not _WORD.search(small) or _NO_LANGUAGE.search(small):
        return ""
    if "cache" in small:
        return "cache_write" if "write" in small else "cached"
    return "output" if "output" in small else "input" if "input" in small else ""


def _products(columns: Columns) -> Words:
    """Names of products: a column of their own, or in the map that CUR 2 has for what says little."""
    if columns.has(*NAMES["product"]):
        return columns.words(*NAMES["product"])
    return columns.words("product").map(lambda text: found[1] if (found := _IN_MAP.search(text)) else "")


def _is_marketplace(usage_type: str) -> bool:
    return usage_type.endswith("-Units")


def _models(usage_type: Words, product: Words) -> Words:
    """The product of the Marketplace, or what the usage type says of a model of Bedrock's own."""
    width = max(len(product.values), 1)
    codes, places = np.unique(usage_type.codes.astype(np.int64) * width + product.codes, return_inverse=True)
    names = [_model(usage_type.values[code // width], product.values[code % width]) for code in codes]
    return Words(places.astype(np.int32), tuple(names) or ("",))


def _model(usage_type: str, product: str) -> str:
    if _is_marketplace(usage_type) and product:
        return re.sub(r"\s*\(.*?\)\s*$", "", product)
    found = _OWN_MODEL.match(usage_type)
    return found[1] if found and not _is_marketplace(usage_type) else ""


AWS = UsageFormat(
    name="aws-cur",
    words="AWS Cost and Usage Report",
    provider="AWS",
    holds="both",
    marks=marks("lineitem/usagetype", "line_item_usage_type", "lineitem/unblendedcost", "line_item_unblended_cost"),
    needs=tuple(NAMES[key] for key in ("start", "type", "amount", "cost")),
    read=read_cur,
    amounts=(*NAMES["amount"], *NAMES["cost"], "line_item_blended_cost", "line_item_net_unblended_cost"),
    form=lambda names: "CUR 1" if "lineitem/usagetype" in names else "CUR 2",
)
