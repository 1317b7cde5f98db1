"""Get, put, walk, merge, copy, diff by path; --set; scenario.with_({path: value})."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from pydantic.fields import FieldInfo

from switchpoint.horizon import Amount, Floats
from switchpoint.scenario.errors import Fault, Keys, did_you_mean, dotted_path, shorten, show
from switchpoint.scenario.fields import Bounds, EachTime, Part
from switchpoint.scenario.introspection import bounds_of, marks
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_source import TomlSource
from switchpoint.scenario.uncertain import Choice, Pert, Quantity, Range, num, quantile
from switchpoint.scenario.usage import Growth

ORIGIN = "--set"
Override: TypeAlias = str | tuple[str, Any]
"""An override as it is typed, `path=value`, or a path and its value."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")


class WrongError(Exception):
    """An override that leads nowhere; the message says why."""


def overridden(source: TomlSource, overrides: Sequence[Override]) -> tuple[TomlSource, list[Fault]]:
    """The source with every override applied, and the faults of those that could not be."""
    tree, places, faults = _copy_tree(source.tree), dict(source.places), []
    for number, override in enumerate(overrides, 1):
        path_text = override if isinstance(override, str) else override[0]
        try:
            steps, value = _split(override) if isinstance(override, str) else (path_steps(override[0]), override[1])
            for path in list(targets(tree, steps)):
                _put(tree, path, value)
                _mark(places, path, value, number)
        except WrongError as wrong:
            faults.append(Fault(ORIGIN, number, shorten(path_text.partition("=")[0].strip()), str(wrong)))
    return TomlSource(tree, places), faults


def parsed_value(text: str) -> Any:
    """What stands right of the `=`: a TOML value, or a bare word as text.

    >>> parsed_value("0.1"), parsed_value("warn"), parsed_value('"warn"')
    (0.1, 'warn', 'warn')
    """
    text = text.strip()
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        read = {}
    if set(read) == {"value"}:
        return read["value"]
    if _NUMBER.fullmatch(text):
        return float(text)
    if not text or text[0] in "[{\"'" or not text.isprintable():
        raise WrongError(f"must be a TOML value such as 0.1, text or [1, 2]; got {show(text)}")
    return text


def _split(override: str) -> tuple[list[str], Any]:
    path, equals, text = override.partition("=")
    if not equals:
        raise WrongError(f"must be PATH=VALUE, such as usage.growth.per_month=0.1; got {show(override)}")
    return path_steps(path.strip()), parsed_value(text)


def path_steps(path: str) -> list[str]:
    """The dotted parts of a path; what stands in double quotes is one part.

    >>> path_steps('candidates."gpt-4.1".coverage')
    ['candidates', '"gpt-4.1"', 'coverage']
    """
    if path.count('"') % 2:
        raise WrongError(f"has a quote that is not closed; got {show(path)}")
    steps, quoted = [""], False
    for letter in path:
        quoted ^= letter == '"'
        if letter == "." and not quoted:
            steps.append("")
        else:
            steps[-1] += letter
    if not all(steps):
        raise WrongError(f"must be keys joined by dots; got {show(path)}")
    return steps


def targets(tree: Any, steps: list[str]) -> Iterator[Keys]:
    """The paths that are meant: one, or one for each candidate where a step is `*`."""
    if len(steps) < 2 or steps[0] != "candidates" or not isinstance(tree.get("candidates", {}), dict):
        yield _path(tree, steps)
        return
    names = tree.get("candidates", {})
    if steps[1] == "*":
        if not names:
            raise WrongError("means every candidate, and there is none")
        for name in names:
            yield ("candidates", name, *_path(names[name], steps[2:]))
        return
    name, rest = _candidate(names, steps[1:])
    yield ("candidates", name, *_path(names.get(name), rest))


def _candidate(names: dict[str, Any], steps: list[str]) -> tuple[str, list[str]]:
    """The candidate that the steps begin with, and the steps left; a name may hold dots."""
    for taken in range(len(steps), 0, -1):
        name = ".".join(steps[:taken])
        for spelt in (name, name.strip('"')):
            if spelt in names:
                return spelt, steps[taken:]
    if len(steps) == 1:
        return steps[0].strip('"'), []
    hint = did_you_mean(steps[0], names) or f"; there are {', '.join(map(shorten, names))}" if names else ""
    raise WrongError(f"names no candidate: {shorten(steps[0])}{hint}")


def _path(tree: Any, steps: list[str]) -> Keys:
    path: Keys = ()
    for step in steps:
        key = step.strip('"')
        if isinstance(tree, list):
            index = _index(tree, key, path)
            path, tree = (*path, index), tree[index]
        elif isinstance(tree, dict) or tree is None:
            path, tree = (*path, key), (tree or {}).get(key)
        else:
            raise WrongError(f"leads nowhere: {dotted_path(path)} is {show(tree)}, not a table")
    return path


def _index(items: list[Any], step: str, path: Keys) -> int:
    if not step.isdecimal() or len(step) > 6 or int(step) >= len(items):
        range_ = f"an index from 0 to {len(items) - 1}" if items else "no index: it is empty"
        raise WrongError(f"{dotted_path(path) or 'this'} is a list, which takes {range_}; got {shorten(step)}")
    return int(step)


def _put(tree: Any, path: Keys, value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {}) if isinstance(tree, dict) else tree[key]
    tree[path[-1]] = _copy_tree(value)


def _mark(places: dict[Keys, tuple[str, int]], path: Keys, value: Any, number: int) -> None:
    if isinstance(value, (dict, list)):
        for old in [p for p in places if p[: len(path)] == path]:
            del places[old]
    for length in range(1, len(path)):
        places.setdefault(path[:length], (ORIGIN, number))
    places[path] = (ORIGIN, number)


def _copy_tree(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy_tree(inner) for key, inner in value.items()}
    return [_copy_tree(inner) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class UncertainInput:
    """One uncertain number: where it stands, what is believed of it, and what its field allows."""

    path: Keys
    belief: Quantity
    bounds: Bounds

    @property
    def name(self) -> str:
        """Its dotted path."""
        return dotted_path(self.path)

    def at(self, share: Floats) -> Floats:
        """Its quantiles, cut to what the field allows; `share` between 0 and 1, any shape."""
        return self.bounds.cut(quantile(self.belief, share))


@dataclass(frozen=True)
class UncertainInputs:
    """All uncertain numbers of a scenario, in the order of the schema."""

    scenario: Scenario

    @cached_property
    def all(self) -> tuple[UncertainInput, ...]:
        """One for each belief that is drawn once for a whole world."""
        return tuple(_beliefs(self.scenario, ()))

    @cached_property
    def base(self) -> Floats:
        """Their base values, shape (inputs,)."""
        return np.array([num(each.belief) for each in self.all], dtype=np.float64)

    def values(self, shares: Floats) -> Floats:
        """Quantiles of every input; `shares` between 0 and 1 of shape (draws, inputs), as is the result."""
        columns = [each.at(shares[:, place]) for place, each in enumerate(self.all)]
        return np.stack(columns, axis=1) if columns else np.empty((len(shares), 0))

    def certain(self, values: Sequence[float] | Floats) -> Scenario:
        """The scenario with a plain number for each input; shape (inputs,)."""
        return with_values(self._tree, self.scenario, values)

    def many(self, values: Floats) -> Scenario:
        """The scenario that stands for many worlds: an array for each input; values of shape (worlds, inputs)."""
        return with_values(self._tree, self.scenario, columns(values))

    @cached_property
    def _tree(self) -> Tree:
        return tree([each.path for each in self.all])


Tree = Mapping[Any, Any]
"""Keys of tables and lists, with the place of a value at each end."""


def tree(paths: Sequence[Keys]) -> Tree:
    """Paths as nested keys, so that many scenarios can be made fast; ends hold the place of the path in the list."""
    root: dict[Any, Any] = {}
    for place, path in enumerate(paths):
        inner = root
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = place
    return root


def columns(values: Floats) -> list[Amount]:
    """Each number of many worlds, shape (worlds, numbers), as it stands in a scenario: shape (worlds, 1, 1)."""
    return [column[:, None, None] for column in values.T]


def with_values(keys: Tree, scenario: Scenario, values: Sequence[Amount] | Floats) -> Scenario:
    """A scenario with some of its numbers replaced, unchecked: whoever calls keeps to the bounds of the fields.

    An array of shape (worlds, 1, 1) in the place of a number makes it a scenario of many worlds.
    """
    filled: Scenario = _fill_values(scenario, keys, values)
    return filled


def _fill_values(node: Any, keys: Tree | int, values: Sequence[Amount] | Floats) -> Any:
    if isinstance(keys, int):
        value = values[keys]
        return value if np.ndim(value) else float(value)
    if isinstance(node, Part):
        return node.model_copy(
            update={key: _fill_values(getattr(node, key), inner, values) for key, inner in keys.items()}
        )
    if isinstance(node, Mapping):
        return {**node, **{key: _fill_values(node[key], inner, values) for key, inner in keys.items()}}
    return tuple(_fill_values(each, keys[i], values) if i in keys else each for i, each in enumerate(node))


def _beliefs(node: Any, path: Keys) -> Iterator[UncertainInput]:
    if isinstance(node, Part):
        for name, field in type(node).model_fields.items():
            value = getattr(node, name)
            if not isinstance(value, (Range, Pert, Choice)):
                yield from _beliefs(value, (*path, name))
            elif not any(isinstance(mark, EachTime) for mark in marks(field)):
                yield UncertainInput((*path, name), value, _bounds_of(node, name, field))
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _beliefs(value, (*path, key))
    elif isinstance(node, tuple):
        for place, value in enumerate(node):
            yield from _beliefs(value, (*path, place))


def _bounds_of(part: Part, name: str, field: FieldInfo) -> Bounds:
    """The bounds of a field; growth by a rate cannot be -100 % or less."""
    if isinstance(part, Growth) and name == "per_month" and part.curve in ("compound", "logistic"):
        return Bounds(above=-1)
    return bounds_of(field) or Bounds()
