"""Offers that are paid by the token: closed models of their makers, and open models that somebody hosts.

A price counts only where somebody compared it with the provider's list within the last half-year, and a model only
where nobody has announced that it goes away before the horizon ends. Of closed models nobody tells the size: they are
put into a class by the price of their output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from switchpoint.catalog import OpenModel
from switchpoint.catalog.hardware import open_model_named
from switchpoint.catalog.library_prices import find_provider
from switchpoint.catalog.price_types import RoutePrice
from switchpoint.catalog.tables import squash
from switchpoint.catalog.templates import size_of_parameters, size_of_price, template_value
from switchpoint.catalog.token_prices import price_lists, stale
from switchpoint.ranking.offer import CandidateOffer, key_of_words, switch_tables
from switchpoint.ranking.replica_layouts import is_large_enough, is_recent
from switchpoint.scenario.current import model_name
from switchpoint.scenario.schema import Scenario

MAKERS = ("anthropic", "cohere", "deepseek", "google", "minimax", "mistral", "moonshotai", "openai", "x-ai", "zai")
"""Providers that sell models of their own."""
HOSTS = ("cerebras", "fireworks", "groq", "novita", "together")
"""Providers that host open models; resellers of other hosts are left out."""
FAMILIES = {
    "claude": "anthropic",
    "command": "cohere",
    "deepseek": "deepseek",
    "gemini": "google",
    "glm": "zai",
    "gpt": "openai",
    "grok": "x-ai",
    "kimi": "moonshotai",
    "minimax": "minimax",
    "zai": "zai",
}
"""Makers by how the names of their models begin: whoever else sells one is left out."""
SPECIAL = re.compile(
    r"(?<![a-z])(audio|code|codestral|codex|computer|cyber|devstral|embed|ft|guard|image|live|moderation|ocr|omni|"
    r"pixtral|realtime|research|robotics|rosalind|safeguard|search|speech|transcribe|translate|tts|vision|vl|voxtral)"
    r"(?![a-z])"
)
"""Words of a closed model's name that say that it is made for something else than answering in text."""


def token_offers(scenario: Scenario, last: date, sizes: tuple[str, ...]) -> list[CandidateOffer]:
    """Every offer of the size classes, the current route itself left out; they may be dearer than it.

    Args:
        scenario: whose usage they are to carry.
        last: last day of the horizon.
        sizes: size classes that are asked for.
    """
    own = scenario.current.listed_model
    provider = find_provider(own[0]) if own else None
    asked = {*MAKERS, *HOSTS, *({provider.id} if provider else ())}
    listed = [price for price in price_lists(sorted(asked), scenario.start) if _counts(price, scenario.start, last)]
    offers = (offer for price in newest_at_each_price(listed) for offer in _offer(price, scenario, sizes))
    return list(_named_apart(offers))


def newest_at_each_price(listed: list[RoutePrice]) -> list[RoutePrice]:
    """Of closed models that their maker sells at one price, the newest: that with the highest number in its name."""
    found: dict[object, RoutePrice] = {}
    for price in listed:
        key: object = (price.provider, price.tiers)
        if open_model_named(price.model) is not None or _left_out(price):
            key = (price.provider, price.model)
        before = found.get(key)
        if before is None or _version(price.model) > _version(before.model):
            found[key] = price
    return list(found.values())


def _version(name: str) -> tuple[bool, list[float], int]:
    """What the newer of two names has more of; a name that is always the newest, or not final, comes first."""
    final = not re.search(r"latest|preview|exp|beta", name)
    return final, [float(number) for number in re.findall(r"\d+(?:\.\d+)?", name.replace("-", " "))], -len(name)


def same_model(scenario: Scenario, name: str) -> bool:
    """Whether a model is the one that the current route serves, whoever sells it."""
    own = model_name(scenario.current)
    if own is None:
        return False
    mine, other = open_model_named(own), open_model_named(name)
    return squash(own.rpartition("/")[2]) == squash(name.rpartition("/")[2]) or (mine is not None and mine is other)


def coverage_as_is(scenario: Scenario, name: str, size: str) -> float:
    """Share of requests that a model answers untrained; the current route's own model answers all."""
    return 1.0 if same_model(scenario, name) else template_value("coverage_as_is", size)


def _counts(price: RoutePrice, start: date, last: date) -> bool:
    first = price.tiers[0].price
    compared = price.checked is not None and not stale(price, start)
    return compared and first.input > 0 and first.output > 0 and (price.retired_on is None or price.retired_on > last)


def _offer(price: RoutePrice, scenario: Scenario, sizes: tuple[str, ...]) -> Iterator[CandidateOffer]:
    own = scenario.current.listed_model
    if own is not None and _is_current(price, *own):
        return
    known = open_model_named(price.model)
    size = _size(price, known)
    unfit = known is not None and not (is_recent(known, scenario.start) and is_large_enough(known))
    if size not in sizes or unfit or (known is None and _left_out(price)):
        return
    tree = switch_tables(coverage_as_is(scenario, price.model, size), is_open=known is not None)
    yield CandidateOffer(
        name=key_of_words(known.key if known else price.model, price.provider),
        title=f"{known.key if known else price.model.rpartition('/')[2]} at {price.provider}",
        way="hosted" if known else "api",
        terms="by the token",
        model=known.key if known else price.model,
        size=size,
        tree={"kind": "hosted" if known else "api", "provider": price.provider, "model": price.model, **tree},
        sources=(f"{price.source}, compared {price.date}",),
    )


def _is_current(price: RoutePrice, provider: str, model: str) -> bool:
    found = find_provider(provider)
    return found is not None and found.id == price.provider and squash(model) == squash(price.model)


def _size(price: RoutePrice, known: OpenModel | None) -> str:
    if known is not None:
        return size_of_parameters(known.params_billion)
    return size_of_price(price.tiers[0].price.output)


def _left_out(price: RoutePrice) -> bool:
    """Whether a closed model is no general one, or is sold by somebody who did not make it."""
    name = price.model.lower().rpartition("/")[2]
    maker = next((maker for family, maker in FAMILIES.items() if name.startswith(family)), price.provider)
    return price.provider not in MAKERS or maker != price.provider or bool(SPECIAL.search(name))


def _named_apart(offers: Iterator[CandidateOffer]) -> Iterator[CandidateOffer]:
    """The offers without those whose name another one has already: two spellings of one model."""
    seen: set[str] = set()
    for offer in offers:
        if offer.name not in seen:
            seen.add(offer.name)
            yield offer
