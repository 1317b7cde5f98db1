"""A sheet with one row for each day or month and one column for each figure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from switchpoint.clock import Floats, Ints
from switchpoint.export.workbook.look import FACTOR, LINE, USD, Kind, Look, lines, page
from switchpoint.export.workbook.term import BEFORE, NONE, ROW, Range, Term
from switchpoint.finance import WINDOW, trailing_mean

FIRST = 8
"""Row of the first day or month, as a spreadsheet counts; above it are title, note, two rows of parameters, heads."""
HEAD, UNIT = FIRST - 3, FIRST - 2
"""Rows of heads and units, counted from 0."""
WIDTH = 12.5
WIDEST, SMALL = 16, 55
"""Columns that a printed page may hold; beyond, a sheet is printed on several side by side, at so many percent."""


class Column(Term):
    """A column of a grid: in formulas of the same row, its cell; `range` is the whole of it."""

    def __init__(self, sheet: str, place: int, letters: str, values: Floats) -> None:
        super().__init__(f"'{sheet}'!${letters}{ROW}", values)
        self.place = place
        self.letters = letters
        block = f"'{sheet}'!${letters}${FIRST}:${letters}${FIRST + len(values) - 1}"
        self.range = Range(block, values)
        self.sheet = sheet
        self.values = values

    def cell(self, place: int) -> Term:
        """The cell of one row, counted from 0."""
        return Term(f"'{self.sheet}'!${self.letters}${FIRST + place}", float(self.values[place]))


class Grid:
    """The sheet, its columns added from left to right.

    Args:
        sheet: the worksheet.
        look: formats.
        rows: days or months.
        title: what the sheet shows.
        note: how to read it.
    """

    def __init__(self, sheet: Worksheet, look: Look, rows: int, title: str, note: str) -> None:
        self.sheet = sheet
        self.look = look
        self.rows = rows
        self.name: str = sheet.get_name()
        self.next = 0
        self.columns: list[Column] = []
        self._parameters: set[tuple[int, int]] = set()
        self._tall = {HEAD: 1, UNIT: 1}
        sheet.write_string(0, 0, title, look.of(Kind.TITLE))
        sheet.write_string(1, 0, note, look.of(Kind.NOTE))
        sheet.repeat_rows(HEAD, UNIT)

    def local(self, text: str) -> str:
        """A formula's text on this sheet: its own cells are named without it."""
        return text.replace(f"'{self.name}'!", "")

    def settled(
        self, title: str, unit: str, values: Floats | Ints, number: str = USD, kind: Kind = Kind.SETTLED
    ) -> Column:
        """A column of values that no formula can give."""
        place, column = self._new(title, unit, np.asarray(values, dtype=np.float64))
        self.sheet.write_column(FIRST - 1, place, column.values.tolist(), self.look.of(kind, number))
        return column

    def add(self, title: str, unit: str, term: Term, number: str = USD) -> Column:
        """A column of formulas, the same in each row."""
        return self._formulas(title, unit, lambda _: term.text, term.value, number)

    def total(self, title: str, unit: str, term: Term, number: str = USD) -> Column:
        """A column that sums up a term, row by row."""
        values = np.cumsum(np.broadcast_to(np.asarray(term.value, dtype=np.float64), self.rows))
        return self._formulas(title, unit, self._onward("{before}+{term}", term), values, number)

    def most(self, title: str, unit: str, term: Term, number: str = USD) -> Column:
        """A column with the largest value of a term so far."""
        return self._formulas(
            title, unit, self._onward("MAX({before},{term})", term), np.maximum.accumulate(term.value), number
        )

    def least(self, title: str, unit: str, term: Term, number: str = USD) -> Column:
        """A column with the smallest value of a term so far."""
        return self._formulas(
            title, unit, self._onward("MIN({before},{term})", term), np.minimum.accumulate(term.value), number
        )

    def change(self, title: str, unit: str, column: Column, number: str = USD) -> Column:
        """A column with what another one gained since the row above."""
        before = column.text.replace(ROW, BEFORE)
        values = np.diff(column.values, prepend=0.0)
        return self._formulas(
            title, unit, lambda row: column.text if row == FIRST else f"{column.text}-{before}", values, number
        )

    def trailing(self, title: str, unit: str, column: Column, number: str = USD) -> Column:
        """A column with the mean of another over 28 days; for the first 27 days that of the first 28."""

        def text(row: int) -> str:
            last = max(row, FIRST + WINDOW - 1)
            return f"AVERAGE({column.letters}{last - WINDOW + 1}:{column.letters}{last})"

        return self._formulas(title, unit, text, trailing_mean(column.values), number)

    def parameter(self, above: int, label: str, term: Term, place: int, number: str = FACTOR) -> Term:
        """A number that a column hangs on, in the first or second row (0, 1) above the heads.

        `place` is the column that it stands over, counted from 0; its label stands to the left of the first of a row.
        """
        row = HEAD - 2 + above
        if (row, place - 1) not in self._parameters:
            self.sheet.write_string(row, place - 1, label, self.look.of(Kind.NOTE, align="right"))
        self._parameters.add((row, place))
        form = self.look.of(Kind.FORMULA, number)
        if term.text.isdecimal():
            self.sheet.write_number(row, place, term.number, form)
        else:
            self.sheet.write_formula(row, place, f"={self.local(term.text)}", form, term.number)
        return Term(f"'{self.name}'!{xl_col_to_name(place)}${row + 1}", term.number)

    def finish(self, tall: int = 0) -> None:
        """Keep heads and the first column in view; print on pages that can be read, `tall` of them at most."""
        self.sheet.freeze_panes(FIRST - 1, 1)
        for row, tall in self._tall.items():
            self.sheet.set_row(row, LINE * tall + 2)
        page(self.sheet, tall=tall)
        if self.next > WIDEST:
            self.sheet.set_print_scale(SMALL)
            self.sheet.repeat_columns(0)

    def _onward(self, pattern: str, term: Term) -> Callable[[int], str]:
        before = f"'{self.name}'!{self._letters()}{BEFORE}"
        later = pattern.format(before=before, term=term.text)
        return lambda row: term.text if row == FIRST else later

    def _letters(self) -> str:
        letters: str = xl_col_to_name(self.next)
        return letters

    def _new(self, title: str, unit: str, values: Floats) -> tuple[int, Column]:
        column = Column(self.name, self.next, self._letters(), values)
        place, self.next = self.next, self.next + 1
        for row, text in ((HEAD, title), (UNIT, unit)):
            self._tall[row] = max(self._tall[row], lines([(text, WIDTH - 2.5)]))
        self.sheet.write_string(HEAD, place, title, self.look.of(Kind.HEAD, align="right"))
        unit_form = self.look.of(Kind.NOTE, text_wrap=True, valign="top", align="right")
        self.sheet.write_string(UNIT, place, unit, unit_form)
        self.sheet.set_column(place, place, WIDTH)
        self.columns.append(column)
        return place, column

    def _formulas(self, title: str, unit: str, text: Callable[[int], str], value: object, number: str) -> Column:
        values = np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), self.rows))
        place, column = self._new(title, unit, values)
        form, write = self.look.of(Kind.FORMULA, number), self.sheet.write_formula
        own = f"'{self.name}'!"
        for row, cached in enumerate(values.tolist(), FIRST):
            formula = text(row).replace(own, "").replace(ROW, str(row)).replace(BEFORE, str(row - 1))
            write(row - 1, place, f"={formula}", form, NONE if cached != cached else cached)
        return column
