"""Token prices and retirement dates that genai-prices lacks, from the catalogue's own dated rows."""

from __future__ import annotations

import datetime as dt
import re

from switchpoint.catalog.route import PriceTier, RoutePrice, TokenPrice
from switchpoint.catalog.table import Row, day, flag, number, rows


def price(provider: str, model: str, as_of: dt.date) -> RoutePrice | None:
    """The newest own price of the model that is in force on the day, None where there is none."""
    found = [row for row in rows("prices") if row["provider"] == provider and _names(row["model"], model)]
    active = [row for row in found if (day(row["from_date"]) or dt.date.min) <= as_of]
    return _route(max(active, key=lambda row: row["from_date"])) if active else None


def priced(as_of: dt.date) -> list[tuple[str, RoutePrice]]:
    """Every model with an own price on the day, each with the text that a search looks in."""
    keys = dict.fromkeys((row["provider"], row["model"]) for row in rows("prices"))
    routes = [(f"{provider} {model}", price(provider, model, as_of)) for provider, model in keys]
    return [(text, route) for text, route in routes if route is not None]


def models(provider: str) -> tuple[str, ...]:
    """The models of the provider that have an own price."""
    return tuple(row["model"] for row in rows("prices") if row["provider"] == provider)


def start_dates(provider: str, model: str) -> tuple[dt.date, ...]:
    """The dates on which an own price of the model starts."""
    starts = (
        day(row["from_date"]) for row in rows("prices") if row["provider"] == provider and _names(row["model"], model)
    )
    return tuple(start for start in starts if start is not None)


def retired_on(provider: str, model: str) -> dt.date | None:
    """The day on which the provider takes the model away, where it is known."""
    for row in rows("retirements"):
        if row["provider"] == provider and _names(row["model"], model):
            return day(row["retired_on"])
    return None


def _names(key: str, name: str) -> bool:
    """Whether the name is the key, the key without its date, or the key with an owner's suffix after a colon."""
    spelt, undated = name.lower(), re.sub(r"-\d{4}-\d{2}-\d{2}$", "", key)
    return spelt in (key, undated) or spelt.startswith((f"{key}:", f"{undated}:"))


def _route(row: Row) -> RoutePrice:
    given = float(row["input"])
    cached, write = number(row["cached_input"]), number(row["cache_write"])
    price = TokenPrice(
        given, float(row["output"]), given if cached is None else cached, given if write is None else write
    )
    context = number(row["max_context"])
    return RoutePrice(
        provider=row["provider"],
        model=row["model"],
        tiers=(PriceTier(0.0, price),),
        source=row["source"],
        date=row["date"],
        from_date=day(row["from_date"]),
        batch_discount=number(row["batch_discount"]),
        max_context=None if context is None else int(context),
        verified=flag(row["verified"]),
    )
