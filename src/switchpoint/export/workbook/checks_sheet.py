"""The sheet of checks: each cell reads TRUE, and the simulation's own figures stand below for comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from switchpoint.export.workbook.candidate_sheet import Parts
from switchpoint.export.workbook.formula import FIRST, Column, Grid, Term, sum_of
from switchpoint.export.workbook.inputs_sheet import Book
from switchpoint.export.workbook.outputs_sheet import ALL_CHECKS, MonthSheet, present_value
from switchpoint.export.workbook.stay_sheet import StaySheet
from switchpoint.export.workbook.styles import LINE, MONTH, USD, CellKind, lines, page
from switchpoint.review.pages import short

TOP, CHECKS_WIDTH = 4, 16
NOTE = "Each reads TRUE. Those that compare with the simulation do so while no input is changed."


@dataclass(frozen=True)
class Check:
    """A statement, and the formula that is TRUE where it holds."""

    statement: str
    formula: str


def write_checks(
    sheet: Worksheet, book: Book, stay: StaySheet, candidates: Sequence[Parts], months: MonthSheet
) -> None:
    """Write the sheet and name the cell that sums it up."""
    look = book.look
    sheet.write_string(0, 0, "Checks", look.of(CellKind.TITLE))
    sheet.write_string(1, 0, NOTE, look.of(CellKind.NOTE))
    sheet.set_column(0, 0, 70)
    sheet.set_column(1, 60, CHECKS_WIDTH)
    found = [*_sums(book, stay, candidates, months), *_sane(book, stay, candidates)]
    compared = _compare_figures(book, candidates, months)
    top = TOP + len(found) + len(compared) + 2
    found += _write_simulated(sheet, book, compared, months, top)
    for row, check in enumerate(found, TOP):
        sheet.write_string(row, 0, check.statement, look.of(CellKind.TEXT))
        sheet.write_formula(row, 1, f"={check.formula}", look.of(CellKind.CHECK), True)
    sheet.write_string(2, 0, "All checks hold", look.of(CellKind.TEXT, bold=True))
    sheet.write_formula(2, 1, f"=AND(B{TOP + 1}:B{TOP + len(found)})", look.of(CellKind.CHECK), True)
    book.inputs.define(ALL_CHECKS, sheet, 2, 2, 1)
    sheet.freeze_panes(TOP, 1)
    page(sheet)


def _same(book: Book, one: Term, other: Term) -> str:
    """Whether two amounts agree to the cent, large ones to a billionth."""
    slack = f"MAX({book.inputs.half_cent.text},{book.inputs.tolerance.text}*ABS({other.text}))"
    return f"ABS({one.text}-({other.text}))<={slack}"


def _sums(book: Book, stay: StaySheet, candidates: Sequence[Parts], months: MonthSheet) -> Iterator[Check]:
    yield Check("Staying: the months add up to the days", _same(book, months.stay.range.total, stay.cost.range.total))
    for each, monthly in zip(candidates, months.costs, strict=True):
        name, total = short(each.settled.name), each.total.range.total
        yield Check(f"{name}: the months add up to the days", _same(book, monthly.range.total, total))
        parts = [part.range.total for part in each.parts.values()]
        yield Check(f"{name}: the parts add up to the total", _same(book, sum_of(parts), total))
        saved = present_value(stay.cost, stay.discount) - present_value(each.total, stay.discount)
        yield Check(f"{name}: both ways to its net present value agree", _same(book, each.present.range.total, saved))


def _sane(book: Book, stay: StaySheet, candidates: Sequence[Parts]) -> Iterator[Check]:
    for grid in book.grids:
        yield Check(f"{grid.name}: no cell is an error", f"SUMPRODUCT(ISERROR({_block(grid)})*1)=0")
    for block in book.inputs.rising:
        upper, lower = f"{block.cell(0).text}:{block.cell(-2).text}", f"{block.cell(1).text}:{block.cell(-1).text}"
        yield Check(f"{block.text}: dates do not fall", f"SUMPRODUCT(({lower}<{upper})*1)=0")
    for share in book.inputs.shares:
        yield Check(f"{share.text} lies between 0 and 1", f"AND({share.text}>=0,{share.text}<=1)")
    for each in candidates:
        days = each.dates.days
        order = ",".join(
            f"{days[a].text}<={days[b].text}" for a, b in (("start", "shadow"), ("shadow", "ramp"), ("ramp", "cutover"))
        )
        yield Check(f"{short(each.settled.name)}: the project's dates are in order", f"AND({order})")
        if each.purchases:
            horizon = stay.days.day.cell(stay.grid.rows - 1)
            enough = f"{each.purchases.next_age.text}>{horizon.text}"
            yield Check(f"{short(each.settled.name)}: there is a column for every replacement of GPUs", enough)


def _block(grid: Grid) -> str:
    first, last = grid.columns[0], grid.columns[-1]
    return f"'{grid.name}'!${first.letters}${FIRST}:${last.letters}${FIRST + grid.rows - 1}"


@dataclass(frozen=True)
class CheckedFigure:
    """A figure of each month, or one figure, with what the simulation says."""

    label: str
    live: Column | Term
    simulated: list[float]


def _compare_figures(book: Book, candidates: Sequence[Parts], months: MonthSheet) -> list[CheckedFigure]:
    rows = book.result.monthly
    found = [
        CheckedFigure("Requests", months.requests, [row["requests"] for row in rows]),
        CheckedFigure("Stay", months.stay, [row["stay_usd"] for row in rows]),
    ]
    if months.limit is not None:
        found.insert(1, CheckedFigure("Limit", months.limit, [row["limit_usd"] for row in rows]))
    if months.pressure is not None and all(row["pressure"] is not None for row in rows):
        found.append(CheckedFigure("Pressure", months.pressure, [row["pressure"] for row in rows]))
    base = book.result_json["base"]["candidates"]
    for each, cost in zip(candidates, months.costs, strict=True):
        name = each.settled.name
        found.append(CheckedFigure(short(name), cost, [row[f"{name}_usd"] for row in rows]))
        saved = each.present.range.total
        found.append(CheckedFigure(f"{short(name)}: NPV of the saving", saved, [base[name]["npv_saving_usd"]]))
    return found


def _write_simulated(
    sheet: Worksheet, book: Book, compared: Sequence[CheckedFigure], months: MonthSheet, top: int
) -> Iterator[Check]:
    """The simulation's figures as values below the checks; and the comparison with each."""
    look = book.look
    sheet.write_string(top, 0, "The simulation's figures, values", look.of(CellKind.HEAD))
    sheet.set_row(top, LINE * lines((figure.label, CHECKS_WIDTH - 3) for figure in compared) + 2)
    for row, month in enumerate(months.month.values, top + 1):
        sheet.write_number(row, 0, float(month), look.of(CellKind.SETTLED, MONTH, align="left"))
    for place, figure in enumerate(compared, 1):
        number = "0.000" if figure.label == "Pressure" else USD
        sheet.write_string(top, place, figure.label, look.of(CellKind.HEAD, align="right"))
        sheet.write_column(top + 1, place, figure.simulated, look.of(CellKind.SETTLED, number))
        cells = f"'{sheet.get_name()}'!" + xl_range_abs(top + 1, place, top + len(figure.simulated), place)
        live = figure.live.range.text if isinstance(figure.live, Column) else figure.live.text
        off = f"SUMPRODUCT(MAX(ABS({live}-{cells})))"
        slack = f"MAX({book.inputs.half_cent.text},{book.inputs.tolerance.text}*MAX({cells}))"
        scope = "every month" if isinstance(figure.live, Column) else "the horizon"
        statement = f"{figure.label}: {scope} as simulated, to the cent"
        yield Check(statement, f"OR({book.inputs.changed.text}>0,{off}<={slack})")
