"""The sheets of months: what the review reads, each figure the sum of its days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from switchpoint.export.words import short
from switchpoint.export.workbook.book import Book, Months
from switchpoint.export.workbook.candidate import Parts
from switchpoint.export.workbook.charts import stacked_chart
from switchpoint.export.workbook.grid import FIRST, Column, Grid
from switchpoint.export.workbook.look import COUNT, USD_WHOLE
from switchpoint.export.workbook.stay import Pressed, Stay
from switchpoint.export.workbook.term import NOTHING, Term, smallest, where

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


def write_months(grid: Grid, book: Book, stay: Stay, candidates: Sequence[Parts]) -> MonthSheet:
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


def write_parts(grid: Grid, book: Book, stay: Stay, candidate: Parts) -> None:
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
