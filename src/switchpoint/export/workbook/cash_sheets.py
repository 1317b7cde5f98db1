"""Cash as formulas, of a plan as simulated: by month, fiscal quarter and fiscal year; its peak and its return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.charts.takeaways import label_of
from switchpoint.decision.cash import AVOIDED, CREDIT, LEFT, SAVING, Length, Periods, cash_view, fiscal_periods
from switchpoint.decision.cash import STAY as STAYING
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.workbook_figures import SimulatedRoute
from switchpoint.export.workbook.candidate_columns import Parts
from switchpoint.export.workbook.formula import FIRST, HEAD, Column, Grid, Term, largest, sum_of
from switchpoint.export.workbook.inputs_sheet import Book, Months, serial
from switchpoint.export.workbook.stay_sheet import StaySheet
from switchpoint.export.workbook.styles import CHART_HEIGHT, CHART_WIDTH, MONTH, SERIES, USD_WHOLE
from switchpoint.horizon import Floats
from switchpoint.review.pages import short

LONGEST = 20
"""Letters of a candidate's name in a head, at most."""


@dataclass(frozen=True)
class CashColumns:
    """Dollars a month or a longer period of one candidate, or of the plan, against staying."""

    name: str
    opex: Column
    capex: Column | None
    net: Column
    so_far: Column
    credit: Column | None
    present: Column
    staying: Column | None = None
    """What staying costs as simulated, beside a plan, whose figures do not follow the inputs either."""

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
    """Write the months: staying, opex, capex, what is left, and its sum so far; of a plan that is advised as well."""
    months = Months.on(grid, stay.days, book.clock)
    staying = book.result.case.setting.stay
    worth = _on_last_day(grid, float(staying.credits))
    paid = months.sum(stay.cost)
    if worth.any():
        paid = paid + grid.add_values("Stay: GPUs at the end", "$, simulated", worth, USD_WHOLE)
    paid = grid.add("Stay", "$", paid, USD_WHOLE)
    found = []
    for each in candidates:
        name, bought, current = short(each.settled.name, LONGEST), each.purchases, each.settled.current
        capex = None if bought is None else months.sum(bought.spent)
        credit = None if bought is None else -months.sum(bought.credit)
        opex = months.sum(each.total)
        if capex is not None and credit is not None:
            opex = opex - capex + credit
        if current is not None:
            opex, capex, credit = _with_current(grid, book, name, current, (opex, capex, credit))
        found.append(_columns(grid, name, paid, (opex, capex, credit, months.sum(each.present))))
    if (plan := book.result.advised_plan) is not None:
        found.append(_plan_columns(grid, plan))
    grid.finish()
    return CashSheet(months.month, paid, tuple(found))


def _on_last_day(grid: Grid, usd: float) -> Floats:
    """An amount in the last month, nothing before."""
    values = np.zeros(grid.rows)
    values[-1] = usd
    return values


BOUGHT_AND_SOLD = "GPUs bought, less those sold"


def waterfall_lines(cash: CashSheet, candidates: Sequence[Parts]) -> dict[str, list[Term | None]]:
    """The steps from what staying costs to what each candidate saves over the horizon, not discounted, by their names.

    They are sums of the days and months of this workbook, so they follow the inputs: staying, less what is still paid
    on the current route, is what is avoided there; less all else, and with what GPUs are worth in the end, it is the
    saving. A step that no candidate has is left out.
    """
    found = [_steps(cash.stay, columns, each) for columns, each in zip(cash.candidates, candidates, strict=False)]
    names = list(dict.fromkeys(name for steps in found for name in steps))
    order = [*(name for name in names if name != SAVING), SAVING] if names else []
    return {name: [steps.get(name) for steps in found] for name in order}


def _steps(stay: Column, columns: CashColumns, candidate: Parts) -> dict[str, Term | None]:
    """Those of one candidate."""
    staying, opex = stay.range.total, columns.opex.range.total
    spent = _spent_on(candidate)
    left = opex - sum_of(list(spent.values()))
    steps: dict[str, Term | None] = {STAYING: staying, LEFT: -left, AVOIDED: staying - left}
    steps |= {name: -usd for name, usd in spent.items()}
    saving = staying - opex
    if columns.capex is not None:
        steps[BOUGHT_AND_SOLD], saving = -columns.capex.range.total, saving - columns.capex.range.total
    if columns.credit is not None:
        steps[CREDIT], saving = columns.credit.range.total, saving + columns.credit.range.total
    return steps | {SAVING: saving}


def _spent_on(candidate: Parts) -> dict[str, Term]:
    """Dollars over the horizon by what they are for; the current route, and GPUs that are bought, left out."""
    spend, serving = candidate.spend, candidate.serving.range.total
    for column in candidate.moving:
        serving = serving - column.range.total
    named = {"People": spend.engineers, "Labels": spend.labels, "Training": spend.training}
    named |= {"One-off sums": spend.one_off, "Upkeep": candidate.upkeep, "Quality": candidate.quality}
    sums = {"Serving, in shadow too": serving} | {name: column.range.total for name, column in named.items()}
    moves = [column.range.total for column in (*candidate.moving, *candidate.moving_current)]
    if moves:
        sums["Moving off retired models"] = sum_of(moves)
    return sums


def _with_current(
    grid: Grid, book: Book, name: str, current: SimulatedRoute, parts: tuple[Term, Term | None, Term | None]
) -> tuple[Term, Term | None, Term | None]:
    """Opex, capex and worth at the end with the GPUs of the current route, as simulated: bought and sold they are
    capex, and worth on the last day no cash."""
    opex, capex, credit = parts
    staying = book.result.case.setting.stay
    bought = book.clock.by_month(np.asarray(staying.capital + current.capital_beyond))
    beyond = float(current.credit_beyond[-1])
    if bought.any():
        spent = grid.add_values(f"{name}: GPUs of the current route", "$, simulated", bought, USD_WHOLE)
        opex, capex = opex - spent, spent if capex is None else capex + spent
    if float(staying.credits) - beyond:
        left = _on_last_day(grid, float(staying.credits) - beyond)
        opex = opex + grid.add_values(f"{name}: current GPUs at the end", "$, simulated", left, USD_WHOLE)
    if beyond:
        more = grid.add_values(f"{name}: their worth beyond staying", "$, simulated", _on_last_day(grid, -beyond))
        credit = more if credit is None else credit + more
    return opex, capex, credit


def _plan_columns(grid: Grid, plan: PlanResult) -> CashColumns:
    """The months of a plan as simulated, beside staying as simulated: what is left and its sum are formulas."""
    view, name = cash_view(plan, "month"), short(label_of(plan), LONGEST)

    def add_some(title: str, values: Floats) -> Column | None:
        return grid.add_values(f"{name}: {title}", "$, simulated", values, USD_WHOLE) if values.any() else None

    stay = grid.add_values(f"{name}: staying", "$, simulated", view.stay, USD_WHOLE)
    opex = grid.add_values(f"{name}: opex", "$, simulated", view.opex, USD_WHOLE)
    capex = add_some("capex", view.capex)
    net, so_far = _net_columns(grid, name, stay, opex, capex)
    credit = add_some("GPUs at the end", view.credit)
    present = grid.add_values(f"{name}: saving, present value", "$, simulated", view.present, USD_WHOLE)
    return CashColumns(name, opex, capex, net, so_far, credit, present, stay)


def _columns(grid: Grid, name: str, stay: Column, parts: Sequence[Term | None], unit: str = "$") -> CashColumns:
    """The columns of one candidate, from opex, capex, what GPUs are worth in the end, and present value."""
    opex, capex, credit, present = parts
    assert opex is not None
    assert present is not None
    spent = grid.add(f"{name}: opex", unit, opex, USD_WHOLE)
    bought = None if capex is None else grid.add(f"{name}: capex", unit, capex, USD_WHOLE)
    net, so_far = _net_columns(grid, name, stay, spent, bought)
    worth = None if credit is None else grid.add(f"{name}: GPUs at the end", unit, credit, USD_WHOLE)
    value = grid.add(f"{name}: saving, present value", unit, present, USD_WHOLE)
    return CashColumns(name, spent, bought, net, so_far, worth, value)


def _net_columns(grid: Grid, name: str, stay: Column, opex: Column, capex: Column | None) -> tuple[Column, Column]:
    """What staying costs more, and its sum so far."""
    left = stay - opex if capex is None else stay - opex - capex
    net = grid.add(f"{name}: cash", "stay - opex - capex, $", left, USD_WHOLE)
    return net, grid.total(f"{name}: cash so far", "$", net, USD_WHOLE)


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


def write_periods(grid: Grid, book: Book, cash: CashSheet, length: Length) -> None:
    """Write quarters or years, with a chart below: of the plan's cash where one is advised, else of the first
    candidate's."""
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
    made = [_long_columns(grid, longer, columns, stay) for columns in cash.candidates]
    if made:
        _chart(grid, book, made[-1] if book.result.advised_plan is not None else made[0])
    grid.finish(tall=1)


def _long_columns(grid: Grid, longer: Longer, columns: CashColumns, stay: Column) -> CashColumns:
    """Sums of the months of one candidate or of the plan."""
    if columns.staying is not None:
        stay = grid.add(f"{columns.name}: staying", "$, simulated", longer.sum(columns.staying), USD_WHOLE)
    sums = [None if each is None else longer.sum(each) for each in columns.long_sums]
    return _columns(grid, columns.name, stay, sums, "$" if columns.staying is None else "$, simulated")


def _periods(book: Book, length: Length) -> Periods:
    return fiscal_periods(book.clock, length, book.result.case.scenario.decision.fiscal_year_starts)


def period_count(book: Book, length: Length) -> int:
    """How many quarters or years the horizon touches."""
    return len(_periods(book, length).names)


def _ends(places: Sequence[int], months: int) -> list[int]:
    return [each - 1 for each in places[1:]] + [months - 1]


def _chart(grid: Grid, book: Book, columns: CashColumns) -> None:
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
    bars.set_title({"name": f"Cash against staying: {columns.name}", "name_font": {"size": 13}})
    bars.set_x_axis({"label_position": "low"})
    bars.set_y_axis({"num_format": '"$"#,##0', "line": {"none": True}})
    bars.set_legend({"position": "bottom"})
    bars.set_size({"width": CHART_WIDTH, "height": CHART_HEIGHT})
    grid.sheet.insert_chart(FIRST + grid.rows, 1, bars, {"description": "Cash of each period, and its sum so far"})


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
