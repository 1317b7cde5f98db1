"""Coding agents: ccusage and Cursor. Recognised and refused, because their use is no traffic of a product.

They are read where the format is stated. ccusage (`ccusage daily --json`, docs of ryoppippi/ccusage): `daily[]` of

| key | unit |
|---|---|
| `date` | a day of the machine's own time zone |
| `inputTokens`, `cacheCreationTokens`, `cacheReadTokens` | tokens, beside each other |
| `outputTokens` | tokens |
| `totalCost` | dollars at list prices, also under a flat subscription |
| `modelBreakdowns[]` | the same by model, with `modelName` and `cost` |

Cursor, usage events (CSV): a row is a turn of an agent, not a call.

| column | unit |
|---|---|
| `Date` | moment, UTC |
| `Input (w/ Cache Write)`, `Input (w/o Cache Write)`, `Cache Read` | tokens, beside each other |
| `Output Tokens` | tokens; `Total Tokens` is the sum of the four |
| `Cost` | "$0.10", "0.62", "EUR 3,50"; "Included" and "Free" are 0 |
| `Kind` | "Errored, No Charge" is a failed turn |
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from switchpoint.owndata.cell_columns import Columns
from switchpoint.owndata.usage_format import Rows, UsageFormat, marks, objects_in

WRITE, FRESH, READ = "input (w/ cache write)", "input (w/o cache write)", "cache read"
CCUSAGE_TOKENS = ("inputtokens", "outputtokens", "cachecreationtokens", "cachereadtokens")
UNPAID = ("", "included", "free", "-", "nan", "0")
_PRICE = re.compile(r"(?P<sign>\$|€|[A-Z]{3})?\s*(?P<amount>\d[\d.,]*)\s*(?P<behind>[A-Z]{3}|€)?")
_CURRENCY = {"$": "USD", "€": "EUR", None: "USD"}


def read_ccusage(columns: Columns) -> Rows:
    """Tokens of days; there are no requests."""
    when = columns.moment("date")
    made, read = columns.number("cachecreationtokens"), columns.number("cachereadtokens")
    measures = {
        "input_tokens": columns.number("inputtokens", empty=None) + made + read,
        "cached_tokens": read,
        "cache_write_tokens": made,
        "output_tokens": columns.number("outputtokens", empty=None),
        "cost_usd": columns.dollars("cost", "totalcost"),
    }
    return Rows(when, measures, columns.model("modelname"))


def read_cursor(columns: Columns) -> Rows:
    """Turns of an agent."""
    when = columns.moment("date")
    made, fresh, read = (columns.number(name) for name in (WRITE, FRESH, READ))
    written = columns.number("output tokens")
    failed = columns.words("kind").where(lambda value: value.casefold().startswith("errored"))
    price = columns.words("cost", "cost to you")
    columns.reject(price.where(lambda value: amount_of(value) is None), "cost", "must be an amount, Included or Free")
    rates = price.figures(lambda value: columns.money.rate((amount_of(value) or (0.0, "USD"))[1]))
    paid = price.figures(lambda value: (amount_of(value) or (0.0, "USD"))[0])
    measures = {
        "requests": np.where(failed, 0.0, 1.0),
        "input_tokens": made + fresh + read,
        "cached_tokens": read,
        "cache_write_tokens": made,
        "output_tokens": written,
        "cost_usd": np.where(paid == 0, 0.0, paid * rates),
    }
    total = columns.number("total tokens")
    differs = np.abs(total - made - fresh - read - written) > 0.5
    columns.reject((total > 0) & differs, "total tokens", "must be the sum of the four")
    rows = Rows(when, measures, columns.model("model"))
    rows.note_failed(failed)
    return rows


def amount_of(text: str) -> tuple[float, str] | None:
    """An amount and its currency; None where it is none.

    >>> amount_of("$0.10"), amount_of("EUR 3,50"), amount_of("Included"), amount_of("a lot")
    ((0.1, 'USD'), (3.5, 'EUR'), (0.0, 'USD'), None)
    """
    if text.strip().casefold() in UNPAID:
        return 0.0, "USD"
    found = _PRICE.fullmatch(text.strip())
    if found is None:
        return None
    sign = found["sign"] or found["behind"]
    whole, comma, cents = found["amount"].rpartition(",")
    decimal = comma and len(cents) == 2 and "." not in cents
    plain = f"{whole.replace('.', '')}.{cents}" if decimal else found["amount"].replace(",", "")
    try:
        amount = float(plain)
    except ValueError:
        return None
    return (amount, _CURRENCY.get(sign, sign or "USD")) if math.isfinite(amount) else None


def _unpack_ccusage(held: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Models of each day where they are there, else the day; the totals are not read."""
    for each in objects_in(held.get("daily")):
        parts = objects_in(each.get("modelBreakdowns"))
        yield from ({**part, "date": each.get("date")} for part in parts or [each])


REFUSED_UNLESS_STATED = "a row is use of a coding agent, not traffic of a product"

CCUSAGE = UsageFormat(
    name="ccusage",
    words="ccusage",
    provider="ccusage",
    holds="both",
    marks=marks("daily.cachecreationtokens", "daily.inputtokens", "totals.totalcost,daily"),
    needs=(("daily.inputtokens",), ("daily.outputtokens",)),
    read=read_ccusage,
    amounts=(*CCUSAGE_TOKENS, "totaltokens", "totalcost", "cost"),
    unpack=_unpack_ccusage,
    coding_agent=True,
    note=f"{REFUSED_UNLESS_STATED}; days are of the machine's time zone and dollars are list prices",
)

CURSOR = UsageFormat(
    name="cursor",
    words="Cursor, usage events",
    provider="Cursor",
    holds="both",
    marks=marks(f"date,{WRITE}", f"date,{READ},output tokens"),
    needs=(("date",), ("model",), (WRITE,), (FRESH,), (READ,), ("output tokens",)),
    read=read_cursor,
    one_call=True,
    coding_agent=True,
    note=f"{REFUSED_UNLESS_STATED}; what is included in a subscription counts for $0",
)
