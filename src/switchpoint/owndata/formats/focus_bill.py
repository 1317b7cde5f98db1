"""FOCUS 1.0 to 1.2: the bill of any cloud or vendor in the columns of the FinOps Foundation.

Columns as in FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec; NULL stands for empty. Names are compared in small letters.

| column | unit |
|---|---|
| `ChargePeriodStart` | hour or day, UTC, also without offset |
| `ConsumedQuantity` | in `ConsumedUnit` |
| `ConsumedUnit` | "1K tokens", "1M Tokens" or "Tokens"; "Units" are Azure's, or millions where that is said |
| `x_PricingUnitDescription`, `x_PricingBlockSize` | how many units Azure prices at a time: "1K", 1000 |
| `PricingQuantity` | `ConsumedQuantity` over that; read to make sure of Azure's units alone |
| `BilledCost` | money in `BillingCurrency`, as on the bill; where `EffectiveCost` differs, it is said |
| `ChargeCategory`, `ChargeClass` | Usage; Tax, Credit, Purchase, Adjustment and corrections are left out |
| `x_SkuMeterName`, `SkuMeter`, `ChargeDescription`, `SkuId` | the first of them that tells tokens in from tokens out |

`PricingUnit` may be a virtual currency that is called Token, so it is not read. There are no requests.

In Azure's exports both units are "Units" for 1K and for 1M tokens alike (microsoft/finops-toolkit, PricingUnits.csv),
and `PricingQuantity` is the quantity consumed over the block size. So the quantity consumed is in single tokens, but
only where these two agree; where they do not, it could be in blocks, a factor of a thousand or a million, and the row
is refused.
"""

from __future__ import annotations

import numpy as np

from switchpoint.owndata.cell_columns import Columns, Words
from switchpoint.owndata.cells import Floats, Mask
from switchpoint.owndata.formats.cloud_bills import KINDS, Meter, kind_of, measures_of, meter_of, tokens_of_unit
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

METER = ("x_skumetername", "skumeter", "chargedescription", "skuid")
MILLION = 1e6
ROUNDED = 0.005
"""Part by which quantities may differ that were rounded."""
BLOCKS_DIFFER = (
    "must be PricingQuantity times x_PricingBlockSize: these differ, so it may count blocks instead of tokens"
)


def read_focus(columns: Columns) -> Rows:
    """Tokens and dollars by model."""
    when = columns.moment("chargeperiodstart", month_first=True)
    meter = columns.words(*METER)
    size = _size(columns.words("consumedunit"), meter)
    blocks = _in_blocks(columns) & np.isnan(size)
    size = np.where(blocks, 1.0, size)
    named = meter.where(lambda value: _meter(value).kind in KINDS)
    says_tokens = columns.words("consumedunit").where(lambda value: "token" in value.casefold())
    of_tokens = named & (says_tokens | meter.where(_says_tokens) | ~np.isnan(size))
    columns.count_money_only_of(of_tokens)
    right = "must say how many tokens it is, such as 1K tokens"
    columns.reject(of_tokens & np.isnan(size), "consumedunit", right)
    if blocks.any():
        columns.reject(of_tokens & blocks & ~_blocks_agree(columns), "consumedquantity", BLOCKS_DIFFER)
    dollars = columns.dollars("billedcost", currency="billingcurrency")
    tokens = np.maximum(columns.number("consumedquantity", below_zero=True), 0.0) * np.nan_to_num(size)
    measures = measures_of(meter.map(lambda value: _meter(value).kind), np.where(of_tokens, tokens, 0.0))
    rows = Rows(when, {**measures, "cost_usd": dollars}, meter.map(lambda value: _meter(value).model))
    category, kind = columns.words("chargecategory"), columns.words("chargeclass")
    rows.leave_out(category.where(lambda value: value.casefold() not in ("", "usage")), category, dollars)
    rows.leave_out(kind.where(lambda value: value.casefold() == "correction"), "corrections of former bills", dollars)
    rows.leave_out(~of_tokens, columns.words("servicename"), dollars)
    if columns.has("effectivecost"):
        effective = columns.dollars("effectivecost", currency="billingcurrency")
        differs = np.where(rows.kept_rows(), effective - dollars, 0.0)
        rows.said["with commitments spread over use (EffectiveCost) the dollars differ by $"] = differs
    return rows


def _block_size(columns: Columns) -> Floats:
    """How many units Azure prices at a time; NaN where that is not said."""
    stated = columns.number("x_pricingblocksize", empty=np.nan)
    named = columns.words("x_pricingunitdescription").figures(tokens_of_unit)
    agree = np.isnan(stated) | np.isnan(named) | (stated == named)
    return np.where(agree, np.where(np.isnan(named), stated, named), np.nan)


def _in_blocks(columns: Columns) -> Mask:
    """Rows whose unit is Azure's, which is the same word for single tokens, thousands and millions of them."""
    is_units = columns.words("consumedunit").where(lambda value: value.casefold() == "units")
    return is_units & (_block_size(columns) > 1)


def _blocks_agree(columns: Columns) -> Mask:
    """Whether what was consumed is what was priced times the size of a block, so that it counts single tokens."""
    priced = columns.number("pricingquantity", below_zero=True) * _block_size(columns)
    consumed = columns.number("consumedquantity", below_zero=True)
    found: Mask = np.abs(consumed - priced) <= ROUNDED * np.abs(priced)
    return found


def _meter(name: str) -> Meter:
    """What a meter or description says: in words as Azure's, or as a usage type of AWS."""
    found = meter_of(name)
    return found if found.kind else Meter(kind_of(name), "")


def _says_tokens(name: str) -> bool:
    return "token" in name.casefold()


def _size(unit: Words, meter: Words) -> Floats:
    """Tokens of one unit of each row; NaN where it is not said."""
    stated = unit.figures(tokens_of_unit)
    units = unit.where(lambda value: value.casefold() == "units") & meter.where(
        lambda value: "million" in value.casefold()
    )
    return np.where(units, MILLION, stated)


FOCUS = UsageFormat(
    name="focus",
    words="FOCUS bill",
    provider="FOCUS",
    holds="both",
    marks=marks("billedcost,chargeperiodstart", "billedcost,consumedquantity"),
    needs=(
        ("chargeperiodstart",),
        ("billedcost",),
        ("billingcurrency",),
        ("consumedquantity",),
        ("consumedunit",),
        METER,
    ),
    read=read_focus,
    amounts=("billedcost", "effectivecost", "listcost", "contractedcost", "consumedquantity", "pricingquantity"),
)
