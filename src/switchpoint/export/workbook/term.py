"""Terms: what a formula says and what it comes to, in one object.

The model is written down once, in Python's own arithmetic, and each expression knows two things: its text as a
spreadsheet formula and its value. So the workbook's formulas and the values that are cached in its cells cannot drift
apart. A term is a number, or has one value for each row of a sheet; in its text ROW and BEFORE then stand for the row
and for the one above.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from switchpoint.clock import Floats

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
        return _joined(self, "+", _term(other), SUM)

    def __radd__(self, other: Operand) -> Term:
        return _joined(_term(other), "+", self, SUM)

    def __sub__(self, other: Operand) -> Term:
        return _joined(self, "-", _term(other), SUM)

    def __rsub__(self, other: Operand) -> Term:
        return _joined(_term(other), "-", self, SUM)

    def __mul__(self, other: Operand) -> Term:
        return _joined(self, "*", _term(other), PRODUCT)

    def __truediv__(self, other: Operand) -> Term:
        return _joined(self, "/", _term(other), PRODUCT)

    def __pow__(self, other: Operand) -> Term:
        return _joined(self, "^", _term(other), POWER)

    def __neg__(self) -> Term:
        return Term(f"-{_within(self, PRODUCT)}", -np.asarray(self.value, dtype=np.float64), SUM)

    def __ge__(self, other: Operand) -> Term:
        return _joined(self, ">=", _term(other), COMPARISON)

    def __gt__(self, other: Operand) -> Term:
        return _joined(self, ">", _term(other), COMPARISON)

    def __le__(self, other: Operand) -> Term:
        return _joined(self, "<=", _term(other), COMPARISON)

    def __lt__(self, other: Operand) -> Term:
        return _joined(self, "<", _term(other), COMPARISON)

    def equals(self, other: Operand) -> Term:
        """Whether both are the same."""
        return _joined(self, "=", _term(other), COMPARISON)

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


def _joined(left: Term, sign: str, right: Term, rank: int) -> Term:
    text = _within(left, rank, strictly=sign == "^") + sign + _within(right, rank, strictly=sign in "-/^")
    with np.errstate(all="ignore"):
        return Term(text, _computed(np.asarray(left.value), sign, np.asarray(right.value)), rank)


def _computed(left: NDArray[np.generic], sign: str, right: NDArray[np.generic]) -> Value:
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


def added(terms: Sequence[Term]) -> Term:
    """Their sum."""
    return sum(terms[1:], terms[0])


def _called(function: str, *arguments: Term) -> str:
    return f"{function}({','.join(argument.text for argument in arguments)})"


def where(condition: Term, then: Operand, otherwise: Operand) -> Term:
    """IF: one or the other."""
    yes, no = _term(then), _term(otherwise)
    return Term(_called("IF", condition, yes, no), np.where(condition.value, yes.value, no.value))


def both(one: Term, other: Term) -> Term:
    """AND."""
    return Term(_called("AND", one, other), np.logical_and(one.value, other.value))


def either(one: Term, other: Term) -> Term:
    """OR."""
    return Term(_called("OR", one, other), np.logical_or(one.value, other.value))


def largest(one: Operand, other: Operand) -> Term:
    """MAX of two."""
    a, b = _term(one), _term(other)
    return Term(_called("MAX", a, b), np.maximum(a.value, b.value))


def smallest(one: Operand, other: Operand) -> Term:
    """MIN of two."""
    a, b = _term(one), _term(other)
    return Term(_called("MIN", a, b), np.minimum(a.value, b.value))


def exp(term: Term) -> Term:
    """EXP."""
    with np.errstate(all="ignore"):
        return Term(_called("EXP", term), np.exp(np.asarray(term.value, dtype=np.float64)))


def ln(term: Term) -> Term:
    """Natural logarithm."""
    with np.errstate(all="ignore"):
        return Term(_called("LN", term), np.log(np.asarray(term.value, dtype=np.float64)))


def size(term: Term) -> Term:
    """ABS."""
    return Term(_called("ABS", term), np.abs(np.asarray(term.value, dtype=np.float64)))


def rounded_up(term: Term) -> Term:
    """The next whole number; of a number below 0, one that is no more than 0."""
    up = np.ceil(np.asarray(term.value, dtype=np.float64))
    return Term(f"ROUNDUP({term.text},0)", up)


def rounded_down(term: Term) -> Term:
    """The whole number before."""
    return Term(_called("INT", term), np.floor(np.asarray(term.value, dtype=np.float64)))


NOTHING = Term(f'"{NONE}"', np.nan)
"""No number."""


class Range(Term):
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

    def upto(self, wanted: Term, results: Range) -> Term:
        """LOOKUP: of the cells that are no more than `wanted`, the result that stands beside the last one.

        The cells rise, and the first one is below all that is wanted.
        """
        places = np.searchsorted(np.asarray(self.value), np.asarray(wanted.value), side="right") - 1
        return Term(f"LOOKUP({wanted.text},{self.text},{results.text})", np.asarray(results.value)[places])
