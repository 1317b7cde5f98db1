"""Azure Cost Management: exports of actual and amortized cost.

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
"""

from __future__ import annotations

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.formats.meters import measures_of, meter_of, tokens_of_unit
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

COST = ("costinbillingcurrency", "cost", "pretaxcost")
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
    dollars = columns.dollars(*COST, currency=currency)
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
    needs=(("date", "usagedate"), ("metername",), ("unitofmeasure",), ("quantity",), COST, CURRENCY),
    read=read_azure,
    amounts=(*COST, "quantity", "effectiveprice", "unitprice", "paygprice"),
    unlike=frozenset({"billedcost", "chargeperiodstart"}),
)
