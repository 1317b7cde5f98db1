"""CSV rows with source and date; names compared; CatalogError."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


T = TypeVar("T", bound="DataclassInstance")

DATA = Path(__file__).parent / "data"


def number(text: str) -> float | None:
    """A number, None where the cell is empty."""
    return float(text) if text else None


def day(text: str) -> dt.date | None:
    """An ISO date, None where the cell is empty."""
    return dt.date.fromisoformat(text) if text else None


def flag(text: str) -> bool:
    """Whether a yes/no cell says yes."""
    return {"yes": True, "no": False}[text]


READ: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": flag,
    "float | None": number,
    "dt.date": dt.date.fromisoformat,
    "dt.date | None": day,
}


def records(kind: type[T], name: str) -> tuple[T, ...]:
    """The rows of `data/NAME.csv` as a frozen dataclass, each cell read as its field is annotated; read once."""
    found: tuple[T, ...] = _records(kind, name)
    return found


@cache
def _records(kind: type[T], name: str) -> tuple[T, ...]:
    readers = [(field.name, READ[str(field.type)]) for field in fields(kind)]
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(kind(**{field: read(row[field]) for field, read in readers}) for row in csv.DictReader(file))


def squash(name: str) -> str:
    """A name without case, spaces and punctuation.

    >>> squash("GPT-5.4 mini") == squash("gpt-5.4-mini")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words(name: str, noise: re.Pattern[str]) -> tuple[str, ...]:
    """The lower-case words of a name after its maker's prefix, without those that `noise` matches whole.

    >>> words("meta-llama/Llama-3.1-8B-Instruct", re.compile("instruct|chat"))
    ('llama', '3.1', '8b')
    """
    split = re.split(r"[\s_\-]+", name.strip().lower().rpartition("/")[2])
    return tuple(word for word in split if word and not noise.fullmatch(word))


SHOWN = 8


class CatalogError(ValueError):
    """The catalogue lacks what was asked for; the message is one line that says what would be right."""


def unknown(kind: str, got: str, known: Iterable[str]) -> CatalogError:
    """The error for a name that is not in the catalogue, with the nearest known names or the first few of them."""
    import difflib

    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(got.lower(), names, n=3, cutoff=0.6)
    if not near and len(got) > 2:
        near = sorted(name for name in names if got.lower() in name)[:3]
    if near:
        return CatalogError(f"unknown {kind} {quote_name(got)}; did you mean {either(names[name] for name in near)}?")
    listed = sorted(names.values())
    more = ", …" if len(listed) > SHOWN else ""
    return CatalogError(f"unknown {kind} {quote_name(got)}; known are {', '.join(listed[:SHOWN])}{more}")


def quote_name(name: str) -> str:
    """A name as somebody wrote it, quoted on one line of bearable length."""
    return repr(name if len(name) <= 60 else name[:57] + "…")


def either(names: Iterable[str]) -> str:
    """Names as a choice: `a`, `a or b`, `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
