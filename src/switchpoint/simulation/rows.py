"""One world out of many that were simulated at once, as if it had been simulated alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from switchpoint.horizon import Horizon
from switchpoint.scenario.alike import parts
from switchpoint.scenario.fields import Part
from switchpoint.scenario.schema import Scenario

PLAIN = frozenset((int, float, bool, str, type(None), np.float64, np.int64, Horizon))
LIMITS = 4
"""Axes of the limits of many worlds: limits, worlds, starts, days."""
OF_STARTS = frozenset(("_searched_schedule", "searched_cost"))
"""What is said of several starts: a single one of them stays an array."""


class OneWorld:
    """Takes one world out of what stands for many, whatever has been computed of it so far included.

    Args:
        many: the tables of their scenario, with arrays in it, see `alike.parts`.
        own: the scenario of the one world.
        place: of the world among them.
    """

    def __init__(self, many: Sequence[Part], own: Scenario, place: int) -> None:
        self.place = place
        self.found: dict[int, Any] = dict(zip(map(id, many), parts(own), strict=True))

    def of(self, value: Any) -> Any:
        """The world's part of a value; the same for who asks twice."""
        if isinstance(value, np.ndarray):
            return self._array(value)
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind is tuple:
            return tuple(map(self.of, value))
        if kind is dict:
            return {key: self.of(each) for key, each in value.items()}
        if id(value) not in self.found:
            self.found[id(value)] = self._record(value) if is_dataclass(value) else self._table(value)
        return self.found[id(value)]

    def _table(self, value: Any) -> Any:
        """A table that was filled in while simulating, so that it stands in no scenario; all else as it is."""
        if not isinstance(value, Part):
            return value
        return value.model_copy(update={name: self.of(each) for name, each in value.__dict__.items()})

    def _record(self, value: Any) -> Any:
        return _copy(value, lambda name, each: (self._of_starts if name in OF_STARTS else self.of)(each))

    def _of_starts(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value[self.place if len(value) > 1 else 0] if value.ndim > 1 else value
        return _copy(value, lambda _, each: self._of_starts(each)) if is_dataclass(value) else self.of(value)

    def _array(self, value: Any) -> Any:
        if value.ndim < 2:
            return value
        if value.ndim == LIMITS:
            return value[:, self.place if value.shape[1] > 1 else 0, 0]
        own = value[self.place if len(value) > 1 else 0]
        if value.ndim == 3 and len(own) == 1:
            own = own[0]
        return own if own.size > 1 else own.item()


def _copy(value: Any, of: Callable[[str, Any], Any]) -> Any:
    row = object.__new__(type(value))
    row.__dict__.update({name: of(name, each) for name, each in value.__dict__.items()})
    return row
