"""Review(result, draws, why) -> Review; tables of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from switchpoint.charts.collection import charts, draws_charts
from switchpoint.charts.sensitivity import tornado_chart
from switchpoint.charts.waiting import choices, has_waiting, waiting_chart
from switchpoint.review.assumption_rows import applying, assumption_columns, assumptions
from switchpoint.review.base_case_pages import (
    bill_page,
    candidates_page,
    plan_page,
    unit_page,
    verdict_page,
)
from switchpoint.review.context import Subject
from switchpoint.review.method_pages import assumptions_page, method_page, notes_page
from switchpoint.review.money_and_plan_pages import cash_page, cash_tables, plans_page, quarters_page, waterfall_page
from switchpoint.review.pages import Bars, Columns, Lines, Page, PlanFigure, Review, WaterfallFigure
from switchpoint.review.sign_page import advised_plan
from switchpoint.review.uncertainty_pages import (
    changes_page,
    dates_page,
    fan_page,
    mind_page,
    regret_page,
    waiting_page,
)
from switchpoint.study.draw_results import DrawFindings, date_columns, draw_columns
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.reasons import as_json as why_json
from switchpoint.study.sweep.columns import flat


def tables(subject: Subject) -> dict[str, Columns]:
    """Tables by the name of their file."""
    found = {name: columns(rows) for name, rows in _tables(subject) if rows}
    return (
        found
        if subject.findings is None
        else {
            **found,
            "dates": date_columns(subject.findings),
            "draws": draw_columns(subject.findings),
        }
    )


def columns(rows: Sequence[dict[str, Any]]) -> Columns:
    """Rows with the same keys, by column."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def _tables(subject: Subject) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    result, shown = subject.result, subject.shown
    yield "months", shown.monthly
    base = shown.as_json()["base"]["candidates"]
    yield "candidates", [{"candidate": name, **flat(row)} for name, row in base.items()]
    plans = shown.as_json(notes=False)["base"]["plans"]
    yield "plans", [_plan_row(name, row) for name, row in plans.items()]
    yield from cash_tables(subject)
    yield "starts", _starts(subject)
    rows = applying(assumptions(result, subject.notes), result.case.scenario)
    yield "assumptions", [assumption_columns(row) for row in rows]
    if subject.why is not None:
        told = why_json(subject.why)
        yield "tornado", [_bar(bar) for bar in (told["tornado"] or {"bars": []})["bars"]]
        yield "tripwires", told["tripwires"]
    if subject.findings is not None:
        yield from _chart_tables(subject, subject.findings)


def _plan_row(name: str, told: dict[str, Any]) -> dict[str, Any]:
    """A plan as a row: its steps in one cell each of names and of starts."""
    steps, rest = told["steps"], {key: value for key, value in told.items() if key not in ("steps", "by_step")}
    named = {key: ", ".join(str(step[key]) for step in steps) for key in ("candidate", "start", "cutover")}
    return {"plan": name, **{f"step_{key}s": value for key, value in named.items()}, **flat(rest)}


def _starts(subject: Subject) -> list[dict[str, Any]]:
    found, clock = choices(subject.findings or subject.result), subject.result.case.clock
    return [
        {
            "candidate": choice.name,
            "start": clock.date_of(day),
            "npv_saving_usd": float(saving),
            "standard_error_usd": float(error),
        }
        for choice in found.each
        for day, saving, error in zip(choice.searched, choice.saving, choice.error, strict=True)
    ]


def _bar(bar: dict[str, Any]) -> dict[str, Any]:
    ends = {f"{end}_{key}": value for end in ("low", "high") for key, value in bar[end].items()}
    return {**{key: value for key, value in bar.items() if key not in ("low", "high")}, **ends}


def _chart_tables(subject: Subject, findings: DrawFindings) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield (
        "candidates-draws",
        [
            {
                "candidate": name,
                "start": subject.date(found.weighed.judged_start),
                "probability_in_time": found.in_time[0] if found.limited else None,
                "probability_saves": found.saves(ADVISED)[0],
                **{f"npv_saving_{key}_usd": value for key, value in asdict(found.saving(ADVISED)).items()},
                **{f"regret_{rule}_usd": value for rule, value in found.regret.items()},
            }
            for name, found in findings.candidates.items()
        ],
    )


def chart_columns(pages: Sequence[Page]) -> dict[str, Columns]:
    """The values of each chart that people edit, by the name of its page."""
    found = {page.key: page.figures[0].data for page in pages if page.figures}
    return {f"chart-{key}": _figure(data) for key, data in found.items() if data is not None}


def _figure(data: Lines | Bars | PlanFigure | WaterfallFigure) -> Columns:
    if isinstance(data, WaterfallFigure):
        bars = data.bars
        return {name: [getattr(bar, name) for bar in bars] for name in ("name", "begin", "end")}
    if isinstance(data, PlanFigure):
        spans = data.spans
        return {
            "step": [span.name for span in spans],
            "first_day": [span.first for span in spans],
            "day_after": [span.after for span in spans],
        }
    first = {"date": data.dates} if isinstance(data, Lines) else {"category": data.categories}
    return {**first, **{series.name: series.values for series in data.series}}


def build_review(subject: Subject) -> Review:
    """The story of a review, as plain data for deck, report and PDF."""
    scenario, pages = subject.result.case.scenario, tuple(_pages(subject))
    return Review(
        name=scenario.name,
        summary=scenario.summary,
        sentence=subject.sentence,
        basis=subject.basis,
        pages=pages,
        charts=chart_specs(subject),
        tables={**tables(subject), **chart_columns(pages)},
    )


def _pages(subject: Subject) -> list[Page]:
    """The pages that are read to decide, at most eight, then the appendix. Beside a plan that is advised the page of
    its candidates, each alone, stands in the appendix; beside one candidate the page of plans does."""
    plans, advised = plans_page(subject), advised_plan(subject) is not None
    decision = (
        verdict_page(subject),
        bill_page(subject),
        fan_page(subject),
        plan_page(subject),
        plans if advised else candidates_page(subject),
        cash_page(subject),
        waterfall_page(subject),
        changes_page(subject),
    )
    appendix = (
        candidates_page(subject) if advised else plans,
        dates_page(subject),
        mind_page(subject),
        waiting_page(subject),
        regret_page(subject),
        unit_page(subject),
        quarters_page(subject),
        notes_page(subject),
        method_page(subject),
        assumptions_page(subject),
    )
    return [
        *(page for page in decision if page is not None),
        *(replace(page, appendix=True) for page in appendix if page is not None),
    ]


def chart_specs(subject: Subject) -> Mapping[str, Mapping[str, Any]]:
    """The Vega-Lite specification of every chart, titled, by the name of its file."""
    drawn = charts(subject.shown)
    if subject.findings is not None:
        drawn |= draws_charts(subject.findings)
    elif has_waiting(subject.result):
        drawn["waiting"] = waiting_chart(subject.result)
    found = subject.why and subject.why.tornado
    if found and found.bars:
        drawn["tornado"] = tornado_chart(subject.result.case.scenario, found)
    return {name: chart.to_dict() for name, chart in drawn.items()}
