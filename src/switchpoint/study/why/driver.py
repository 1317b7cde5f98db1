"""A driver: one number of a scenario that can be moved, and the scenario with it moved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from switchpoint.scenario.belief import quantile
from switchpoint.scenario.bounds import Bounds
from switchpoint.scenario.candidate import Fleet
from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.inputs import tree, with_values
from switchpoint.scenario.quantity import Quantity
from switchpoint.scenario.route import PriceChange, PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.study.why.wording import at_path

CONVENTION = 0.2
"""A certain number is moved by this part of itself up and down where nothing is stated: a convention, no belief."""
GROWTH: Path = ("usage", "growth", "per_month")


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
    """

    path: Path
    name: str
    unit: str
    now: float
    low: float
    high: float
    bounds: Bounds
    belief: Quantity | None = None
    how: How = How.VALUE

    @property
    def key(self) -> str:
        """Its dotted path."""
        return dotted(self.path)

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
            return _priced(scenario, self.path[:-1], value / self.now)
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


def _with(scenario: Scenario, path: Path, value: float) -> Scenario:
    return with_values(tree([path]), scenario, [value])


def _priced(scenario: Scenario, at: Path, factor: float) -> Scenario:
    """The scenario with all token prices of a route times a factor, from the first day on."""
    route = at_path(scenario, at)
    assert isinstance(route, PricedRoute)
    change = PriceChange(date=scenario.start, factor=factor)
    scaled = route.model_copy(update={"price_changes": (*route.price_changes, change)})
    if at == ("current",):
        return scenario.model_copy(update={"current": scaled})
    return scenario.model_copy(update={"candidates": {**scenario.candidates, str(at[1]): scaled}})
