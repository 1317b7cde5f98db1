"""Months, outputs, charts, checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from xlsxwriter.chart import Chart
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from switchpoint.charts.takeaways import label_of
from switchpoint.decision.cash import first_year, waterfall
from switchpoint.decision.plan_result import PlanResult
from switchpoint.export.workbook.candidate_columns import Parts
from switchpoint.export.workbook.cash_sheets import (
    CashSheet,
    end_credit,
    peak_date,
    peak_of_cash,
    rate_of_return,
    waterfall_lines,
)
from switchpoint.export.workbook.formula import (
    FIRST,
    HEAD,
    NONE,
    NOTHING,
    CellRange,
    Column,
    Grid,
    Term,
    smallest,
    where,
)
from switchpoint.export.workbook.inputs_sheet import LAST_SERIAL, Book, Months, serial
from switchpoint.export.workbook.stay_sheet import Pressed, StaySheet
from switchpoint.export.workbook.styles import (
    CHART_HEIGHT,
    CHART_WIDTH,
    COUNT,
    DATE,
    FONT,
    INK,
    LIMIT,
    LINE,
    MUTED,
    RETURN,
    RULE,
    SERIES,
    USD,
    USD_WHOLE,
    CellKind,
    lines,
    page,
)
from switchpoint.review.pages import short

LABELS = 12
"""Months that an axis names, at most."""


def colour(place: int) -> str:
    """Colour of the current route (0) or of the n-th candidate; they repeat when there are many."""
    return SERIES[0] if place == 0 else SERIES[1 + (place - 1) % (len(SERIES) - 2)]


def line_chart(book: Workbook, month: Column, lines: Sequence[tuple[Column, str, bool]], title: str) -> Chart:
    """Dollars a month as lines: column, colour, and whether it is dashed."""
    chart = book.add_chart({"type": "line"})
    for column, tint, dashed in lines:
        line = {"color": tint, "width": 2.25, **({"dash_type": "dash"} if dashed else {})}
        chart.add_series({**_series(month, column), "line": line})
    return _dress_chart(chart, title, len(month.values))


def stacked_chart(book: Workbook, month: Column, parts: Sequence[Column], title: str) -> Chart:
    """Dollars a month as stacked columns."""
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    for place, column in enumerate(parts):
        chart.add_series({**_series(month, column), "fill": {"color": SERIES[place % len(SERIES)]}, "gap": 40})
    return _dress_chart(chart, title, len(month.values))


def _series(month: Column, column: Column) -> dict[str, Any]:
    last = FIRST + len(column.values) - 2
    return {
        "name": [column.sheet, HEAD, column.place],
        "categories": [month.sheet, FIRST - 1, month.place, last, month.place],
        "values": [column.sheet, FIRST - 1, column.place, last, column.place],
    }


def _dress_chart(chart: Chart, title: str, months: int) -> Chart:
    font = {"name": FONT, "size": 10, "color": MUTED}
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 13, "color": INK}, "overlay": False})
    chart.set_x_axis(
        {
            "num_format": "mmm yyyy",
            "date_axis": True,
            "num_font": font,
            "label_position": "low",
            "major_unit": max(1, math.ceil(months / LABELS)),
            "major_unit_type": "months",
        }
    )
    grid = {"visible": True, "line": {"color": RULE, "width": 0.75}}
    chart.set_y_axis({"num_format": '"$"#,##0', "num_font": font, "major_gridlines": grid, "line": {"none": True}})
    chart.set_legend({"position": "bottom", "font": {**font, "color": INK}})
    chart.set_size({"width": CHART_WIDTH, "height": CHART_HEIGHT})
    return chart


PER_1000 = "#,##0.00"
LONGEST = 20
"""Letters of a candidate's name in a head, at most."""


@dataclass(frozen=True)
class MonthSheet:
    """The sheet of all months: usage, limit where there is one, the cost of staying and of each candidate."""

    grid: Grid
    month: Column
    requests: Column
    limit: Column | None
    stay: Column
    pressure: Column | None
    costs: tuple[Column, ...]
    so_far: tuple[Column, ...]


def write_months(grid: Grid, book: Book, stay: StaySheet, candidates: Sequence[Parts]) -> MonthSheet:
    """Write the sheet of all months."""
    months = Months.on(grid, stay.days, book.clock)
    requests = grid.add("Requests", "requests", months.sum(stay.usage.requests), COUNT)
    pressed = stay.pressed
    limit = None if pressed is None else _limit(grid, months, pressed)
    cost = grid.add("Stay", "$", months.sum(stay.cost), USD_WHOLE)
    _per_1000(grid, book, "Stay", cost, requests)
    pressure = None
    if pressed is not None:
        pressure = grid.add("Pressure on the last day", "bill over limit", months.last(pressed.pressure), "0.000")
    costs, so_far = [], []
    for each in candidates:
        name = short(each.settled.name, LONGEST)
        total = grid.add(name, "$", months.sum(each.total), USD_WHOLE)
        _per_1000(grid, book, name, total, requests)
        grid.add(f"{name}: saving", "$", cost - total, USD_WHOLE)
        present = grid.add(f"{name}: saving, present value", "$", months.sum(each.present), USD_WHOLE)
        so_far.append(grid.total(f"{name}: saving so far, present value", "$", present, USD_WHOLE))
        costs.append(total)
    grid.finish()
    return MonthSheet(grid, months.month, requests, limit, cost, pressure, tuple(costs), tuple(so_far))


def _limit(grid: Grid, months: Months, pressed: Pressed) -> Column:
    """Dollars of the tightest limit."""
    tightest: Term = months.sum(pressed.limits[0])
    for other in pressed.limits[1:]:
        tightest = smallest(tightest, months.sum(other))
    return grid.add("Limit", "$", tightest, USD_WHOLE)


def _per_1000(grid: Grid, book: Book, name: str, cost: Column, requests: Column) -> None:
    each = where(requests > 0, book.inputs.per_thousand * cost / requests, NOTHING)
    grid.add(f"{name}, per 1,000 requests", "$", each, PER_1000)


def write_parts(grid: Grid, book: Book, stay: StaySheet, candidate: Parts) -> None:
    """Write the months of one candidate by what they are for, with a chart below them."""
    months = Months.on(grid, stay.days, book.clock)
    parts = [grid.add(title, "$", months.sum(column), USD_WHOLE) for title, column in candidate.parts.items()]
    grid.add("Total", "$", months.sum(candidate.total), USD_WHOLE)
    grid.add("Stay", "$", months.sum(stay.cost), USD_WHOLE)
    grid.add("Saving", "$", months.sum(candidate.saving), USD_WHOLE)
    grid.add("Share answered on the last day", "share", months.last(candidate.answered), "0.0%")
    chart = stacked_chart(book.book, months.month, parts, "What each month's money goes to")
    grid.sheet.insert_chart(FIRST + grid.rows, 0, chart, {"description": "Monthly cost by part, stacked"})
    grid.finish(tall=1)


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


ALL_CHECKS = "all_checks_hold"
"""Name of the cell that is TRUE where all checks are."""
OF_THESE = "The verdict above is of these inputs."
OF_OTHERS = "Inputs were changed: the verdict above is of those that were simulated. Run the scenario anew for another."
AS_OF = f'IF(inputs_changed=0,"{OF_THESE}","{OF_OTHERS}")'


@dataclass
class OutputsTable:
    """The table of outputs, filled row by row."""

    sheet: Worksheet
    book: Book
    row: int = TABLE

    def head(self, text: str, names: Sequence[str], stay: str = "Stay") -> None:
        """A section with its heads."""
        look = self.book.look
        for place, head in enumerate([text, "Unit", stay, *names]):
            align = "left" if place < STAY else "right"
            self.sheet.write_string(self.row, place, head, look.of(CellKind.HEAD, align=align))
        self.sheet.set_row(self.row, LINE * lines((name, NAME_WIDTH - 2) for name in names) + 2)
        self.row += 1

    def line(self, label: str, unit: str, stay: Term | None, each: Sequence[Term | None], number: str) -> None:
        """A row of formulas; cells without one stay empty."""
        look = self.book.look
        self.sheet.write_string(self.row, LABEL, label, look.of(CellKind.TEXT))
        self.sheet.write_string(self.row, UNIT, unit, look.of(CellKind.TEXT, font_color="#5a6675"))
        for place, term in enumerate([stay, *each], STAY):
            if term is not None:
                form = look.of(CellKind.FORMULA, number, valign="top", align="right")
                shown = NONE if math.isnan(term.number) else term.number
                self.sheet.write_formula(self.row, place, f"={term.text}", form, shown)
        self.row += 1

    def settled_line(self, label: str, unit: str, values: Sequence[float | str], number: str) -> None:
        """A row of values that the simulation settled."""
        look = self.book.look
        self.sheet.write_string(self.row, LABEL, label, look.of(CellKind.TEXT))
        self.sheet.write_string(self.row, UNIT, unit, look.of(CellKind.TEXT, font_color="#5a6675"))
        for place, value in enumerate(values, FIRST_CANDIDATE):
            self.sheet.write(self.row, place, value, look.of(CellKind.SETTLED, number, align="right"))
        self.row += 1


def write_outputs(
    sheet: Worksheet, book: Book, stay: StaySheet, candidates: Sequence[Parts], months: MonthSheet, cash: CashSheet
) -> None:
    """Write the sheet."""
    names = [short(each.settled.name) for each in candidates]
    _front(sheet, book, max(FIRST_CANDIDATE + len(names), 6))
    table = OutputsTable(sheet, book)
    _live(table, book, stay, candidates, names)
    _waterfall(table, cash, candidates, names)
    table.row += 1
    table.head("Settled by the simulation, not live", names, "")
    base = book.result_json["base"]
    for key, label in SETTLED.items():
        if key == "limit_again" and stay.pressed is None:
            continue
        rows = base["advised" if key == "start_by" else "candidates"]
        found = [rows[each.settled.name][key] for each in candidates]
        table.settled_line(label + _of_plan(book, key), "date", [_serial(day) for day in found], DATE)
    if (plan := book.result.advised_plan) is not None:
        _plan(table, plan)
    _charts(sheet, book, candidates, months, table.row + 1)


def _of_plan(book: Book, key: str) -> str:
    """Whether a start is that of a step in the plan that is advised, or what is best for the candidate without it."""
    if book.result.advised_plan is None:
        return ""
    return {"project_start": ", as the plan has it", "start_by": " by itself", "best_start": " by itself"}.get(key, "")


def _serial(day: date | None) -> float:
    """A date as a spreadsheet counts it; far off where it is not reached."""
    return float(LAST_SERIAL) if day is None else float(serial(day))


def _waterfall(table: OutputsTable, cash: CashSheet, candidates: Sequence[Parts], names: Sequence[str]) -> None:
    """The steps from what staying costs to what each candidate saves."""
    if not candidates:
        return
    table.row += 1
    table.head("Live: from staying to the saving, not discounted", names, "")
    for label, terms in waterfall_lines(cash, candidates).items():
        table.line(label, "$", None, terms, USD)


def _plan(table: OutputsTable, plan: PlanResult) -> None:
    """The figures of the plan that is advised, and the steps from what staying costs to what it saves."""
    name, dated = label_of(plan), plan.clock.date_or_none
    table.row += 1
    table.head("The plan advised: simulated, not live", [name], "")
    for step in plan.steps:
        table.settled_line(f"{short(step.candidate)} starts", "date", [_serial(dated(max(step.start, 0)))], DATE)
        table.settled_line(f"{short(step.candidate)} is live", "date", [_serial(dated(step.cutover))], DATE)
    for label, usd in (
        ("Plan: cost over the horizon", plan.total),
        ("Plan: net present value of the saving", plan.npv_saving),
        ("Plan: spent on its projects until live", plan.one_off),
        ("Plan: behind staying at most", plan.peak_cash[0]),
    ):
        table.settled_line(label, "$", [usd], USD)
    table.settled_line("Plan: most behind on", "date", [_serial(dated(plan.peak_cash[1]))], DATE)
    table.settled_line("Plan: break-even", "date", [_serial(dated(plan.break_even.day))], DATE)
    rate = plan.internal_rate[0]
    table.settled_line("Plan: return a year", "share/year", [NONE if rate is None else rate], RETURN)
    table.row += 1
    table.head("From what staying costs to what the plan saves", ["Over the horizon", "In the first year"], "")
    year = {step.name: step.usd for step in waterfall(plan, first_year(plan.clock))}
    for fall in waterfall(plan):
        table.settled_line(fall.name, "$", [fall.usd, year.get(fall.name, 0.0)], USD)


def _front(sheet: Worksheet, book: Book, width: int) -> None:
    look, result = book.look, book.result
    scenario = result.case.scenario
    sheet.set_column(LABEL, LABEL, 46)
    sheet.set_column(UNIT, UNIT, 10)
    sheet.set_column(STAY, STAY + 101, NAME_WIDTH)
    sheet.write_string(0, 0, short(scenario.name, 110), look.of(CellKind.TITLE))
    texts = (short(scenario.summary, 400), f"The simulation's verdict: {result.sentence}")
    for row, text in enumerate(texts, 1):
        if text:
            wrapped = look.of(CellKind.TEXT, font_size=11 if row == 2 else 10)
            sheet.merge_range(row, 0, row, width - 1, "", wrapped)
            sheet.write_string(row, 0, text, wrapped)
            sheet.set_row(row, 15 * (1 + len(text) // (56 + 13 * (width - 2))))
    sheet.write_formula(3, 0, f"={AS_OF}", look.of(CellKind.NOTE, bold=True), OF_THESE)
    for row, label, name in (
        (4, "Inputs changed since the simulation", "inputs_changed"),
        (5, "All checks hold", ALL_CHECKS),
    ):
        sheet.write_string(row, 0, label, look.of(CellKind.TEXT))
        value: float | bool = 0 if row == 4 else True
        sheet.write_formula(row, STAY, f"={name}", look.of(CellKind.FORMULA, bold=True, align="right"), value)
    page(sheet, tall=1, portrait=True)


def _live(table: OutputsTable, book: Book, stay: StaySheet, candidates: Sequence[Parts], names: Sequence[str]) -> None:
    first, last = stay.bill.cell(0), stay.bill.cell(stay.grid.rows - 1)
    table.head("Live: follows the inputs", names)
    table.line("Cost over the horizon", "$", stay.cost.range.total, [c.total.range.total for c in candidates], USD)
    present = [present_value(each.total, stay.discount) for each in candidates]
    table.line("Present value of the cost", "$", present_value(stay.cost, stay.discount), present, USD)
    table.line("Net present value of the saving", "$", None, [c.present.range.total for c in candidates], USD)
    table.line("Spent on the project until live", "$", None, [one_off(c, stay) for c in candidates], USD)
    table.line("Break-even", "date", None, [each.paid_back for each in candidates], DATE)
    _cash(table, book, stay, candidates)
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


def _cash(table: OutputsTable, book: Book, stay: StaySheet, candidates: Sequence[Parts]) -> None:
    """The most that is out at once, when, the return, and what bought GPUs are worth in the end."""
    table.line("Behind staying at most", "$", None, [peak_of_cash(each) for each in candidates], USD)
    table.line("Most behind on", "date", None, [peak_date(book, stay, each) for each in candidates], DATE)
    table.line("Return a year", "share/year", None, [rate_of_return(book, each) for each in candidates], RETURN)
    worth = [end_credit(each) for each in candidates]
    if any(worth):
        table.line("GPUs worth on the last day", "$", None, worth, USD)


def present_value(cost: Column, discount: Column) -> Term:
    """Discounted sum of dollars a day."""
    value = float(cost.values @ discount.values)
    return Term(f"SUMPRODUCT({cost.range.text},{discount.range.text})", value)


def first_date(book: Book, stay: StaySheet, flags: Column, wanted: int) -> Term:
    """Date of the first day on which a flag has a value; far off where there is none."""
    text = f"IFERROR(INDEX({stay.days.date.range.text},MATCH({wanted},{flags.range.text},0)),{book.inputs.never.text})"
    found = np.nonzero(flags.values == wanted)[0]
    return Term(text, float(stay.days.date.values[found[0]]) if found.size else book.inputs.never.number)


def one_off(candidate: Parts, stay: StaySheet) -> Term:
    """What the project spends until cutover: labels, engineers, one-off sums, its trainings, and capital by then."""
    spend, dates = candidate.spend, stay.days.date
    total = spend.labels.range.total + spend.engineers.range.total + spend.one_off.range.total
    total = total + _within(candidate.dates.iterations, dates) * spend.iteration
    if candidate.purchases is None:
        return total
    cutover, bought = candidate.dates.days["cutover"], candidate.purchases.spent
    text = f'SUMIFS({bought.range.text},{dates.range.text},"<="&{cutover.text})'
    return total + Term(text, float(bought.values[dates.values <= cutover.number].sum()))


def _within(listed: CellRange, dates: Column) -> Term:
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
