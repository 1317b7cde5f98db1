"""The catalogue's own rows: small dated CSV files beside the code, each row with its source."""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache
from pathlib import Path

Row = dict[str, str]

DATA = Path(__file__).parent / "data"


@cache
def rows(name: str) -> tuple[Row, ...]:
    """All rows of `data/NAME.csv`, read once."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def number(text: str) -> float | None:
    """A number, None where the cell is empty."""
    return float(text) if text else None


def day(text: str) -> dt.date | None:
    """An ISO date, None where the cell is empty."""
    return dt.date.fromisoformat(text) if text else None


def flag(text: str) -> bool:
    """Whether a yes/no cell says yes."""
    return text == "yes"
