"""Finding one's way in the schema: which table stands at a path, which keys it takes, in which unit."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from switchpoint.scenario.bounds import Bounds, Unit
from switchpoint.scenario.errors import Path
from switchpoint.scenario.part import Part
from switchpoint.scenario.schema import Scenario


def field_at(path: Path, tree: Any, root: type[Part] = Scenario) -> FieldInfo | None:
    """The schema's field at a path of a tree that was read from a file, None where there is none."""
    *outer, last = path
    part = part_at(tuple(outer), tree, root)
    return part.model_fields.get(str(last)) if part else None


def part_at(path: Path, tree: Any, root: type[Part] = Scenario) -> type[Part] | None:
    """The kind of table that stands at a path, None where none can stand."""
    shape: Any = root
    for key in path:
        shape = inner(chosen(shape, tree), key)
        tree = _child(tree, key)
    shape = chosen(shape, tree)
    return shape if is_part(shape) else None


def chosen(shape: Any, raw: Any) -> Any:
    """What is meant where the schema leaves a choice: by `kind` among tables, else by what was written."""
    shape = _bare(shape)
    branches = _branches(shape)
    if not branches:
        return shape
    if kinds := kinds_of(shape):
        return kinds.get(str(raw.get("kind")), shape) if isinstance(raw, Mapping) else shape
    wanted = (tuple,) if isinstance(raw, (list, tuple)) else (Mapping,)
    fitting = [b for b in branches if get_origin(b) in wanted or (is_part(b) and isinstance(raw, Mapping))]
    return (fitting or branches)[0]


@lru_cache(maxsize=512)
def kinds_of(shape: Any) -> dict[str, type[Part]]:
    """The tables of a union that `kind` tells apart, by kind; empty for anything else."""
    branches = [_bare(arg) for arg in get_args(_bare(shape))]
    parts = [b for b in branches if is_part(b) and "kind" in b.model_fields]
    return {word: part for part in parts for word in get_args(part.model_fields["kind"].annotation)}


def inner(shape: Any, key: str | int) -> Any:
    """The shape of what stands under a key of a table, or in a list."""
    if is_part(shape):
        field = shape.model_fields.get(str(key))
        return field.annotation if field else None
    args = get_args(shape)
    if get_origin(shape) is tuple:
        return args[0]
    return args[1] if len(args) == 2 and get_origin(shape) is not Literal else None


def is_part(shape: Any) -> bool:
    """Whether a shape is a table of the schema."""
    return isinstance(shape, type) and issubclass(shape, Part)


def marks(field: FieldInfo) -> list[Any]:
    """All that is annotated on a field, the alternatives of a union included."""
    return [*field.metadata, *_marks(field.annotation)]


def unit_of(field: FieldInfo) -> str:
    """The unit of a field in words, empty where it has none."""
    return next((mark.text for mark in marks(field) if isinstance(mark, Unit)), "")


def bounds_of(field: FieldInfo) -> Bounds | None:
    """The bounds of a number, None for anything that is not one."""
    return next((mark for mark in reversed(marks(field)) if isinstance(mark, Bounds)), None)


def words_of(shape: Any) -> list[str]:
    """The words that may stand in a place, where the schema lists them."""
    if get_origin(shape) is Literal:
        return [str(word) for word in get_args(shape)]
    return [word for arg in get_args(shape) for word in words_of(arg)] if get_origin(shape) is not tuple else []


def meaning(field: FieldInfo) -> str:
    """Help text and unit of a field, in one line."""
    unit = unit_of(field)
    return " ".join((field.description or "").split()).rstrip(".") + (f" ({unit})" if unit else "")


def tables(shape: Any = Scenario, path: Path = ()) -> Iterator[tuple[Path, type[Part]]]:
    """Every table of the schema with its path; NAME stands for a name, 0 for an element of a list."""
    shape = _bare(shape)
    if is_part(shape):
        yield path, shape
        for name, field in shape.model_fields.items():
            yield from tables(field.annotation, (*path, name))
        return
    origin = get_origin(shape)
    step = {tuple: (0,), Mapping: ("NAME",)}.get(origin, ()) if origin else ()
    for arg in get_args(shape):
        yield from tables(arg, (*path, *step))


@lru_cache(maxsize=512)
def _branches(shape: Any) -> list[Any]:
    """What a union leaves to choose from; nothing for anything else."""
    if get_origin(shape) not in (Union, types.UnionType):
        return []
    return [_bare(arg) for arg in get_args(shape) if arg is not type(None)]


@lru_cache(maxsize=512)
def _bare(shape: Any) -> Any:
    return _bare(get_args(shape)[0]) if get_origin(shape) is Annotated else shape


def _marks(shape: Any) -> list[Any]:
    if get_origin(shape) is Annotated:
        first, *rest = get_args(shape)
        flat = [each for mark in rest for each in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
        return [*_marks(first), *flat]
    if get_origin(shape) in (Union, types.UnionType):
        return [mark for arg in get_args(shape) for mark in _marks(arg)]
    return []


def _child(raw: Any, key: str | int) -> Any:
    try:
        return raw[key]
    except (KeyError, IndexError, TypeError):
        return None
