"""Pydantic's errors in words; misspelt keys and kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args, get_origin

from annotated_types import MaxLen, MinLen
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from switchpoint.scenario.candidates import Candidate
from switchpoint.scenario.current import CurrentRoute
from switchpoint.scenario.errors import Keys, closest, did_you_mean, dotted_path, either, shorten, show
from switchpoint.scenario.fields import Part
from switchpoint.scenario.introspection import (
    choose_shape,
    field_at,
    inner,
    is_part,
    kinds_of,
    marks,
    meaning,
    tables,
    words_of,
)
from switchpoint.scenario.schema import Scenario

Complaint: TypeAlias = tuple[Keys, str]
KINDS = tuple(kinds_of(Candidate))
TAGS = ("priced", "gpu")
"""What tells the tables of a current route apart."""
OF_LENGTH = "element"
ALREADY_TOLD = ("extra_forbidden", "cross")


def complaints(error: ValidationError, tree: Any, root: type[Part] = Scenario) -> list[Complaint]:
    """One path and one sentence for each fault; unknown keys are left to the spelling check."""
    details = [detail for detail in error.errors(include_url=False) if detail["type"] not in ALREADY_TOLD]
    found = [_complaint(detail, _path(detail["loc"], tree), tree, root) for detail in details]
    wrong_inside = {path[:length] for path, _ in found for length in range(len(path))}
    return [(path, message) for path, message in found if not (path in wrong_inside and OF_LENGTH in message)]


def _path(loc: Keys, tree: Any) -> Keys:
    """Pydantic's location without the tags of unions, which stand in no file."""
    path: Keys = ()
    for i, step in enumerate(loc):
        tag = step in KINDS and i == 2 and path[:1] == ("candidates",)
        tag = tag or (i == 1 and path == ("current",) and step in TAGS)
        fits = isinstance(tree, Mapping) if isinstance(step, str) else isinstance(tree, (list, tuple))
        if tag or not fits or step == "[key]":
            continue
        path = (*path, step)
        tree = _value(tree, step)
    return path


def _value(tree: Any, step: str | int) -> Any:
    try:
        return tree[step]
    except (KeyError, IndexError):
        return None


def _complaint(detail: ErrorDetails, path: Keys, tree: Any, root: type[Part]) -> Complaint:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing" if path and isinstance(path[-1], int):
            return path[:-1], f"is too short: there is no element {path[-1] + 1}"
        case "missing":
            return path, _missing(path, tree, root)
        case "union_tag_not_found":
            return (*path, "kind"), f"is missing: kind of candidate, {either(KINDS)}"
        case "union_tag_invalid":
            return (*path, "kind"), f"must be {either(KINDS)}; got {show(detail['input']['kind'])}"
        case "literal_error":
            return path, _alternatives(detail["input"], path, tree, root)
        case "too_short" | "too_long":
            return path, f"must have {_length(path, tree, context, root)}; got {len(detail['input'])}"
    sentence = SENTENCES.get(detail["type"])
    if sentence is None:
        ours = detail["type"] not in get_args(ErrorType)
        return path, detail["msg"] if ours else f"has a value that does not belong here; got {show(detail['input'])}"
    return path, f"{sentence(context)}; got {show(detail['input'])}"


SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "model_type": lambda _: "must be a table",
    "model_attributes_type": lambda _: "must be a table",
    "mapping_type": lambda _: "must be a table",
    "dict_type": lambda _: "must be a table",
    "tuple_type": lambda _: "must be a list",
    "string_type": lambda _: "must be text in quotes",
    "string_unicode": lambda _: "must be text that UTF-8 can hold",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda c: f"must have at most {c['max_length']} characters",
    "int_type": lambda _: "must be a whole number",
    "int_parsing_size": lambda _: "must be a smaller whole number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "greater_than_equal": lambda c: f"must be {c['ge']:g} or more",
    "less_than_equal": lambda c: f"must be at most {c['le']:g}",
}


def _missing(path: Keys, tree: Any, root: type[Part]) -> str:
    field = field_at(path, tree, root)
    return f"is missing: {meaning(field)}" if field else "is missing"


def _alternatives(got: Any, path: Keys, tree: Any, root: type[Part]) -> str:
    field = field_at(path, tree, root)
    legal = words_of(field.annotation) if field else []
    hint = did_you_mean(got, legal) if isinstance(got, str) else ""
    return f"must be {either(legal)}; got {show(got)}{hint}" if legal else f"got {show(got)}"


def _length(path: Keys, tree: Any, context: Mapping[str, Any], root: type[Part]) -> str:
    field = field_at(path, tree, root)
    noted = marks(field) if field else []
    least = [mark.min_length for mark in noted if isinstance(mark, MinLen)]
    most = [mark.max_length for mark in noted if isinstance(mark, MaxLen)]
    if least and least == most:
        return f"exactly {least[0]} elements"
    if "min_length" in context:
        return f"at least {context['min_length']} elements"
    return f"at most {context['max_length']} elements"


SURE = 0.85
MOST_SUGGESTIONS = 100
WITHOUT_CAPACITY = (
    "is a price without a capacity, a dedicated endpoint that carries anything; "
    "write endpoint = { usd_per_hour = ..., requests_per_second = ... } (or tokens_per_minute)"
)
MOVED = {("HostedCandidate", "usd_per_hour"): WITHOUT_CAPACITY, ("Current", "usd_per_hour"): WITHOUT_CAPACITY}
"""Keys that were known once, and what to write instead."""


@dataclass
class Spelling:
    """A tree read as it was meant, and what was found on the way."""

    tree: Any = None
    faults: list[tuple[Keys, str]] = field(default_factory=list)
    excused: set[Keys] = field(default_factory=set)
    renamed: dict[Keys, str] = field(default_factory=dict)
    root: type[Part] = Scenario

    def as_written(self, path: Keys) -> Keys:
        """The path as the file has it, misspelt keys included."""
        return tuple(self.renamed.get(path[: i + 1], key) for i, key in enumerate(path))


def respelt(tree: Any, root: type[Part] = Scenario) -> Spelling:
    """Look for keys and kinds that the schema of a scenario, or of another file, does not know."""
    found = Spelling(root=root)
    found.tree = _read(found, root, tree, ())
    return found


def _read(found: Spelling, shape: Any, raw: Any, path: Keys) -> Any:
    if isinstance(raw, Mapping) and (kinds := kinds_of(shape)):
        raw = _kind(found, kinds, raw, path)
    shape = choose_shape(shape, raw)
    if isinstance(raw, Mapping) and is_part(shape):
        return {**_keys(found, shape, raw, path)}
    if isinstance(raw, Mapping) and get_origin(shape) is not None:
        return {key: _read(found, inner(shape, key), value, (*path, key)) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_read(found, inner(shape, i), value, (*path, i)) for i, value in enumerate(raw)]
    return raw


def _kind(found: Spelling, kinds: Mapping[str, Any], raw: Mapping[str, Any], path: Keys) -> Mapping[str, Any]:
    if "kind" not in raw:
        return _kindless(found, raw, path)
    kind = raw["kind"]
    near = closest(kind, kinds) if isinstance(kind, str) and kind not in kinds else None
    if near is None:
        return raw
    found.faults.append(((*path, "kind"), f"must be {either(kinds)}; got {show(kind)}; did you mean {near}?"))
    return {**raw, "kind": near}


def _kindless(found: Spelling, raw: Mapping[str, Any], path: Keys) -> Mapping[str, Any]:
    """A route whose key `kind` is misspelt, or forgotten beside a fleet, which only one kind has."""
    for key, value in raw.items():
        if closest(key, ["kind"], SURE):
            found.faults.append(((*path, key), "is not a known key; did you mean kind?"))
            found.renamed[(*path, "kind")] = key
            return {("kind" if each == key else each): raw[each] for each in raw} | {"kind": value}
    if "fleet" not in raw:
        return raw
    what = "route, api (the default)" if path == ("current",) else "candidate, api"
    found.faults.append(((*path, "kind"), f"is missing: kind of {what}, hosted or gpu"))
    return {**raw, "kind": "gpu"}


def _keys(found: Spelling, part: Any, raw: Mapping[str, Any], path: Keys) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in raw.items():
        meant = key if key in part.model_fields else _misspelt(found, part, raw, (*path, key))
        read[meant] = _read(found, inner(part, meant), value, (*path, meant))
    return read


def _misspelt(found: Spelling, part: Any, raw: Mapping[str, Any], path: Keys) -> str:
    """Note the fault; the key to read it as: the one it surely means, else itself."""
    key = str(path[-1])
    if len(found.faults) >= MOST_SUGGESTIONS:
        found.faults.append((path, "is not a known key"))
        return key
    if (part.__name__, key) in MOVED:
        found.faults.append((path, MOVED[part.__name__, key]))
        found.excused.add(path[:-1])
        return key
    legal = list(part.model_fields)
    near = closest(key, legal)
    if near is None and (others := _kinds_with(key, part, path)):
        found.faults.append((path, others))
        return key
    hint = did_you_mean(key, [*legal, "extends"] if len(path) == 1 else legal) or _elsewhere(key, path, found.root)
    found.faults.append((path, f"is not a known key{hint or ' of this table'}"))
    if near is None:
        return key
    meant = (*path[:-1], near)
    if near in raw:
        value = raw[key]
        found.excused |= {(*meant, inside) for inside in value} if isinstance(value, Mapping) else set()
        return key
    if closest(key, legal, SURE) is None:
        found.excused.add(meant)
        return key
    found.renamed[meant] = key
    return near


def _kinds_with(key: str, part: Any, path: Keys) -> str:
    """For a key of a candidate or the current route that only other kinds of it have: which have it."""
    of_current = path[0] == "current"
    kinds = kinds_of(CurrentRoute if of_current else Candidate)
    own = next((kind for kind, each in kinds.items() if each is part), None)
    having = [kind for kind, each in kinds.items() if key in each.model_fields]
    if own is None or not having or len(path) != (2 if of_current else 3):
        return ""
    owners = "a current route" if of_current else "candidates"
    return f'belongs to {owners} of kind {either(having)}; this one is of kind "{own}", which has none'


def _elsewhere(key: str, path: Keys, root: type[Part]) -> str:
    """Where the key would be legal, for one that stands in the wrong table."""
    homes = [home for home, part in tables(root) if key in part.model_fields and 0 not in home]
    homes = [_with_name(home, path) for home in homes if home[:1] == path[:1]] or homes
    return f"; it belongs in {either(sorted({shorten(dotted_path(home)) for home in homes})[:3])}" if homes else ""


def _with_name(home: Keys, path: Keys) -> Keys:
    return (*path[:2], *home[2:]) if "NAME" in home and len(path) > 1 else home
