"""The uncertain numbers of a scenario, and the same scenario with plain numbers in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from pydantic.fields import FieldInfo

from switchpoint.clock import Amount, Floats
from switchpoint.scenario.belief import quantile
from switchpoint.scenario.bounds import Bounds, EachTime
from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.outline import bounds_of, marks
from switchpoint.scenario.part import Part
from switchpoint.scenario.quantity import Choice, Pert, Quantity, Range, num
from switchpoint.scenario.schema import Growth, Scenario


@dataclass(frozen=True)
class Input:
    """One uncertain number: where it stands, what is believed of it, and what its field allows."""

    path: Path
    belief: Quantity
    bounds: Bounds

    @property
    def name(self) -> str:
        """Its dotted path."""
        return dotted(self.path)

    def at(self, share: Floats) -> Floats:
        """Its quantiles, cut to what the field allows; `share` between 0 and 1, any shape."""
        return self.bounds.cut(quantile(self.belief, share))


@dataclass(frozen=True)
class Inputs:
    """All uncertain numbers of a scenario, in the order of the schema."""

    scenario: Scenario

    @cached_property
    def all(self) -> tuple[Input, ...]:
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


def tree(paths: Sequence[Path]) -> Tree:
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
    filled: Scenario = _filled(scenario, keys, values)
    return filled


def _filled(node: Any, keys: Tree | int, values: Sequence[Amount] | Floats) -> Any:
    if isinstance(keys, int):
        value = values[keys]
        return value if np.ndim(value) else float(value)
    if isinstance(node, Part):
        return node.model_copy(update={key: _filled(getattr(node, key), inner, values) for key, inner in keys.items()})
    if isinstance(node, Mapping):
        return {**node, **{key: _filled(node[key], inner, values) for key, inner in keys.items()}}
    return tuple(_filled(each, keys[i], values) if i in keys else each for i, each in enumerate(node))


def _beliefs(node: Any, path: Path) -> Iterator[Input]:
    if isinstance(node, Part):
        for name, field in type(node).model_fields.items():
            value = getattr(node, name)
            if not isinstance(value, (Range, Pert, Choice)):
                yield from _beliefs(value, (*path, name))
            elif not any(isinstance(mark, EachTime) for mark in marks(field)):
                yield Input((*path, name), value, _allowed(node, name, field))
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _beliefs(value, (*path, key))
    elif isinstance(node, tuple):
        for place, value in enumerate(node):
            yield from _beliefs(value, (*path, place))


def _allowed(part: Part, name: str, field: FieldInfo) -> Bounds:
    """The bounds of a field; growth by a rate cannot be -100 % or less."""
    if isinstance(part, Growth) and name == "per_month" and part.curve in ("compound", "logistic"):
        return Bounds(above=-1)
    return bounds_of(field) or Bounds()
