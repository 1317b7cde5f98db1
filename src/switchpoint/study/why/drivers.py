"""The drivers of a scenario: the numbers that one could know better, or watch.

They are the inputs stated with a range, and what a team can read off a bill, a price list or a project plan: prices,
growth, usage, revenue, limits, coverage, rents, capacity, labelling, hiring, salaries.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from switchpoint.catalog.listing import listed_price
from switchpoint.result import Result
from switchpoint.scenario.bounds import Bounds
from switchpoint.scenario.errors import Path
from switchpoint.scenario.inputs import Input, Inputs
from switchpoint.scenario.outline import bounds_of, unit_of
from switchpoint.scenario.quantity import num
from switchpoint.scenario.route import PricedRoute
from switchpoint.scenario.schema import GpuCandidate, HostedCandidate, Scenario
from switchpoint.study.why.driver import GROWTH, Driver, How
from switchpoint.study.why.wording import at_path, called, prices_called
from switchpoint.timeline.hardware import rent_per_hour
from switchpoint.usage import paid_hours

REACH = 10.0
"""Drivers are followed up to so many times today's value, and down to that part of it."""
USAGE_REACH = 100.0
TIMES = "times today's"
"""Unit of what is told as a multiple of what it is."""
RATES = {"share/month": (-0.2, 0.5), "share/year": (-0.9, 2.0)}
"""How far rates of change are followed, by unit."""


def drivers(result: Result, names: Sequence[str]) -> tuple[Driver, ...]:
    """The drivers of a scenario: those of all candidates together, and those of some candidates.

    Args:
        result: the base case.
        names: of these candidates.
    """
    scenario = result.case.scenario
    idle = GROWTH if scenario.usage.growth.curve == "constant" else ()
    given = [each for each in Inputs(scenario).all if each.path[0] != "candidates" or each.path[1] in names]
    found = {each.path: _stated(scenario, each) for each in given if each.path != idle}
    watched = [*_common(scenario)]
    for name in names:
        watched += _of_candidate(result, name)
    for driver in watched:
        uncertain = driver.how is How.PRICES and any(path[: len(driver.path)] == driver.path for path in found)
        if driver.path not in found and not uncertain:
            found[driver.path] = driver
    return tuple(found.values())


def _common(scenario: Scenario) -> Iterator[Driver]:
    """What does not hang on the candidate."""
    curve, limit = scenario.usage.growth.curve, scenario.limit
    if curve in ("linear", "compound", "logistic"):
        yield from _plain(scenario, GROWTH)
    elif curve == "constant":
        yield from _plain(scenario, GROWTH, 0.0)
    yield from _plain(scenario, ("usage", "requests_per_day"))
    yield from _prices(scenario, ("current",))
    if limit is not None and limit.share_of_revenue is not None:
        yield from _plain(scenario, ("revenue", "usd_per_month"))
        yield from _plain(scenario, ("revenue", "growth_per_month"))
        yield from _plain(scenario, ("revenue", "usd_per_1000_requests"))
    if limit is not None:
        yield from _plain(scenario, ("limit", "usd_per_month"))
        yield from _plain(scenario, ("limit", "usd_per_1000_requests"))


def _of_candidate(result: Result, name: str) -> Iterator[Driver]:
    scenario = result.case.scenario
    spec, at = scenario.candidates[name], ("candidates", name)
    yield from _plain(scenario, (*at, "coverage"))
    if isinstance(spec, GpuCandidate):
        yield from _of_fleet(result, spec, at)
    else:
        yield from _prices(scenario, at)
    if isinstance(spec, HostedCandidate) and spec.endpoint is not None:
        yield from _plain(scenario, (*at, "endpoint", "usd_per_hour"))
    project = spec.project
    if project.to_hire:
        yield from _plain(scenario, (*at, "project", "hiring_weeks"))
    if num(project.examples) > num(project.examples_in_hand):
        yield from _plain(scenario, (*at, "project", "labels_per_day"))
    if project.engineers or spec.upkeep.engineers:
        yield from _plain(scenario, (*at, "project", "usd_per_engineer_month"))


def _of_fleet(result: Result, spec: GpuCandidate, at: Path) -> Iterator[Driver]:
    scenario, fleet = result.case.scenario, (*at, "fleet")
    if spec.fleet.purchase_usd_per_gpu is not None:
        yield from _plain(scenario, (*fleet, "purchase_usd_per_gpu"))
    else:
        yield from _plain(scenario, (*fleet, "usd_per_gpu_hour"), float(rent_per_hour(spec)))
    path = (*fleet, "requests_per_second_per_replica")
    how = How.CAPACITY if spec.fleet.requests_per_second_per_replica is None else How.VALUE
    for driver in _plain(scenario, path, result.case.outlook(str(at[1])).capacity):
        yield replace(driver, how=how)


def _prices(scenario: Scenario, at: Path) -> Iterator[Driver]:
    """All token prices of a route alike, as a multiple of what they are; none where tokens cost nothing."""
    route = at_path(scenario, at)
    assert isinstance(route, PricedRoute)
    inputs, outputs = num(scenario.usage.input_tokens), num(scenario.usage.output_tokens)
    if route.usd_per_mtok is not None:
        price = (num(route.usd_per_mtok.input), num(route.usd_per_mtok.output))
    elif (known := listed_price(route, scenario.start, paid_hours(scenario.usage))) is not None:
        price = (known.at(inputs).input, known.at(inputs).output)
    else:
        return
    if (outputs and price[1]) or price[0]:
        path, bounds = (*at, "usd_per_mtok"), Bounds(above=0)
        yield Driver(path, prices_called(path, scenario), TIMES, 1.0, 1 / REACH, REACH, bounds, None, How.PRICES)


def _plain(scenario: Scenario, path: Path, known: float | None = None) -> Iterator[Driver]:
    """A number of the scenario, as stated unless it is known otherwise; none where there is nothing to move."""
    stated = getattr(at_path(scenario, path[:-1]), str(path[-1]))
    value = num(stated) if known is None and stated is not None else known
    if value is not None:
        unit, bounds = _field(scenario, path)
        low, high = _reach(path, value, unit, bounds)
        if low < high:
            yield Driver(path, called(path, scenario), unit, value, low, high, bounds)


def _stated(scenario: Scenario, given: Input) -> Driver:
    """An uncertain input, followed at least through its 90 % range."""
    unit, _ = _field(scenario, given.path)
    now = num(given.belief)
    least, most = given.at(np.array([0.05, 0.95]))
    low, high = _reach(given.path, now, unit, given.bounds)
    name = called(given.path, scenario)
    ends = min(low, float(least)), max(high, float(most))
    return Driver(given.path, name, unit, now, *ends, given.bounds, given.belief)


def _reach(path: Path, now: float, unit: str, bounds: Bounds) -> tuple[float, float]:
    """How far a driver is followed: within what is plausible and what its field allows."""
    if unit == "share, 0 to 1":
        ends = (0.0, 1.0)
    elif unit in RATES:
        ends = (min(RATES[unit][0], now), max(RATES[unit][1], 2 * now))
    elif now > 0 and bounds.cut(np.array([-math.inf])) >= 0:
        factor = USAGE_REACH if path == ("usage", "requests_per_day") else REACH
        ends = (now / factor, now * factor)
    else:
        width = REACH * abs(now)
        ends = (now - width, now + width)
    low, high = map(float, bounds.cut(np.array(ends)))
    return low, high


def _field(scenario: Scenario, path: Path) -> tuple[str, Bounds]:
    """Unit and bounds of a number."""
    field = type(at_path(scenario, path[:-1])).model_fields[str(path[-1])]
    unit, bounds = unit_of(field), bounds_of(field) or Bounds()
    if path == GROWTH:
        linear = scenario.usage.growth.curve == "linear"
        return ("requests a day each month", bounds) if linear else ("share/month", Bounds(above=-1))
    return unit, bounds
