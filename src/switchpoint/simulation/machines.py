"""Notes on how a fleet's GPUs are sold: by the node, at which rent, and which of its fields say nothing about that."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.catalog import CatalogError, gpu, rents
from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.errors import Keys, route_called
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.stated_notes import Note
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.capacity import node_size
from switchpoint.text import usd

FAR = 4.0
"""A stated rent beyond the catalogue's rents of that GPU by this factor is noted."""


def machine_notes(scenario: Scenario) -> Iterator[Note]:
    """Notes on the GPUs of every fleet."""
    for route, spec in scenario.own_models:
        path: Keys = (*route, "fleet")
        yield from _of_nodes(spec.fleet, path)
        yield from _of_rent(spec.fleet, path)
        yield from _of_hours(spec.fleet, path, scenario.batch_share)


def _of_nodes(fleet: Fleet, path: Keys) -> Iterator[Note]:
    """Whole nodes that are paid though nobody wrote so, or that change nothing though somebody did."""
    node, each = node_size(fleet), fleet.gpus_per_replica
    idle = -each % node
    if fleet.gpus_per_node is None and idle:
        takes = f"whole machines are paid, of which a replica takes {each}"
        told = f"{route_called(path)}: {fleet.provider} has {fleet.gpu} only in machines of {node} or more; {takes}"
        yield Note("node", (*path, "provider"), told)
    if fleet.gpus_per_node is None and fleet.provider is None and fleet.gpu is not None and _alone_nowhere(fleet):
        told = (
            f"{route_called(path)}: no provider of the catalogue has less than {_least(fleet)} of {fleet.gpu} together"
        )
        yield Note("node", (*path, "gpu"), f"{told}, but it is priced by the GPU; state provider or gpus_per_node")
    if fleet.gpus_per_node is not None and not idle and not -each % node_size(_unsaid(fleet)):
        takes = f"a replica takes {each} GPU{'s' * (each > 1)}, whole nodes anyway"
        yield Note("idle", (*path, "gpus_per_node"), f"gpus_per_node changes nothing: {takes}")


def _of_hours(fleet: Fleet, path: Keys, batch_share: float) -> Iterator[Note]:
    """What is said of extra hours where nothing can wait, and a serverless replica that never stops."""
    for field in ("billing_minutes", "startup_minutes"):
        if not batch_share and getattr(fleet, field) != Fleet.model_fields[field].default:
            told = f"{route_called(path)}: {field} changes nothing while no work can wait (usage.batch_share)"
            yield Note("idle", (*path, field), told)
    if fleet.scaling == "serverless" and fleet.min_replicas:
        alive = "one replica is" if fleet.min_replicas == 1 else f"{fleet.min_replicas} replicas are"
        told = f"{route_called(path)}: {alive} always alive and paid; min_replicas = 0 lets it scale to nothing"
        yield Note("idle", (*path, "min_replicas"), told)


def _unsaid(fleet: Fleet) -> Fleet:
    return fleet.model_copy(update={"gpus_per_node": None})


def _alone_nowhere(fleet: Fleet) -> bool:
    return (
        fleet.usd_per_gpu_hour is None and fleet.purchase_usd_per_gpu is None and fleet.gpus_per_replica < _least(fleet)
    )


def _least(fleet: Fleet) -> int:
    """The fewest of its GPU that any provider sells together."""
    offers = [each for each in rents(fleet.gpu or "", fleet.spot) if each.terms == "on-demand"]
    return min((each.gpus_per_instance for each in offers), default=1)


def _of_rent(fleet: Fleet, path: Keys) -> Iterator[Note]:
    """A stated rent that no provider is near, and what does nothing beside it."""
    if fleet.usd_per_gpu_hour is None:
        return
    if fleet.spot:
        yield Note("idle", (*path, "spot"), "spot changes nothing while usd_per_gpu_hour is stated")
    if fleet.provider is not None and node_size(fleet) == 1:
        yield Note("idle", (*path, "provider"), "provider changes nothing while usd_per_gpu_hour is stated")
    stated, known = num(fleet.usd_per_gpu_hour), _rents_of(fleet)
    if not known or not stated or min(known) / FAR <= stated <= max(known) * FAR:
        return
    span = f"the catalogue's rents of {fleet.gpu} are {usd(min(known))} to {usd(max(known))}"
    unit = "in cents, or by the day" if stated > max(known) else "by the minute, or of a part of a GPU"
    told = f"usd_per_gpu_hour is {usd(stated)}, but {span}; is it {unit}?"
    yield Note("unit", (*path, "usd_per_gpu_hour"), told, turns=True)


def _rents_of(fleet: Fleet) -> list[float]:
    """Every rent of its GPU, on demand and spot."""
    if fleet.gpu is None:
        return []
    try:
        key = gpu(fleet.gpu).key
    except CatalogError:
        return []
    offers = [each for spot in (False, True) for each in rents(key, spot) if each.terms != "fraction"]
    return [each.usd_per_gpu_hour for each in offers]
