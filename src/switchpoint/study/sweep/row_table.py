"""The rows of some points, column by column: each column filled from arrays or from rows, and made into Arrow's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from switchpoint.horizon import Horizon, Ints
from switchpoint.study.sweep.columns import FAILED

NO_DATE = np.iinfo(np.int32).min
"""Stands for no date in a column of days since the epoch."""
_EPOCH = date(1970, 1, 1).toordinal()


class RowTable:
    """Columns of rows whose number is known, empty until they are filled.

    Args:
        kinds: the type of each column by its name; see `columns.columns`.
        rows: how many there are.
    """

    def __init__(self, kinds: Mapping[str, str], rows: int) -> None:
        self.kinds, self.rows = kinds, rows
        self.columns: dict[str, Any] = {name: _empty(kind, rows) for name, kind in kinds.items()}

    def put(self, name: str, places: Ints, values: Any, clock: Horizon | None = None) -> None:
        """Fill some rows of a column.

        Args:
            name: of the column.
            places: of the rows.
            values: an array or a list with one for each, or None where none has any; of a column of dates day numbers
                of a clock, which are none beyond its end, or dates.
            clock: whose days they are.
        """
        column, kind = self.columns[name], self.kinds[name]
        if values is None:
            return
        if kind == "date":
            column[places] = _days_of(clock, values) if clock is not None else [*map(_since_epoch, values)]
        elif kind == "number":
            column[places] = np.array(values, dtype=float)
        else:
            told = values if isinstance(values, list) or kind == "numbers" else values.tolist()
            if kind == "whole":
                told = [None if value is None or value != value else int(value) for value in told]
            for place, value in zip(places.tolist(), told, strict=True):
                column[place] = value

    def put_row(self, place: int, row: Mapping[str, Any]) -> None:
        """Fill one row; what it does not name stays empty."""
        for name in self.kinds.keys() & row.keys():
            self.put(name, np.array([place]), [row[name]])

    @property
    def failures(self) -> int:
        """Points that could not be computed."""
        told = zip(self.columns["point"], self.columns["status"], strict=True)
        return len({point for point, status in told if status == FAILED})

    def as_arrow(self, schema: Any) -> Any:
        """The rows as an Arrow table with a schema."""
        import pyarrow as pa

        arrays = [_ARROW.get(self.kinds[f.name], pa.array)(self.columns[f.name], f.type) for f in schema]
        return pa.table(arrays, schema=schema)


def table_of_rows(kinds: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> RowTable:
    """A table of rows that are there one by one."""
    table = RowTable(kinds, len(rows))
    for place, row in enumerate(rows):
        table.put_row(place, row)
    return table


def _empty(kind: str, rows: int) -> Any:
    if kind == "number":
        return np.full(rows, np.nan)
    return np.full(rows, NO_DATE, dtype=np.int32) if kind == "date" else [None] * rows


def _days_of(clock: Horizon, days: Any) -> Ints:
    """Day numbers as days since the epoch; `NO_DATE` beyond the horizon."""
    numbers = np.asarray(days)
    return np.where(numbers < clock.days, numbers + (clock.start.toordinal() - _EPOCH), NO_DATE)


def _since_epoch(when: date | None) -> int:
    return NO_DATE if when is None else when.toordinal() - _EPOCH


def _numbers(column: Any, kind: Any) -> Any:
    """Numbers; NaN is none."""
    import pyarrow as pa

    return pa.array(column, kind, from_pandas=True)


def _dates(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    return pa.array(column, pa.int32(), mask=column == NO_DATE).cast(kind)


def _lists_of_numbers(column: Iterable[Any], kind: Any) -> Any:
    """Lists of numbers, arrays among them; NaN and None within them are none."""
    import pyarrow as pa

    found = [None if each is None else np.asarray(each, dtype=float) for each in column]
    there = np.array([each is not None for each in found], dtype=bool)
    sizes = [0 if each is None else each.size for each in found]
    flat = np.concatenate([np.empty(0), *(each for each in found if each is not None)])
    offsets = pa.array(np.concatenate(([0], np.cumsum(sizes))).astype(np.int32), mask=np.append(~there, False))
    return pa.ListArray.from_arrays(offsets, pa.array(flat, from_pandas=True), kind)


_ARROW: dict[str, Callable[[Any, Any], Any]] = {"number": _numbers, "date": _dates, "numbers": _lists_of_numbers}
