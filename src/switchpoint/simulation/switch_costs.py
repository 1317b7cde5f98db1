"""The way to a candidate: its schedule turned into dollars a day, and told event by event.

The way to a candidate: a schedule turned into dollars a day.

Events say when the shares of traffic move; what flows between them is accrued from arrays over days, for many starts at
once.

The world: one candidate's project in its market, told event by event.

A SimPy environment in which the market reprices, people are found, examples are labelled, models are trained and put in
charge, the fleet grows, and the live model is retrained and sometimes fails. The clock counts days; no process ticks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import simpy

from switchpoint.finance import SAME, replacements
from switchpoint.horizon import (
    NEVER,
    PER_DAY,
    Amount,
    Bools,
    Days,
    Floats,
    Horizon,
    Ints,
    first_day,
    from_day,
    per_day,
    per_start,
    span_days,
)
from switchpoint.scenario.candidates import ApiCandidate, GpuCandidate, HostedCandidate
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.uncertain import amount, num
from switchpoint.simulation.candidate import SimulatedCandidate, World
from switchpoint.simulation.chance import Drawn, Expected, RandomSource
from switchpoint.simulation.deferrable import gpus_paid
from switchpoint.simulation.fleet import FleetServing, TokenServing
from switchpoint.simulation.ledger import BESIDE_TOKENS, PROJECT, Component, Entries, Ledger
from switchpoint.simulation.prices import listed_prices, price_events, retirements, retires_on
from switchpoint.simulation.project import Entry, FirstDays, Process, Site, break_down, gather, retrain, run_project
from switchpoint.simulation.schedule import Schedule, Span, people_paid
from switchpoint.text import day as date_words
from switchpoint.text import percent, usd

# The way to a candidate ----------------------------------------------------------------------------------------------

NO_SHADOW = np.zeros(1, dtype=bool)
"""The shadow days of worlds of which nobody asks for kinds of dollars."""


@dataclass(frozen=True)
class SwitchCosts:
    """What happens when a candidate's project starts on the given days; arrays of shape (…, starts, days)."""

    schedule: Schedule
    ledger: Ledger
    answered: Floats
    """Share of all requests that the candidate answers."""
    peak: Floats | None
    """Most replicas of each day, where it has a fleet."""


@dataclass(frozen=True)
class TrafficShares:
    """Who carries what: shares of all requests, and whether the candidate runs; shape (…, starts, days)."""

    answered: Floats
    served: Floats
    live: Bools


def shares(prospect: SimulatedCandidate, schedule: Schedule) -> TrafficShares:
    """Nothing before shadow; in shadow the candidate serves what it will answer; on ramp day k of K it answers
    (k + 0.5)/K of its coverage; then all of it. Incidents send everything back for a while."""
    days, answered = prospect.setting.clock.days, planned_answers(prospect, schedule)
    live = from_day(schedule.shadow, days)
    served = np.where(live & ~from_day(schedule.ramp, days), prospect.coverage, answered)
    send_back(prospect, schedule, answered, served)
    return TrafficShares(answered, served, live)


def planned_answers(prospect: SimulatedCandidate, schedule: Schedule) -> Floats:
    """What it answers without incidents, share of all requests, shape (…, starts, days)."""
    days, coverage = prospect.setting.clock.days, prospect.coverage
    answered = np.where(from_day(schedule.cutover, days), coverage, 0.0)
    ramp, cutover = (np.broadcast_to(day, answered.shape[:-1]) for day in (schedule.ramp, schedule.cutover))
    *rows, day = on_ramp = span_days(ramp, cutover, days)
    at = tuple(rows)
    whole = np.broadcast_to(per_start(coverage), ramp.shape)[at]
    answered[on_ramp] = whole * ((day + 0.5 - ramp[at]) / (cutover - ramp)[at])
    return answered


def send_back(prospect: SimulatedCandidate, schedule: Schedule, *shares: Floats) -> None:
    """Leave all requests to the current route while the candidate is down; in shares of shape (…, starts, days)."""
    if not prospect.outages:
        return
    *shape, days = shares[0].shape
    begin, over = (np.broadcast_to(day, (*shape, day.shape[-1])) for day in prospect.days_down(schedule.cutover))
    *starts, _, day = span_days(begin, over, days)
    for share in shares:
        share[(*starts, day)] = 0.0


def switch_costs(prospect: SimulatedCandidate, start: Ints) -> SwitchCosts:
    """Everything that the switch path costs, for projects that start on the given days, shape (starts,).

    In many worlds the days have shape (worlds, starts), or (1, starts) where they are the same in all.
    """
    return travel_along(prospect, prospect.planner.schedule(start))


def travel_along(prospect: SimulatedCandidate, schedule: Schedule) -> SwitchCosts:
    """Everything that the switch path costs, for projects with the given schedule."""
    setting, spec = prospect.setting, prospect.spec
    requests = setting.traffic.requests
    share = shares(prospect, schedule)
    possible = ~from_day(prospect.carrier.impossible_from, setting.clock.days)
    answered = share.answered if possible.all() else np.where(possible, share.answered, 0.0)
    shadow = share.live & ~from_day(schedule.ramp, setting.clock.days) if setting.apart else NO_SHADOW
    served = prospect.carrier.serve(share.served, share.live, schedule.column("shadow"))
    overflow = served.overflow and served.overflow.while_(answered > 0)
    current = setting.current_costs(1 - answered, overflow, left_days(prospect, schedule))
    entries = dict(current.entries)
    answered = answered if overflow is None else answered * overflow.served
    _add_serving(entries, served.entries, shadow)
    extras = amount(spec.usd_per_1000_requests) / 1000
    if np.any(extras):
        carried = np.where(possible, share.served, 0.0) * (1.0 if overflow is None else overflow.served)
        _add_serving(entries, {Component.EXTRAS: requests * carried * extras}, shadow)
    quality = amount(spec.quality_usd_per_1000_requests) / 1000
    if np.any(quality):
        entries[Component.QUALITY] = requests * answered * quality
    if np.any(prospect.upkeep_per_day):
        live = from_day(schedule.cutover, setting.clock.days)
        entries[Component.UPKEEP] = np.where(live, prospect.upkeep_per_day, 0.0)
    moving = _migrations(prospect, (answered < 1) | (overflow is not None), share.live)
    if moving is not None:
        entries[Component.MIGRATION] = moving
    entries.update(project_spend(prospect, schedule))
    return SwitchCosts(schedule, Ledger(entries, served.end_credit, current.end_credit), answered, served.peak)


def left_days(prospect: SimulatedCandidate, schedule: Schedule) -> Ints:
    """First day on which nothing is on the current route any more, shape (…, starts); NEVER where it is never left.

    It is left at the cutover of a candidate that answers everything, to the end of the horizon.
    """
    days, carrier = prospect.setting.clock.days, prospect.carrier
    if prospect.setting.beside_tokens.is_plain or carrier.overflow is not None:
        return np.full_like(schedule.cutover, NEVER)
    whole = (per_start(prospect.coverage) == 1) & np.greater_equal(carrier.impossible_from, days)
    return np.where(whole & (schedule.cutover < days), np.maximum(schedule.cutover, 0), NEVER)


def _migrations(prospect: SimulatedCandidate, stays: Bools, live: Bools) -> Floats | None:
    """Dollars a day for moving to successors of retired models; None where there are none.

    Of the current route while any request is left on it, of the candidate while it runs.
    """
    carrier = prospect.carrier
    due = [(prospect.setting.current.migration, stays)]
    if isinstance(carrier, TokenServing):
        due.append((carrier.tariff.migration, live))
    paid = [np.where(in_use, usd, 0.0) for usd, in_use in due if usd is not None]
    return sum(paid[1:], paid[0]) if paid else None


def _add_serving(entries: Entries, serving: Entries, shadow: Bools) -> None:
    """Book serving, that of shadow days under its own name; what is bought in shadow is capital all the same.

    Of many drawn worlds nobody asks for kinds of dollars: shadow has no days of its own there.
    """
    for component, daily in serving.items():
        if component is not Component.CAPITAL and shadow.any():
            before = entries.get(Component.SHADOW, 0.0)
            entries[Component.SHADOW] = before + np.where(shadow, daily, 0.0)
            daily = np.where(shadow, 0.0, daily)
        entries[component] = daily


def project_spend(prospect: SimulatedCandidate, schedule: Schedule) -> Entries:
    """Labels as they are made, engineers by the day, iterations and one-off sums when they fall due."""
    project, clock = prospect.spec.project, prospect.setting.clock
    entries: Entries = {}
    usd_per_example = amount(project.usd_per_example)
    if np.any(prospect.planner.labelling.needed_examples) and np.any(usd_per_example):
        entries[Component.LABELS] = prospect.planner.labelling.daily(schedule.label) * usd_per_example
    if project.engineers and np.any(amount(project.usd_per_engineer_month)):
        entries[Component.ENGINEERS] = _engineers(prospect, schedule)
    if np.any(prospect.iteration_usd):
        entries[Component.TRAINING] = paid(trainings_due(prospect, schedule), prospect.iteration_usd, clock.days)
    if dated := sums_due(prospect, schedule):
        entries[Component.ONE_OFF] = reduce(np.add, (paid(per_day(when), usd, clock.days) for when, usd in dated))
    return entries


def paid(when: Ints, usd: Amount, days: int) -> Floats:
    """Dollars a day of a sum that is paid on some days of each start, shape (…, starts, days).

    Args:
        when: the days, shape (…, starts, times); those outside the horizon are not booked.
        usd: the sum.
        days: of the horizon.
    """
    shape = np.broadcast_shapes(when.shape[:-1], np.shape(usd)[:-1])
    daily, when = np.zeros((*shape, days)), np.broadcast_to(when, (*shape, when.shape[-1]))
    due = np.nonzero((when >= 0) & (when < days))
    np.add.at(daily, (*due[:-1], when[due]), np.broadcast_to(usd, when.shape)[due])
    return daily


def _engineers(prospect: SimulatedCandidate, schedule: Schedule) -> Floats:
    """Dollars a day of the project's engineers, found ones from the day they are found."""
    project, days, planner = prospect.spec.project, prospect.setting.clock.days, prospect.planner
    spans = list(people_paid(project, planner.steps, planner.labelling.needed_examples, schedule))
    return np.asarray(_people_on(spans, days) * (amount(project.usd_per_engineer_month) * PER_DAY))


def _people_on(spans: Sequence[Span], days: int) -> Floats:
    """How many people there are on each day, shape (…, starts, days).

    Their number changes on few days, between which it is written out. Spans of as many people are counted as whole
    numbers, so that nothing is left of those that cancel out.
    """
    counts, first, end = zip(*spans, strict=True)
    kinds = np.unique(np.abs(counts))
    signs = np.sign(counts)[:, None] * (np.abs(counts)[:, None] == kinds)
    begin, over = np.split(np.stack(np.broadcast_arrays(*first, *end), axis=-1), 2, axis=-1)
    begin = np.minimum(np.maximum(begin, 0), days)
    turns = np.concatenate((begin, np.maximum(np.minimum(over, days), begin)), axis=-1)
    order = turns.argsort(axis=-1)
    there = np.concatenate((signs, -signs))[order].cumsum(axis=-2) @ kinds
    people = np.concatenate((np.zeros((*there.shape[:-1], 1)), there), axis=-1)
    lengths = np.diff(np.take_along_axis(turns, order, axis=-1), prepend=0, append=days)
    return np.repeat(people.ravel(), lengths.ravel()).reshape(*there.shape[:-1], days)


def sums_due(prospect: SimulatedCandidate, schedule: Schedule) -> list[tuple[Ints, Amount]]:
    """Days, shape (…, starts), on which a single sum of the project is paid, and the sum."""
    project = prospect.spec.project
    due = [(schedule.paid_on, amount(project.usd_one_off)), (schedule.hardening, amount(project.usd_hardening))]
    if project.to_hire and not project.iterations_done:
        due.append((schedule.joined, project.to_hire * amount(project.usd_per_hire)))
    return [(day, usd) for day, usd in due if np.any(usd)]


def trainings_due(prospect: SimulatedCandidate, schedule: Schedule) -> Ints:
    """Days on which trainings of the project and retrainings begin, shape (…, starts, times)."""
    every = prospect.spec.upkeep.retrain_every_months
    ages = replacements(every, prospect.setting.clock.days) if every else []
    due = [schedule.ready + offset for offset in schedule.trainings] + [schedule.cutover + age for age in ages]
    return np.stack(np.broadcast_arrays(*due), axis=-1)


def running_cost(prospect: SimulatedCandidate, bill: Floats | None = None) -> Floats:
    """Dollars a day of the candidate as if live since day 0: serving, the rest on the current route, quality, upkeep.

    From the day on which it is not possible, the stay cost with its own serving and upkeep on top, so that it never
    saves. Shape (…, days). `bill` is the part of it that is billed, where that is known already.
    """
    bill = running_bill(prospect) if bill is None else bill
    usd = amount(prospect.spec.quality_usd_per_1000_requests)
    return bill + _carried_requests(prospect) * usd / 1000 if np.any(usd) else bill


def running_bill(prospect: SimulatedCandidate) -> Floats:
    """The part of `running_cost` that is billed, which the limit is about: all but the price of its quality."""
    setting, spec = prospect.setting, prospect.spec
    possible = ~from_day(prospect.carrier.impossible_from, setting.clock.days)
    share = np.where(possible, prospect.coverage, 0.0)
    overflow = prospect.carrier.overflow and prospect.carrier.overflow.while_(possible)
    cost = setting.current_costs(1 - share, overflow).running + prospect.carrier.running()
    extras = amount(spec.usd_per_1000_requests)
    if np.any(extras):
        cost = cost + _carried_requests(prospect) * extras / 1000
    return cost + prospect.upkeep_per_day


def billed_per_day(setting: World, ledger: Ledger, kept: Floats, left: Days) -> Floats:
    """Dollars a day on the way of what the limit is about: neither projects nor the price of quality, and of the
    current route's GPUs their wear.

    Args:
        setting: the world of the path.
        ledger: of one start, shape (days,).
        kept: share of all requests that the current route answers, shape (days,).
        left: first day on which nothing is on it any more.
    """
    entries, nothing = ledger.entries, np.zeros(setting.clock.days)
    beside = [entries[part] for part in (*PROJECT, Component.QUALITY) if part in entries]
    bill = ledger.flow - sum(beside, nothing)
    if setting.beside_tokens.is_plain:
        return bill
    own = [entries[part] for part in BESIDE_TOKENS if part in entries and part is not Component.CURRENT_CAPITAL]
    return np.asarray(bill - sum(own, nothing) + setting.beside_tokens.running(kept, left))


def outgrown_with(prospect: SimulatedCandidate) -> Bools | None:
    """Days on which the current route cannot carry what a candidate, as if live, leaves on it; None where it can."""
    possible = ~from_day(prospect.carrier.impossible_from, prospect.setting.clock.days)
    return prospect.setting.beside_tokens.outgrown_with(1 - np.where(possible, prospect.coverage, 0.0))


def _carried_requests(prospect: SimulatedCandidate) -> Floats:
    """Requests a day that it answers, as if live since day 0."""
    possible = ~from_day(prospect.carrier.impossible_from, prospect.setting.clock.days)
    requests: Floats = prospect.setting.traffic.requests * np.where(possible, prospect.coverage, 0.0)
    overflow = prospect.carrier.overflow
    return requests if overflow is None else requests * overflow.served


def begun_days(schedule: Schedule) -> Ints:
    """First day of preparation, paid or not: labelling and recruiting from day one come before the project."""
    return np.minimum(schedule.start, np.minimum(schedule.label, schedule.recruit))


def first_spending(path: SwitchCosts) -> Ints:
    """First day on which a project spends anything, from which break-even counts; shape (…, starts).

    It may come before the project's start, with labels from day one, or after it, where preparation is free. NEVER for
    a project that spends nothing.
    """
    entries = path.ledger.entries
    spent = sum((entries[part] for part in PROJECT if part in entries), np.zeros(path.answered.shape))
    return np.asarray(first_day(spent > 0))


# The world -----------------------------------------------------------------------------------------------------------


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


def market_events(setting: World, prospect: SimulatedCandidate) -> Iterator[Entry]:
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


def _route_events(name: str, route: PricedRoute, setting: World, source: RandomSource) -> Iterator[Entry]:
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
