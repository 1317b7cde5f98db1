"""The whole story: its pages in their order, all charts and all tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from switchpoint.charts import charts
from switchpoint.charts.draws import draws_charts
from switchpoint.charts.tornado import tornado_chart
from switchpoint.charts.waiting import has_waiting, waiting_chart
from switchpoint.export.story import Page, Story
from switchpoint.report.story.bill import bill_page, unit_page
from switchpoint.report.story.candidates import candidates_page
from switchpoint.report.story.chances import dates_page, fan_page
from switchpoint.report.story.method import assumptions_page, method_page
from switchpoint.report.story.mind import changes_page, mind_page
from switchpoint.report.story.noted import notes_page
from switchpoint.report.story.plan import plan_page
from switchpoint.report.story.subject import Subject
from switchpoint.report.story.tables import drawn, tables
from switchpoint.report.story.verdict import verdict_page
from switchpoint.report.story.waiting import regret_page, waiting_page


def story(subject: Subject) -> Story:
    """The story of a review, as plain data for deck, report and PDF."""
    scenario, pages = subject.result.case.scenario, tuple(_pages(subject))
    return Story(
        name=scenario.name,
        summary=scenario.summary,
        sentence=subject.sentence,
        basis=subject.basis,
        pages=pages,
        charts=chart_specs(subject),
        tables={**tables(subject), **drawn(pages)},
    )


def _pages(subject: Subject) -> list[Page]:
    pages = [
        verdict_page(subject),
        bill_page(subject),
        fan_page(subject),
        plan_page(subject),
        dates_page(subject),
        candidates_page(subject),
        unit_page(subject),
        mind_page(subject),
        changes_page(subject),
        waiting_page(subject),
        regret_page(subject),
        notes_page(subject),
        method_page(subject),
        assumptions_page(subject),
    ]
    return [page for page in pages if page is not None]


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
