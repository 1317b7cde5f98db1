"""The numbers that could be moved.

They are the inputs stated with a range, and what a team can read off a bill, a price list or a project plan: prices,
growth, usage, revenue, limits, coverage, rents, capacity, labelling, hiring, salaries.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.candidates import Fleet, GpuCandidate, HostedCandidate
from switchpoint.scenario.current import CurrentGpu, OwnRoute
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.fields import Bounds
from switchpoint.scenario.input_names import at_path, name_in_sentence, prices_called
from switchpoint.scenario.introspection import bounds_of, unit_of
from switchpoint.scenario.paths import UncertainInput, UncertainInputs, tree, with_values
from switchpoint.scenario.routes import PriceChange, PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import Quantity, num, quantile
from switchpoint.simulation.capacity import rent_per_hour
from switchpoint.simulation.prices import listed_price
from switchpoint.simulation.usage import paid_hours

CONVENTION = 0.2
"""A certain number is moved by this part of itself up and down where nothing is stated: a convention, no belief."""
GROWTH: Keys = ("usage", "growth", "per_month")


class How(Enum):
    """How a driver changes a scenario."""

    VALUE = "its value is replaced"
    PRICES = "all token prices of its route are scaled"
    CAPACITY = "a simulated capacity is scaled"


@dataclass(frozen=True)
class Driver:
    """One number that can be moved.

    Args:
        path: where it stands in the scenario.
        name: what it is called in a sentence.
        unit: of its values.
        now: its value in the base case.
        low: how far down it is followed.
        high: how far up it is followed.
        bounds: what its field allows.
        belief: what is stated of it, None where it is certain.
        how: what moving it changes.
        origin: "stated" in the scenario, left to its "default", or "found": in the catalogue, by simulation.
    """

    path: Keys
    name: str
    unit: str
    now: float
    low: float
    high: float
    bounds: Bounds
    belief: Quantity | None = None
    how: How = How.VALUE
    origin: str = "stated"

    @property
    def key(self) -> str:
        """Its dotted path."""
        return dotted_path(self.path)

    @property
    def plural(self) -> bool:
        """Whether its name is that of several numbers."""
        return self.how is How.PRICES

    @property
    def proportional(self) -> bool:
        """Whether its values are told apart by their ratio rather than by their difference."""
        return self.low > 0

    def quantiles(self, *shares: float) -> tuple[float, ...]:
        """Its quantiles; of a certain number 20 % less up to one half, 20 % more from there on."""
        if self.belief is not None:
            values = quantile(self.belief, np.array(shares))
        else:
            values = self.now + CONVENTION * abs(self.now) * np.where(np.array(shares) < 0.5, -1.0, 1.0)
        return tuple(map(float, self.bounds.cut(values)))

    def set(self, scenario: Scenario, value: float) -> Scenario:
        """The scenario with this number at another value, unchecked."""
        if self.how is How.PRICES:
            return _scale_prices(scenario, self.path[:-1], value / self.now)
        if self.how is How.CAPACITY:
            # A fleet meets capacity only in the product of the two, so scaling the one scales the other.
            fleet = at_path(scenario, self.path[:-1])
            assert isinstance(fleet, Fleet)
            utilisation = fleet.target_utilisation * value / self.now
            return _with(scenario, (*self.path[:-1], "target_utilisation"), utilisation)
        changed = _with(scenario, self.path, value)
        if self.path != GROWTH or scenario.usage.growth.curve != "constant":
            return changed
        grown = changed.usage.growth.model_copy(update={"curve": "compound"})
        return changed.model_copy(update={"usage": changed.usage.model_copy(update={"growth": grown})})

    def distance(self, value: float) -> float:
        """How far a value is from today's: the logarithm of their ratio, or their difference as a part of today's."""
        if self.proportional:
            return abs(math.log(value / self.now))
        return abs(value - self.now) / (abs(self.now) or self.high - self.low)


def _with(scenario: Scenario, path: Keys, value: float) -> Scenario:
    return with_values(tree([path]), scenario, [value])


def _scale_prices(scenario: Scenario, at: Keys, factor: float) -> Scenario:
    """The scenario with all token prices of a route times a factor, from the first day on."""
    route = at_path(scenario, at)
    assert isinstance(route, PricedRoute)
    change = PriceChange(date=scenario.start, factor=factor)
    scaled = route.model_copy(update={"price_changes": (*route.price_changes, change)})
    if at == ("current",):
        return scenario.model_copy(update={"current": scaled})
    return scenario.model_copy(update={"candidates": {**scenario.candidates, str(at[1]): scaled}})


REACH = 10.0
"""Drivers are followed up to so many times today's value, and down to that part of it."""
USAGE_REACH = 100.0
TIMES = "times today's"
"""Unit of what is told as a multiple of what it is."""
RATES = {"share/month": (-0.2, 0.5), "share/year": (-0.9, 2.0)}
"""How far rates of change are followed, by unit."""


def drivers(result: JudgedWorld, names: Sequence[str]) -> tuple[Driver, ...]:
    """The drivers of a scenario: those of all candidates together, and those of some candidates.

    Args:
        result: the base case.
        names: of these candidates.
    """
    scenario = result.case.scenario
    idle = GROWTH if scenario.usage.growth.curve == "constant" else ()
    given = [each for each in UncertainInputs(scenario).all if each.path[0] != "candidates" or each.path[1] in names]
    found = {each.path: _uncertain_driver(scenario, each) for each in given if each.path != idle}
    watched = [*_common(result)]
    for name in names:
        watched += _of_candidate(result, name)
    for driver in watched:
        uncertain = driver.how is How.PRICES and any(path[: len(driver.path)] == driver.path for path in found)
        if driver.path not in found and not uncertain:
            found[driver.path] = driver
    return tuple(found.values())


def _common(result: JudgedWorld) -> Iterator[Driver]:
    """What does not hang on the candidate."""
    scenario = result.case.scenario
    curve, limit = scenario.usage.growth.curve, scenario.limit
    if curve in ("linear", "compound", "logistic"):
        yield from _plain(scenario, GROWTH)
    elif curve == "constant":
        yield from _plain(scenario, GROWTH, 0.0)
    yield from _plain(scenario, ("usage", "requests_per_day"))
    yield from _of_current(result)
    if limit is not None and limit.share_of_revenue is not None:
        yield from _plain(scenario, ("revenue", "usd_per_month"))
        yield from _plain(scenario, ("revenue", "growth_per_month"))
        yield from _plain(scenario, ("revenue", "usd_per_1000_requests"))
    if limit is not None:
        yield from _plain(scenario, ("limit", "usd_per_month"))
        yield from _plain(scenario, ("limit", "usd_per_1000_requests"))


def _of_current(result: JudgedWorld) -> Iterator[Driver]:
    """What the current route hangs on."""
    scenario, at = result.case.scenario, ("current",)
    spec, carrier = scenario.current, result.case.setting.beside_tokens.carrier
    if isinstance(spec, CurrentGpu):
        yield from _of_fleet(scenario, spec, at, None if carrier is None else float(carrier.sizing.capacity[0]))
    elif spec.endpoint is not None:
        yield from _plain(scenario, (*at, "endpoint", "usd_per_hour"))
    else:
        yield from _prices(scenario, at)
    if spec.upkeep.engineers:
        yield from _plain(scenario, (*at, "project", "usd_per_engineer_month"))


def _of_candidate(result: JudgedWorld, name: str) -> Iterator[Driver]:
    scenario = result.case.scenario
    spec, at = scenario.candidates[name], ("candidates", name)
    yield from _plain(scenario, (*at, "coverage"))
    if isinstance(spec, GpuCandidate):
        yield from _of_fleet(scenario, spec, at, result.case.outlook(name).capacity)
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


def _of_fleet(scenario: Scenario, spec: OwnRoute, at: Keys, capacity: float | None) -> Iterator[Driver]:
    fleet = (*at, "fleet")
    if spec.fleet.purchase_usd_per_gpu is not None:
        yield from _plain(scenario, (*fleet, "purchase_usd_per_gpu"))
    else:
        yield from _plain(scenario, (*fleet, "usd_per_gpu_hour"), float(rent_per_hour(spec)))
    path = (*fleet, "requests_per_second_per_replica")
    how = How.CAPACITY if spec.fleet.requests_per_second_per_replica is None else How.VALUE
    for driver in _plain(scenario, path, capacity):
        yield replace(driver, how=how)


def _prices(scenario: Scenario, at: Keys) -> Iterator[Driver]:
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


def _plain(scenario: Scenario, path: Keys, known: float | None = None) -> Iterator[Driver]:
    """A number of the scenario, as stated unless it is known otherwise; none where there is nothing to move."""
    part, name = at_path(scenario, path[:-1]), str(path[-1])
    stated, is_stated = getattr(part, name), name in part.model_fields_set
    value = num(stated) if known is None and stated is not None else known
    if value is not None:
        unit, bounds = _field(scenario, path)
        low, high = _reach(path, value, unit, bounds)
        if low < high:
            words = name_in_sentence(path, scenario)
            left = "default" if known is None else "found"
            yield Driver(path, words, unit, value, low, high, bounds, origin="stated" if is_stated else left)


def _uncertain_driver(scenario: Scenario, given: UncertainInput) -> Driver:
    """An uncertain input, followed at least through its 90 % range."""
    unit, _ = _field(scenario, given.path)
    now = num(given.belief)
    least, most = given.at(np.array([0.05, 0.95]))
    low, high = _reach(given.path, now, unit, given.bounds)
    name = name_in_sentence(given.path, scenario)
    ends = min(low, float(least)), max(high, float(most))
    return Driver(given.path, name, unit, now, *ends, given.bounds, given.belief)


def _reach(path: Keys, now: float, unit: str, bounds: Bounds) -> tuple[float, float]:
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


def _field(scenario: Scenario, path: Keys) -> tuple[str, Bounds]:
    """Unit and bounds of a number."""
    field = type(at_path(scenario, path[:-1])).model_fields[str(path[-1])]
    unit, bounds = unit_of(field), bounds_of(field) or Bounds()
    if path == GROWTH:
        linear = scenario.usage.growth.curve == "linear"
        return ("requests a day each month", bounds) if linear else ("share/month", Bounds(above=-1))
    return unit, bounds
