"""Term: formula and value in one; grids of them.

The model is written down once, in Python's own arithmetic, and each expression knows two things: its text as a
spreadsheet formula and its value. So the workbook's formulas and the values that are cached in its cells cannot drift
apart. A term is a number, or has one value for each row of a sheet; in its text ROW and BEFORE then stand for the row
and for the one above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from switchpoint.export.workbook.styles import FACTOR, LINE, USD, CellFormats, CellKind, lines, page
from switchpoint.finance import WINDOW, trailing_mean
from switchpoint.horizon import Floats, Ints

ROW, BEFORE = "#", "@"
NONE = "–"
"""What a cell shows where there is no number; NaN among values."""
ATOM, POWER, PRODUCT, SUM, COMPARISON = 4, 3, 2, 1, 0

Value: TypeAlias = "Floats | NDArray[np.bool_] | float | bool"
Operand: TypeAlias = "Term | int"
"""Plain integers are for 0 and 1 alone; every other number is a term with a name."""


class Term:
    """A part of a formula.

    Args:
        text: as in a spreadsheet, without the equals sign.
        value: what it comes to, a number or shape (rows,).
        rank: how tightly its outermost operator binds.
    """

    def __init__(self, text: str, value: Value, rank: int = ATOM) -> None:
        self.text = text
        self.value = value
        self.rank = rank

    def __add__(self, other: Operand) -> Term:
        return _join_terms(self, "+", _term(other), SUM)

    def __radd__(self, other: Operand) -> Term:
        return _join_terms(_term(other), "+", self, SUM)

    def __sub__(self, other: Operand) -> Term:
        return _join_terms(self, "-", _term(other), SUM)

    def __rsub__(self, other: Operand) -> Term:
        return _join_terms(_term(other), "-", self, SUM)

    def __mul__(self, other: Operand) -> Term:
        return _join_terms(self, "*", _term(other), PRODUCT)

    def __truediv__(self, other: Operand) -> Term:
        return _join_terms(self, "/", _term(other), PRODUCT)

    def __pow__(self, other: Operand) -> Term:
        return _join_terms(self, "^", _term(other), POWER)

    def __neg__(self) -> Term:
        return Term(f"-{_within(self, PRODUCT)}", -np.asarray(self.value, dtype=np.float64), SUM)

    def __ge__(self, other: Operand) -> Term:
        return _join_terms(self, ">=", _term(other), COMPARISON)

    def __gt__(self, other: Operand) -> Term:
        return _join_terms(self, ">", _term(other), COMPARISON)

    def __le__(self, other: Operand) -> Term:
        return _join_terms(self, "<=", _term(other), COMPARISON)

    def __lt__(self, other: Operand) -> Term:
        return _join_terms(self, "<", _term(other), COMPARISON)

    def equals(self, other: Operand) -> Term:
        """Whether both are the same."""
        return _join_terms(self, "=", _term(other), COMPARISON)

    @property
    def number(self) -> float:
        """The value of a term that is one number."""
        return float(self.value)


def _term(operand: Operand) -> Term:
    return operand if isinstance(operand, Term) else Term(str(operand), operand)


def _within(term: Term, rank: int, *, strictly: bool = False) -> str:
    """The text of an operand, in brackets where it binds less tightly."""
    bare = term.rank > rank or (term.rank == rank and not strictly)
    return term.text if bare else f"({term.text})"


def _join_terms(left: Term, sign: str, right: Term, rank: int) -> Term:
    text = _within(left, rank, strictly=sign == "^") + sign + _within(right, rank, strictly=sign in "-/^")
    with np.errstate(all="ignore"):
        return Term(text, _compute(np.asarray(left.value), sign, np.asarray(right.value)), rank)


def _compute(left: NDArray[np.generic], sign: str, right: NDArray[np.generic]) -> Value:
    operations = {
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": np.divide,
        "^": np.float_power,
        ">=": np.greater_equal,
        ">": np.greater,
        "<=": np.less_equal,
        "<": np.less,
        "=": np.equal,
    }
    value: Value = operations[sign](left, right)
    return value


def sum_of(terms: Sequence[Term]) -> Term:
    """Their sum."""
    return sum(terms[1:], terms[0])


def _call_text(function: str, *arguments: Term) -> str:
    return f"{function}({','.join(argument.text for argument in arguments)})"


def where(condition: Term, then: Operand, otherwise: Operand) -> Term:
    """IF: one or the other."""
    yes, no = _term(then), _term(otherwise)
    return Term(_call_text("IF", condition, yes, no), np.where(condition.value, yes.value, no.value))


def both(one: Term, other: Term) -> Term:
    """AND."""
    return Term(_call_text("AND", one, other), np.logical_and(one.value, other.value))


def either(one: Term, other: Term) -> Term:
    """OR."""
    return Term(_call_text("OR", one, other), np.logical_or(one.value, other.value))


def largest(one: Operand, other: Operand) -> Term:
    """MAX of two."""
    a, b = _term(one), _term(other)
    return Term(_call_text("MAX", a, b), np.maximum(a.value, b.value))


def smallest(one: Operand, other: Operand) -> Term:
    """MIN of two."""
    a, b = _term(one), _term(other)
    return Term(_call_text("MIN", a, b), np.minimum(a.value, b.value))


def exp(term: Term) -> Term:
    """EXP."""
    with np.errstate(all="ignore"):
        return Term(_call_text("EXP", term), np.exp(np.asarray(term.value, dtype=np.float64)))


def ln(term: Term) -> Term:
    """Natural logarithm."""
    with np.errstate(all="ignore"):
        return Term(_call_text("LN", term), np.log(np.asarray(term.value, dtype=np.float64)))


def size(term: Term) -> Term:
    """ABS."""
    return Term(_call_text("ABS", term), np.abs(np.asarray(term.value, dtype=np.float64)))


def rounded_up(term: Term) -> Term:
    """The next whole number; of a number below 0, one that is no more than 0."""
    up = np.ceil(np.asarray(term.value, dtype=np.float64))
    return Term(f"ROUNDUP({term.text},0)", up)


def rounded_down(term: Term) -> Term:
    """The whole number before."""
    return Term(_call_text("INT", term), np.floor(np.asarray(term.value, dtype=np.float64)))


NOTHING = Term(f'"{NONE}"', np.nan)
"""No number."""


class CellRange(Term):
    """A block of cells, one below the other; its text is its address or name."""

    @property
    def total(self) -> Term:
        """SUM."""
        return Term(f"SUM({self.text})", float(np.sum(self.value)))

    @property
    def mean(self) -> Term:
        """AVERAGE."""
        return Term(f"AVERAGE({self.text})", float(np.mean(self.value)))

    @property
    def top(self) -> Term:
        """MAX."""
        return Term(f"MAX({self.text})", float(np.max(self.value)))

    def pick(self, place: Term) -> Term:
        """INDEX: the cell at a place, counted from 1."""
        places = np.asarray(place.value, dtype=np.int64) - 1
        return Term(f"INDEX({self.text},{place.text})", np.asarray(self.value)[places])

    def upto(self, wanted: Term, results: CellRange) -> Term:
        """LOOKUP: of the cells that are no more than `wanted`, the result that stands beside the last one.

        The cells rise, and the first one is below all that is wanted.
        """
        places = np.searchsorted(np.asarray(self.value), np.asarray(wanted.value), side="right") - 1
        return Term(f"LOOKUP({wanted.text},{self.text},{results.text})", np.asarray(results.value)[places])


FIRST = 8
"""Row of the first day or month, as a spreadsheet counts; above it are title, note, two rows of parameters, heads."""
HEAD, UNIT = FIRST - 3, FIRST - 2
"""Rows of heads and units, counted from 0."""
WIDTH = 12.5
WIDEST, SMALL = 16, 55
"""Columns that a printed page may hold; beyond, a sheet is printed on several side by side, at so many percent."""


SHOWN_ROWS = 31
"""Rows of a sheet for the screen that are printed."""


class Column(Term):
    """A column of a grid: in formulas of the same row, its cell; `range` is the whole of it."""

    def __init__(self, sheet: str, place: int, letters: str, values: Floats) -> None:
        super().__init__(f"'{sheet}'!${letters}{ROW}", values)
        self.place = place
        self.letters = letters
        block = f"'{sheet}'!${letters}${FIRST}:${letters}${FIRST + len(values) - 1}"
        self.range = CellRange(block, values)
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

    def __init__(self, sheet: Worksheet, look: CellFormats, rows: int, title: str, note: str) -> None:
        self.sheet = sheet
        self.look = look
        self.rows = rows
        self.name: str = sheet.get_name()
        self.next = 0
        self.columns: list[Column] = []
        self._parameters: set[tuple[int, int]] = set()
        self._tall = {HEAD: 1, UNIT: 1}
        self.title, self.note = title, note
        self._write_above(0)
        sheet.repeat_rows(HEAD, UNIT)

    def local(self, text: str) -> str:
        """A formula's text on this sheet: its own cells are named without it."""
        return text.replace(f"'{self.name}'!", "")

    def add_values(
        self, title: str, unit: str, values: Floats | Ints, number: str = USD, kind: CellKind = CellKind.SETTLED
    ) -> Column:
        """A column of values that no formula can give."""
        place, column = self._new(title, unit, np.asarray(values, dtype=np.float64))
        self.sheet.write_column(FIRST - 1, place, column.values.tolist(), self.look.of(kind, number))
        return column

    def add_labels(self, title: str, texts: Sequence[str]) -> Column:
        """A column of texts."""
        place, column = self._new(title, "", np.zeros(self.rows))
        self.sheet.write_column(FIRST - 1, place, list(texts), self.look.of(CellKind.TEXT))
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
            self.sheet.write_string(row, place - 1, label, self.look.of(CellKind.NOTE, align="right"))
        self._parameters.add((row, place))
        form = self.look.of(CellKind.FORMULA, number)
        if term.text.isdecimal():
            self.sheet.write_number(row, place, term.number, form)
        else:
            self.sheet.write_formula(row, place, f"={self.local(term.text)}", form, term.number)
        return Term(f"'{self.name}'!{xl_col_to_name(place)}${row + 1}", term.number)

    def finish(self, tall: int = 0, *, on_screen: bool = False) -> None:
        """Keep heads and the first column in view; print on pages that can be read, `tall` of them at most.

        Of a sheet for the screen only the first columns of its first rows are printed, to show what it is.
        """
        self.sheet.freeze_panes(FIRST - 1, 1)
        for row, needed in self._tall.items():
            self.sheet.set_row(row, LINE * needed + 2)
        page(self.sheet, tall=1 if on_screen else tall)
        if on_screen:
            self.sheet.print_area(0, 0, min(self.rows, SHOWN_ROWS) + FIRST - 2, min(self.next, WIDEST) - 1)
        elif self.next > WIDEST:
            self.sheet.set_print_scale(SMALL)
            self.sheet.repeat_columns(0)
            self._write_above(1)

    def _write_above(self, place: int) -> None:
        """Title and note, from a column on; beside a first column that is printed again on each page, which would show
        their beginnings cut off there."""
        for row, (text, kind) in enumerate(((self.title, CellKind.TITLE), (self.note, CellKind.NOTE))):
            self.sheet.write_blank(row, 0, None, self.look.of(kind))
            self.sheet.write_string(row, place, text, self.look.of(kind))

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
        self.sheet.write_string(HEAD, place, title, self.look.of(CellKind.HEAD, align="right"))
        unit_form = self.look.of(CellKind.NOTE, text_wrap=True, valign="top", align="right")
        self.sheet.write_string(UNIT, place, unit, unit_form)
        self.sheet.set_column(place, place, WIDTH)
        self.columns.append(column)
        return place, column

    def _formulas(self, title: str, unit: str, text: Callable[[int], str], value: object, number: str) -> Column:
        values = np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), self.rows))
        place, column = self._new(title, unit, values)
        form, write = self.look.of(CellKind.FORMULA, number), self.sheet.write_formula
        own = f"'{self.name}'!"
        for row, cached in enumerate(values.tolist(), FIRST):
            formula = text(row).replace(own, "").replace(ROW, str(row)).replace(BEFORE, str(row - 1))
            write(row - 1, place, f"={formula}", form, NONE if cached != cached else cached)
        return column
