"""The sheet of outputs: what the base case comes to, live where it can be, with charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xlsxwriter.worksheet import Worksheet

from switchpoint.export.words import short
from switchpoint.export.workbook.book import Book
from switchpoint.export.workbook.candidate import Parts
from switchpoint.export.workbook.charts import colour, line_chart
from switchpoint.export.workbook.grid import Column
from switchpoint.export.workbook.inputs import LAST_SERIAL, serial
from switchpoint.export.workbook.look import COUNT, DATE, LIMIT, LINE, USD, Kind, lines, page
from switchpoint.export.workbook.months import MonthSheet
from switchpoint.export.workbook.stay import Stay
from switchpoint.export.workbook.term import Range, Term

LABEL, UNIT, STAY, FIRST_CANDIDATE = 0, 1, 2, 3
TABLE = 7
NAME_WIDTH = 17
"""Width of the column of a candidate."""
SETTLED = {
    "project_start": "Project starts",
    "cutover": "Live with its whole share",
    "crossover": "Running cost no more than staying",
    "limit_again": "Limit reached again once live",
    "start_by": "Latest sensible start",
    "best_start": "Best start",
}
"""Figures of the simulation's result that no formula gives, by their name there."""


@dataclass
class Table:
    """The table of outputs, filled row by row."""

    sheet: Worksheet
    book: Book
    row: int = TABLE

    def head(self, text: str, names: Sequence[str], stay: str = "Stay") -> None:
        """A section with its heads."""
        look = self.book.look
        for place, head in enumerate([text, "Unit", stay, *names]):
            align = "left" if place < STAY else "right"
            self.sheet.write_string(self.row, place, head, look.of(Kind.HEAD, align=align))
        self.sheet.set_row(self.row, LINE * lines((name, NAME_WIDTH - 2) for name in names) + 2)
        self.row += 1

    def line(self, label: str, unit: str, stay: Term | None, each: Sequence[Term | None], number: str) -> None:
        """A row of formulas; cells without one stay empty."""
        look = self.book.look
        self.sheet.write_string(self.row, LABEL, label, look.of(Kind.TEXT))
        self.sheet.write_string(self.row, UNIT, unit, look.of(Kind.TEXT, font_color="#5a6675"))
        for place, term in enumerate([stay, *each], STAY):
            if term is not None:
                form = look.of(Kind.FORMULA, number, valign="top")
                self.sheet.write_formula(self.row, place, f"={term.text}", form, term.number)
        self.row += 1

    def dates(self, label: str, values: Sequence[float]) -> None:
        """A row of dates that the simulation settled."""
        look = self.book.look
        self.sheet.write_string(self.row, LABEL, label, look.of(Kind.TEXT))
        self.sheet.write_string(self.row, UNIT, "date", look.of(Kind.TEXT, font_color="#5a6675"))
        for place, value in enumerate(values, FIRST_CANDIDATE):
            self.sheet.write_number(self.row, place, value, look.of(Kind.SETTLED, DATE))
        self.row += 1


def write_outputs(
    sheet: Worksheet, book: Book, stay: Stay, candidates: Sequence[Parts], months: MonthSheet, checks: str
) -> None:
    """Write the sheet; `checks` names the cell that is TRUE where all checks are."""
    names = [short(each.settled.name) for each in candidates]
    _front(sheet, book, checks, max(FIRST_CANDIDATE + len(names), 6))
    table = Table(sheet, book)
    _live(table, book, stay, candidates, names)
    table.row += 1
    table.head("Settled by the simulation, not live", names, "")
    base = book.told["base"]
    for key, label in SETTLED.items():
        if key == "limit_again" and stay.pressed is None:
            continue
        rows = base["advised" if key == "start_by" else "candidates"]
        found = [rows[each.settled.name][key] for each in candidates]
        table.dates(label, [float(LAST_SERIAL) if day is None else float(serial(day)) for day in found])
    _charts(sheet, book, candidates, months, table.row + 1)


def _front(sheet: Worksheet, book: Book, checks: str, width: int) -> None:
    look, result = book.look, book.result
    scenario = result.case.scenario
    sheet.set_column(LABEL, LABEL, 46)
    sheet.set_column(UNIT, UNIT, 10)
    sheet.set_column(STAY, STAY + 101, NAME_WIDTH)
    sheet.write_string(0, 0, short(scenario.name, 110), look.of(Kind.TITLE))
    texts = (short(scenario.summary, 400), f"The simulation's verdict: {result.sentence}")
    for row, text in enumerate(texts, 1):
        if text:
            wrapped = look.of(Kind.TEXT, font_size=11 if row == 2 else 10)
            sheet.merge_range(row, 0, row, width - 1, "", wrapped)
            sheet.write_string(row, 0, text, wrapped)
            sheet.set_row(row, 15 * (1 + len(text) // (56 + 13 * (width - 2))))
    for row, label, name in (
        (4, "Inputs changed since the simulation", "inputs_changed"),
        (5, "All checks hold", checks),
    ):
        sheet.write_string(row, 0, label, look.of(Kind.TEXT))
        value: float | bool = 0 if row == 4 else True
        sheet.write_formula(row, STAY, f"={name}", look.of(Kind.FORMULA, bold=True, align="right"), value)
    page(sheet, tall=1, portrait=True)


def _live(table: Table, book: Book, stay: Stay, candidates: Sequence[Parts], names: Sequence[str]) -> None:
    first, last = stay.bill.cell(0), stay.bill.cell(stay.grid.rows - 1)
    table.head("Live: follows the inputs", names)
    table.line("Cost over the horizon", "$", stay.cost.range.total, [c.total.range.total for c in candidates], USD)
    present = [present_value(each.total, stay.discount) for each in candidates]
    table.line("Present value of the cost", "$", present_value(stay.cost, stay.discount), present, USD)
    table.line("Net present value of the saving", "$", None, [c.present.range.total for c in candidates], USD)
    table.line("Spent on the project until live", "$", None, [one_off(c, stay) for c in candidates], USD)
    back = [first_date(book, stay, each.paid_back, 1) for each in candidates]
    table.line("Break-even", "date", None, back, DATE)
    ends = [None if each.can is None else first_date(book, stay, each.can, 0) for each in candidates]
    if any(ends):
        table.line("Not possible from", "date", None, ends, DATE)
    replicas = [each.replicas.range.top if each.replicas else None for each in candidates]
    if any(replicas):
        table.line("Most replicas", "replicas", None, replicas, COUNT)
    table.line("Monthly bill at the start", "$/month", first, [], USD)
    table.line("Monthly bill at the end", "$/month", last, [], USD)
    if stay.pressed is not None:
        table.line("Limit reached", "date", first_date(book, stay, stay.pressed.reached, 1), [], DATE)


def present_value(cost: Column, discount: Column) -> Term:
    """Discounted sum of dollars a day."""
    value = float(cost.values @ discount.values)
    return Term(f"SUMPRODUCT({cost.range.text},{discount.range.text})", value)


def first_date(book: Book, stay: Stay, flags: Column, wanted: int) -> Term:
    """Date of the first day on which a flag has a value; far off where there is none."""
    text = f"IFERROR(INDEX({stay.days.date.range.text},MATCH({wanted},{flags.range.text},0)),{book.inputs.never.text})"
    found = np.nonzero(flags.values == wanted)[0]
    return Term(text, float(stay.days.date.values[found[0]]) if found.size else book.inputs.never.number)


def one_off(candidate: Parts, stay: Stay) -> Term:
    """What the project spends until cutover: labels, engineers, one-off sums, its trainings, and capital by then."""
    spend, dates = candidate.spend, stay.days.date
    total = spend.labels.range.total + spend.engineers.range.total + spend.one_off.range.total
    total = total + _within(candidate.dates.iterations, dates) * spend.iteration
    if candidate.purchases is None:
        return total
    cutover, bought = candidate.dates.days["cutover"], candidate.purchases.spent
    text = f'SUMIFS({bought.range.text},{dates.range.text},"<="&{cutover.text})'
    return total + Term(text, float(bought.values[dates.values <= cutover.number].sum()))


def _within(listed: Range, dates: Column) -> Term:
    """How many of the listed days lie in the horizon."""
    first, last = dates.cell(0), dates.cell(len(dates.values) - 1)
    days = np.asarray(listed.value)
    text = f'COUNTIFS({listed.text},">="&{first.text},{listed.text},"<="&{last.text})'
    return Term(text, float(((days >= first.number) & (days <= last.number)).sum()))


def _charts(sheet: Worksheet, book: Book, candidates: Sequence[Parts], months: MonthSheet, row: int) -> None:
    lines, with_limit = [(months.stay, colour(0), False)], ""
    if months.limit is not None:
        lines, with_limit = [*lines, (months.limit, LIMIT, True)], ", with the limit"
    lines += [(column, colour(place), False) for place, column in enumerate(months.costs, 1)]
    bill = line_chart(book.book, months.month, lines, "Cost of each calendar month")
    sheet.insert_chart(row, 0, bill, {"description": f"Monthly cost of staying and of each candidate{with_limit}"})
    if candidates:
        saved = [(column, colour(place), False) for place, column in enumerate(months.so_far, 1)]
        chart = line_chart(book.book, months.month, saved, "Saving so far against staying, present value")
        sheet.insert_chart(row + 20, 0, chart, {"description": "Cumulative discounted saving of each candidate"})
