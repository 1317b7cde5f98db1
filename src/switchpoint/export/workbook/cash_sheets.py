"""Cash as formulas: by month, by fiscal quarter and by fiscal year; its peak and its return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.decision.cash import Length, Periods, fiscal_periods
from switchpoint.export.workbook.candidate_sheet import Parts
from switchpoint.export.workbook.formula import FIRST, HEAD, Column, Grid, Term, largest
from switchpoint.export.workbook.inputs_sheet import Book, Months, serial
from switchpoint.export.workbook.stay_sheet import StaySheet
from switchpoint.export.workbook.styles import CHART_HEIGHT, CHART_WIDTH, MONTH, SERIES, USD_WHOLE
from switchpoint.horizon import Floats
from switchpoint.review.pages import short

LONGEST = 20
"""Letters of a candidate's name in a head, at most."""


@dataclass(frozen=True)
class CashColumns:
    """Dollars a month or a longer period of one candidate against staying."""

    opex: Column
    capex: Column | None
    net: Column
    so_far: Column
    credit: Column | None
    present: Column

    @property
    def long_sums(self) -> tuple[Column | None, ...]:
        """Those that are added up over longer periods, in their order."""
        return self.opex, self.capex, self.credit, self.present


@dataclass(frozen=True)
class CashSheet:
    """The months of cash: when each begins, what staying costs, and the columns of each candidate."""

    month: Column
    stay: Column
    candidates: tuple[CashColumns, ...]


def write_cash(grid: Grid, book: Book, stay: StaySheet, candidates: Sequence[Parts]) -> CashSheet:
    """Write the months: staying, opex, capex, what is left, and its sum so far."""
    months = Months.on(grid, stay.days, book.clock)
    paid = grid.add("Stay", "$", months.sum(stay.cost), USD_WHOLE)
    found = []
    for each in candidates:
        bought = each.purchases
        capex = None if bought is None else months.sum(bought.spent)
        credit = None if bought is None else -months.sum(bought.credit)
        opex = months.sum(each.total)
        if capex is not None and credit is not None:
            opex = opex - capex + credit
        found.append(
            _columns(grid, short(each.settled.name, LONGEST), paid, (opex, capex, credit, months.sum(each.present)))
        )
    grid.finish()
    return CashSheet(months.month, paid, tuple(found))


def _columns(grid: Grid, name: str, stay: Column, parts: Sequence[Term | None]) -> CashColumns:
    """The columns of one candidate, from opex, capex, what GPUs are worth in the end, and present value."""
    opex, capex, credit, present = parts
    assert opex is not None
    assert present is not None
    spent = grid.add(f"{name}: opex", "$", opex, USD_WHOLE)
    bought = None if capex is None else grid.add(f"{name}: capex", "$", capex, USD_WHOLE)
    net = grid.add(
        f"{name}: cash", "stay - opex - capex, $", stay - spent if bought is None else stay - spent - bought, USD_WHOLE
    )
    so_far = grid.total(f"{name}: cash so far", "$", net, USD_WHOLE)
    worth = None if credit is None else grid.add(f"{name}: GPUs at the end", "$", credit, USD_WHOLE)
    value = grid.add(f"{name}: saving, present value", "$", present, USD_WHOLE)
    return CashColumns(spent, bought, net, so_far, worth, value)


@dataclass(frozen=True)
class Longer:
    """Sums over longer periods of columns of months."""

    cash: CashSheet
    first: Column
    last: Column
    places: list[int]
    """Month with which each period begins, counted from 0."""

    def sum(self, column: Column) -> Term:
        """Sum of the months from the first to the last of the row's period."""
        month = self.cash.month.range.text
        text = f'SUMIFS({column.range.text},{month},">="&{self.first.text},{month},"<="&{self.last.text})'
        return Term(text, np.add.reduceat(column.values, self.places))


def write_periods(grid: Grid, book: Book, cash: CashSheet, names: Sequence[str], length: Length) -> None:
    """Write quarters or years, with a chart of the first candidate's cash below."""
    periods = _periods(book, length)
    grid.add_labels("Period", periods.names)
    places = np.searchsorted(book.clock.month_starts, periods.starts).tolist()
    months = np.array([serial(month) for month in book.clock.months], dtype=np.float64)
    first, last = (
        grid.add_values(title, "", values, MONTH)
        for title, values in (("First month", months[places]), ("Last month", months[_ends(places, len(months))]))
    )
    longer = Longer(cash, first, last, places)
    stay = grid.add("Stay", "$", longer.sum(cash.stay), USD_WHOLE)
    made = [
        _columns(
            grid, short(name, LONGEST), stay, [None if each is None else longer.sum(each) for each in columns.long_sums]
        )
        for name, columns in zip(names, cash.candidates, strict=True)
    ]
    if made:
        _chart(grid, book, made[0], names[0])
    grid.finish(tall=1)


def _periods(book: Book, length: Length) -> Periods:
    return fiscal_periods(book.clock, length, book.result.case.scenario.decision.fiscal_year_starts)


def period_count(book: Book, length: Length) -> int:
    """How many quarters or years the horizon touches."""
    return len(_periods(book, length).names)


def _ends(places: Sequence[int], months: int) -> list[int]:
    return [each - 1 for each in places[1:]] + [months - 1]


def _chart(grid: Grid, book: Book, columns: CashColumns, name: str) -> None:
    """Cash of each period as columns, its sum so far as a line."""
    bars, line = book.book.add_chart({"type": "column"}), book.book.add_chart({"type": "line"})
    last = FIRST + grid.rows - 2
    for chart, column, colour in ((bars, columns.net, SERIES[0]), (line, columns.so_far, SERIES[1])):
        chart.add_series(
            {
                "name": [column.sheet, HEAD, column.place],
                "categories": [column.sheet, FIRST - 1, 0, last, 0],
                "values": [column.sheet, FIRST - 1, column.place, last, column.place],
                "fill": {"color": colour},
                "line": {"color": colour, "width": 2.25},
            }
        )
    bars.combine(line)
    bars.set_title({"name": f"Cash of {short(name)} against staying", "name_font": {"size": 13}})
    bars.set_x_axis({"label_position": "low"})
    bars.set_y_axis({"num_format": '"$"#,##0', "line": {"none": True}})
    bars.set_legend({"position": "bottom"})
    bars.set_size({"width": CHART_WIDTH, "height": CHART_HEIGHT})
    grid.sheet.insert_chart(FIRST + grid.rows, 0, bars, {"description": "Cash of each period, and its sum so far"})


def peak_of_cash(candidate: Parts) -> Term:
    """The most by which it is behind staying at the end of a day, dollars; 0 where it never is."""
    cash = candidate.cash
    lowest = Term(f"-MIN({cash.range.text})", -float(cash.values.min()), 2)
    return largest(0, lowest)


def peak_date(book: Book, stay: StaySheet, candidate: Parts) -> Term:
    """The day of that; far off where it is never behind."""
    cells, values, never = candidate.cash.range.text, candidate.cash.values, book.inputs.never
    behind = bool(values.min() < -book.inputs.half_cent.number)
    found = f"INDEX({stay.days.date.range.text},MATCH(MIN({cells}),{cells},0))"
    text = f"IF(MIN({cells})<-{book.inputs.half_cent.text},{found},{never.text})"
    return Term(text, float(stay.days.date.values[int(values.argmin())]) if behind else never.number)


def end_credit(candidate: Parts) -> Term | None:
    """What bought GPUs are worth on the last day; None without any."""
    if candidate.purchases is None:
        return None
    credit = candidate.purchases.credit
    return Term(f"-SUM({credit.range.text})", -float(credit.values.sum()), 2)


def rate_of_return(book: Book, candidate: Parts) -> Term:
    """The yearly rate at which the days of saving come to nothing; no number where there is no one such rate.

    There is one where what is saved so far is below 0 first, changes its sign once, and ends above 0, the worth of GPUs
    on the last day included.
    """
    cash, saving, half_cent = candidate.cash, candidate.saving, book.inputs.half_cent.text
    days, end = len(cash.values), saving.range.total.text
    before, after = _block(cash, 0, days - 3), _block(cash, 1, days - 2)
    last = cash.cell(days - 2).text
    inner = f"SUMPRODUCT((({before}>{half_cent})<>({after}>{half_cent}))*1)"
    turns = f"{inner}+IF(({last}>{half_cent})<>({end}>{half_cent}),1,0)"
    only = f"AND(MIN({cash.range.text})<-{half_cent},{end}>{half_cent},{turns}=1)"
    grown = f"(1+IRR({saving.range.text},{candidate.guess.text}))^{book.inputs.days_per_year.text}-1"
    rate = f"MIN({book.inputs.highest_rate.text},{grown})"
    found, _ = book.result.case.outlook(candidate.settled.name).course.internal_rate
    value: Floats | float = np.nan if found is None else found
    return Term(f'IF({only},IFERROR({rate},"–"),"–")', value)


def _block(column: Column, first: int, last: int) -> str:
    return f"'{column.sheet}'!${column.letters}${FIRST + first}:${column.letters}${FIRST + last}"
