"""What pydantic found wrong, in plain words and at the place where a reader of the file looks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, get_args

from annotated_types import MaxLen, MinLen
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from switchpoint.scenario.candidate import Candidate
from switchpoint.scenario.errors import Path
from switchpoint.scenario.outline import field_at, kinds_of, marks, meaning, words_of
from switchpoint.scenario.part import Part
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.words import did_you_mean, either, show

Complaint: TypeAlias = tuple[Path, str]
KINDS = tuple(kinds_of(Candidate))
OF_LENGTH = "element"
ALREADY_TOLD = ("extra_forbidden", "cross")


def complaints(error: ValidationError, tree: Any, root: type[Part] = Scenario) -> list[Complaint]:
    """One path and one sentence for each fault; unknown keys are left to the spelling check."""
    details = [detail for detail in error.errors(include_url=False) if detail["type"] not in ALREADY_TOLD]
    found = [_complaint(detail, _path(detail["loc"], tree), tree, root) for detail in details]
    wrong_inside = {path[:length] for path, _ in found for length in range(len(path))}
    return [(path, message) for path, message in found if not (path in wrong_inside and OF_LENGTH in message)]


def _path(loc: Path, tree: Any) -> Path:
    """Pydantic's location without the tags of unions, which stand in no file."""
    path: Path = ()
    for i, step in enumerate(loc):
        tag = i == 2 and path[:1] == ("candidates",) and step in KINDS
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


def _complaint(detail: ErrorDetails, path: Path, tree: Any, root: type[Part]) -> Complaint:
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
    "greater_than_equal": lambda c: f"must be {c['ge']:g} or more",
    "less_than_equal": lambda c: f"must be at most {c['le']:g}",
}


def _missing(path: Path, tree: Any, root: type[Part]) -> str:
    field = field_at(path, tree, root)
    return f"is missing: {meaning(field)}" if field else "is missing"


def _alternatives(got: Any, path: Path, tree: Any, root: type[Part]) -> str:
    field = field_at(path, tree, root)
    legal = words_of(field.annotation) if field else []
    hint = did_you_mean(got, legal) if isinstance(got, str) else ""
    return f"must be {either(legal)}; got {show(got)}{hint}" if legal else f"got {show(got)}"


def _length(path: Path, tree: Any, context: Mapping[str, Any], root: type[Part]) -> str:
    field = field_at(path, tree, root)
    noted = marks(field) if field else []
    least = [mark.min_length for mark in noted if isinstance(mark, MinLen)]
    most = [mark.max_length for mark in noted if isinstance(mark, MaxLen)]
    if least and least == most:
        return f"exactly {least[0]} elements"
    if "min_length" in context:
        return f"at least {context['min_length']} elements"
    return f"at most {context['max_length']} elements"
