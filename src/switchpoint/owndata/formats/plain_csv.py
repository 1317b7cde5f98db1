"""Plain CSV (or JSON rows): what people make themselves of any log or bill.

Columns, any subset that makes sense, by name in any order:

| column | unit |
|---|---|
| `date` | a UTC day (2026-09-27), an hour or moment of it (2026-09-27T08:00), or a month (2026-09) |
| `requests` | number of requests |
| `input_tokens` | tokens that go in, those read from and written to a cache included |
| `cached_tokens` | of these, tokens read from a cache |
| `cache_write_tokens` | of these, tokens written to a cache |
| `output_tokens` | tokens that come out, those of reasoning included |
| `cost_usd` | dollars; or `cost_eur` and the like, with `--usd-per EUR=1.08` |
| `model` | name of the model |

`month` may stand for `date`. Rows of one day are added up. A month is spread evenly over its days, which is said.
"""

from __future__ import annotations

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.usage_format import MEASURES, Rows, UsageFormat, marks

CURRENCIES = ("eur", "gbp", "chf", "cny", "inr", "jpy", "cad", "aud")
COSTS = tuple(f"cost_{each}" for each in CURRENCIES)
"""Columns of amounts that are no dollars."""
DAYS = ("date", "month")


def read_plain(columns: Columns) -> Rows:
    """Usage of rows that have the names of the usage table."""
    when = columns.moment(*DAYS)
    measures = {
        name: columns.dollars(name, empty=np.nan) if name == "cost_usd" else columns.number(name, empty=np.nan)
        for name in MEASURES
        if columns.has(name)
    }
    if "cost_usd" not in measures and (cost := next(filter(columns.has, COSTS), None)):
        rate = columns.money.rate(cost.removeprefix("cost_"))
        measures["cost_usd"] = columns.dollars(cost, empty=np.nan) * rate
    given = measures.get("input_tokens")
    parts = [name for name in ("cached_tokens", "cache_write_tokens") if name in measures]
    if given is not None and parts:
        more = np.sum([np.nan_to_num(measures[name]) for name in parts], axis=0) > given
        columns.reject(more, parts[0], "must be at most input_tokens, which it is a part of")
    return Rows(when, measures, columns.model("model") if columns.has("model") else None)


PLAIN = UsageFormat(
    name="plain",
    words="plain CSV",
    provider="",
    holds="both",
    marks=marks(*(f"{day},{name}" for day in DAYS for name in (*MEASURES, *COSTS))),
    needs=(DAYS, (*MEASURES, *COSTS)),
    read=read_plain,
    amounts=(*MEASURES, *COSTS),
)
