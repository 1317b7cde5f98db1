"""What differs between scenarios, grouped into causes; those that differ in numbers alone, as one with arrays in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from switchpoint.horizon import Floats
from switchpoint.scenario.candidates import OwnModel, RoutePlan
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.fields import EachTime, Part
from switchpoint.scenario.introspection import bounds_of, marks
from switchpoint.scenario.paths import columns, tree, with_values
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Limit

# What differs between two scenarios, grouped into causes -------------------------------------------------------------

TITLES: frozenset[Keys] = frozenset({("name",), ("summary",)})
"""What a scenario is called; no figure hangs on it."""
CHOICES: frozenset[Keys] = frozenset({("decision", "policy")})
"""Fields whose default is no choice: left out they differ from the same value that is stated."""


@dataclass(frozen=True)
class Change:
    """One input that differs. None is what is left out or not there.

    An element of a list has its place in the first scenario's list; one that is only in the second has the next free
    place.
    """

    path: Keys
    before: Any
    after: Any
    field: FieldInfo | None = field(default=None, compare=False)
    """The schema's field, where the path ends in one."""
    of_api: bool = True
    """Whether the current route is an API on both sides, so that it may be called one."""

    @property
    def name(self) -> str:
        """Its dotted path."""
        return dotted_path(self.path)

    @property
    def kind(self) -> str:
        """Whether it was "changed", "added" or "removed"."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def differences(before: Scenario, after: Scenario) -> tuple[Change, ...]:
    """All inputs in which two scenarios differ, in the order of the schema, defaults filled in.

    Candidates are matched by name. The order of events, price changes and commitments does not matter. A candidate of
    another kind is one change, and so is a plan with other steps. Names and summaries are left to `TITLES`.
    """
    found = (change for change in _walk(before, after, (), None) if change.path not in TITLES)
    if before.current.kind == after.current.kind == "api":
        return tuple(found)
    return tuple(replace(change, of_api=False) for change in found)


def mix_scenarios(before: Scenario, after: Scenario, taken: Collection[Keys]) -> Scenario | None:
    """The first scenario with some changes of the second made; None where that is no valid scenario.

    Args:
        before: the first scenario.
        after: the second scenario.
        taken: paths of the changes to make, as `differences` gives them.
    """
    try:
        return Scenario.model_validate(_mix_values(before, after, (), frozenset(taken)).model_dump(exclude_unset=True))
    except ValidationError:
        return None


def _walk(before: Any, after: Any, path: Keys, field: FieldInfo | None) -> Iterator[Change]:
    if isinstance(before, Part) and type(before) is type(after) and not isinstance(before, RoutePlan):
        for name, inner in type(before).model_fields.items():
            at = (*path, name)
            yield from _walk(_comparable_value(before, at), _comparable_value(after, at), at, inner)
    elif (pairs := _pairs(before, after)) is not None:
        for key, one, other in pairs:
            yield from _walk(one, other, (*path, key), None)
    elif before != after:
        yield Change(path, before, after, field)


def _comparable_value(part: Part, path: Keys) -> Any:
    """The value of a table's field at a path; None where it is a choice that was not made."""
    name = str(path[-1])
    return None if path in CHOICES and name not in part.model_fields_set else getattr(part, name)


def _mix_values(before: Any, after: Any, path: Keys, taken: frozenset[Keys]) -> Any:
    if path in taken:
        return after
    if isinstance(before, Part) and type(before) is type(after) and not isinstance(before, RoutePlan):
        stated = {
            name: _mix_values(getattr(before, name), getattr(after, name), (*path, name), taken)
            for name in type(before).model_fields
            if _states(before, after, (*path, name), taken)
        }
        return type(before).model_construct(set(stated), **stated)
    pairs = _pairs(before, after)
    if pairs is None:
        return before
    kept = {key: _mix_values(one, other, (*path, key), taken) for key, one, other in pairs}
    kept = {key: value for key, value in kept.items() if value is not None}
    return kept if isinstance(before, Mapping) else tuple(kept[key] for key in sorted(kept))


def _states(before: Part, after: Part, path: Keys, taken: frozenset[Keys]) -> bool:
    """Whether a mixture states a field: as the table that it is taken from, or because something in it is taken."""
    if path in taken:
        return path[-1] in after.model_fields_set
    return path[-1] in before.model_fields_set or any(each[: len(path)] == path for each in taken)


def _pairs(before: Any, after: Any) -> list[tuple[str | int, Any, Any]] | None:
    """What stands for what in two tables by name or two lists of tables; None for anything else."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return [(key, before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])]
    if not _is_list(before, after):
        return None
    left = list(after)
    same = [_take(left, each) for each in before]
    pairs: list[tuple[str | int, Any, Any]] = []
    for place, (each, other) in enumerate(zip(before, same, strict=True)):
        pairs.append((place, each, other or (left.pop(0) if left else None)))
    return pairs + [(len(before) + place, None, each) for place, each in enumerate(left)]


def _is_list(before: Any, after: Any) -> bool:
    both = isinstance(before, tuple) and isinstance(after, tuple)
    return both and bool(before or after) and all(isinstance(each, Part) for each in (*before, *after))


def _take(left: list[Any], wanted: Any) -> Any:
    """An equal element, taken off the list; None where there is none."""
    if wanted not in left:
        return None
    left.remove(wanted)
    return wanted


@dataclass(frozen=True)
class Cause:
    """Changes that are made or left together."""

    changes: tuple[Change, ...]
    joined: tuple[Cause, ...] = ()
    """The causes it was made of, where one alone would be no valid scenario."""

    @property
    def paths(self) -> tuple[Keys, ...]:
        """Where they stand."""
        return tuple(change.path for change in self.changes)

    def __add__(self, other: Cause) -> Cause:
        return Cause((*self.changes, *other.changes), (*(self.joined or (self,)), *(other.joined or (other,))))


@dataclass(frozen=True)
class Bond:
    """When one of `deciding` changes, so that the others mean something else, all changed `members` are one cause.

    Paths are relative to `root`, in which * is any name. `appearing` decide where they come or go.
    """

    root: Keys
    deciding: tuple[Keys, ...]
    members: tuple[Keys, ...]
    appearing: tuple[Keys, ...] = ()

    def bound(self, changes: Sequence[Change]) -> Iterator[list[Change]]:
        """The changes that belong together, root by root."""
        for root in dict.fromkeys(c.path[: len(self.root)] for c in changes if _like(self.root, c.path)):
            inside = [c for c in changes if c.path[: len(root)] == root]
            if any(self._decides(c, c.path[len(root) :]) for c in inside):
                yield [c for c in inside if _within(c.path[len(root) :], self.members)]

    def _decides(self, change: Change, path: Keys) -> bool:
        appears = change.kind != "changed" and _within(path, self.appearing)
        return appears or _within(path, self.deciding)


CAPACITY: tuple[Keys, ...] = (
    ("fleet", "requests_per_second_per_replica"),
    ("fleet", "benchmark"),
    ("fleet", "gpus_per_replica"),
)
"""What hangs on the model and on the GPU."""
RENT: tuple[Keys, ...] = (("fleet", "usd_per_gpu_hour"), ("fleet", "purchase_usd_per_gpu"))
HARDWARE: tuple[Keys, ...] = (("fleet", "gpu"), ("fleet", "provider"), ("fleet", "spot"))
OF_HARDWARE: tuple[Keys, ...] = (
    *HARDWARE,
    *RENT,
    *CAPACITY,
    ("fleet", "usd_per_gpu_hour_change_per_year"),
    ("fleet", "power_kw_per_gpu"),
    ("fleet", "lifetime_months"),
    ("fleet", "resale_share"),
)
PRICED: tuple[Keys, ...] = (("provider",), ("model",), ("usd_per_mtok",))
OF_PRICED: tuple[Keys, ...] = (*PRICED, ("max_context",), ("batch_discount",))
SCALING: tuple[Keys, ...] = (("fleet", "scaling"), ("fleet", "fixed_replicas"))
BONDS: tuple[Bond, ...] = (
    Bond(("usage", "growth"), (("curve",), ("file",)), ((),)),
    Bond(("limit",), (), ((),), appearing=((),)),
    Bond(("current",), (("kind",),), ((),)),
    Bond(("current",), (("usd_per_mtok",),), (("usd_per_mtok",),)),
    Bond(("current",), HARDWARE, OF_HARDWARE, appearing=RENT),
    Bond(("current",), SCALING[:1], (*SCALING, ("fleet", "min_replicas")), appearing=SCALING),
    Bond(("current",), CAPACITY[1:2], CAPACITY[:2]),
    Bond(("current",), PRICED[:2], OF_PRICED, appearing=PRICED),
    Bond(("candidates", "*"), (("usd_per_mtok",),), (("usd_per_mtok",),)),
    Bond(("candidates", "*"), PRICED[:2], (*OF_PRICED, *CAPACITY), appearing=PRICED),
    Bond(("candidates", "*"), HARDWARE, OF_HARDWARE, appearing=RENT),
    Bond(("candidates", "*"), SCALING[:1], (*SCALING, ("fleet", "min_replicas")), appearing=SCALING),
    Bond(("candidates", "*"), CAPACITY[1:2], CAPACITY[:2]),
    Bond(("candidates", "*", "project"), (("started",),), (("started",), ("iterations_done",))),
)


def causes(changes: Sequence[Change]) -> tuple[Cause, ...]:
    """The changes in groups that make sense by themselves, each as small as it can be; in the order of the schema.

    Another model and its price are one, as are another GPU and its rent, another growth curve and its numbers, another
    kind of limit, all fields of one event, and a candidate that only changes its name. All else stands alone.
    """
    group = {change.path: change.path for change in changes}
    for together in _together(changes):
        first = group[together[0].path]
        joined = {group[change.path] for change in together}
        group = {path: first if of in joined else of for path, of in group.items()}
    members: dict[Keys, list[Change]] = {}
    for change in changes:
        members.setdefault(group[change.path], []).append(change)
    return tuple(Cause(tuple(each)) for each in members.values())


def _together(changes: Sequence[Change]) -> Iterator[list[Change]]:
    elements = {c.path[: i + 1] for c in changes for i, step in enumerate(c.path) if isinstance(step, int)}
    for element in sorted(elements, key=str):
        yield [c for c in changes if c.path[: len(element)] == element]
    for bond in BONDS:
        yield from bond.bound(changes)
    named = [c for c in changes if len(c.path) == 2 and c.path[0] == "candidates"]
    come = [c for c in named if c.kind == "added"]
    for gone in (c for c in named if c.kind == "removed"):
        yield from ([gone, each] for each in come if each.after == gone.before)


def _like(pattern: Keys, path: Keys) -> bool:
    return len(path) > len(pattern) and all(a in ("*", b) for a, b in zip(pattern, path, strict=False))


def _within(path: Keys, roots: Iterable[Keys]) -> bool:
    return any(path[: len(root)] == root for root in roots)


# Scenarios that differ in numbers alone ------------------------------------------------------------------------------

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
        _walk_values(scenario, values, kinds, seen)
        routes = (scenario.current, *scenario.candidates.values())
        fixed = {REST} if anchored or not any(map(_is_simulated, routes)) else {REST, TOKEN}
        rest = tuple(value for value, kind in zip(values, kinds, strict=True) if kind in fixed)
        numbers = [value for value, kind in zip(values, kinds, strict=True) if kind]
        found[tuple(kinds), rest].append((place, numbers))
    cut = [alike[begin : begin + most] for alike in found.values() for begin in range(0, len(alike), most)]
    return [Group([place for place, _ in each], scenarios[each[0][0]], np.array([n for _, n in each])) for each in cut]


def places_of_tables(scenario: Scenario) -> dict[int, Keys]:
    """Where each table of a scenario stands, by its identity; in alike ones they stand in the same places."""
    return {id(table): path for path, table in _tables_below(scenario, ())}


def table_at(scenario: Scenario, path: Keys) -> Part:
    """The table at a place."""
    node: Any = scenario
    for key in path:
        node = getattr(node, str(key)) if isinstance(node, Part) else node[key]
    found: Part = node
    return found


def _tables_below(node: Any, path: Keys) -> Iterator[tuple[Keys, Part]]:
    if isinstance(node, Part):
        yield path, node
        for name in _tables(type(node)):
            yield from _tables_below(getattr(node, name), (*path, name))
    elif type(node) is dict:
        for key, value in node.items():
            yield from _tables_below(value, (*path, key))
    elif type(node) is tuple:
        for place, value in enumerate(node):
            yield from _tables_below(value, (*path, place))


Seen: TypeAlias = dict[int, tuple[list[Any], list[int]]]
"""What stands in tables that were gathered before, by identity: variants of a scenario share most of them."""


def _walk_values(node: Any, values: list[Any], kinds: list[int], seen: Seen) -> None:
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
            _walk_values(value, values, kinds, seen)
    elif type(node) is tuple and node and isinstance(node[0], Part):
        for value in node:
            _walk_values(value, values, kinds, seen)
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
            _walk_values(value, values, kinds, seen)
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
