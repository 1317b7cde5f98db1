"""Fine-tuning at a provider: prices of training tokens, prices of endpoints, and who still takes jobs."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cache

from switchpoint.catalog.hardware import gpu
from switchpoint.catalog.hardware import model as open_model
from switchpoint.catalog.tables import CatalogError, quote_name, records, squash, unknown


@dataclass(frozen=True)
class TrainingPrice:
    """What a provider charges for fine-tuning a model."""

    provider: str
    model: str
    """The model, empty where the price goes by size."""
    params_above: float | None
    """Billion parameters above which the price holds, where it goes by size."""
    params_up_to: float | None
    """And up to which it holds."""
    method: str
    """lora, full (or supervised, where the provider does not say how) or rft (reinforcement)."""
    usd_per_mtok: float | None
    """Dollars per million training tokens, each epoch counted; None where training is charged by the hour."""
    usd_per_hour: float | None
    closed_on: dt.date | None
    """Last day on which the provider takes new jobs, None where no end is known."""
    note: str
    verified: bool
    source: str
    date: str


@dataclass(frozen=True)
class HostingPrice:
    """What a provider charges for an endpoint of one's own, around the clock."""

    provider: str
    gpu: str
    """GPU of the endpoint, empty where the price does not go by GPU."""
    usd_per_hour: float
    per: str
    """GPU or deployment."""
    note: str
    verified: bool
    source: str
    date: str


@cache
def training_prices() -> tuple[TrainingPrice, ...]:
    """Every price of fine-tuning in the catalogue."""
    return records(TrainingPrice, "training")


@cache
def training_price(provider: str, model: str, method: str | None = None) -> TrainingPrice:
    """What the provider charges for fine-tuning the model, $/Mtok of training; without a method its cheapest.

    Prices by size go by the parameters of an open model of the catalogue.

    Raises:
        CatalogError: where provider or model is unknown, or the provider has no such price.
    """
    own = [each for each in training_prices() if squash(each.provider) == squash(provider)]
    if not own:
        raise unknown("fine-tuning provider", provider, {each.provider for each in training_prices()})
    fitting = [each for each in own if each.model and _is(each.model, model)] or _by_size(own, model)
    found = [each for each in fitting if method in (None, each.method)]
    if not found:
        methods = ", ".join(sorted({each.method for each in fitting}))
        tail = f"; it has {methods}" if methods else ""
        how = f" by {quote_name(method)}" if method else ""
        raise CatalogError(f"no price for fine-tuning {quote_name(model)}{how} at {own[0].provider}{tail}")
    return min(found, key=lambda each: math.inf if each.usd_per_mtok is None else each.usd_per_mtok)


@cache
def hosting_prices() -> tuple[HostingPrice, ...]:
    """Every price of an endpoint of one's own in the catalogue."""
    return records(HostingPrice, "hosting")


@cache
def hosting_price(provider: str, gpu_name: str | None = None) -> HostingPrice:
    """What an endpoint at the provider costs an hour: on that GPU, else the cheapest.

    Raises:
        CatalogError: where the provider or the GPU is unknown, or the provider has no such endpoint.
    """
    own = [each for each in hosting_prices() if squash(each.provider) == squash(provider)]
    if not own:
        raise unknown("hosting provider", provider, {each.provider for each in hosting_prices()})
    found = own if gpu_name is None else [each for each in own if each.gpu == gpu(gpu_name).key]
    if not found:
        having = ", ".join(each.gpu or "endpoints without a stated GPU" for each in own)
        raise CatalogError(f"no endpoint on {quote_name(gpu_name or '')} at {own[0].provider}; it has {having}")
    return min(found, key=lambda each: each.usd_per_hour)


def _is(key: str, name: str) -> bool:
    """Whether the name is the key, or the key without its date (gpt-4.1-mini)."""
    spelt = name.rpartition("/")[2].lower()
    return spelt == key or (key.startswith(f"{spelt}-20") and key.removeprefix(spelt).count("-") == 3)


def _by_size(own: list[TrainingPrice], name: str) -> list[TrainingPrice]:
    if all(each.params_up_to is None for each in own):
        raise unknown(f"model that {own[0].provider} fine-tunes", name, {each.model for each in own})
    size = open_model(name).params_billion
    return [each for each in own if (each.params_above or 0) < size <= (each.params_up_to or 0)]
