"""Where the numbers of a scenario come from that it does not state itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from switchpoint.catalog import gpu, model, smallest_machine
from switchpoint.decision.case import SimulatedWorld
from switchpoint.loadtests.taken import take
from switchpoint.scenario.candidates import Fleet, GpuCandidate
from switchpoint.scenario.current import CurrentGpu, OwnRoute
from switchpoint.scenario.named_files import asked_of
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Usage
from switchpoint.simulation.capacity import node_size, rented_as
from switchpoint.simulation.listed_prices import listed_price
from switchpoint.simulation.prices import retirement
from switchpoint.simulation.usage import paid_hours

Provenance = dict[str, Any]


class Cited(NamedTuple):
    """Where a figure is from, and as of when."""

    source: str
    date: str = ""


def provenance_of(case: SimulatedWorld) -> list[Provenance]:
    """Every price and specification taken from the catalogue: field, what it is, value, unit, source, date."""
    scenario = case.scenario
    found = []
    for path, route in scenario.routes:
        where = ".".join(map(str, path))
        if isinstance(route, GpuCandidate | CurrentGpu):
            found += _fleet(where, route, scenario.usage)
        else:
            found += _route(where, route, case)
    return found


def retirements(case: SimulatedWorld) -> list[tuple[str, str, date]]:
    """Routes whose model the provider is known to take away within the horizon: route, model, date."""
    routes = {"current route": case.scenario.current, **case.scenario.candidates}
    priced = {name: route for name, route in routes.items() if isinstance(route, PricedRoute)}
    dated = ((name, route.model or "its model", retirement(route, case.clock)) for name, route in priced.items())
    return [(name, model, when) for name, model, when in dated if when is not None]


def _source(field: str, what: str, value: Any, unit: str, row: Any, note: str = "") -> Provenance:
    return {
        "field": field,
        "what": what,
        "value": value,
        "unit": unit,
        "source": row.source,
        "date": row.date,
        "note": note,
    }


def _route(where: str, route: PricedRoute, case: SimulatedWorld) -> list[Provenance]:
    row = listed_price(route, case.clock.start, paid_hours(case.scenario.usage))
    if row is None:
        return []
    price = row.at(float(case.setting.traffic.input_tokens[0]))
    value = {"input": price.input, "cached_input": price.cached_input, "output": price.output}
    return [_source(f"{where}.model", f"{row.provider} {row.model}", value, "$/million tokens", row)]


def _fleet(where: str, candidate: OwnRoute, usage: Usage) -> list[Provenance]:
    fleet, found = candidate.fleet, []
    measured = fleet.requests_per_second_per_replica is not None
    if fleet.gpu is not None and fleet.usd_per_gpu_hour is None and fleet.purchase_usd_per_gpu is None:
        asked = rented_as(fleet)
        found.append(
            _source(
                f"{where}.fleet.usd_per_gpu_hour",
                f"{asked.gpu}, {asked.provider}",
                asked.usd_per_gpu_hour,
                "$/GPU-hour",
                asked,
            )
        )
    found += _node(where, fleet)
    if fleet.benchmark is not None:
        found.append(_load_test(where, candidate, usage))
    if fleet.gpu is not None and (not measured or (fleet.measured_at is not None and candidate.model is not None)):
        spec = gpu(fleet.gpu)
        note = (
            "capacity simulated, extrapolated: no published measurements of this GPU"
            if spec.extrapolated
            else "capacity simulated"
        )
        note = note.replace("simulated", "measured, carried over to these requests by simulation") if measured else note
        found.append(_source(f"{where}.fleet.gpu", spec.key, spec.hbm_gib, "GiB", spec, note))
    if candidate.model is not None and candidate.model.base is not None:
        known = model(candidate.model.base)
        note = f"licence: {known.licence}" + ("" if known.commercial else " (not for commercial use)")
        found.append(_source(f"{where}.model.base", known.key, known.params_billion, "billion parameters", known, note))
    return found


def _node(where: str, fleet: Fleet) -> list[Provenance]:
    """The GPUs that the provider sells together, where the catalogue says so and the scenario does not."""
    if fleet.gpus_per_node is not None or fleet.provider is None or fleet.gpu is None or node_size(fleet) == 1:
        return []
    least = smallest_machine(fleet.provider, fleet.gpu, fleet.spot)
    what = f"{least.gpu} that {least.provider} sells together at least"
    return [_source(f"{where}.fleet.gpus_per_node", what, least.gpus_per_instance, "GPUs", least)]


def _load_test(where: str, candidate: OwnRoute, usage: Usage) -> Provenance:
    """The load test that a capacity was taken from; only its name where it cannot be read any more."""
    assert candidate.fleet.benchmark is not None
    file, field = Path(candidate.fleet.benchmark), f"{where}.fleet.requests_per_second_per_replica"
    stated = candidate.fleet.requests_per_second_per_replica
    value, unit = None if stated is None else num(stated), "requests/s of a replica, measured"
    try:
        row = take(asked_of(candidate, usage), file).best.row
    except (OSError, ValueError):
        return _source(field, "load test", value, unit, Cited(file.name))
    place = ", ".join(part for part in (file.name, row.where, row.tool) if part)
    return _source(field, "load test", value, unit, Cited(place, row.date))
