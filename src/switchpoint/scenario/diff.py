"""What differs between two scenarios, and the scenarios in between: one with some of the other's inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.part import Part
from switchpoint.scenario.schema import Scenario

TITLES: frozenset[Path] = frozenset({("name",), ("summary",)})
"""What a scenario is called; no figure hangs on it."""


@dataclass(frozen=True)
class Change:
    """One input that differs. None is what is left out or not there.

    An element of a list has its place in the first scenario's list; one that is only in the second has the next free
    place.
    """

    path: Path
    before: Any
    after: Any
    field: FieldInfo | None = field(default=None, compare=False)
    """The schema's field, where the path ends in one."""

    @property
    def name(self) -> str:
        """Its dotted path."""
        return dotted(self.path)

    @property
    def kind(self) -> str:
        """Whether it was "changed", "added" or "removed"."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def differences(before: Scenario, after: Scenario) -> tuple[Change, ...]:
    """All inputs in which two scenarios differ, in the order of the schema, defaults filled in.

    Candidates are matched by name. The order of events, price changes and commitments does not matter. A candidate of
    another kind is one change. Names and summaries are left to `TITLES`.
    """
    return tuple(change for change in _walk(before, after, (), None) if change.path not in TITLES)


def mixed(before: Scenario, after: Scenario, taken: Collection[Path]) -> Scenario | None:
    """The first scenario with some changes of the second made; None where that is no valid scenario.

    Args:
        before: the first scenario.
        after: the second scenario.
        taken: paths of the changes to make, as `differences` gives them.
    """
    try:
        return Scenario.model_validate(_mixed(before, after, (), frozenset(taken)).model_dump())
    except ValidationError:
        return None


def _walk(before: Any, after: Any, path: Path, field: FieldInfo | None) -> Iterator[Change]:
    if isinstance(before, Part) and type(before) is type(after):
        for name, inner in type(before).model_fields.items():
            yield from _walk(getattr(before, name), getattr(after, name), (*path, name), inner)
    elif (pairs := _pairs(before, after)) is not None:
        for key, one, other in pairs:
            yield from _walk(one, other, (*path, key), None)
    elif before != after:
        yield Change(path, before, after, field)


def _mixed(before: Any, after: Any, path: Path, taken: frozenset[Path]) -> Any:
    if path in taken:
        return after
    if isinstance(before, Part) and type(before) is type(after):
        fields = type(before).model_fields
        inner = {name: _mixed(getattr(before, name), getattr(after, name), (*path, name), taken) for name in fields}
        return before.model_copy(update=inner)
    pairs = _pairs(before, after)
    if pairs is None:
        return before
    kept = {key: _mixed(one, other, (*path, key), taken) for key, one, other in pairs}
    kept = {key: value for key, value in kept.items() if value is not None}
    return kept if isinstance(before, Mapping) else tuple(kept[key] for key in sorted(kept))


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
