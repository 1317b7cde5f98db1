"""One world out of many that were simulated at once, as if it had been simulated alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from switchpoint.horizon import Horizon
from switchpoint.scenario.diff import table_at
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.fields import Part
from switchpoint.scenario.schema import Scenario

PLAIN = frozenset((int, float, bool, str, type(None), np.float64, np.int64, Horizon))
LIMITS = 4
"""Axes of the limits of many worlds: limits, worlds, starts, days."""
OF_STARTS = frozenset(("searched_schedule", "searched_cost"))
"""What is said of several starts: a single one of them stays an array."""
LEFT = "_left"
"""Where a record keeps what it is taken out of: the world, the record of many, and what of that does not hold of it."""
AT_ONCE = frozenset(
    [
        "threat",
        "threat_ends",
        "outgrown",
        "over",
        "pressure",
        "forecast",
        "warning",
        "bill",
        "billed_mean",
        "usd_per_1000",
        "present_stay",
        "stay",
        "crossover",
        "reverts",
        "kept_as_advised",
        "days_at_minimum",
        "in_time",
        "best",
        "days",
        "path",
        "searched_cost",
        "weighed_stay",
        "present_cost",
        "weighed_costs",
        "saving",
        "policy_course",
        "advised_course",
        "best_course",
        "start",
        "cash",
        "total",
        "one_off",
        "break_even",
        "end_credit",
        "peak_cash",
        "rate_of_return",
        "searched_schedule",
        "_beside_staying",
        "_means",
        "_lasting",
        "strain",
        "_strained_days",
        "_threatened_days",
        "price_that_ends_saving",
        "limit_kept_as_advised",
    ]
)
"""What is computed of all worlds as soon as it is asked of one of them."""


class OneWorld:
    """Takes one world out of what stands for many, whatever has been computed of it so far included.

    Records are taken apart only as far as anybody asks: of most worlds that is a small part.

    Args:
        tables: where each table of their scenario, with arrays in it, stands in it; see `places_of_tables`.
        own: the scenario of the one world.
        place: of the world among them.
    """

    def __init__(self, tables: Mapping[int, Keys], own: Scenario, place: int) -> None:
        self.tables, self.own, self.place = tables, own, place
        self.found: dict[int, Any] = {}

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
            self.found[id(value)] = self._new(value)
        return self.found[id(value)]

    def record(self, kind: type, many: Any, dropped: frozenset[str] = frozenset()) -> Any:
        """A record of the world, taken out of that of many; without what is no part of it."""
        row: Any = object.__new__(_class_of_rows(kind))
        row.__dict__[LEFT] = (self, many, dropped)
        return row

    def _new(self, value: Any) -> Any:
        if is_dataclass(value):
            return self.record(type(value), value)
        return self._table(value) if isinstance(value, Part) else value

    def _table(self, value: Part) -> Part:
        """A table of the world's own scenario; one that was filled in while simulating stands in no scenario."""
        if (path := self.tables.get(id(value))) is not None:
            return table_at(self.own, path)
        return value.model_copy(update={name: self.of(each) for name, each in value.__dict__.items()})

    def of_starts(self, value: Any) -> Any:
        """The same of what is said of several starts."""
        if isinstance(value, np.ndarray):
            return value[self.place if len(value) > 1 else 0] if value.ndim > 1 else value
        return _copy(value, self.of_starts) if is_dataclass(value) else self.of(value)

    def _array(self, value: Any) -> Any:
        if value.ndim < 2:
            return value
        if value.ndim == LIMITS:
            return value[:, self.place if value.shape[1] > 1 else 0, 0]
        own = value[self.place if len(value) > 1 else 0]
        if value.ndim == 3 and len(own) == 1:
            own = own[0]
        return own if own.size > 1 else own.item()


def _copy(value: Any, of: Callable[[Any], Any]) -> Any:
    row = object.__new__(type(value))
    row.__dict__.update({name: of(each) for name, each in value.__dict__.items()})
    return row


@dataclass(frozen=True)
class TakenOut:
    """A field, or what is computed once, of a record that was taken out of many: taken when it is asked for."""

    name: str
    compute: Callable[[Any], Any] | None
    at_once: bool
    """Whether it is computed of all worlds."""

    def __get__(self, row: Any, kind: type | None = None) -> Any:
        """What is known of many, else what the record computes itself; kept in the record, which is asked first."""
        if row is None:
            return self
        world, many, dropped = row.__dict__.get(LEFT, (None, None, ()))
        if self.name not in dropped and self._is_of_many(many):
            value = (world.of_starts if self.name in OF_STARTS else world.of)(getattr(many, self.name))
        elif self.compute is not None:
            value = self.compute(row)
        else:
            raise AttributeError(self.name)
        row.__dict__[self.name] = value
        return value

    def _is_of_many(self, many: Any) -> bool:
        """Whether it is known of many, or is computed of all of them."""
        return many is not None and (self.at_once or self.name in many.__dict__)


@lru_cache(maxsize=64)
def _class_of_rows(kind: type) -> type:
    """The class of records of a kind that are taken out of many."""
    every = {name: each for base in reversed(kind.__mro__) for name, each in vars(base).items()}
    computed = {name: each.func for name, each in every.items() if isinstance(each, cached_property)}
    names = (*(each.name for each in fields(kind)), *computed)
    return type(kind.__name__, (kind,), {name: TakenOut(name, computed.get(name), name in AT_ONCE) for name in names})


def with_fields(one: Any, dropped: frozenset[str], **fields: Any) -> Any:
    """A record with other fields, which keeps all that it has found out but for what does not hold of it any more.

    Args:
        one: the record.
        dropped: what hangs on the fields, the fields among it.
        fields: the others.
    """
    other: Any = object.__new__(type(one))
    found = {name: each for name, each in one.__dict__.items() if name not in dropped}
    if LEFT in found:
        world, many, before = found[LEFT]
        found[LEFT] = (world, many, before | dropped)
    other.__dict__.update(found | fields)
    return other
