"""The world: one candidate's project in its market, told event by event.

A SimPy environment in which the market reprices, people are found, examples are labelled, models are trained and put in
charge, the fleet grows, and the live model is retrained and sometimes fails. The clock counts days; no process ticks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import simpy

from switchpoint.finance import SAME, replacements
from switchpoint.horizon import NEVER, Horizon
from switchpoint.scenario.candidates import ApiCandidate, GpuCandidate, HostedCandidate
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.candidate import World as Setting
from switchpoint.simulation.chance import Drawn, Expected, RandomSource
from switchpoint.simulation.deferrable import gpus_paid
from switchpoint.simulation.fleet import FleetServing
from switchpoint.simulation.ledger import Component
from switchpoint.simulation.listed_prices import listed_prices
from switchpoint.simulation.prices import price_events, retirements, retires_on
from switchpoint.simulation.project import Entry, FirstDays, Process, Site, break_down, gather, retrain, run_project
from switchpoint.simulation.switch_costs import SwitchCosts, left_days, switch_costs
from switchpoint.text import day as date_words
from switchpoint.text import percent, usd


@dataclass(frozen=True)
class EventLog:
    """What happened: the story in order, and the days of the milestones."""

    story: tuple[Entry, ...]
    days: dict[str, int]
    trainings: tuple[int, ...]


def tell_events(prospect: SimulatedCandidate, start: int, path: SwitchCosts | None = None, row: int = 0) -> EventLog:
    """Live through one candidate's project.

    Args:
        prospect: the candidate.
        start: first day of its project; NEVER for a world in which it is not started.
        path: what follows from that; found when left out.
        row: of it.
    """
    path = switch_costs(prospect, np.array([start])) if path is None else path
    planner, setting, schedule = prospect.planner, prospect.setting, path.schedule
    project, commit = prospect.spec.project, int(schedule.ready[row]) if schedule.committed else None
    env = simpy.Environment(initial_time=min(start, 0))
    assert isinstance(setting.chance, (Expected, Drawn))  # only one world has a story
    site = Site(env, project, planner.steps, setting.chance.of(RandomSource.TRIAL).trial(project))
    recruiting, labelling, complete = (int(getattr(schedule, name)[row]) for name in BEGINNINGS)
    first = FirstDays(recruiting, labelling, complete, float(planner.labelling.needed_examples))
    if start < NEVER:
        env.process(run_project(site, start, first, commit))
        _after_cutover(site, prospect)
    elif not project.iterations_done:
        gather(site, first)
    told = (market_events(setting, prospect), fleet_events(prospect, path, row), leaving_events(prospect, path, row))
    for events in told:
        env.process(announce(site, list(events)))
    env.run(until=setting.clock.days)
    return EventLog(tuple(sorted(site.story, key=lambda entry: entry.day)), site.days, tuple(site.trainings))


BEGINNINGS = ("recruit", "label", "complete")
"""What of a schedule is told of before the first training."""


def _after_cutover(site: Site, prospect: SimulatedCandidate) -> None:
    every, days = prospect.spec.upkeep.retrain_every_months, prospect.setting.clock.days
    if every:
        site.env.process(retrain(site, replacements(every, days)))
    if prospect.outages:
        site.env.process(break_down(site, prospect.outages))


def announce(site: Site, entries: list[Entry]) -> Process:
    """Tell of what happens on known days."""
    for entry in sorted(entries, key=lambda entry: entry.day):
        yield site.until(entry.day)
        site.note(entry.subject, entry.text)


def market_events(setting: Setting, prospect: SimulatedCandidate) -> Iterator[Entry]:
    """Price changes of both routes, and the retirement of a model, within the horizon."""
    if isinstance(current := setting.scenario.current, PricedRoute):
        yield from _route_events("the current route", current, setting, RandomSource.CURRENT_PRICES)
    if isinstance(prospect.spec, (ApiCandidate, HostedCandidate)):
        yield from _route_events(prospect.name, prospect.spec, setting, RandomSource.CANDIDATE_PRICES)


def leaving_events(prospect: SimulatedCandidate, path: SwitchCosts, row: int) -> Iterator[Entry]:
    """The day on which the last request leaves a current route that has more than tokens, and what its GPUs fetch."""
    left = int(left_days(prospect, path.schedule)[row])
    if left >= prospect.setting.clock.days:
        return
    capital = path.ledger.entries.get(Component.CURRENT_CAPITAL)
    sold = 0.0 if capital is None else -float(capital[row, left])
    fetch = f", and its GPUs are sold for {usd(sold)}" if sold > 0 else ""
    yield Entry(left, "current route", f"its last request has left: rent, fees and upkeep end{fetch}")


def _route_events(name: str, route: PricedRoute, setting: Setting, source: RandomSource) -> Iterator[Entry]:
    clock: Horizon = setting.clock
    for day, factor, _ in price_events(route, clock, setting.chance.of(source)):
        change = f"{percent(abs(float(factor) - 1))} {'cheaper' if factor < 1 else 'dearer'}"
        # A change from before the horizon holds on its first day, and does not happen then.
        yield Entry(day, "market", f"{name} becomes {change}" if day else f"{name} is {change} from the first day on")
    for day, price in listed_prices(route, clock)[1:]:
        yield Entry(day, "market", f"{name}: {price.model} has new list prices")
    known, model = retires_on(route, clock), route.model or "the model"
    gone = f"{name}: the provider retired {model} on {date_words(known)}" if known and known < clock.start else ""
    for number, (day, factor, _) in enumerate(retirements(route, clock, setting.chance)):
        text = gone if gone and not number else f"{name}: the provider retires {model}"
        yield Entry(day, "market", text + _moving(num(route.usd_per_migration), float(factor)))


def _moving(effort: float, factor: float) -> str:
    """What moving to the successor costs, where that is stated."""
    parts = [f"moving costs {usd(effort)}"] if effort else []
    if abs(factor - 1) > SAME:
        parts.append(f"its successor is {percent(abs(factor - 1))} {'cheaper' if factor < 1 else 'dearer'}")
    return f"; {', '.join(parts)}" if parts else ""


def fleet_events(prospect: SimulatedCandidate, path: SwitchCosts, row: int) -> Iterator[Entry]:
    """Days on which the fleet's busiest hour reaches a new high: replicas added, GPUs bought."""
    peak = path.peak
    if peak is None or not isinstance(prospect.carrier, FleetServing) or not isinstance(prospect.spec, GpuCandidate):
        return
    most = np.maximum.accumulate(peak[row])
    paid = gpus_paid(prospect.carrier.costs.fleet, most)
    bought = num(prospect.spec.fleet.purchase_usd_per_gpu or 0.0) > 0
    for day in np.nonzero(np.diff(most, prepend=0.0))[0]:
        gpus = f"{paid[day]:.0f} GPUs {'bought' if bought else 'rented at the busiest hour'}"
        yield Entry(int(day), "fleet", f"{most[day]:.0f} replicas, {gpus}")
