"""The reference page of scenario files, written from the schema: each table, each field, its unit and its help."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic.fields import FieldInfo

from switchpoint.scenario.candidate import Common
from switchpoint.scenario.errors import Path
from switchpoint.scenario.outline import bounds_of, is_part, marks, tables, unit_of, words_of
from switchpoint.scenario.part import Part
from switchpoint.scenario.quantity import plain
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.words import either, show

OPENING = """\
# Scenario files

*Written by `python -m switchpoint.docs` from the schema; `switchpoint schema` prints the same for editors.*

A scenario is one TOML file that states everything assumed. Keys that are not listed here are refused, each
with its line and the name that was probably meant.

**Uncertain numbers.** Where a field *may be uncertain*, any of these may stand:

| written | means |
|---|---|
| `0.1` | a certain number |
| `{ low = 0.06, high = 0.14 }` | a 90 % range: lognormal where both are positive, else normal |
| `{ low = 4, mode = 6, high = 16 }` | PERT: minimum, likeliest value, maximum |
| `{ values = [0.5, 0.8], weights = [1, 3] }` | one of the values; equal weights when left out |

The base case takes the median; of a choice, the heaviest value.

**Overlays.** `extends = "other.toml"` at the top lays a file over another one, which is named relative to it: tables
are merged; numbers, uncertain numbers, texts and lists are replaced.

**One value for one run.** `--set usage.growth.per_month=0.1` replaces a value; `--set candidates.*.coverage=0.8`
does so for every candidate, and `--set current.commitments.0.discount=0.1` for the first element of a list.
"""


COLUMNS = ("| key | value | unit | default | |", "|---|---|---|---|---|")


def reference(root: type[Part] = Scenario, opening: str = OPENING) -> str:
    """The page on a kind of file, in Markdown."""
    return "\n".join([opening, *(_section(part, paths) for part, paths in _by_part(root).items())])


def _by_part(root: type[Part]) -> dict[type[Part], list[Path]]:
    found: dict[type[Part], list[Path]] = {}
    for path, part in tables(root):
        if issubclass(part, Common):
            found.setdefault(Common, [path])
        places = found.setdefault(part, [])
        if path not in places:
            places.append(path)
    return found


def _section(part: type[Part], paths: list[Path]) -> str:
    title = ", ".join(f"`{_header(path)}`" for path in paths) if paths != [()] else "The top of the file"
    kind = part.model_fields.get("kind")
    title += ", every kind" if part is Common else ""
    title += f" with `kind = {show(words_of(kind.annotation)[0])}`" if kind else ""
    told = Common.model_fields if issubclass(part, Common) and part is not Common else {}
    rows = [_row(name, field) for name, field in part.model_fields.items() if name not in told]
    about = " ".join((part.__doc__ or "").split())
    return "\n".join([f"## {title}", "", about, "", *COLUMNS, *rows, ""])


def _header(path: Path) -> str:
    name = ".".join(str(step) for step in path if step != 0)
    return f"[[{name}]]" if path[-1] == 0 else f"[{name}]"


def _row(name: str, field: FieldInfo) -> str:
    help_text = " ".join((field.description or "").split())
    return f"| `{name}` | {value_words(field)} | {unit_of(field)} | {_default(field)} | {help_text} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    default = field.default
    if default is None or isinstance(default, (Part, Mapping)) or default in ((), ""):
        return ""
    return f"`{show(plain(default))}`".replace(".0`", "`").replace(".0,", ",").replace(".0]", "]")


def value_words(field: FieldInfo) -> str:
    """What may stand in a field, in words.

    >>> from switchpoint.scenario.demand import Usage
    >>> value_words(Usage.model_fields["cached_input_share"])
    'number from 0 to 1, may be uncertain'
    """
    shape = _plain(field.annotation)
    if get_origin(shape) is tuple and not any(map(_is_table, get_args(shape))):
        return f"list of {_length(field)}{_elements(shape)}"
    if any(get_origin(_plain(branch)) is tuple and words_of(shape) for branch in get_args(shape)):
        return f"{', '.join(words_of(shape))} or a list of {_length(field)}numbers"
    if bounds := bounds_of(field):
        return f"number{_range(bounds.words())}{', may be uncertain' if bounds.uncertain else ''}"
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
