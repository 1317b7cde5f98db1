"""Bills of AWS, Azure and Google Cloud, and what the names of their meters say of the tokens that they count.

AWS Cost and Usage Reports, CUR 1 (`lineItem/UsageType`) and CUR 2 or Data Exports (`line_item_usage_type`).

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

Azure Cost Management: exports of actual and amortized cost.

Header of EA exports as in finopsfoundation/focus_converters; other agreements have the same names in camelCase, so that
names are compared in small letters.

| column | unit |
|---|---|
| `Date` | UTC day, month/day/year |
| `MeterName` | model and kind of tokens, in several spellings: "gpt-4o-0806-Inp-glbl", "GPT 5 outpt Glbl 1M Tokens" |
| `UnitOfMeasure` | 1K or 1M tokens, mixed within one export; hours and others are no tokens |
| `Quantity` | that many units |
| `CostInBillingCurrency` | money in `BillingCurrencyCode`, after discounts |
| `ChargeType` | Usage; taxes, refunds and the like are left out |
| `MeterCategory` | service; says what is left out |

Cached input has meters of its own, so it stands beside the rest. There are no requests. Names of meters are not those
of the catalogue of models.

Google Cloud billing: rows of the BigQuery export as JSON or CSV, and the CSV of the console.

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
from dataclasses import dataclass

import numpy as np

from switchpoint.owndata.cell_columns import Columns, Words
from switchpoint.owndata.cells import Floats
from switchpoint.owndata.formats.call_logs import finite
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

# Meters of clouds ----------------------------------------------------------------------------------------------------

KINDS = ("input", "cached", "cache_write", "output")
GIVEN = ("inp", "inpt", "input", "in", "prompt")
WRITTEN = ("out", "outp", "outpt", "opt", "output", "completion")
CACHED = ("cached", "cd", "cchd", "cache", "caching")
MADE = ("write", "wr", "wrt", "creation")
PLACES = (
    "glbl",
    "gl",
    "global",
    "regnl",
    "reg",
    "regional",
    "dz",
    "dzone",
    "datazone",
    "data",
    "zone",
    "tokens",
    "token",
)
SIZES = ("1m", "1k", "count", "units", "standard")
NO_TOKENS = (
    "image",
    "images",
    "img",
    "audio",
    "aud",
    "video",
    "embedding",
    "embeddings",
    "emb",
    "ft",
    "hosting",
    "training",
    "trng",
)
_UNIT = re.compile(r"(?i)\s*(\d[\d,]*)?\s*(k|m|b|thousand|million|billion)?\s*(?:text\s+)?(tokens?)?\s*")
_THOUSANDS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9}


@dataclass(frozen=True)
class Meter:
    """What a meter counts.

    Attributes:
        kind: input, cached, cache_write or output; nothing where it counts no tokens of a language model.
        model: that it is of, as the cloud names it.
    """

    kind: str
    model: str


def meter_of(name: str) -> Meter:
    """What the name of a meter says.

    >>> meter_of("gpt-4o-0806-Inp-glbl"), meter_of("gpt 4.1 nano cached Inp glbl")
    (Meter(kind='input', model='gpt-4o-0806'), Meter(kind='cached', model='gpt-4.1-nano'))
    >>> meter_of("Intra-Region Ingress").kind
    ''
    """
    words = [word for word in re.split(r"[\s\-_/]+", name) if word]
    small = [word.casefold() for word in words]
    written, cached = _has(small, WRITTEN), _has(small, CACHED)
    if not (written or _has(small, GIVEN)) or _has(small, NO_TOKENS):
        return Meter("", "")
    kind = "output" if written else "input"
    if cached:
        kind = "cache_write" if _has(small, MADE) else "cached"
    spoken = (*GIVEN, *WRITTEN, *CACHED, *MADE, *PLACES, *SIZES)
    return Meter(kind, "-".join(word for word, each in zip(words, small, strict=True) if each not in spoken))


def _has(words: list[str], any_of: tuple[str, ...]) -> bool:
    return any(word in any_of for word in words)


def tokens_of_unit(unit: str) -> float:
    """How many tokens one unit is; NaN where it is no number of tokens.

    >>> tokens_of_unit("1K"), tokens_of_unit("1M Tokens"), tokens_of_unit("1K tokens"), tokens_of_unit("Tokens")
    (1000.0, 1000000.0, 1000.0, 1.0)
    >>> tokens_of_unit("1 Hour"), tokens_of_unit("1"), tokens_of_unit("")
    (nan, nan, nan)
    """
    found = _UNIT.fullmatch(unit)
    if not found or not (found[2] or found[3]):
        return float("nan")
    return float((found[1] or "1").replace(",", "")) * _THOUSANDS.get((found[2] or "").casefold(), 1.0)


def measures_of(kinds: Words, tokens: Floats) -> dict[str, Floats]:
    """Columns of the usage table of rows that each count one kind of tokens; each kind stands beside the others.

    Args:
        kinds: of each row: input, cached, cache_write or output.
        tokens: of each row.
    """
    of = {kind: np.where(kinds.where(lambda value, kind=kind: value == kind), tokens, 0.0) for kind in KINDS}  # type: ignore[misc]
    return {
        "input_tokens": of["input"] + of["cached"] + of["cache_write"],
        "cached_tokens": of["cached"],
        "cache_write_tokens": of["cache_write"],
        "output_tokens": of["output"],
    }


# AWS Cost and Usage Reports ------------------------------------------------------------------------------------------

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


# Azure Cost Management -----------------------------------------------------------------------------------------------

AZURE_COST = ("costinbillingcurrency", "cost", "pretaxcost")
CURRENCY = ("billingcurrencycode", "billingcurrency", "currency")
SERVICES = ("cognitive", "openai", "foundry", "ai services", "machine learning", "language")


def read_azure(columns: Columns) -> Rows:
    """Tokens and dollars of days by model."""
    when = columns.moment("date", "usagedate", month_first=True)
    currency = next((name for name in CURRENCY if columns.has(name)), None)
    meter, category = columns.words("metername"), columns.words("metercategory")
    of_tokens = meter.where(lambda value: bool(meter_of(value).kind))
    if columns.has("metercategory"):
        of_tokens &= category.where(lambda value: any(word in value.casefold() for word in SERVICES))
    size = columns.words("unitofmeasure").figures(tokens_of_unit)
    of_tokens &= ~np.isnan(size)
    columns.count_money_only_of(of_tokens)
    dollars = columns.dollars(*AZURE_COST, currency=currency)
    tokens = columns.number("quantity", below_zero=True) * np.nan_to_num(size)
    tokens = np.where(of_tokens, np.maximum(tokens, 0.0), 0.0)
    measures = measures_of(meter.map(lambda value: meter_of(value).kind), tokens)
    rows = Rows(when, {**measures, "cost_usd": dollars}, meter.map(lambda value: meter_of(value).model))
    kind = columns.words("chargetype")
    rows.leave_out(kind.where(lambda value: value.casefold() not in ("", "usage")), kind, dollars)
    ours = category.where(lambda value: any(word in value.casefold() for word in SERVICES))
    rows.leave_out(~of_tokens & ours, meter, dollars)
    rows.leave_out(~of_tokens, category, dollars)
    return rows


AZURE = UsageFormat(
    name="azure",
    words="Azure Cost Management",
    provider="Azure",
    holds="both",
    marks=marks("metername,unitofmeasure,quantity", "metername,costinbillingcurrency", "metercategory,unitofmeasure"),
    needs=(("date", "usagedate"), ("metername",), ("unitofmeasure",), ("quantity",), AZURE_COST, CURRENCY),
    read=read_azure,
    amounts=(*AZURE_COST, "quantity", "effectiveprice", "unitprice", "paygprice"),
    unlike=frozenset({"billedcost", "chargeperiodstart"}),
)


# Google Cloud billing ------------------------------------------------------------------------------------------------

START = ("usage_start_time", "usage_start_date", "usage start date", "usage start time", "day", "date")
SKU = ("sku.description", "sku_description", "sku description", "sku")
AMOUNT = ("usage.amount", "usage_amount", "usage amount")
UNIT = ("usage.unit", "usage_unit", "usage unit")
GCP_COST = ("gross", "cost", "unrounded cost ($)", "cost ($)")
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
    dollars = columns.dollars(*GCP_COST, currency="currency")
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
    needs=(START, SKU, AMOUNT, UNIT, GCP_COST),
    read=read_gcp,
    amounts=(*AMOUNT, *GCP_COST, "net", "credits", "usage.amount_in_pricing_units", "export_time"),
    unlike=frozenset({"billedcost"}),
)
