"""The workbook while it is being written: its sheets, inputs and days, which all parts share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from xlsxwriter.workbook import Workbook

from switchpoint.clock import Clock
from switchpoint.export.workbook.grid import Column, Grid
from switchpoint.export.workbook.inputs import Inputs, serial
from switchpoint.export.workbook.look import COUNT, DATE, FACTOR, MONTH, Kind, Look
from switchpoint.export.workbook.term import Term
from switchpoint.result import Json, Result


@dataclass
class Book:
    """What every part of the workbook works on.

    Args:
        result: what is exported.
        book: the file.
        look: formats.
        inputs: the sheet of inputs.
        months: the sheet on which months are settled, where any route has commitments.
    """

    result: Result
    book: Workbook
    look: Look
    inputs: Inputs
    grids: list[Grid] = field(default_factory=list)

    @cached_property
    def told(self) -> Json:
        """The result as one JSON object."""
        return self.result.as_json()

    @property
    def clock(self) -> Clock:
        """The days of the horizon."""
        return self.result.case.clock

    def grid(self, sheet: str, rows: int, title: str, note: str) -> Grid:
        """A sheet of days or months."""
        made = Grid(self.book.get_worksheet_by_name(sheet), self.look, rows, title, note)
        self.grids.append(made)
        return made


@dataclass(frozen=True)
class Calendar:
    """Which day it is: the first columns of a sheet of days."""

    date: Column
    day: Column
    weekday: Column
    month: Column
    place: Column
    """Number of the calendar month within the horizon, from 1."""
    t: Column
    """Months since the start, at noon."""


def calendar(grid: Grid, book: Book) -> Calendar:
    """The columns of the calendar, which no input moves."""
    clock = book.clock
    place = np.repeat(np.arange(len(clock.months)), clock.month_days)
    months = np.array([serial(month) for month in clock.months])
    plain = Kind.FORMULA
    day = (
        grid.settled("Date", "", clock.day + serial(clock.start), DATE, plain),
        grid.settled("Day", "0 is the first", clock.day, COUNT, plain),
        grid.settled("Weekday", "1 is Monday", clock.weekday + 1, COUNT, plain),
        grid.settled("Month", "", months[place], MONTH, plain),
        grid.settled("Number of the month", "", place + 1, COUNT, plain),
    )
    t = grid.add(
        "Months since the start", "months, at noon", (day[1] + book.inputs.noon) / book.inputs.days_per_month, FACTOR
    )
    return Calendar(*day, t)


@dataclass(frozen=True)
class Months:
    """Sums over calendar months, on a sheet with one row for each."""

    grid: Grid
    days: Calendar
    month: Column
    final: Column
    """Last day of the month that lies in the horizon."""
    clock: Clock

    @classmethod
    def on(cls, grid: Grid, days: Calendar, clock: Clock) -> Months:
        """A sheet of months, its first columns saying which."""
        starts = np.array([serial(month) for month in clock.months])
        ends = clock.month_starts + clock.month_days - 1 + serial(clock.start)
        month = grid.settled("Month", "", starts, MONTH, Kind.FORMULA)
        return cls(grid, days, month, grid.settled("Last day", "", ends, DATE, Kind.FORMULA), clock)

    def sum(self, column: Column) -> Term:
        """Sum of a column of days over the month of the row."""
        text = f"SUMIFS({column.range.text},{self.days.month.range.text},{self.month.text})"
        return Term(text, self.clock.by_month(column.values))

    def last(self, column: Column) -> Term:
        """Value of a column of days on the month's last day."""
        text = f"INDEX({column.range.text},MATCH({self.final.text},{self.days.date.range.text},0))"
        ends = self.clock.month_starts + self.clock.month_days - 1
        return Term(text, column.values[ends])
