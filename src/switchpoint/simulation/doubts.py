"""What is doubtful about the capacities that a scenario states, and about how its GPUs are sold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path as File
from typing import NamedTuple

from switchpoint.catalog import CatalogError, gpu, model, rents
from switchpoint.errors import CannotCompute
from switchpoint.loadtests.judged import Taken, take
from switchpoint.scenario.candidates import Fleet, Model
from switchpoint.scenario.current import OwnRoute
from switchpoint.scenario.errors import Keys, route_called
from switchpoint.scenario.named_files import asked_of
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.stated_notes import Note
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Usage
from switchpoint.serving.capacity import Capacity
from switchpoint.serving.capacity_cache import capacity
from switchpoint.simulation.capacity import Tokens, node_size, question, spread_of, tokens_of
from switchpoint.text import count, percent, usd

# What is doubtful about the capacities that a scenario states --------------------------------------------------------

DISAGREES = 1.5
"""Stated and simulated capacity may differ by this factor before it is said."""
ALIKE = 0.05
"""Tokens that differ by no more than this part are the same."""
SMALLEST = Model(base="qwen2.5-0.5b", precision="fp8")
"""No model that anybody serves carries more: what a GPU is compared with where the model is not known."""


class Doubt(NamedTuple):
    """One doubt about a field."""

    path: Keys
    text: str
    """A sentence that begins with the field."""
    simulated: float | None = None
    """What the simulation finds instead, requests per second, where that is the doubt."""


def capacity_doubts(scenario: Scenario) -> list[Doubt]:
    """Every doubt about a stated or measured capacity: path of the field, and a sentence that begins with it."""
    found: list[Doubt] = []
    for path, spec in scenario.own_models:
        if spec.fleet.requests_per_second_per_replica is not None:
            found += _of_fleet(spec, scenario.usage, (*path, "fleet"))
    return found


def _of_fleet(spec: OwnRoute, usage: Usage, at: Keys) -> Iterator[Doubt]:
    for text in _of_test(spec, usage):
        yield Doubt((*at, "benchmark"), text)
    figure = (*at, "requests_per_second_per_replica")
    for text in _of_tokens(spec, usage):
        yield Doubt(figure, text)
    for text, simulated in _of_figure(spec, usage):
        yield Doubt(figure, text, simulated)


def _of_test(spec: OwnRoute, usage: Usage) -> Iterator[str]:
    """What its load test says of itself, and where it is not of this fleet."""
    if spec.fleet.benchmark is None:
        return
    file = File(spec.fleet.benchmark)
    try:
        taken = take(asked_of(spec, usage), file)
    except (OSError, ValueError):
        return
    stated = num(spec.fleet.requests_per_second_per_replica or 0.0)
    if stated != taken.requests_per_second:
        yield f"gives {taken.requests_per_second:.3g} requests/s, but the {stated:.3g} that the scenario states count"
        return
    where = f"{file.name}{f', {taken.best.row.where}' if taken.best.row.where else ''}"
    for text in (*taken.remarks, *measured_elsewhere(taken, spec)):
        yield f"{where}: {text}"


_PRECISION = re.compile(
    r"[-_.](?:(?:nv|mx)?fp(?:4|8|16)|bf16|int[48]|awq|gptq|gguf|w\d+a\d+|[48]bit|bnb|quantized)(?![a-z0-9]).*",
    re.IGNORECASE,
)
"""How names of weights end that are those of a model in another precision: Llama-3.1-8B-Instruct-FP8-dynamic."""


def measured_elsewhere(taken: Taken, spec: OwnRoute) -> Iterator[str]:
    """Clauses on a load test of another GPU or model than the fleet's, or of one that the catalogue does not know."""
    row, own = taken.best.row, spec.model.base if spec.model is not None else None
    yield from _other(
        f"on {row.gpu}", row.gpu.replace("_", " "), spec.fleet.gpu, "the fleet has", lambda name: gpu(name).key
    )
    served = _PRECISION.sub("", row.model)
    yield from _other(f"with {row.model}", served, own, "the fleet serves", lambda name: model(name).key)


def _other(measured: str, name: str, own: str | None, has: str, key: Callable[[str], str]) -> Iterator[str]:
    if not name or not own:
        return
    try:
        if key(name) != key(own):
            yield f"was measured {measured}, {has} {own}"
    except CatalogError:
        yield f"was measured {measured}, which the catalogue does not know; {has} {own}"


def _of_tokens(spec: OwnRoute, usage: Usage) -> Iterator[str]:
    """Other requests than the scenario's, where nothing can be simulated to carry the figure over."""
    at, here = spec.fleet.measured_at, tokens_of(spec, usage)
    if at is None or (spec.model is not None and spec.fleet.gpu is not None):
        return
    there = (at.input_tokens, at.output_tokens)
    if any(abs(a - b) > ALIKE * max(a, b) for a, b in zip(here, there, strict=True)):
        yield (
            f"was measured with requests of {_size(there)}, the scenario has {_size(here)}; "
            "it is taken as it is, because model and gpu are not both known"
        )


def _size(tokens: Tokens) -> str:
    return f"{count(tokens[0])} input and {count(tokens[1])} output tokens"


def _of_figure(spec: OwnRoute, usage: Usage) -> Iterator[tuple[str, float]]:
    """A figure that the simulation does not bear out."""
    fleet, at = spec.fleet, spec.fleet.measured_at
    stated = num(fleet.requests_per_second_per_replica or 0.0)
    if fleet.gpu is None:
        return
    tokens = (at.input_tokens, at.output_tokens) if at else tokens_of(spec, usage)
    try:
        yield from (
            _against_ceiling(spec, usage, stated, tokens)
            if spec.model is None
            else _against(_simulate_capacity(spec, usage, tokens), stated, tokens, spec)
        )
    except (CatalogError, CannotCompute, ValueError):
        return


def _simulate_capacity(spec: OwnRoute, usage: Usage, tokens: Tokens) -> Capacity:
    return capacity(partial(question, spec, spread=spread_of(usage))(*tokens))


def _against(found: Capacity, stated: float, tokens: Tokens, spec: OwnRoute) -> Iterator[tuple[str, float]]:
    simulated, fleet = found.requests_per_second, spec.fleet
    promised = " within the latency promise" if fleet.ttft_p95_s or fleet.tpot_p95_s else ""
    if simulated <= 0:
        yield f"is {stated:.3g} requests/s, but by the simulation it is 0: {found.why}", 0.0
    elif not 1 / DISAGREES <= stated / simulated <= DISAGREES:
        told = f"is {stated:.3g} requests/s, {_times(stated / simulated)} the {simulated:.3g} that the simulation finds"
        yield f"{told} for requests of {_size(tokens)}{promised}", simulated


def _against_ceiling(spec: OwnRoute, usage: Usage, stated: float, tokens: Tokens) -> Iterator[tuple[str, float]]:
    """More than even a very small model would carry."""
    small = spec.model_copy(update={"model": SMALLEST})
    most = _simulate_capacity(small, usage, tokens).saturated_per_second
    if 0 < most * DISAGREES < stated:
        yield (
            f"is {count(stated)} requests/s, but {spec.fleet.gpus_per_replica} x {spec.fleet.gpu} carries at most "
            f"about {most:.3g} of {_size(tokens)}, even with a model of half a billion parameters",
            most,
        )


def _times(factor: float) -> str:
    return f"{factor:,.3g} times" if factor > 1 else f"{percent(factor)} of"


# Notes on how a fleet's GPUs are sold --------------------------------------------------------------------------------

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
