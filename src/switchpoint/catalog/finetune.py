"""Fine-tuning at a provider: prices of training tokens, prices of endpoints, and who still takes jobs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from switchpoint.catalog.errors import CatalogError, unknown
from switchpoint.catalog.hardware import gpu
from switchpoint.catalog.models import model as open_model
from switchpoint.catalog.names import squash
from switchpoint.catalog.table import Row, day, flag, number, rows


@dataclass(frozen=True)
class TrainingPrice:
    """What a provider charges for fine-tuning a model."""

    provider: str
    model: str
    """The model, empty where the price goes by size."""
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

    def open_on(self, on: dt.date) -> bool:
        """Whether a new job is still taken on the day."""
        return self.closed_on is None or on <= self.closed_on


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
    return tuple(_training(row) for row in rows("training"))


@cache
def training_price(provider: str, model: str, method: str | None = None) -> TrainingPrice:
    """What the provider charges for fine-tuning the model, $/Mtok of training; without a method its cheapest.

    Prices by size go by the parameters of an open model of the catalogue.

    Raises:
        CatalogError: where provider or model is unknown, or the provider has no such price.
    """
    own = [row for row in rows("training") if squash(row["provider"]) == squash(provider)]
    if not own:
        raise unknown("fine-tuning provider", provider, {row["provider"] for row in rows("training")})
    fitting = [row for row in own if row["model"] and _is(row["model"], model)] or _by_size(own, model)
    found = [row for row in fitting if method in (None, row["method"])]
    if not found:
        methods = ", ".join(sorted({row["method"] for row in fitting}))
        tail = f"; it has {methods}" if methods else ""
        raise CatalogError(f"no price for fine-tuning {model!r} ({method or 'any method'}) at {provider}{tail}")
    return _training(min(found, key=lambda row: number(row["usd_per_mtok"]) or float("inf")))


@cache
def hosting_prices() -> tuple[HostingPrice, ...]:
    """Every price of an endpoint of one's own in the catalogue."""
    return tuple(_hosting(row) for row in rows("hosting"))


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
        raise CatalogError(f"no endpoint on {gpu_name} at {provider} in the catalogue; it has {having}")
    return min(found, key=lambda each: each.usd_per_hour)


def _is(key: str, name: str) -> bool:
    """Whether the name is the key, or the key without its date (gpt-4.1-mini)."""
    spelt = name.rpartition("/")[2].lower()
    return spelt == key or (key.startswith(f"{spelt}-20") and key.removeprefix(spelt).count("-") == 3)


def _by_size(own: list[Row], name: str) -> list[Row]:
    sized = [row for row in own if row["params_up_to"]]
    if not sized:
        raise unknown(f"model that {own[0]['provider']} fine-tunes", name, {row["model"] for row in own})
    size = open_model(name).params_billion
    return [row for row in sized if float(row["params_above"]) < size <= float(row["params_up_to"])]


def _training(row: Row) -> TrainingPrice:
    return TrainingPrice(
        provider=row["provider"],
        model=row["model"],
        method=row["method"],
        usd_per_mtok=number(row["usd_per_mtok"]),
        usd_per_hour=number(row["usd_per_hour"]),
        closed_on=day(row["closed_on"]),
        note=row["note"],
        verified=flag(row["verified"]),
        source=row["source"],
        date=row["date"],
    )


def _hosting(row: Row) -> HostingPrice:
    return HostingPrice(
        provider=row["provider"],
        gpu=row["gpu"],
        usd_per_hour=float(row["usd_per_hour"]),
        per=row["per"],
        note=row["note"],
        verified=flag(row["verified"]),
        source=row["source"],
        date=row["date"],
    )
