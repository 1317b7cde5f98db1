"""Which field stands at a path, in which unit, with which bounds; the JSON Schema of a scenario file."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic.fields import FieldInfo

from switchpoint.scenario.errors import Keys, either
from switchpoint.scenario.fields import BELIEF, Bounds, OrWord, Part, Unit
from switchpoint.scenario.schema import Scenario

# Which field stands at a path, in which unit, with which bounds ------------------------------------------------------


def field_at(path: Keys, tree: Any, root: type[Part] = Scenario) -> FieldInfo | None:
    """The schema's field at a path of a tree that was read from a file, None where there is none."""
    *outer, last = path
    part = part_at(tuple(outer), tree, root)
    return part.model_fields.get(str(last)) if part else None


def part_at(path: Keys, tree: Any, root: type[Part] = Scenario) -> type[Part] | None:
    """The kind of table that stands at a path, None where none can stand."""
    shape: Any = root
    for key in path:
        shape = inner(choose_shape(shape, tree), key)
        tree = _child(tree, key)
    shape = choose_shape(shape, tree)
    return shape if is_part(shape) else None


def choose_shape(shape: Any, raw: Any) -> Any:
    """What is meant where the schema leaves a choice: by `kind` among tables, else by what was written."""
    shape = _bare(shape)
    branches = _branches(shape)
    if not branches:
        return shape
    if kinds := kinds_of(shape):
        return kinds.get(str(raw.get("kind", default_kind(shape))), shape) if isinstance(raw, Mapping) else shape
    wanted = (tuple,) if isinstance(raw, (list, tuple)) else (Mapping,)
    fitting = [b for b in branches if get_origin(b) in wanted or (is_part(b) and isinstance(raw, Mapping))]
    return (fitting or branches)[0]


@lru_cache(maxsize=512)
def kinds_of(shape: Any) -> dict[str, type[Part]]:
    """The tables of a union that `kind` tells apart, by kind; empty for anything else."""
    branches = [_bare(arg) for arg in get_args(_bare(shape))]
    parts = [b for b in branches if is_part(b) and "kind" in b.model_fields]
    return {word: part for part in parts for word in get_args(part.model_fields["kind"].annotation)}


@lru_cache(maxsize=512)
def default_kind(shape: Any) -> str | None:
    """The kind that is meant where a table of a union states none; None where it must be stated."""
    stated = (part.model_fields["kind"].default for part in kinds_of(shape).values())
    return next((kind for kind in stated if isinstance(kind, str)), None)


def inner(shape: Any, key: str | int) -> Any:
    """The shape of what stands under a key of a table, or in a list."""
    if is_part(shape):
        field = shape.model_fields.get(str(key))
        return field.annotation if field else None
    args = get_args(shape)
    if get_origin(shape) is tuple:
        return args[0]
    return args[1] if len(args) == 2 and get_origin(shape) is not Literal and not _branches(shape) else None


def is_part(shape: Any) -> bool:
    """Whether a shape is a table of the schema."""
    return isinstance(shape, type) and issubclass(shape, Part)


def marks(field: FieldInfo) -> list[Any]:
    """All that is annotated on a field, the alternatives of a union included."""
    shape: Any = field.annotation
    return [*field.metadata, *_marks(shape)]


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


def tables(shape: Any = Scenario, path: Keys = ()) -> Iterator[tuple[Keys, type[Part]]]:
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


@lru_cache(maxsize=512)
def _marks(shape: Any) -> tuple[Any, ...]:
    if get_origin(shape) is Annotated:
        first, *rest = get_args(shape)
        flat = (each for mark in rest for each in (mark.metadata if isinstance(mark, FieldInfo) else [mark]))
        return (*_marks(first), *flat)
    if get_origin(shape) in (Union, types.UnionType):
        return tuple(mark for arg in get_args(shape) for mark in _marks(arg))
    return ()


def _child(raw: Any, key: str | int) -> Any:
    try:
        return raw[key]
    except (KeyError, IndexError, TypeError):
        return None


def value_words(field: FieldInfo) -> str:
    """What may stand in a field, in words.

    >>> from switchpoint.scenario.usage import Usage
    >>> value_words(Usage.model_fields["cached_input_share"])
    'number from 0 to 1, may be uncertain'
    """
    shape = _plain(field.annotation)
    if get_origin(shape) is tuple and not any(map(_is_table, get_args(shape))):
        return f"list of {_length(field)}{_elements(shape)}"
    if any(get_origin(_plain(branch)) is tuple and words_of(shape) for branch in get_args(shape)):
        return f"{', '.join(words_of(shape))} or a list of {_length(field)}numbers"
    if bounds := bounds_of(field):
        word = next((f" or {mark.word}" for mark in marks(field) if isinstance(mark, OrWord)), "")
        return f"number{_range(bounds.words())}{word}{', may be uncertain' if bounds.uncertain else ''}"
    return _other(shape, field)


def _elements(shape: Any) -> str:
    return {str: "texts", Any: "values"}.get(_plain(get_args(shape)[0]), "numbers")


def _other(shape: Any, field: FieldInfo) -> str:
    words = words_of(shape)
    if words:
        return either([*words, "a date"] if _has_date(shape) else words)
    if get_origin(shape) is tuple:
        return "list of tables"
    if shape is int:
        return f"whole number from {_limit(field, Ge, 'ge')} to {_limit(field, Le, 'le')}"
    simple = {bool: "true or false", str: "text", date: "date"}
    return simple.get(shape, "table")


def _range(words: str) -> str:
    return "" if words.startswith("any size") else (" " if words.startswith("from") else ", ") + words


def _limit(field: FieldInfo, mark: type, name: str) -> str:
    return next(f"{getattr(each, name):,}" for each in marks(field) if isinstance(each, mark))


def _length(field: FieldInfo) -> str:
    least = [mark.min_length for mark in marks(field) if isinstance(mark, MinLen)]
    most = [mark.max_length for mark in marks(field) if isinstance(mark, MaxLen)]
    fixed = get_args(_plain(field.annotation))
    if not least and Ellipsis not in fixed and fixed:
        return f"{len(fixed)} "
    return f"{least[0]} " if least and least == most else (f"{least[0]} or more " if least else "")


def _plain(shape: Any) -> Any:
    """The shape without annotations and without None."""
    if get_origin(shape) is Annotated:
        return _plain(get_args(shape)[0])
    if get_origin(shape) in (Union, types.UnionType):
        stated = [arg for arg in get_args(shape) if arg is not type(None)]
        return _plain(stated[0]) if len(stated) == 1 else shape
    return shape


def _is_table(shape: Any) -> bool:
    return is_part(_plain(shape))


def _has_date(shape: Any) -> bool:
    return any(_plain(arg) is date for arg in get_args(shape))


# The JSON Schema of a scenario file, for editors and other programs --------------------------------------------------

NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 1}
KEYS = {"low": {"type": "number"}, "mode": {"type": "number"}, "high": {"type": "number"}}


def json_schema(root: type[Part] = Scenario) -> dict[str, Any]:
    """The schema of a kind of file, with units and help; `extends` is what only a file may say."""
    schema: dict[str, Any] = _without_null(root.model_json_schema())
    schema["properties"]["extends"] = {"type": "string", "description": "Another file that this one is laid over."}
    schema["$defs"]["Belief"] = {
        "description": "An uncertain number: a 90 % range, a PERT with minimum, mode and maximum, or a choice.",
        "anyOf": [
            _table({"low": KEYS["low"], "high": KEYS["high"]}, "low", "high"),
            _table(KEYS, *KEYS),
            _table({"values": NUMBERS, "weights": NUMBERS}, "values"),
        ],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _table(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _without_null(node: Any, *, names: bool = False) -> Any:
    """The schema without what a TOML file cannot say, and without what only repeats; `names`: its keys are names."""
    if node == BELIEF:
        return {"$ref": "#/$defs/Belief"}
    if isinstance(node, list):
        return [_without_null(each) for each in node if each != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    if names:
        return {key: _without_null(value) for key, value in node.items()}
    kept = {
        key: _without_null(value, names=key in ("properties", "$defs", "mapping"))
        for key, value in node.items()
        if key != "title" and not (key == "default" and (value is None or isinstance(value, dict)))
    }
    if "description" in kept:
        kept["description"] = " ".join(kept["description"].split())
    only = kept.get("anyOf", [])
    return {**only[0], **{k: v for k, v in kept.items() if k != "anyOf"}} if len(only) == 1 else kept
