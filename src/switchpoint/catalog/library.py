"""Token prices of the genai-prices library, read from the copy that is installed; nothing is fetched."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from switchpoint.catalog.errors import CatalogError, unknown
from switchpoint.catalog.matching import names_the_model
from switchpoint.catalog.names import squash
from switchpoint.catalog.route import PriceTier, RoutePrice, TokenPrice

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

ALIASES = {
    "amazonbedrock": "aws",
    "azureopenai": "azure",
    "bedrock": "aws",
    "gemini": "google",
    "googlevertex": "google",
    "vertexai": "google",
}
TOKEN_KEYS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")


@cache
def providers() -> dict[str, Provider]:
    """The providers of the library by key."""
    from genai_prices.data_snapshot import get_snapshot

    return {provider.id: provider for provider in get_snapshot().providers}


def find_provider(name: str) -> Provider | None:
    """The provider of that key or full name: `x-ai`, `X AI`, `Together AI`."""
    wanted = squash(name)
    wanted = squash(ALIASES.get(wanted, wanted))
    spelt = {squash(text): each for each in providers().values() for text in (each.name, each.id)}
    return spelt.get(wanted) or spelt.get(wanted.removesuffix("ai"))


def find_model(provider: Provider, name: str) -> ModelInfo | None:
    """The model that the provider knows by that name, its full name, or the name without its maker's prefix.

    What the library matches by a part of the name must not be another version; see `matching`.
    """
    for spelt in dict.fromkeys((name.lower(), _dashed(name.lower()))):
        found = _matched(provider, spelt)
        if found is not None:
            return found
    wanted = squash(name.rpartition("/")[2])
    same = [
        model for model in provider.models if wanted in (squash(model.id.rpartition("/")[2]), squash(model.name or ""))
    ]
    return same[0] if len(same) == 1 else None


def _matched(provider: Provider, name: str) -> ModelInfo | None:
    """The provider's own model of that name, else that of a provider whose models it offers too."""
    known = providers()
    for each in (provider, *(known[key] for key in provider.fallback_model_providers or () if key in known)):
        for model in each.models:
            if names_the_model(model.match, name):
                return model
    return None


def _dashed(name: str) -> str:
    """A name with its compact date written with dashes: gpt-5.2-20251211 as gpt-5.2-2025-12-11."""
    return re.sub(r"-(20\d\d)(\d\d)(\d\d)(?=-|:|$)", r"-\1-\2-\3", name)


def price(provider: Provider, model: ModelInfo, as_of: dt.date) -> RoutePrice:
    """The prices of the model at noon UTC of the day.

    Raises:
        CatalogError: where the model is not priced by the token.
    """
    noon = dt.datetime.combine(as_of, dt.time(12), dt.UTC)
    prices = model.get_prices(noon)
    return RoutePrice(
        provider=provider.id,
        model=model.id,
        tiers=_tiers(prices, f"{provider.id}/{model.id}"),
        source=_source(provider),
        date=snapshot_date().isoformat(),
        from_date=_since(model, noon),
        checked=snapshot_date(),
        batch_discount=_batch_discount(provider, model, noon),
        max_context=model.context_window,
        usd_per_1000_requests=_base(prices, "requests_kcount") or 0.0,
    )


def priced(as_of: dt.date) -> Iterator[tuple[str, RoutePrice]]:
    """Every model that is priced by the token on the day, each with the text that a search looks in."""
    for provider in providers().values():
        for model in provider.models:
            try:
                yield f"{provider.id} {provider.name} {model.id} {model.name or ''}", price(provider, model, as_of)
            except CatalogError:
                continue


def start_dates(model: ModelInfo) -> tuple[dt.date, ...]:
    """The dates on which the library knows a price of the model to start, rising."""
    return tuple(sorted({start for start in map(_start, _conditions(model)) if start is not None}))


def unknown_model(provider: Provider, name: str, more: tuple[str, ...]) -> CatalogError:
    """The error for a model that the provider does not offer; `more` are its models outside the library."""
    ids = [model.id for model in provider.models]
    spelt = ids if "/" in name else [model.rpartition("/")[2] for model in ids]
    return unknown(f"model of {provider.id}", name, (*spelt, *more))


@cache
def snapshot_date() -> dt.date:
    """How new the library's data are: the newest start of a price at OpenRouter.

    OpenRouter's list is read anew for each release and announces nothing ahead, so its newest entry dates the whole.
    """
    models = providers()["openrouter"].models
    return max(start for model in models for start in start_dates(model))


def _source(provider: Provider) -> str:
    from genai_prices import __version__

    urls = provider.pricing_urls or []
    return f"genai-prices {__version__}, {provider.name}" + (f" ({urls[0]})" if urls else "")


def _conditions(model: ModelInfo) -> list[object]:
    return [each.constraint for each in model.prices] if isinstance(model.prices, list) else []


def _start(constraint: object) -> dt.date | None:
    return getattr(constraint, "start_date", None)


def _since(model: ModelInfo, noon: dt.datetime) -> dt.date | None:
    """First day of the prices in force: the last listed whose condition holds wins, as in the library."""
    if isinstance(model.prices, list):
        for each in reversed(model.prices):
            if each.constraint is None or each.constraint.active(noon):
                return _start(each.constraint)
    return None


def _cell(prices: ModelPrice, key: str) -> Decimal | TieredPrices | None:
    value: Decimal | TieredPrices | None = getattr(prices, key)
    return value


def _base(prices: ModelPrice, key: str) -> float | None:
    value = _cell(prices, key)
    if value is None:
        return None
    return float(value if isinstance(value, Decimal) else value.base)


def _at(value: Decimal | TieredPrices | None, threshold: int) -> float | None:
    """The price above the threshold."""
    if value is None or isinstance(value, Decimal):
        return None if value is None else float(value)
    reached = [tier.price for tier in value.tiers if tier.start <= threshold]
    return float(reached[-1] if reached else value.base)


def _tiers(prices: ModelPrice, name: str) -> tuple[PriceTier, ...]:
    cells = [_cell(prices, key) for key in TOKEN_KEYS]
    other = any(value is not None for value in vars(prices).values())
    if other and cells[0] is None and cells[1] is None:
        raise CatalogError(f"{name} is not priced by the token")
    tiered = [cell for cell in cells if cell is not None and not isinstance(cell, Decimal)]
    starts = {0, *(tier.start for cell in tiered for tier in cell.tiers)}
    return tuple(PriceTier(float(start), _token_price(cells, start)) for start in sorted(starts))


def _token_price(cells: list[Decimal | TieredPrices | None], threshold: int) -> TokenPrice:
    given, output, cached, write = (_at(cell, threshold) for cell in cells)
    given = given or 0.0
    return TokenPrice(
        input=given,
        output=output or 0.0,
        cached_input=given if cached is None else cached,
        cache_write=given if write is None else write,
    )


def _batch_discount(provider: Provider, model: ModelInfo, noon: dt.datetime) -> float | None:
    """The smaller of the discounts on input and output; the library prices batches of a provider's own models only."""
    if not any(model is own for own in provider.models):
        return None
    batch = model.get_prices(noon, {"processing": "batch"})
    if batch == model.get_prices(noon):
        return None
    pairs = [(_base(model.get_prices(noon), key), _base(batch, key)) for key in ("input_mtok", "output_mtok")]
    return min((1 - low / full for full, low in pairs if full and low is not None), default=None)
