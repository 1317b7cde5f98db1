"""Cash, the waterfall and plans: the pages, and all of it in figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from switchpoint.charts.cash_and_waterfall import (
    OF_PERIOD,
    SO_FAR,
    cash_chart,
    cash_note,
    cash_words,
    drawn_cash,
    fall_colour,
    falls,
    has_cash,
    waterfall_chart,
    waterfall_note,
    waterfall_words,
)
from switchpoint.charts.projects import (
    carrier_areas,
    carrier_flags,
    carriers_chart,
    carriers_note,
    carriers_words,
    shown_plan,
)
from switchpoint.charts.takeaways import main_path, path_name, peak_words, plan_name, return_words, sentence_case
from switchpoint.charts.vega import LIGHT
from switchpoint.decision.cash import CashPath, CashView, Length, Started, cash_view, first_year, rows_of, waterfall
from switchpoint.decision.clauses import distinct_plans, saves_of
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER, Floats
from switchpoint.review.context import Subject, iso_date, lines_of
from switchpoint.review.pages import Bars, Figure, Page, Series, Table, WaterfallBar, WaterfallFigure
from switchpoint.study.plan_draws import PlanFindings
from switchpoint.text import NONE, chance, months, percent, usd

# Cash by quarter and fiscal year, and the waterfall ------------------------------------------------------------------

HEAD = ("Period", "Staying", "Opex", "Capex", "Cash against staying", "So far", "GPUs at the end", "Present value")
WIDTHS = (1.6, 1.2, 1.2, 1.2, 1.3, 1.3, 1.2, 1.3)
MARKS = "Blue is a sum, brown lowers the saving, green raises it"
LENGTHS: tuple[tuple[Length, str], ...] = (("month", "months"), ("quarter", "quarters"), ("year", "years"))


def cash_page(subject: Subject) -> Page | None:
    """Cash by quarter with its peak, and by fiscal year in a table; None where nothing is started."""
    result = subject.shown
    if not has_cash(result):
        return None
    best = _best(subject)
    title, note = _base(subject, cash_words(result)), subject.brief(cash_note(result))
    view = drawn_cash(best)
    series = (
        Series(OF_PERIOD, tuple(view.net.tolist()), LIGHT.colour(0)),
        Series(SO_FAR, tuple(view.cumulative.tolist()), LIGHT.colour(1)),
    )
    data = Bars(view.periods.names, series, "Dollars, not discounted", upright=True)
    figure = Figure(f"{title}. {note}.", data, f"{note}.", cash_chart(result, titled=False).to_dict())
    tables = (("By fiscal year, dollars, in the base case", cash_table(cash_view(best, "year"))),)
    return Page(
        "cash", "Cash", title, (f"{note}.",), figures=(figure,), tables=tables, notes=_cash_notes(subject, best)
    )


def _cash_notes(subject: Subject, best: Started) -> str:
    """Peak and return, for a speaker."""
    when = "" if best.peak_cash[1] == NEVER else ", at the end of that day"
    return (
        f"Behind staying by at most {peak_words(subject.shown, best)}{when}; return "
        f"{return_words(best)}. Capex is GPUs bought, opex all else. Opex and capex less what GPUs are worth at the "
        "end are the total of the switch; present values add up to what it saves."
    )


def waterfall_page(subject: Subject) -> Page | None:
    """From what staying costs to the saving, over the horizon and in the first year; None where nothing is started."""
    result = subject.shown
    if not has_cash(result):
        return None
    best = _best(subject)
    title, note = _base(subject, waterfall_words(result)), subject.brief(waterfall_note(result))
    bars = tuple(
        WaterfallBar(fall.step.name, fall.begin, fall.end, fall.words, fall_colour(fall, LIGHT))
        for fall in falls(waterfall(best))
    )
    data = WaterfallFigure(bars, f"Dollars over the horizon, not discounted. {MARKS}")
    figure = Figure(f"{title}. {note}.", data, f"{note}.", waterfall_chart(result, titled=False).to_dict())
    return Page("waterfall", "Where it comes from", title, (f"{note}.",), figures=(figure,), notes=f"{note}.")


def quarters_page(subject: Subject) -> Page | None:
    """Cash by fiscal quarter, and the steps to the saving in figures; None where nothing is started."""
    if not has_cash(subject.shown):
        return None
    best = _best(subject)
    title = _base(subject, f"Cash of {path_name(best)} quarter by quarter, and where its saving comes from")
    tables = (
        ("From what staying costs to the saving, dollars", waterfall_table(best)),
        ("By quarter, dollars", cash_table(cash_view(best, "quarter"))),
        ("Who carries what, part of the requests", carried_table(subject, best)),
    )
    return Page("quarters", "Cash in figures", title, tables=tables, notes=_cash_notes(subject, best))


def _best(subject: Subject) -> Started:
    best = main_path(subject.shown)
    assert best is not None
    return best


def _base(subject: Subject, title: str) -> str:
    """A title that says which world it is of, where many stand beside it."""
    title = subject.brief(title)
    return title if subject.findings is None else f"Base case: {title}"


def cash_table(view: CashView) -> Table:
    """Cash by period with a line of sums, whole dollars; columns of nothing but zeros are left out."""
    rows: list[tuple[Any, ...]] = [tuple(row.values()) for row in rows_of(view)]
    sums: tuple[Any, ...] = ("Sum", *(sum(row[place] for row in rows) for place in range(1, len(HEAD))))
    shown = [place for place in range(len(HEAD)) if place == 0 or any(round(row[place]) for row in rows)]
    told = tuple(
        tuple(str(row[p]) if p == 0 else "" if row is sums and HEAD[p] == "So far" else _whole(row[p]) for p in shown)
        for row in (*rows, sums)
    )
    widths = tuple(WIDTHS[place] for place in shown)
    return Table(tuple(HEAD[place] for place in shown), told, widths, frozenset(range(1, len(shown))))


def carried_table(subject: Subject, best: Started) -> Table:
    """Which part of the requests the candidate, or each step of the plan, answers in each quarter, and which stays on
    the current route."""
    periods = cash_view(best, "quarter").periods
    requests = CashPath.of(best).setting.traffic.requests
    asked = periods.sums(requests)
    shares = [(subject.brief(name), periods.sums(requests * share)) for name, share in _answers(best)]
    left = asked - sum((carried for _, carried in shares), 0 * asked)
    columns = [_parts(carried, asked) for carried in (*(carried for _, carried in shares), left)]
    head = ("Quarter", *(name for name, _ in shares), "Current route")
    rows = tuple(zip(periods.names, *columns, strict=True))
    return Table(head, rows, (2, *([1.5] * len(columns))), frozenset(range(1, len(head))))


def _answers(best: Started) -> Iterator[tuple[str, Floats]]:
    """The share of all requests that each candidate answers on each day, shape (days,)."""
    if isinstance(best, PlanResult):
        for step, path in zip(best.steps, best.path.paths, strict=True):
            yield step.candidate, np.broadcast_to(path.answered, (1, best.clock.days))[0]
    else:
        yield best.name, best.course.path.answered[best.course.row]


def _parts(carried: Floats, asked: Floats) -> list[str]:
    """Parts of the requests of each period, in words."""
    parts = np.divide(carried, asked, out=np.zeros_like(asked), where=asked > 0)
    return [percent(abs(part)) for part in parts.tolist()]


def waterfall_table(best: Started) -> Table:
    """The steps over the horizon and in the first year, whole dollars."""
    whole, year = waterfall(best), {step.name: step.usd for step in waterfall(best, first_year(best.clock))}
    rows = tuple((step.name, _whole(step.usd), _whole(year.get(step.name, 0.0))) for step in whole)
    return Table(("Step", "Over the horizon", "In the first year"), rows, (3, 1.5, 1.5), frozenset({1, 2}))


def _whole(usd: Any) -> str:
    return f"{round(usd):,}"


def cash_tables(subject: Subject) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Cash by month, quarter and fiscal year of every candidate and of every plan, and the waterfalls, to the cent."""
    case = subject.shown.case
    yield from _cash_rows("", "candidate", case.outlooks)
    yield from _cash_rows("plans-", "plan", distinct_plans(case.plans))


def _cash_rows(prefix: str, kind: str, several: Sequence[Started]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for length, name in LENGTHS:
        rows = [{kind: told.name, **row} for told in several for row in rows_of(cash_view(told, length))]
        yield f"{prefix}cash-{name}", rows
    yield f"{prefix}waterfall", [{kind: told.name, **row} for told in several for row in _waterfall_rows(told)]


def _waterfall_rows(told: Started) -> Iterator[dict[str, Any]]:
    for span, days in (("horizon", None), ("first year", first_year(told.clock))):
        for step in waterfall(told, days):
            yield {"span": span, "step": step.name, "usd": step.usd, "is_sum": step.is_sum}


# The page of plans ---------------------------------------------------------------------------------------------------

PlanColumn = tuple[str, Callable[[JudgedWorld, PlanResult], str]]
"""Heading of a column, and what it says of a plan."""


def plan_columns(result: JudgedWorld) -> tuple[PlanColumn, ...]:
    """What is told of each plan; nothing of a limit where there is none."""
    return PLAN_COLUMNS if not result.case.scenario.limited else (*PLAN_COLUMNS, ("below the limit", _keeps))


def _each(result: JudgedWorld, plan: PlanResult, day: str) -> str:
    return ", ".join(f"{step.candidate} {iso_date(result, getattr(step, day))}" for step in plan.steps)


PLAN_COLUMNS: tuple[PlanColumn, ...] = (
    ("plan", lambda _, p: p.name),
    ("starts", lambda r, p: _each(r, p, "start")),
    ("live", lambda r, p: _each(r, p, "cutover")),
    ("paid back", lambda r, p: iso_date(r, p.break_even.day)),
    ("payback", lambda _, p: NONE if p.payback_months is None else months(p.payback_months)),
    ("one-off", lambda _, p: usd(p.one_off)),
    ("total", lambda _, p: usd(p.total)),
    ("saves (PV)", lambda _, p: usd(p.npv_saving)),
)


def _keeps(result: JudgedWorld, plan: PlanResult) -> str:
    if result.date(int(plan.first_cutover)) is None and result.date(result.case.threat) is None:
        return NONE
    kept = plan.limit_kept
    since, until = result.date(int(kept.since)), result.date(int(kept.until))
    if since is None or not plan.possible:
        return "no"
    return f"from {since.isoformat()}" + ("" if until is None else f" until {until.isoformat()}")


def plan_rows(result: JudgedWorld) -> list[list[str]]:
    """The figures of all plans as rows of texts, the head first."""
    shown, plans = plan_columns(result), distinct_plans(result.case.plans)
    return [[name for name, _ in shown], *([say(result, plan) for _, say in shown] for plan in plans)]


def draws_rows(found: dict[str, PlanFindings]) -> list[list[str]]:
    """The same over many draws."""
    rows = [["plan", "in time", "saves (PV)", "+/-", "10 %", "90 %", "above zero"]]
    for each in found.values():
        money, in_time = each.saving, NONE if each.in_time is None else chance(each.in_time)
        ends = [usd(usd_) for usd_ in (money.mean, 2 * money.error, money.p10, money.p90)]
        rows.append([each.name, in_time, *ends, chance(each.saves[0])])
    return rows


def plans_page(subject: Subject) -> Page | None:
    """All plans, and who carries what in the one that is shown; None without any."""
    result = subject.shown
    plan = shown_plan(result)
    if plan is None:
        return None
    title, note = subject.brief(carriers_words(result)), carriers_note(result)
    data = lines_of(result.case.clock, carrier_areas(result, LIGHT), carrier_flags(result), "Share of requests", 1.0)
    figure = Figure(
        f"{title}. {note}.", replace(data, shares=True), spec=carriers_chart(result, titled=False).to_dict()
    )
    head, *rows = plan_rows(result)
    widths = (1.5, 2.6, 2.6, 1.2, 1.0, 1.0, 1.0, 1.0, 1.6)[: len(head)]
    tables = [("In the base case", Table(tuple(head), tuple(map(tuple, rows)), widths, frozenset({4, 5, 6, 7})))]
    if subject.findings is not None and subject.findings.plans:
        head, *rows = draws_rows(dict(subject.findings.plans))
        over = Table(tuple(head), tuple(map(tuple, rows)), (2.0, *(1.0,) * (len(head) - 1)))
        tables.insert(0, ("Over the draws", over))
    base = "" if subject.findings is None else "In the base case "
    text = sentence_case(f"{base}{plan_name(plan)} {saves_of(plan)}.")
    return Page("plans", "Plans", title, (text,), figures=(figure,), tables=tuple(tables), notes=f"{note}. {text}")
