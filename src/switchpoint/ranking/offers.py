"""Offers of the catalogue: what one is, those paid by the token, and those of GPUs rented or bought.

Offers that are paid by the token: closed models of their makers, and open models that somebody hosts.

A price counts only where somebody compared it with the provider's list within the last half-year, and a model only
where nobody has announced that it goes away before the horizon ends. Of closed models nobody tells the size: they are
put into a class by the price of their output.

Offers of GPUs: a layout of a replica rented or bought, for all requests or the base load.

Marketplaces, where anybody rents out anything, and fractions of GPUs are left out; so are prices that nobody verified,
where others were.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter

from switchpoint.catalog import CatalogError, OpenModel, Rent, rent, rents, sold_in
from switchpoint.catalog.hardware import open_model_named
from switchpoint.catalog.library_prices import find_provider
from switchpoint.catalog.price_types import RoutePrice
from switchpoint.catalog.tables import squash
from switchpoint.catalog.templates import purchase_of, size_of_parameters, size_of_price, template_value
from switchpoint.catalog.token_prices import price_lists, stale
from switchpoint.ranking.replica_layouts import ReplicaLayout, is_large_enough, is_recent
from switchpoint.scenario.candidates import Candidate
from switchpoint.scenario.current import model_name
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.serving.serve import Promise

# An offer ------------------------------------------------------------------------------------------------------------

Way: TypeAlias = Literal["api", "hosted", "own", "base-load"]
"""How it is paid: a closed model by the token, an open one by the token, GPUs of one's own for all of its requests, or
for the base load while the current route takes the rest."""
Terms: TypeAlias = Literal["by the token", "on demand", "spot", "reserved", "bought"]
TOKEN_WAYS = ("api", "hosted")
_CANDIDATE: TypeAdapter[Any] = TypeAdapter(Candidate)


@dataclass(frozen=True)
class CandidateOffer:
    """A candidate from the catalogue."""

    name: str
    """Its name in a scenario file."""
    title: str
    """What it is called where it is listed."""
    way: Way
    terms: Terms
    model: str
    """The open model's key, or the closed model's name."""
    size: str
    """small, medium or large."""
    tree: Mapping[str, Any]
    """Its table in a scenario file, as plain values."""
    sources: tuple[str, ...]

    @cached_property
    def spec(self) -> Candidate:
        """As the simulation takes it."""
        spec: Candidate = _CANDIDATE.validate_python(self.tree)
        return spec

    @property
    def in_tokens(self) -> bool:
        """Whether it is paid by the token."""
        return self.way in TOKEN_WAYS


def key_of_words(*words: str) -> str:
    """A name for a scenario file: no dots, which part a path, and nothing that would have to be quoted.

    >>> key_of_words("llama-3.1-8b", "L40S", "base load")
    'llama-3-1-8b-l40s-base-load'
    """
    text = "-".join(word.rpartition("/")[2] for word in words if word).lower()
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in text)


def switch_tables(coverage: float, *, is_open: bool) -> dict[str, Any]:
    """What is assumed of a change to another model that is paid by the token: no training, one evaluation.

    An open model at a host is a second route to keep up; a closed one takes no more than today's.
    """
    kept_up = {
        "engineers": template_value("switch_upkeep_engineers"),
        "usd_per_month": template_value("switch_upkeep_usd_per_month"),
    }
    return {
        "coverage": coverage,
        "project": {
            "engineers": template_value("switch_engineers"),
            "usd_per_engineer_month": template_value("usd_per_engineer_month"),
            "evaluation_days": template_value("switch_evaluation_days"),
            "pass_probability": [template_value("switch_pass")],
            "shadow_days": template_value("switch_shadow_days"),
            "ramp_days": template_value("switch_ramp_days"),
        },
        **({"upkeep": kept_up} if is_open else {}),
    }


def build_tables(size: str, coverage: float) -> dict[str, Any]:
    """What is assumed of the project of a model of one's own, of that size class."""
    sized = ("engineers", "engineers_in_house", "examples", "usd_per_iteration", "training_days")
    common = (
        "usd_per_engineer_month",
        "usd_per_hire",
        "labels_per_day",
        "usd_per_example",
        "evaluation_days",
        "intervention_days",
        "hardening_days",
        "shadow_days",
        "ramp_days",
    )
    return {
        "coverage": coverage,
        "project": {
            **{name: template_value(name, size) for name in sized},
            "hiring_weeks": {"low": template_value("hiring_weeks_low"), "high": template_value("hiring_weeks_high")},
            **{name: template_value(name) for name in common},
            "pass_probability": [template_value(f"pass_{which}") for which in ("first", "second", "later")],
        },
        "upkeep": {
            "engineers": template_value("upkeep_engineers", size),
            "usd_per_month": template_value("upkeep_usd_per_month", size),
            "retrain_every_months": template_value("retrain_every_months"),
        },
    }


def current_name(scenario: Scenario) -> str:
    """What the current route is called: its model, else what it is."""
    return model_name(scenario.current) or "the current route"


# Offers that are paid by the token -----------------------------------------------------------------------------------

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


# Offers of GPUs ------------------------------------------------------------------------------------------------------

MARKETPLACE = "marketplace ask"
COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""Numbers of replicas that are tried, reserved or as a base load."""
OF_BOUGHT = ("pue", "usd_per_kwh", "resale_share")


@dataclass(frozen=True)
class MachineRent:
    """What a provider asks for the GPUs of one replica."""

    provider: str
    usd_per_gpu_hour: float
    node: int
    """GPUs that are only sold together."""
    source: str

    def per_hour(self, gpus: int, replicas: int) -> float:
        """Dollars an hour of so many replicas of so many GPUs, whole nodes paid."""
        return self.usd_per_gpu_hour * math.ceil(gpus * replicas / self.node) * self.node


@cache
def machine_rents(gpu: str, gpus: int, spot: bool) -> tuple[MachineRent, ...]:
    """What each provider asks for a GPU in machines that hold a replica; empty where nobody rents it out so."""
    firm = [each for each in rents(gpu, spot) if each.terms == "on-demand" and MARKETPLACE not in each.note]
    listed = [each for each in firm if each.verified] or firm
    found = []
    for provider in dict.fromkeys(each.provider for each in listed):
        node = sold_in(provider, gpu, spot)
        try:
            asked = rent(gpu, provider, spot, max(gpus, node))
        except CatalogError:
            continue
        found.append(MachineRent(provider, asked.usd_per_gpu_hour, node, f"{asked.source} ({asked.date})"))
    return tuple(found)


def cheapest_rent(layout: ReplicaLayout, replicas: int, *, spot: bool = False) -> MachineRent | None:
    """The cheapest way to rent so many replicas; None where nobody rents them out so."""
    offers = machine_rents(layout.gpu.key, layout.gpus, spot)
    return min(offers, key=lambda each: each.per_hour(layout.gpus, replicas), default=None)


@cache
def reserved_rent(gpu: str) -> Rent | None:
    """The cheapest price of GPUs that are paid for a whole term, None where the catalogue has none."""
    return next((each for each in rents(gpu) if each.terms == "reserved"), None)


def gpu_offers(scenario: Scenario, layout: ReplicaLayout, replicas: int, promise: Promise) -> list[CandidateOffer]:
    """All that one layout is offered as.

    Args:
        scenario: whose usage it is to carry.
        layout: of a replica.
        replicas: about how many it takes, which decides the machine that is cheapest.
        promise: the latency promise.
    """
    return list(_Offers(scenario, layout, replicas, promise).every())


@dataclass(frozen=True)
class _Offers:
    scenario: Scenario
    layout: ReplicaLayout
    replicas: int
    promise: Promise

    def every(self) -> Iterator[CandidateOffer]:
        """Rented on demand, spot, partly reserved, bought; and what carries the base load alone."""
        whole = {"spare_replicas": int(template_value("spare_replicas"))}
        asked = cheapest_rent(self.layout, self.replicas)
        if asked is not None:
            yield self._offer("on demand", {"provider": asked.provider} | whole, asked.provider, asked.source)
            yield from self._base_loads("on demand", {"provider": asked.provider}, asked.provider, asked.source)
            yield from self._reserved_mixes(whole)
        spot = cheapest_rent(self.layout, self.replicas, spot=True)
        if spot is not None:
            yield self._offer("spot", {"provider": spot.provider, "spot": True} | whole, spot.provider, spot.source)
        bought = purchase_of(self.layout.gpu.key)
        if bought is not None:
            owned: dict[str, Any] = {"purchase_usd_per_gpu": bought.usd, "power_kw_per_gpu": bought.kw}
            owned |= {name: template_value(name) for name in OF_BOUGHT}
            source = f"{bought.source}: {bought.note} ({bought.date})"
            yield self._offer("bought", owned | whole, "", source)
            yield from self._base_loads("bought", owned, "", source)

    def _base_loads(self, terms: Terms, paid: dict[str, Any], provider: str, source: str) -> Iterator[CandidateOffer]:
        """The fleet that carries the base load, in each size; the current route takes what is left over."""
        for count in COUNTS if isinstance(self.scenario.current, PricedRoute) else ():
            fleet = paid | {"max_replicas": count, "overflow": "current"}
            yield self._offer(terms, fleet, provider, source, count, base_load=True)

    def _reserved_mixes(self, whole: dict[str, Any]) -> Iterator[CandidateOffer]:
        """A mix: so many replicas reserved, those above them on demand at the same provider."""
        found = reserved_rent(self.layout.gpu.key)
        if found is None:
            return
        terms = {"provider": found.provider, "reserved_usd_per_gpu_hour": found.usd_per_gpu_hour}
        try:
            rent(self.layout.gpu.key, found.provider)
        except CatalogError:
            return
        for count in COUNTS:
            fleet = terms | {"reserved_replicas": count} | whole
            yield self._offer("reserved", fleet, found.provider, f"{found.source} ({found.date})", count)

    def _offer(
        self,
        terms: Terms,
        fleet: dict[str, Any],
        provider: str,
        source: str,
        count: int = 0,
        *,
        base_load: bool = False,
    ) -> CandidateOffer:
        layout = self.layout
        size = size_of_parameters(layout.model.params_billion)
        coverage = 1.0 if same_model(self.scenario, layout.model.key) else template_value("coverage_tuned", size)
        project = build_tables(size, coverage)
        kind = "-".join(["base-load"] * base_load + [terms] * (terms != "on demand"))
        at = f" at {provider}" if provider else ""
        extra = f", at most {count}, the rest on the current route" if base_load else ""
        reserved = f", {count} of them" if terms == "reserved" else ""
        return CandidateOffer(
            name=key_of_words(layout.model.key, layout.gpu.key, kind),
            title=f"{layout.words}, {terms}{reserved}{at}{extra}",
            way="base-load" if base_load else "own",
            terms=terms,
            model=layout.model.key,
            size=size,
            tree={
                "kind": "gpu",
                "coverage": project["coverage"],
                "model": {"base": layout.model.key, "precision": layout.precision},
                "fleet": self._fleet(fleet),
                "project": project["project"],
                "upkeep": project["upkeep"],
            },
            sources=(source, f"GPU: {layout.gpu.source}", f"model: {layout.model.source}"),
        )

    def _fleet(self, more: dict[str, Any]) -> dict[str, Any]:
        layout, promise = self.layout, self.promise
        promised = {"ttft_p95_s": promise.ttft_p95_s, "tpot_p95_s": promise.tpot_p95_s}
        return {
            "gpu": layout.gpu.key,
            **({"gpus_per_replica": layout.gpus} if layout.gpus > 1 else {}),
            **more,
            "overhead_share": template_value("overhead_share"),
            **{name: value for name, value in promised.items() if value is not None},
        }
