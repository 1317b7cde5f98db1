"""Token prices as genai-prices has them, and which of its models a name means.

The library matches many models by the beginning of a name, so that `deepseek-chat-v9` would be priced as
`deepseek-chat`. Here what is left of such a name must say nothing that could be another model.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from switchpoint.catalog.price_types import PriceTier, RoutePrice, TokenPrice, mean_price
from switchpoint.catalog.tables import CatalogError, either, squash, unknown

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices


_DATE = r"20\d\d-?(?:0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12]\d|3[01]))?|(?:0[1-9]|1[0-2])-20\d\d"
_SHORT_DATE = r"(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])|2[3-9](?:0[1-9]|1[0-2])"
_STAGE = r"latest|preview|exp|experimental|beta|default|free|batch|instruct|it|00\d"
_PLATFORM = r"v\d+:\d+(?::\d+k)?|v1(?=@|$)|:\d+"
_AFTER = re.compile(rf"(?:[-@._:/]?(?:{_DATE}|{_SHORT_DATE}|{_STAGE})(?=[-@._:/]|$)|[-@._]?(?:{_PLATFORM}))*")
_TUNED = re.compile(rf"{_AFTER.pattern}(?::.*)?")
_BEFORE = re.compile(r"(?:[a-z0-9_-]+[./])*")


def names_the_model(clause: Any, name: str) -> bool:
    """Whether a name, lower-case, means the model that a clause of the library describes.

    >>> from genai_prices.types import ClauseStartsWith
    >>> chat = ClauseStartsWith(starts_with="deepseek-chat")
    >>> [names_the_model(chat, name) for name in ("deepseek-chat", "deepseek-chat-0324", "deepseek-chat-v9")]
    [True, True, False]
    """
    if not clause.is_match(name):
        return False
    fields = vars(clause)
    if "or_" in fields:
        return any(names_the_model(each, name) for each in clause.or_)
    if "and_" in fields:
        return any(names_the_model(each, name) for each in clause.and_ if "regex" not in vars(each))
    if "equals" in fields:
        return True
    if "regex" in fields:
        return _by_pattern(clause.regex, name)
    literal = (fields.get("starts_with") or fields.get("contains") or fields.get("ends_with") or "").lower()
    before, _, after = name.partition(literal)
    return says_nothing(before, after, tuned=literal.startswith("ft:"))


def says_nothing(before: str, after: str, tuned: bool = False) -> bool:
    """Whether what stands around a model's name is no other version: a maker or region before it, a date behind."""
    return bool(_BEFORE.fullmatch(before)) and bool(_AFTER.fullmatch(after) or (tuned and _TUNED.fullmatch(after)))


def _by_pattern(pattern: str, name: str) -> bool:
    """Patterns that describe the whole name are exact; of the others, the name must go on as a date."""
    if pattern.endswith("$"):
        return True
    found = re.search(pattern, name)
    stem = re.sub(r"-\d$", "", found[0]) if found else name
    return says_nothing("", name[len(stem) :])


ALIASES = {
    "amazonbedrock": "aws",
    "azureopenai": "azure",
    "bedrock": "aws",
    "gemini": "google",
    "googlevertex": "google",
    "vertex": "google",
    "vertexai": "google",
}
Hours: TypeAlias = tuple[float, ...]
"""Weights of the 24 hours of a day, UTC, from midnight on."""
MOST_SELLERS = 20
TOKEN_KEYS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")


@cache
def providers() -> dict[str, Provider]:
    """The providers of the library by key."""
    from genai_prices.data_snapshot import get_snapshot

    return {provider.id: provider for provider in get_snapshot().providers}


@cache
def find_provider(name: str) -> Provider | None:
    """The provider of that key or full name: `x-ai`, `X AI`, `Together AI`."""
    wanted = squash(name)
    wanted = squash(ALIASES.get(wanted, wanted))
    spelt = {squash(text): each for each in providers().values() for text in (each.name, each.id)}
    return spelt.get(wanted) or spelt.get(wanted.removesuffix("ai"))


def alias(name: str) -> str | None:
    """The key of the provider that a single word names, None where it names none."""
    found = find_provider(name)
    return None if found is None else found.id


def sellers(model: str) -> list[str]:
    """Providers that list a model under this very name or a dated spelling of it, makers first."""
    own = [key for key, each in providers().items() if _among(each, model.lower())]
    return own[:MOST_SELLERS]


def find_model(provider: Provider, name: str) -> ModelInfo | None:
    """The model that the provider knows by that name, its full name, or the name without its maker's prefix.

    What the library matches by a part of the name must not be another version; see `matching`.
    """
    for spelt in dict.fromkeys((name.lower(), _with_dashes(name.lower()))):
        found = _find_model(provider, spelt)
        if found is not None:
            return found
    wanted = squash(name.rpartition("/")[2])
    same = [
        model for model in provider.models if wanted in (squash(model.id.rpartition("/")[2]), squash(model.name or ""))
    ]
    return same[0] if len(same) == 1 else None


def _find_model(provider: Provider, name: str) -> ModelInfo | None:
    """The provider's own model of that name, else that of a provider whose models it offers too."""
    known = providers()
    for each in (provider, *(known[key] for key in provider.fallback_model_providers or () if key in known)):
        found = _among(each, name)
        if found is not None:
            return found
    return None


def _among(provider: Provider, name: str) -> ModelInfo | None:
    return next((model for model in provider.models if names_the_model(model.match, name)), None)


def _with_dashes(name: str) -> str:
    """A name with its compact date written with dashes: gpt-5.2-20251211 as gpt-5.2-2025-12-11."""
    return re.sub(r"-(20\d\d)(\d\d)(\d\d)(?=-|:|$)", r"-\1-\2-\3", name)


def price(
    provider: Provider, model: ModelInfo, as_of: dt.date, hours: Hours | None = None, service_tier: str | None = None
) -> RoutePrice:
    """The prices of the model on a day.

    Args:
        provider: who sells it.
        model: what is sold.
        as_of: the day.
        hours: weights of the 24 hours (UTC) over which prices that depend on the hour are averaged; all alike when
            left out.
        service_tier: such as flex or priority; the standard one when left out.

    Raises:
        CatalogError: where the model is not priced by the token, or not in that service tier.
    """
    name = f"{provider.id}/{model.id}"
    own = any(model is each for each in provider.models)
    context = {"service_tier": service_tier} if service_tier else {}
    noon = dt.datetime.combine(as_of, dt.time(12), dt.UTC)
    if service_tier and not (own and _offers(model, noon, context)):
        raise CatalogError(f"{name} has no {service_tier} price in the catalogue{_tiers_offered(model)}")
    moments, weights = _moments(model, as_of, hours)
    tiers = _mean([_tiers(model.get_prices(moment, context), name) for moment in moments], weights)
    waiting = {"processing": "batch"}
    batch = None
    if own and not service_tier and _offers(model, noon, waiting):
        batch = _mean([_tiers(model.get_prices(moment, waiting), name) for moment in moments], weights)
        starts = sorted({each.above_input_tokens for each in (*tiers, *batch)})
        tiers, batch = _on_thresholds(tiers, starts), _on_thresholds(batch, starts)
    return RoutePrice(
        provider=provider.id,
        model=model.id,
        tiers=tiers,
        source=_source(provider),
        date=snapshot_date().isoformat(),
        from_date=_since(model, noon),
        batch=batch,
        by_hour=len(moments) > 1,
        max_context=model.context_window,
        usd_per_1000_requests=_base(model.get_prices(noon), "requests_kcount") or 0.0,
    )


def priced_models(
    as_of: dt.date, only: Collection[str] | None = None, asked: Callable[[str, str], bool] = lambda *_: True
) -> Iterator[tuple[str, RoutePrice]]:
    """Every model that is priced by the token on the day, each with the text that a search looks in.

    Args:
        as_of: the day.
        only: keys of the providers that are asked for; all when left out.
        asked: whether a model is asked for, by its text and its provider's key; all when left out. To price one takes
            longer than to look at its name.
    """
    for provider in providers().values() if only is None else (providers()[key] for key in only):
        for model in provider.models:
            text = f"{provider.id} {provider.name} {model.id} {model.name or ''}"
            if not asked(text, provider.id):
                continue
            try:
                yield text, price(provider, model, as_of)
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


def _offers(model: ModelInfo, noon: dt.datetime, context: dict[str, str]) -> bool:
    """Whether the model has a price of its own under those circumstances."""
    return model.get_prices(noon, context) != model.get_prices(noon)


def _tiers_offered(model: ModelInfo) -> str:
    """The service tiers that the model has prices for, as the end of a message."""
    listed = dict.fromkeys(each.when.get("service_tier", "default") for each in model.price_variants or ())
    known = [tier for tier in listed if tier != "default"]
    return f"; it has {either(known)}" if known else ""


def _moments(model: ModelInfo, day: dt.date, hours: Hours | None) -> tuple[list[dt.datetime], list[float]]:
    """The moments at which a price is asked for, and their weights: noon, or each quarter of each hour.

    Quarters are asked for at their middles, so windows that begin at a quarter of an hour are met exactly.
    """
    if not any(hasattr(each, "start_time") for each in _conditions(model)):
        return [dt.datetime.combine(day, dt.time(12), dt.UTC)], [1.0]
    weights = hours or (1.0,) * 24
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    moments = [midnight + dt.timedelta(minutes=15 * i + 7.5) for i in range(96)]
    return moments, [weights[i // 4] / 4 / sum(weights) for i in range(96)]


def _mean(listed: list[tuple[PriceTier, ...]], weights: list[float]) -> tuple[PriceTier, ...]:
    """The weighted mean of price lists, which may have different thresholds."""
    if len(listed) == 1:
        return listed[0]
    weight: dict[tuple[PriceTier, ...], float] = {}
    for tiers, part in zip(listed, weights, strict=True):
        weight[tiers] = weight.get(tiers, 0.0) + part
    starts = sorted({tier.above_input_tokens for tiers in weight for tier in tiers})
    parts = list(weight.values())
    return tuple(PriceTier(start, mean_price([_above(tiers, start) for tiers in weight], parts)) for start in starts)


def _above(tiers: tuple[PriceTier, ...], threshold: float) -> TokenPrice:
    """The price in force just above a threshold."""
    return [tier.price for tier in tiers if tier.above_input_tokens <= threshold][-1]


def _on_thresholds(tiers: tuple[PriceTier, ...], starts: list[float]) -> tuple[PriceTier, ...]:
    """The same prices at more thresholds."""
    return tuple(PriceTier(start, _above(tiers, start)) for start in starts)
