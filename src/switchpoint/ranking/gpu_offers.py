"""Offers of GPUs: a layout of a replica rented or bought, for all requests or the base load.

Marketplaces, where anybody rents out anything, and fractions of GPUs are left out; so are prices that nobody verified,
where others were.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from switchpoint.catalog import CatalogError, Rent, rent, rents, sold_in
from switchpoint.catalog.templates import purchase_of, size_of_parameters, template_value
from switchpoint.ranking.offer import CandidateOffer, Terms, build_tables, key_of_words
from switchpoint.ranking.replica_layouts import ReplicaLayout
from switchpoint.ranking.token_offers import same_model
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.serving.rate_trial import Promise

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
