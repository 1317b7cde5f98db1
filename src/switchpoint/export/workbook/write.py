"""The workbook as a file, whole or not there at all; its sheet of checks, each of which reads TRUE."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell_fast
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from switchpoint.decision.cash import Length
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.workbook_figures import WorkbookFigures
from switchpoint.export.workbook.candidate_columns import Parts
from switchpoint.export.workbook.candidate_sheet import CandidateSheet, write_dates
from switchpoint.export.workbook.cash_sheets import CashSheet, period_count, write_cash, write_periods
from switchpoint.export.workbook.formula import FIRST, Column, Grid, Term, sum_of
from switchpoint.export.workbook.inputs_sheet import Book, InputsSheet
from switchpoint.export.workbook.outputs_sheet import (
    ALL_CHECKS,
    MonthSheet,
    present_value,
    write_months,
    write_outputs,
    write_parts,
)
from switchpoint.export.workbook.reading_sheets import (
    Sheets,
    Simulated,
    write_assumptions,
    write_guide,
    write_live,
    write_simulated,
)
from switchpoint.export.workbook.stay_sheet import StaySheet, stay_columns
from switchpoint.export.workbook.styles import LINE, MONTH, USD, CellFormats, CellKind, Names, lines, page, plain
from switchpoint.review.assumption_rows import applying, assumptions
from switchpoint.review.pages import short
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.toml_writer import save_bytes
from switchpoint.simulation.chance import Expected

# The sheet of checks -------------------------------------------------------------------------------------------------

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


# The workbook as a file ----------------------------------------------------------------------------------------------

FIXED = (
    "Read me", "Live or simulated", "Outputs", "Inputs", "Assumptions", "Months", "Cash", "Quarters", "Years", "Dates",
    "Days", "Commitments", "Checks", "Simulated",
)  # fmt: skip
LONGEST_PREFIX = 24
"""Letters of a candidate's name that the names of its cells begin with."""
MOST_CELLS = 400_000
"""About how many daily formulas a workbook may hold before candidates are left out."""
COLUMNS = 29
"""About how many columns the days of staying, or of a candidate, take."""


class Formula(NamedTuple):
    """A formula without its equals sign, how it looks, and what it comes to; the library knows a cell by this name."""

    formula: str
    format: Format | None
    value: float | str


class Sheet(Worksheet):  # type: ignore[misc]
    """A worksheet that takes formulas as they are, and writes those that come to a number in one step.

    The library would look in each for thirty functions of newer spreadsheets, none used here, and in every part of a
    cell for letters to escape: half of the time that a workbook takes.
    """

    def write_formula(
        self, row: int, column: int, formula: str, form: Format | None = None, value: float | str = 0
    ) -> None:
        """Keep a formula for its cell."""
        self._check_dimensions(row, column)
        self.table[row][column] = Formula(formula.removeprefix("="), form, value)

    def _write_cell(self, row: int, column: int, cell: tuple[Any, ...]) -> None:
        if isinstance(cell, Formula) and isinstance(cell.value, float) and cell.format:
            place, form = xl_rowcol_to_cell_fast(row, column), cell.format._get_xf_index()
            self.fh.write(f'<c r="{place}" s="{form}"><f>{escape(cell.formula)}</f><v>{cell.value}</v></c>')
        else:
            super()._write_cell(row, column, cell)


def write_workbook(
    result: JudgedWorld,
    path: Path | str,
    *,
    notes: Mapping[str, str] | None = None,
    simulated: Simulated | None = None,
    overwrite: bool = False,
) -> None:
    """Write a workbook whose formulas reproduce the base case, day by day.

    Projects start as they do in `result`: by the scenario's policy, or, of `result.shown`, as advised.

    Args:
        result: a base case.
        path: the file, .xlsx.
        notes: remarks of the scenario's author by dotted field, shown as sources.
        simulated: quantiles of a Monte Carlo simulation, shown as values.
        overwrite: whether a file that is there may be replaced.

    Raises:
        ScenarioError: where the file exists and may not be overwritten, or cannot be written.
        ValueError: for a drawn world, which formulas cannot reproduce.
    """
    save_bytes(path, workbook_bytes(result, notes=notes, simulated=simulated), overwrite=overwrite)


def workbook_bytes(
    result: JudgedWorld, *, notes: Mapping[str, str] | None = None, simulated: Simulated | None = None
) -> bytes:
    """The workbook's file; see `write_workbook`."""
    if not isinstance(result.case.setting.chance, Expected):
        raise ValueError("a workbook shows the base case; this is a drawn world")
    memory = io.BytesIO()
    file = Workbook(memory, {"in_memory": True})
    file.set_properties({"title": short(result.case.scenario.name, 200), "comments": "Written by Switchpoint"})
    file.set_calc_mode("auto")
    _fill(file, result, notes, simulated)
    file.close()
    return memory.getvalue()


def _fill(file: Workbook, result: JudgedWorld, notes: Mapping[str, str] | None, simulated: Simulated | None) -> None:
    shown = fitting(result)
    left_out = [each.name for each in result.workbook_figures if each not in shown]
    sheets = _sheets(result, shown, simulated)
    for name in sheets.all:
        file.add_worksheet(name, worksheet_class=Sheet)
    assumed = assumptions(result, notes)
    look, stated = CellFormats(file), {row.field: row for row in assumed}
    inputs, prefixes = InputsSheet(file.get_worksheet_by_name(sheets.inputs), file, look, stated), Names()
    inputs.prefix = {each.name: prefixes.cell(plain(each.name)[:LONGEST_PREFIX]) for each in shown}
    book = Book(result, file, look, inputs)
    stay, parts = _days(book, sheets, shown)
    _write_review_sheets(book, sheets, stay, parts)
    inputs.finish()
    applied = applying(assumed, result.case.scenario)
    write_assumptions(file.get_worksheet_by_name(sheets.assumptions), book, applied)
    write_live(file.get_worksheet_by_name(sheets.live), book)
    write_guide(file.get_worksheet_by_name(sheets.guide), book, sheets, left_out)
    if simulated is not None and sheets.simulated:
        write_simulated(file.get_worksheet_by_name(sheets.simulated), look, simulated)


def fitting(result: JudgedWorld) -> tuple[WorkbookFigures, ...]:
    """The candidates that fit into a file of reasonable size, that of the verdict first; at least one."""
    days, best = result.case.clock.days, result.verdict.candidate
    first = sorted(result.workbook_figures, key=lambda each: best is None or each.name != best.name)
    kept: list[str] = []
    columns = COLUMNS
    for each in first:
        columns += COLUMNS
        if kept and columns * days > MOST_CELLS:
            break
        kept.append(each.name)
    return tuple(each for each in result.workbook_figures if each.name in kept)


def _sheets(result: JudgedWorld, shown: Sequence[WorkbookFigures], simulated: Simulated | None) -> Sheets:
    names = Names()
    scenario = result.case.scenario
    routes = (scenario.current, *(each.spec for each in shown))
    committed = any(isinstance(route, PricedRoute) and route.commitments for route in routes)
    fixed = {name: names.sheet(name) for name in FIXED}
    return Sheets(
        candidates=tuple(each.name for each in shown),
        guide=fixed["Read me"],
        outputs=fixed["Outputs"],
        inputs=fixed["Inputs"],
        assumptions=fixed["Assumptions"],
        live=fixed["Live or simulated"],
        months=fixed["Months"],
        cash=fixed["Cash"],
        quarters=fixed["Quarters"],
        years=fixed["Years"],
        parts=tuple(names.sheet(each.name) for each in shown),
        dates=fixed["Dates"],
        stay=fixed["Days"],
        days=tuple(names.sheet(each.name, " days") for each in shown),
        settlement=fixed["Commitments"] if committed else None,
        checks=fixed["Checks"],
        simulated=fixed["Simulated"] if simulated else None,
        limited=scenario.limited,
    )


def _days(book: Book, sheets: Sheets, shown: Sequence[WorkbookFigures]) -> tuple[StaySheet, list[Parts]]:
    """The calculation: the days of staying and of each candidate."""
    clock = book.clock
    settlement = None
    if sheets.settlement:
        text = "What a month's bill comes to after discounts and take-or-pay"
        settlement = book.grid(sheets.settlement, len(clock.months), "Commitments", text)
    days = book.grid(
        sheets.stay, clock.days, "Staying, day by day", "Formulas all the way down; usage is counted at noon"
    )
    stay = stay_columns(days, book, settlement)
    dates = write_dates(book.book.get_worksheet_by_name(sheets.dates), book, shown)
    parts = []
    for sheet, each, milestones in zip(sheets.days, shown, dates, strict=True):
        book.inputs.heading(short(each.name, 80))
        text = "Formulas but for the violet columns; dates of the project stand on Dates"
        grid = book.grid(sheet, clock.days, f"{short(each.name, 60)}, day by day", text)
        parts.append(CandidateSheet(grid, book, stay, each, milestones).write())
    for grid in book.grids:
        grid.finish(on_screen=grid.rows == clock.days)
    return stay, parts


def _write_cash(book: Book, sheets: Sheets, stay: StaySheet, parts: Sequence[Parts]) -> CashSheet:
    """Cash by month, quarter and fiscal year; the months of it."""
    clock = book.clock
    text = "Staying against each candidate, not discounted; what GPUs are worth on the last day is no cash"
    cash = write_cash(book.grid(sheets.cash, len(clock.months), "Cash, month by month", text), book, stay, parts)
    begins = f"{date(2000, book.result.case.scenario.decision.fiscal_year_starts, 1):%B}"
    lengths: tuple[tuple[str, Length, str], ...] = (
        (sheets.quarters, "quarter", "Cash by quarter"),
        (sheets.years, "year", "Cash by fiscal year"),
    )
    for sheet, length, title in lengths:
        note = f"Sums of the months on {sheets.cash}; fiscal years begin in {begins}"
        write_periods(book.grid(sheet, period_count(book, length), title, note), book, cash, length)
    return cash


def _write_review_sheets(book: Book, sheets: Sheets, stay: StaySheet, parts: Sequence[Parts]) -> None:
    """What the review reads: months, outputs, checks."""
    count = len(book.clock.months)
    text = "Sums over calendar months of the days; the first and the last one may lie partly in the horizon"
    months = write_months(book.grid(sheets.months, count, "Months", text), book, stay, parts)
    for sheet, each in zip(sheets.parts, parts, strict=True):
        title = f"{short(each.settled.name, 60)}, month by month"
        write_parts(book.grid(sheet, count, title, "What its path costs by what the money is for"), book, stay, each)
    cash = _write_cash(book, sheets, stay, parts)
    write_outputs(book.book.get_worksheet_by_name(sheets.outputs), book, stay, parts, months, cash)
    write_checks(book.book.get_worksheet_by_name(sheets.checks), book, stay, parts, months)
