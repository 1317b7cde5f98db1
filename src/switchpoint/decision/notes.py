"""Notes on a scenario and on its result, and where the numbers come from that it does not state itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from switchpoint.catalog import gpu, model, smallest_machine
from switchpoint.catalog.hardware import gathered_on
from switchpoint.catalog.token_prices import stale
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.horizon import Floats, Ints
from switchpoint.loadtests.judged import take
from switchpoint.scenario.candidates import Fleet, GpuCandidate
from switchpoint.scenario.current import CurrentGpu, OwnRoute
from switchpoint.scenario.errors import Keys, route_called
from switchpoint.scenario.named_files import asked_of
from switchpoint.scenario.paths import tree, with_values
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.stated_notes import Note, Weighable, history_doubts, stated_notes, unit_notes
from switchpoint.scenario.uncertain import Choice, Pert, Quantity, Range, num
from switchpoint.scenario.usage import Usage
from switchpoint.simulation.capacity import node_size, rented_as
from switchpoint.simulation.doubts import Doubt, capacity_doubts, machine_notes
from switchpoint.simulation.fleet import TokenServing
from switchpoint.simulation.prices import listed_price, retirement, stated_twice
from switchpoint.simulation.usage import paid_hours, read_daily, trend
from switchpoint.text import count, day, usd

# Notes on a scenario and on its result -------------------------------------------------------------------------------

STALE_HISTORY = timedelta(days=92)
"""A history that ends longer before the first day than this is noted."""
FAR_OFF = 5
"""Years between the first day and the catalogue's newest figures; more are noted."""
TOO_MUCH = 20
"""A first bill of this many times its limit, or all revenue, is hardly meant."""
MUCH = 1 / 3
"""Part of a saving that chance must move to be noted."""
YEAR = 365.25
CHANCE = "chance"
"""The code of notes on chance events, which draws make needless."""
FROM_5_TO_95 = 2 * 1.6448536269514722


def load_notes(scenario: Scenario) -> tuple[Note, ...]:
    """The notes on a scenario as it stands, before anything is simulated."""
    doubts = map(_of_capacity, capacity_doubts(scenario))
    stated = (*stated_notes(scenario), *unit_notes(scenario), *machine_notes(scenario))
    past, history = _of_the_past(scenario), _of_history(scenario.usage, scenario)
    return (*stated, *_of_start(scenario), *past, *_of_routes(scenario), *history, *doubts)


def result_notes(case: SimulatedWorld) -> tuple[Note, ...]:
    """The notes on a result: those on its scenario, with what they change, and those on chance."""
    found = [_with_weight(note, case) if isinstance(note, Weighable) else note for note in load_notes(case.scenario)]
    chances = (note for outlook in case.outlooks if (note := chance_note(case, outlook)) is not None)
    return (*_of_bill(case), *found, *chances)


def _of_start(scenario: Scenario) -> Iterator[Note]:
    """A first day that is far from all that the catalogue knows."""
    known = gathered_on()
    years = abs(scenario.start - known).days / YEAR
    if years > FAR_OFF:
        side = "after" if scenario.start > known else "before"
        told = f"the first day, {day(scenario.start)}, is {years:.0f} years {side} the catalogue's newest rents"
        yield Note("unit", ("start",), f"{told}, of {day(known)}; is the year meant?", turns=True)


def _of_the_past(scenario: Scenario) -> Iterator[Note]:
    """What is dated before the first day multiplies all days, and may be in what is stated of that day already."""
    before = f"before the first day, {day(scenario.start)}, and multiplies"
    level = "requests_per_day" if scenario.usage.requests_per_day is not None else "usage by the file or plan"
    for place, event in enumerate(scenario.usage.events):
        if event.date < scenario.start and num(event.factor) != 1:
            told = f"the event of {day(event.date)} lies {before} usage by {num(event.factor):g} all along"
            asked = f"is {level} that before it?"
            yield Note("past", ("usage", "events", place), f"{told}; {asked}", turns=True)
    for path, route in scenario.priced_routes:
        known = {twice.place for twice in stated_twice(route)}
        for place, change in enumerate(route.price_changes):
            if place not in known and change.date < scenario.start and num(change.factor) != 1:
                told = (
                    f"the price change of {day(change.date)} lies {before} prices by {num(change.factor):g} all along"
                )
                asked = f"are the prices of {route_called(path)} those before it?"
                yield Note("past", (*path, "price_changes", place), f"{told}; {asked}", turns=True)


def _of_bill(case: SimulatedWorld) -> Iterator[Note]:
    """A first bill beyond all that it is held against: requests of a month that are taken for those of a day."""
    if case.scenario.usage.requests_per_day is None:
        return
    bill, limit = float(case.bill[0]), case.scenario.limit
    revenue = float(case.revenue[0])
    held = [(revenue, "all revenue")]
    if limit is not None:
        held += [(limit.usd_per_month or 0.0, "its limit"), ((limit.share_of_revenue or 0.0) * revenue, "its limit")]
    least, what = min((each for each in held if each[0]), default=(0.0, ""))
    if least and bill > TOO_MUCH * least:
        told = f"the bill begins at {usd(bill)} a month, {bill / least:,.0f} times {what}"
        yield Note("unit", ("usage", "requests_per_day"), f"{told}; is requests_per_day by the month?", turns=True)


def _of_capacity(doubt: Doubt) -> Note:
    """The note on a doubted capacity; one that the simulation finds to be none could turn the answer."""
    path, text, simulated = doubt
    told = f"{route_called(path)}: {path[-1]} {text}"
    if not simulated:
        return Note("capacity", path, told, turns=simulated is not None)
    return Weighable("capacity", path, told, where=path, value=simulated, words=f"{simulated:.3g} requests/s")


def _of_routes(scenario: Scenario) -> Iterator[Note]:
    for path, route in scenario.priced_routes:
        price = listed_price(route, scenario.start)
        if price is None:
            continue
        for twice in stated_twice(route):
            first, then = twice.before.tiers[0].price, twice.after.tiers[0].price
            known = f"from {day(twice.first_day)}: ${first.input:g} to ${then.input:g} per million input tokens"
            told = f"the catalogue has this change too ({known}); it is counted once, as the catalogue has it"
            yield Note("counted-once", (*path, "price_changes", twice.place), told)
        if price.checked is not None and stale(price, scenario.start):
            words = f"the price of {price.model} was last compared with the provider's list on {day(price.checked)}"
            yield Note("old-price", (*path, "model"), words)
        if price.retired_on is not None and price.retired_on <= scenario.start:
            gone = f"{price.provider} retired {price.model} on {day(price.retired_on)}, before the first day"
            yield Note("retired", (*path, "model"), gone)


def _of_history(usage: Usage, scenario: Scenario) -> Iterator[Note]:
    if usage.growth.curve != "history" or usage.growth.file is None:
        return
    path: Keys = ("usage", "growth", "file")
    daily = read_daily(usage.growth.file)
    if daily.summed:
        yield Note("summed", path, "days with several rows (hours, models) are summed")
    for doubt in history_doubts(daily.requests, scenario.start):
        yield Note("history", path, doubt)
    last = max(daily.requests)
    gap = scenario.start - last
    if gap > STALE_HISTORY:
        level = trend(usage.growth.file, scenario.start)[0] if usage.requests_per_day is None else None
        ends = f"the history ends on {day(last)}, {gap.days:,} days before the first day"
        if level is None:
            yield Note("old-history", path, f"{ends}; its growth is taken to hold still")
            return
        drawn = f"its trend is drawn on from {count(daily.requests[last])} requests on its last day to {count(level)}"
        yield Note("old-history", path, f"{ends}; {drawn} on the first", turns=True)


HALF_A_CENT = 0.005
"""A loss of less is none; two ways to add up the same dollars may differ by as much."""


def _with_weight(note: Weighable, case: SimulatedWorld) -> Note:
    """The note with what its figure would take from its candidate's saving, by simulating it."""
    if note.where[0] != "candidates":
        return note
    name = str(note.where[1])
    now = case.outlook(name).npv_saving
    tried = simulate(with_values(tree([note.where]), case.scenario, [note.value]), anchor=case.setting.anchor)
    other = tried.outlook(name)
    loss = now - (other.started_on(other.starts.advised_start) if _shows_advice(case) else other).npv_saving
    if loss < HALF_A_CENT:
        return note
    turns = 0 < now / 2 <= note.stretch * loss
    saves = f" of {usd(now)}" if now > 0 else ""
    return replace(note, effect=f"{note.words} would take {usd(loss)} from its saving{saves}", turns=turns)


def _shows_advice(case: SimulatedWorld) -> bool:
    """Whether candidates are shown as advised, which they are unless the scenario states a policy."""
    return "policy" not in case.scenario.decision.model_fields_set


def chance_note(case: SimulatedWorld, outlook: CandidateResult) -> Note | None:
    """What chance events would change on average, where that is the sign of a saving or a third of it.

    A bound, not a draw: mean price factors of sudden reprices and successors, and mean costs of migrations, from the
    cutover on, for the traffic that moves.
    """
    live = outlook.cutover
    if not outlook.possible or live >= case.clock.days:
        return None
    shift = _gained_from_current(case, outlook, live) - _lost_on_candidate(case, outlook, live)
    saving = outlook.npv_saving
    turned = (saving + shift > 0) != (saving > 0)
    if not turned and abs(shift) <= MUCH * abs(saving):
        return None
    sentence = f"{outlook.name}: chance events that the base case leaves out (reprices, retirements) matter"
    moved = f"on average they move its saving from {usd(saving)} to about {usd(saving + shift)}; --draws weighs them"
    return Note(CHANCE, ("candidates", outlook.name), sentence, moved, turns=turned)


def _gained_from_current(case: SimulatedWorld, outlook: CandidateResult, live: int) -> float:
    """Present value of what staying would cost more on average, of the traffic that moves."""
    route, days = case.scenario.current, case.clock.day[live:]
    if not isinstance(route, PricedRoute):
        return 0.0
    dearer = case.setting.route_bill[live:] * (_mean_factor(route, days) - 1) * outlook.prospect.coverage
    whole = outlook.prospect.coverage == 1
    moving = route.retirement_per_year * mean(route.usd_per_migration) / YEAR if whole else 0.0
    return float((dearer + moving) @ case.discount[live:])


def _lost_on_candidate(case: SimulatedWorld, outlook: CandidateResult, live: int) -> float:
    """Present value of what the candidate would cost more on average."""
    route, carrier = outlook.prospect.spec, outlook.prospect.carrier
    if not isinstance(route, PricedRoute) or not isinstance(carrier, TokenServing):
        return 0.0
    daily = carrier.tariff.per_request[live:] * carrier.requests[live:] * carrier.coverage
    dearer = daily * (_mean_factor(route, case.clock.day[live:]) - 1)
    moving = route.retirement_per_year * mean(route.usd_per_migration) / YEAR
    return float((dearer + moving) @ case.discount[live:])


def _mean_factor(route: PricedRoute, days: Ints) -> Floats:
    """Mean of the product of all factors that chance has brought by a day, as a Poisson process brings them."""
    rate = route.price_shocks_per_year * (mean(route.price_shock_factor) - 1)
    rate += route.retirement_per_year * (mean(route.migration_price_factor) - 1)
    return np.asarray(np.exp(rate * days / YEAR))


def mean(quantity: Quantity) -> float:
    """The mean of a belief.

    >>> mean(Choice((0.2, 1.4), (1, 2)))
    1.0
    """
    match quantity:
        case Range() if quantity.lognormal:
            spread = np.log(quantity.high / quantity.low) / FROM_5_TO_95
            return float(quantity.base * np.exp(spread**2 / 2))
        case Pert(low, mode, high):
            return (low + 4 * mode + high) / 6
        case Choice(values, weights):
            return float(np.average(values, weights=weights))
        case _:
            return num(quantity)


# Where the numbers of a scenario come from that it does not state itself ---------------------------------------------

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
