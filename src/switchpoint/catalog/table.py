"""The catalogue's own rows: small dated CSV files beside the code, each row with its source."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
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
