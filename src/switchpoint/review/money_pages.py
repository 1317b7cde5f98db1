"""Cash by quarter and fiscal year, and the waterfall, of the candidate or the plan that a review is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from switchpoint.charts.figures import peak_words, return_words
from switchpoint.charts.takeaways import main_path, path_name
from switchpoint.charts.vega import LIGHT
from switchpoint.decision.cash import CashPath, CashView, Length, Started, cash_view, first_year, rows_of, waterfall
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.plan_sentence import distinct_plans
from switchpoint.horizon import NEVER, Floats
from switchpoint.review.context import Subject
from switchpoint.review.pages import Bars, Figure, Page, Series, Table, WaterfallBar, WaterfallFigure
from switchpoint.text import percent

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
