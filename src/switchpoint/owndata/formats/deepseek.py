"""DeepSeek platform: the export of usage, a ZIP of `amount-*.csv` and `cost-*.csv`.

UTF-8 with a mark and CRLF, hours in no order, one row for each kind of amount (long form):

| column of amount | unit |
|---|---|
| `start_time_iso` | beginning of an hour, UTC |
| `model` | model |
| `type` | request_count, input_cache_hit_tokens, input_cache_miss_tokens or output_tokens |
| `amount` | requests or tokens |
| `price` | for one token, in a currency that this file does not state, so it is not read |

| column of cost | unit |
|---|---|
| `start_time_iso` | beginning of an hour, UTC |
| `model` | model |
| `cost` | money in `currency`: CNY or USD |
| `wallet_type` | which purse paid; all count |

Hits and misses stand beside each other. Seen in exports of 2026.
"""

from __future__ import annotations

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks

START = ("start_time_iso", "start_time")
TYPES = ("request_count", "input_cache_hit_tokens", "input_cache_miss_tokens", "output_tokens")


def read_amounts(columns: Columns) -> Rows:
    """Requests and tokens of hours by model."""
    when = columns.moment(*START)
    kind = columns.words("type")
    amount = columns.number("amount", empty=None)
    asked, hit, missed, written = (
        np.where(kind.where(lambda value, name=name: value == name), amount, 0.0)  # type: ignore[misc]
        for name in TYPES
    )
    measures = {"requests": asked, "input_tokens": hit + missed, "cached_tokens": hit, "output_tokens": written}
    rows = Rows(when, measures, columns.model("model"))
    rows.leave_out(kind.where(lambda value: value not in TYPES), kind)
    return rows


def read_cost(columns: Columns) -> Rows:
    """Dollars of hours by model."""
    dollars = columns.dollars("cost", currency="currency")
    return Rows(columns.moment(*START), {"cost_usd": dollars}, columns.model("model"))


DEEPSEEK_AMOUNT = UsageFormat(
    name="deepseek-amount",
    words="DeepSeek export, amounts",
    provider="DeepSeek",
    holds="usage",
    marks=marks("start_time_iso,type,amount", "model,type,price,amount"),
    needs=(START, ("model",), ("type",), ("amount",)),
    read=read_amounts,
    amounts=("amount",),
)

DEEPSEEK_COST = UsageFormat(
    name="deepseek-cost",
    words="DeepSeek export, cost",
    provider="DeepSeek",
    holds="cost",
    marks=marks("start_time_iso,wallet_type,cost", "wallet_type,cost,currency"),
    needs=(START, ("model",), ("cost",), ("currency",)),
    read=read_cost,
    amounts=("cost",),
)
