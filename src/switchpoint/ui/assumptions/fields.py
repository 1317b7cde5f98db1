"""Every field that a scenario has a place for, whether it is stated or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic.fields import FieldInfo

from switchpoint.scenario.bounds import Bounds
from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.outline import bounds_of, meaning, words_of
from switchpoint.scenario.part import Part
from switchpoint.scenario.quantity import plain
from switchpoint.scenario.reference import value_words
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.writing import tree_of


class Sort(Enum):
    """How a field is edited."""

    NUMBER = "a number, or a range"
    WORDS = "one of some words"
    SWITCH = "yes or no"
    WRITTEN = "written as in the file"


@dataclass(frozen=True)
class Place:
    """A field of a scenario: where it stands, what the schema says of it, and what stands there.

    `value` is a plain value as a file would write it, None where it is left out and has no default.
    """

    path: Path
    field: FieldInfo
    value: Any
    stated: bool

    @property
    def name(self) -> str:
        """Its dotted path."""
        return dotted(self.path)

    @property
    def about(self) -> str:
        """Meaning, unit, and what may stand there."""
        return f"{meaning(self.field)}. {value_words(self.field).capitalize()}."

    @property
    def bounds(self) -> Bounds | None:
        """The bounds of a number."""
        return bounds_of(self.field)

    @property
    def words(self) -> list[str]:
        """The words that may stand there."""
        return words_of(self.field.annotation)

    @property
    def sort(self) -> Sort:
        """How it is edited."""
        what = value_words(self.field)
        if what.startswith("number"):
            return Sort.NUMBER
        if what == "true or false":
            return Sort.SWITCH
        return Sort.WORDS if self.words and what.endswith(self.words[-1]) else Sort.WRITTEN


def places(scenario: Scenario) -> dict[str, Place]:
    """All fields by dotted path, in the order of the schema."""
    return {place.name: place for place in _places(scenario, ())}


def _places(part: Part, path: Path) -> Iterator[Place]:
    for name, field in type(part).model_fields.items():
        value, place = getattr(part, name), (*path, name)
        inner = dict(_tables(value, place))
        if not inner or isinstance(value, tuple):
            yield Place(place, field, _as_written(value), name in part.model_fields_set)
        for where, table in inner.items():
            yield from _places(table, where)


def _tables(value: Any, path: Path) -> Iterator[tuple[Path, Part]]:
    if isinstance(value, Part):
        yield path, value
    elif isinstance(value, Mapping):
        yield from (((*path, name), table) for name, table in value.items())
    elif isinstance(value, tuple):
        yield from (((*path, place), table) for place, table in enumerate(value) if isinstance(table, Part))


def _as_written(value: Any) -> Any:
    """A value as a file would write it."""
    if isinstance(value, tuple):
        return [tree_of(each) if isinstance(each, Part) else each for each in value]  # type: ignore[arg-type]
    return plain(value)
