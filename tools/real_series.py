"""Daily series of real products, packages and services: read, their holes filled, and sorted by class and origin.

A folder holds series-shared.csv.gz (or any other series-*.csv.gz) with the columns series, date and value. The name of
a series is origin:thing. Counts are as published; they are no part of this repository.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from switchpoint.horizon import Bools, Floats

FILE = "series-shared.csv.gz"
HOLE = 14
"""Missing days running beyond which what is filled in is left out of every measure."""
SERVICES = (
    "bike",
    "bill",
    "chain",
    "flights",
    "github",
    "npm",
    "nyc",
    "orders",
    "retail",
    "service",
    "steam",
    "transit",
    "web",
)
"""Origins that count the use or the cost of a service; the others count downloads and attention."""
ONE_ORIGIN = ("docker", "joplin", "obsidian", "retail")
"""Origins whose series move together: one counter, one maker."""


@dataclass(frozen=True)
class Series:
    """One daily series, from its first Monday on in whole weeks."""

    name: str
    start: date
    """A Monday."""
    values: Floats
    """Counts or dollars a day, holes filled between their ends, shape (7 x weeks,)."""
    hole: Bools
    """Weeks that touch a long hole, shape (weeks,)."""

    @property
    def service(self) -> bool:
        """Whether it counts the use of a service."""
        return self.name.split(":")[0] in SERVICES

    @property
    def origin(self) -> str:
        """What it moves together with: its own name, where that is nothing else."""
        first = self.name.split(":")[0]
        return first if first in ONE_ORIGIN else self.name

    @cached_property
    def weekly(self) -> Floats:
        """Mean of each week, shape (weeks,)."""
        means: Floats = self.values.reshape(-1, 7).mean(axis=1)
        return means

    @cached_property
    def logs(self) -> Floats:
        """Log of each week's mean; nan where it is 0 or in a long hole."""
        with np.errstate(divide="ignore"):
            logs = np.log(self.weekly)
        return np.where(np.isfinite(logs) & ~self.hole, logs, np.nan)


@lru_cache(maxsize=4)
def read_series(folder: Path, name: str = FILE) -> tuple[Series, ...]:
    """All series of a folder's file, by name."""
    rows: dict[str, list[tuple[int, float]]] = {}
    with gzip.open(folder / name, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["date"]).toordinal()
            rows.setdefault(row["series"], []).append((day, float(row["value"])))
    return tuple(fill_holes(each, *zip(*sorted(rows[each]), strict=True)) for each in sorted(rows))


def fill_holes(name: str, days: tuple[int, ...], values: tuple[float, ...]) -> Series:
    """A series without missing days: a line from the last value to the next."""
    known = np.array(days)
    first = known[0] + -(known[0] - 1) % 7
    every = np.arange(first, first + (known[-1] + 1 - first) // 7 * 7)
    before = np.searchsorted(known, every, side="right") - 1
    after = np.minimum(before + (known[before] < every), known.size - 1)
    wide = (known[after] - known[before] > HOLE + 1) & (known[before] < every)
    return Series(name, date.fromordinal(int(first)), np.interp(every, known, values), wide.reshape(-1, 7).any(axis=1))
