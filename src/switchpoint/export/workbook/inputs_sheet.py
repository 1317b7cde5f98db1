"""Inputs, calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from switchpoint.decision.result import JudgedWorld
from switchpoint.export.workbook.formula import CellRange, Column, Grid, Term
from switchpoint.export.workbook.styles import (
    COUNT,
    DATE,
    FACTOR,
    FRACTION,
    GENERAL,
    LINE,
    MONTH,
    MUTED,
    CellFormats,
    CellKind,
    Names,
    lines,
    page,
)
from switchpoint.files import Json
from switchpoint.finance import HIGHEST_YEARLY_RATE, SAME
from switchpoint.horizon import MONTH_DAYS, MOST, YEAR_DAYS, Floats, Horizon
from switchpoint.review.pages import Assumption, short
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.simulation.chance import EVEN

EPOCH = date(1899, 12, 30)
LAST_SERIAL = 2_958_465
"""31 December 9999, the last day that a spreadsheet knows."""
HEADS = (
    ("Input", 52),
    ("Value", 15),
    ("Unit", 22),
    ("Base case", 15),
    ("Range", 22),
    ("Source", 44),
    ("As of", 11),
    ("Changed", 9),
    ("Name in formulas", 46),
    ("Field of the scenario", 52),
    ("Low end", 15),
    ("High end", 15),
)
LOW, HIGH, PRINTED = 10, 11, 6
"""Columns of the ends of a range, and the last one that is printed, counted from 0."""
CASES = ("low", "base", "high")
"""What the switch of scenarios may say."""
CONSTANTS = {
    "days_per_year": (YEAR_DAYS, "Days of a mean year", "days"),
    "months_per_year": (12.0, "Months of a year", "months"),
    "days_per_month": (MONTH_DAYS, "Days of a mean month: days_per_year/months_per_year", "days"),
    "noon": (0.5, "The clock of a day: its noon", "days"),
    "hours_per_day": (24.0, "Hours of a day", "hours"),
    "seconds_per_hour": (3600.0, "Seconds of an hour", "seconds"),
    "tokens_per_mtok": (1e6, "Tokens that a price per million is for", "tokens"),
    "per_thousand": (1000.0, "Requests that a price per thousand is for", "requests"),
    "tolerance": (SAME, "Part by which two amounts may differ and be equal", "share"),
    "half_cent": (0.005, "Amounts that differ by no more agree to the cent", "$"),
    "highest_rate": (HIGHEST_YEARLY_RATE, "A yearly return beyond which none is told", "factor less 1"),
    "not_reached": (float(LAST_SERIAL), "Stands for a date that is not reached within the horizon", "date"),
    "even_odds": (EVEN, "Events from this probability on happen in the base case", "share"),
}
"""Value, meaning and unit of what is the same in every workbook, by name."""
TOP = 4
"""First row of inputs, counted from 0."""


def serial(when: date) -> int:
    """A date as a spreadsheet counts it.

    >>> serial(date(2027, 1, 1))
    46388
    """
    return (when - EPOCH).days


def date_serial(clock: Horizon, day: int) -> float:
    """A day number as a spreadsheet counts dates; the last day that it knows stands for never."""
    return float(min(serial(clock.start) + day, LAST_SERIAL))


@dataclass(frozen=True)
class About:
    """What stands beside an input: what it is, in which unit, where it is from and as of when."""

    meaning: str
    unit: str
    source: str
    as_of: str = ""
    spread: str = ""
    field: str = ""


class InputsSheet:
    """Writes the sheet row by row and hands out terms.

    Args:
        sheet: the worksheet.
        book: the workbook, which defines names.
        look: formats.
        stated: the scenario's assumptions by field.
    """

    def __init__(self, sheet: Worksheet, book: Workbook, look: CellFormats, stated: Mapping[str, Assumption]) -> None:
        self.sheet, self.book, self.look, self.names = sheet, book, look, Names()
        self.stated = stated
        self.name: str = sheet.get_name()
        self.row = TOP
        self.prefix: dict[str, str] = {}
        self.batch_share = Term("0", 0.0)
        """Part of the traffic that can wait; known once the current route is written."""
        self.links: dict[str, str] = {}
        self.shares: list[Term] = []
        self.rising: list[Named] = []
        self._fields: dict[str, Term] = {}
        sheet.write_string(0, 0, "Inputs", look.of(CellKind.TITLE))
        note = "Change a blue value and everything follows. Violet values were settled by the simulation and stay put."
        sheet.write_string(1, 0, note, look.of(CellKind.NOTE))
        for place, (head, width) in enumerate(HEADS):
            sheet.write_string(TOP - 1, place, head, look.of(CellKind.HEAD))
            sheet.set_column(place, place, width)
        self.changed = self._define_block("inputs_changed", 2, 2, np.array([0.0])).first
        """How many inputs were changed."""
        self._write_switch()
        self.days_per_year, self.months_per_year = self._constant("days_per_year"), self._constant("months_per_year")
        self.days_per_month = self._constant("days_per_month")
        self.noon, self.hours_per_day = self._constant("noon"), self._constant("hours_per_day")
        self.seconds_per_hour, self.per_mtok = self._constant("seconds_per_hour"), self._constant("tokens_per_mtok")
        self.per_thousand, self.tolerance = self._constant("per_thousand"), self._constant("tolerance")
        self.highest_rate = self._constant("highest_rate")
        self.half_cent, self.never = self._constant("half_cent"), self._constant("not_reached")
        self.even = self._constant("even_odds")

    def _write_switch(self) -> None:
        """The cell that puts every range at its low end, its base value or its high end."""
        self.sheet.write_string(2, 2, "Every range at its", self.look.of(CellKind.NOTE, align="right"))
        self.sheet.write_string(2, 3, "base", self.look.of(CellKind.INPUT, align="right"))
        self.sheet.data_validation(2, 3, 2, 3, {"validate": "list", "source": list(CASES)})
        words = "low, base or high; ends stand at the right, all are moved at once. They are no best or worst case."
        self.sheet.write_string(2, 4, words, self.look.of(CellKind.NOTE))
        self.case = self.define("case_of_ranges", self.sheet, 2, 2, 3)

    def heading(self, text: str) -> None:
        """The head of a group of inputs."""
        self.row += 1
        self.sheet.write_string(self.row, 0, text, self.look.of(CellKind.SECTION))
        self.row += 1

    def field(self, *path: str | int) -> Term:
        """A field of the scenario that holds a number; asked for again, the same cell."""
        known = self.stated[dotted_path(path)]
        if known.field not in self._fields:
            about = About(
                known.meaning.split(". ")[0], known.unit, known.source, known.as_of, known.spread, known.field
            )
            assert isinstance(known.value, float)
            self._fields[known.field] = self.number(self.name_of(path), known.value, about)
            if known.unit == "share, 0 to 1":
                self.shares.append(self._fields[known.field])
        return self._fields[known.field]

    def name_of(self, path: Keys) -> str:
        """The name of a field in formulas; that of a candidate's begins with its own."""
        parts = [str(part) for part in path]
        if parts[0] == "candidates":
            parts = [self.prefix[parts[1]], *parts[2:]]
        return "_".join(parts)

    def number(self, name: str, value: float, about: About, kind: CellKind = CellKind.INPUT) -> Term:
        """One input."""
        return self.block(name, [value], [about], kind).first

    def block(
        self,
        name: str,
        values: Sequence[float],
        abouts: Sequence[About],
        kind: CellKind = CellKind.INPUT,
        number: str = "",
    ) -> Named:
        """Several inputs of one unit below each other, under one name."""
        top = self.row
        for value, about in zip(values, abouts, strict=True):
            self._write_value(about, value, kind, number or shape(value))
            self._describe(about)
            if kind is not CellKind.FORMULA:
                self.sheet.write_number(
                    self.row, 3, value, self.look.of(CellKind.NOTE, number or shape(value), valign="top")
                )
                form = self.look.of(CellKind.NOTE, align="center", valign="top")
                self.sheet.write_formula(self.row, 7, f"=IF(B{self.row + 1}=D{self.row + 1},0,1)", form, 0)
            self.row += 1
        return self._name_block(name, top, np.array(values, dtype=np.float64), [about.field for about in abouts])

    def _write_value(self, about: About, value: float, kind: CellKind, number: str) -> None:
        """A value: typed in, or of a range picked by the switch; bounded as its field is."""
        form, known = self.look.of(kind, number, valign="top"), self.stated.get(about.field)
        if kind is not CellKind.INPUT or known is None or known.value != value:
            self.sheet.write_number(self.row, 1, value, form)
            return
        self._bound(self.row, 1, known)
        if known.low is None or known.high is None:
            self.sheet.write_number(self.row, 1, value, form)
            return
        for place, end in ((LOW, known.low), (HIGH, known.high)):
            self.sheet.write_number(self.row, place, end, self.look.of(kind, shape(end), valign="top"))
            self._bound(self.row, place, known)
        row, (low, _, high) = self.row + 1, CASES
        ends = f'IF({self.case}="{high}",L{row},D{row})'
        self.sheet.write_formula(self.row, 1, f'=IF({self.case}="{low}",K{row},{ends})', form, value)

    def _bound(self, row: int, place: int, known: Assumption) -> None:
        """Let a cell take only what its field may be."""
        least, most = known.least, known.most
        if least is None and most is None:
            rule: dict[str, Any] = {"criteria": "between", "minimum": -MOST, "maximum": MOST}
        elif least is None or most is None:
            rule = {"criteria": ">=", "value": least} if most is None else {"criteria": "<=", "value": most}
        else:
            rule = {"criteria": "between", "minimum": least, "maximum": most}
        told = f"{short(known.field, 150)} takes a number that a scenario may hold."
        words = {"error_title": "Not possible", "error_message": told}
        self.sheet.data_validation(row, place, row, place, {"validate": "decimal", **rule, **words})

    def work_out(self, name: str, terms: Sequence[Term], abouts: Sequence[About]) -> Named:
        """Several numbers worked out from inputs, below each other, under one name."""
        top = self.row
        for term, about in zip(terms, abouts, strict=True):
            text = term.text.replace(f"'{self.name}'!", "")
            self.sheet.write_formula(
                self.row, 1, f"={text}", self.look.of(CellKind.FORMULA, shape(term.number), valign="top"), term.number
            )
            self._describe(about)
            self.row += 1
        return self._name_block(name, top, np.array([term.number for term in terms]), [""] * len(terms))

    def finish(self) -> None:
        """Write the constants, fix the heads, and count the inputs that were changed."""
        self.heading("Constants")
        for name, (value, meaning, unit) in CONSTANTS.items():
            number = DATE if unit == "date" else ""
            self.block(name, [value], [About(meaning, unit, "definition")], CellKind.CONSTANT, number)
        self.sheet.freeze_panes(TOP, 2)
        page(self.sheet)
        self.sheet.repeat_rows(TOP - 1)
        self.sheet.print_area(0, 0, self.row, PRINTED)
        changed = f"SUM(H{TOP + 1}:H{self.row + 1})"
        self.sheet.write_string(2, 0, "Inputs changed since the simulation", self.look.of(CellKind.NOTE))
        self.sheet.write_formula(2, 1, f"={changed}", self.look.of(CellKind.FORMULA, bold=True), 0)

    def _constant(self, name: str) -> Term:
        """A constant by its name; it is written at the end of the sheet."""
        return Term(name, CONSTANTS[name][0])

    def _describe(self, about: About) -> None:
        form, muted = self.look.of(CellKind.TEXT), self.look.of(CellKind.TEXT, font_color=MUTED, indent=1)
        texts = {0: about.meaning, 2: about.unit, 4: about.spread, 5: about.source, 6: about.as_of, 9: about.field}
        for place, text in texts.items():
            self.sheet.write_string(self.row, place, text, form if place == 0 else muted)
        height = lines((text, HEADS[place][1]) for place, text in texts.items())
        self.sheet.set_row(self.row, LINE * height)

    def _name_block(self, name: str, top: int, values: Floats, fields: list[str]) -> Named:
        block = self._define_block(name, top, self.row - 1, values)
        for row, label in enumerate(fields, top):
            self.sheet.write_string(row, 8, block.text, self.look.of(CellKind.TEXT, font_color=MUTED, indent=1))
            if label:
                self.links[label] = f"'{self.name}'!$B${row + 1}"
        return block

    def _define_block(self, name: str, top: int, bottom: int, values: Floats) -> Named:
        return Named(self.define(name, self.sheet, top, bottom, 1), values, self.name, top)

    def define(self, wanted: str, sheet: Worksheet, top: int, bottom: int, place: int) -> str:
        """Give cells below each other a name, as near to the wanted one as is free; rows and columns from 0."""
        name = self.names.cell(wanted)
        self.book.define_name(name, f"='{sheet.get_name()}'!{xl_range_abs(top, place, bottom, place)}")
        return name


class Named(CellRange):
    """A block of inputs under one name."""

    def __init__(self, name: str, values: Floats, sheet: str, top: int) -> None:
        super().__init__(name, values)
        self.values = values
        self.sheet = sheet
        self.first_row = top

    @property
    def first(self) -> Term:
        """The one input of a block that holds no more."""
        return Term(self.text, float(self.values[0]))

    def cell(self, place: int) -> Term:
        """One cell of it, counted from 0; a negative place counts from the end."""
        row = self.first_row + place % len(self.values) + 1
        return Term(f"'{self.sheet}'!$B${row}", float(self.values[place]))


def shape(value: float) -> str:
    """How a number is shown: thousands apart in large ones, six decimals at most, tiny ones as they are."""
    if value == int(value):
        return "#,##0" if abs(value) >= 1000 else GENERAL
    return FRACTION if abs(value) >= 0.001 else GENERAL


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

    result: JudgedWorld
    book: Workbook
    look: CellFormats
    inputs: InputsSheet
    grids: list[Grid] = field(default_factory=list)

    @cached_property
    def result_json(self) -> Json:
        """The result as one JSON object."""
        return self.result.as_json()

    @property
    def clock(self) -> Horizon:
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
    plain = CellKind.FORMULA
    day = (
        grid.add_values("Date", "", clock.day + serial(clock.start), DATE, plain),
        grid.add_values("Day", "0 is the first", clock.day, COUNT, plain),
        grid.add_values("Weekday", "1 is Monday", clock.weekday + 1, COUNT, plain),
        grid.add_values("Month", "", months[place], MONTH, plain),
        grid.add_values("Number of the month", "", place + 1, COUNT, plain),
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
    clock: Horizon

    @classmethod
    def on(cls, grid: Grid, days: Calendar, clock: Horizon) -> Months:
        """A sheet of months, its first columns saying which."""
        starts = np.array([serial(month) for month in clock.months])
        ends = clock.month_starts + clock.month_days - 1 + serial(clock.start)
        month = grid.add_values("Month", "", starts, MONTH, CellKind.FORMULA)
        return cls(grid, days, month, grid.add_values("Last day", "", ends, DATE, CellKind.FORMULA), clock)

    def sum(self, column: Column) -> Term:
        """Sum of a column of days over the month of the row."""
        text = f"SUMIFS({column.range.text},{self.days.month.range.text},{self.month.text})"
        return Term(text, self.clock.by_month(column.values))

    def last(self, column: Column) -> Term:
        """Value of a column of days on the month's last day."""
        text = f"INDEX({column.range.text},MATCH({self.final.text},{self.days.date.range.text},0))"
        ends = self.clock.month_starts + self.clock.month_days - 1
        return Term(text, column.values[ends])
