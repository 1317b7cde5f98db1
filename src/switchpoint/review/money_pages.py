"""Cash by quarter and fiscal year, and the waterfall, of the candidate that a review is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
from switchpoint.charts.vega import LIGHT
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.cash import CashView, Length, cash_view, first_year, rows_of, waterfall
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


def _cash_notes(subject: Subject, best: CandidateResult) -> str:
    """Peak and return, for a speaker."""
    return (
        f"Behind staying by at most {peak_words(subject.shown, best)}, at the end of that day; return "
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
    title = _base(subject, f"Cash of {subject.name(best)} quarter by quarter, and where its saving comes from")
    tables = (
        ("From what staying costs to the saving, dollars", waterfall_table(best)),
        ("By quarter, dollars", cash_table(cash_view(best, "quarter"))),
        ("Who carries what, part of the requests", carried_table(subject, best)),
    )
    return Page("quarters", "Cash in figures", title, tables=tables, notes=_cash_notes(subject, best))


def _best(subject: Subject) -> CandidateResult:
    best = subject.shown.main_candidate
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


def carried_table(subject: Subject, best: CandidateResult) -> Table:
    """Which part of the requests the candidate answers in each quarter, and which stays on the current route."""
    periods = cash_view(best, "quarter").periods
    requests = best.prospect.setting.traffic.requests
    asked, carried = periods.sums(requests), periods.sums(requests * best.course.path.answered[best.course.row])
    parts = [got / each if each else 0.0 for got, each in zip(carried.tolist(), asked.tolist(), strict=True)]
    rows = tuple((name, percent(part), percent(1 - part)) for name, part in zip(periods.names, parts, strict=True))
    head = ("Quarter", subject.name(best), "Current route")
    return Table(head, rows, (2, 1.5, 1.5), frozenset({1, 2}))


def waterfall_table(best: CandidateResult) -> Table:
    """The steps over the horizon and in the first year, whole dollars."""
    whole, year = waterfall(best), {step.name: step.usd for step in waterfall(best, first_year(best.clock))}
    rows = tuple((step.name, _whole(step.usd), _whole(year.get(step.name, 0.0))) for step in whole)
    return Table(("Step", "Over the horizon", "In the first year"), rows, (3, 1.5, 1.5), frozenset({1, 2}))


def _whole(usd: Any) -> str:
    return f"{round(usd):,}"


def cash_tables(subject: Subject) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Cash by month, quarter and fiscal year of every candidate, and the waterfalls, to the cent."""
    outlooks = subject.shown.case.outlooks
    for length, name in LENGTHS:
        yield (
            f"cash-{name}",
            [{"candidate": o.name, **row} for o in outlooks for row in rows_of(cash_view(o, length))],
        )
    yield "waterfall", [row for outlook in outlooks for row in _waterfall_rows(outlook)]


def _waterfall_rows(outlook: CandidateResult) -> Iterator[dict[str, Any]]:
    for span, days in (("horizon", None), ("first year", first_year(outlook.clock))):
        for step in waterfall(outlook, days):
            yield {
                "candidate": outlook.name,
                "span": span,
                "step": step.name,
                "usd": step.usd,
                "is_sum": step.is_sum,
            }
