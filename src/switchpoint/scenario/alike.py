"""Scenarios that differ in numbers alone: they can be simulated at once, as one scenario with arrays in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.scenario.candidates import OwnModel
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.fields import EachTime, Part
from switchpoint.scenario.introspection import bounds_of, marks
from switchpoint.scenario.paths import columns, tree, with_values
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Limit

SURE = {(Limit, name) for name in Limit.model_fields}
"""Numbers that take no belief and may differ all the same; of all others those that take one."""
TOKENS = ("input_tokens", "output_tokens", "input_tokens_factor", "output_tokens_factor")
"""Where the capacity of a replica is simulated, it is so at the tokens of each scenario."""


REST, NUMBER, TOKEN = 0, 1, 2
"""What a value of a scenario is: something that must not differ, a number that may, or a number of tokens."""


@dataclass(frozen=True)
class Group:
    """Scenarios that differ in nothing but numbers.

    Args:
        places: theirs among all.
        first: the first of them.
        numbers: base values of all numbers that may differ, shape (scenarios, numbers).
    """

    places: list[int]
    first: Scenario
    numbers: Floats

    def merge(self, rows: Any = slice(None)) -> Scenario:
        """One scenario of many worlds from all or some of them: an array wherever their numbers differ."""
        numbers = self.numbers[rows]
        places = np.flatnonzero((numbers != self.numbers[0]).any(axis=0)).tolist()
        paths = list(_paths(self.first, (), REST))
        return with_values(tree([paths[place] for place in places]), self.first, columns(numbers[:, places]))


def groups(scenarios: Sequence[Scenario], most: int, *, anchored: bool = False) -> list[Group]:
    """Scenarios that differ in nothing but numbers, at most so many together.

    Args:
        scenarios: any number of them.
        most: in one group.
        anchored: whether capacities are simulated at the tokens of another scenario, so that tokens may differ.
    """
    found: dict[Any, list[tuple[int, list[Any]]]] = defaultdict(list)
    seen: Seen = {}
    for place, scenario in enumerate(scenarios):
        values: list[Any] = []
        kinds: list[int] = []
        _walk(scenario, values, kinds, seen)
        routes = (scenario.current, *scenario.candidates.values())
        fixed = {REST} if anchored or not any(map(_is_simulated, routes)) else {REST, TOKEN}
        rest = tuple(value for value, kind in zip(values, kinds, strict=True) if kind in fixed)
        numbers = [value for value, kind in zip(values, kinds, strict=True) if kind]
        found[tuple(kinds), rest].append((place, numbers))
    cut = [alike[begin : begin + most] for alike in found.values() for begin in range(0, len(alike), most)]
    return [Group([place for place, _ in each], scenarios[each[0][0]], np.array([n for _, n in each])) for each in cut]


def parts(node: Any) -> list[Part]:
    """All tables of a scenario, in order; alike ones have as many."""
    found: list[Part] = []
    _gather(node, found)
    return found


def _gather(node: Any, found: list[Part]) -> None:
    if isinstance(node, Part):
        found.append(node)
        for name in _tables(type(node)):
            _gather(getattr(node, name), found)
    elif type(node) is dict:
        for value in node.values():
            _gather(value, found)
    elif type(node) is tuple:
        for value in node:
            _gather(value, found)


Seen: TypeAlias = dict[int, tuple[list[Any], list[int]]]
"""What stands in tables that were gathered before, by identity: variants of a scenario share most of them."""


def _walk(node: Any, values: list[Any], kinds: list[int], seen: Seen) -> None:
    """Gather what stands in a scenario and what kind of value it is; of numbers the base value."""
    if isinstance(node, Part):
        if (known := seen.get(id(node))) is None:
            known = seen[id(node)] = _of_table(node, seen)
        values += known[0]
        kinds += known[1]
    elif type(node) is dict:
        for key, value in node.items():
            values.append(key)
            kinds.append(REST)
            _walk(value, values, kinds, seen)
    elif type(node) is tuple and node and isinstance(node[0], Part):
        for value in node:
            _walk(value, values, kinds, seen)
    else:
        values.append(node)
        kinds.append(REST)


def _of_table(table: Part, seen: Seen) -> tuple[list[Any], list[int]]:
    """The same of one table."""
    stated = table.__dict__
    values: list[Any] = []
    kinds: list[int] = []
    for name, inner in _fields(type(table)):
        value = stated[name]
        if inner and value is not None:
            values.append(value if type(value) is float else num(value))
            kinds.append(inner)
        else:
            _walk(value, values, kinds, seen)
    return values, kinds


def _paths(node: Any, path: Keys, kind: int) -> Iterator[Keys]:
    """Where the numbers stand, in the order of `_walk`."""
    if isinstance(node, Part):
        for name, inner in _fields(type(node)):
            yield from _paths(getattr(node, name), (*path, name), inner)
    elif type(node) is dict:
        for key, value in node.items():
            yield from _paths(value, (*path, key), REST)
    elif type(node) is tuple and node and isinstance(node[0], Part):
        for place, value in enumerate(node):
            yield from _paths(value, (*path, place), REST)
    elif kind and node is not None:
        yield path


@lru_cache(maxsize=64)
def _fields(part: type[Part]) -> tuple[tuple[str, int], ...]:
    """The fields of a table, and what stands in them."""
    return tuple((name, _kind(part, name, field)) for name, field in part.model_fields.items())


def _kind(part: type[Part], name: str, field: Any) -> int:
    bounds = bounds_of(field)
    each_time = any(isinstance(mark, EachTime) for mark in marks(field))
    uncertain = bounds is not None and bounds.uncertain and not each_time and "tuple" not in str(field.annotation)
    if not uncertain and (part, name) not in SURE:
        return REST
    return TOKEN if name in TOKENS else NUMBER


@lru_cache(maxsize=64)
def _tables(part: type[Part]) -> tuple[str, ...]:
    """The fields of a table that may hold tables."""
    return tuple(name for name, field in part.model_fields.items() if bounds_of(field) is None)


def _is_simulated(route: Any) -> bool:
    """Whether the capacity of a route's replicas is simulated."""
    return isinstance(route, OwnModel) and route.fleet.requests_per_second_per_replica is None
