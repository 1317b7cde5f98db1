"""The whole story of a sweep: its pages in their order, its charts and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from switchpoint.charts.decision_map import decision_map
from switchpoint.charts.drivers import driven, drivers_chart
from switchpoint.export.story import Page, Story
from switchpoint.report.story.sweep.drivers import drivers_page
from switchpoint.report.story.sweep.method import assumption_pages, method_page
from switchpoint.report.story.sweep.points import failures_page, points_page
from switchpoint.report.story.sweep.swept import Swept
from switchpoint.report.story.sweep.tables import sweep_tables
from switchpoint.report.story.sweep.varied import varied_page
from switchpoint.report.story.sweep.verdict import map_page, verdict_page, verdict_sentence
from switchpoint.report.story.tables import drawn
from switchpoint.study.sweep.summary import Summary


def sweep_story(summary: Summary) -> Story:
    """The story of a sweep, as plain data for deck, report and PDF."""
    swept = Swept(summary)
    pages = tuple(_pages(swept))
    return Story(
        name=swept.study.name,
        summary=swept.study.summary,
        sentence=verdict_sentence(swept),
        basis=swept.basis,
        pages=pages,
        charts=_charts(swept),
        tables={**sweep_tables(swept), **drawn(pages)},
    )


def _pages(swept: Swept) -> Iterator[Page]:
    yield verdict_page(swept)
    yield from filter(None, (map_page(swept), drivers_page(swept), failures_page(swept)))
    yield points_page(swept)
    yield varied_page(swept)
    assumed = list(assumption_pages(swept))
    yield method_page(swept, len(assumed))
    yield from assumed


def _charts(swept: Swept) -> Mapping[str, Mapping[str, Any]]:
    """The Vega-Lite specification of every chart, titled, by the name of its file."""
    summary, charts = swept.summary, {}
    if summary.regions is not None:
        charts["decision-map"] = decision_map(summary.regions, summary.results.candidates).to_dict()
    found = driven(summary.on_start, summary.on_saving)
    if found is not None:
        charts["drivers"] = drivers_chart(found).to_dict()
    return charts
