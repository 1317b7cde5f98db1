"""The values of everything shown, as tables for CSV and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from switchpoint.charts.waiting import choices
from switchpoint.export.assumptions import assumptions
from switchpoint.export.story import Bars, Columns, Lines, Page, Plan
from switchpoint.report.story.plan import dates_table
from switchpoint.report.story.subject import Subject
from switchpoint.report.why import as_json as why_json
from switchpoint.study.draws.findings import ADVISED, Findings


def tables(subject: Subject) -> dict[str, Columns]:
    """Tables by the name of their file."""
    return {name: columns(rows) for name, rows in _tables(subject) if rows}


def columns(rows: Sequence[dict[str, Any]]) -> Columns:
    """Rows with the same keys, by column."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def _tables(subject: Subject) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    result, shown = subject.result, subject.shown
    yield "months", shown.monthly
    base = shown.as_json()["base"]["candidates"]
    yield "candidates", [{"candidate": name, **row} for name, row in base.items()]
    yield "starts", _starts(subject)
    yield "assumptions", [{**asdict(row), "value": str(row.value)} for row in assumptions(result, subject.notes)]
    if subject.why is not None:
        told = why_json(subject.why)
        yield "tornado", [_bar(bar) for bar in (told["tornado"] or {"bars": []})["bars"]]
        yield "tripwires", told["tripwires"]
    if subject.findings is not None:
        yield from _drawn(subject, subject.findings)


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


def _drawn(subject: Subject, findings: Findings) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    table = dates_table(subject)
    yield "dates", [dict(zip(table.head, row, strict=True)) for row in table.rows]
    yield (
        "candidates-draws",
        [
            {
                "candidate": name,
                "start": subject.date(found.weighed.judged),
                "probability_in_time": found.in_time[0] if found.limited else None,
                "probability_saves": found.saves(ADVISED)[0],
                **{f"npv_saving_{key}_usd": value for key, value in asdict(found.saving(ADVISED)).items()},
                **{f"regret_{rule}_usd": value for rule, value in found.regret.items()},
            }
            for name, found in findings.candidates.items()
        ],
    )


def drawn(pages: Sequence[Page]) -> dict[str, Columns]:
    """The values of each chart that people edit, by the name of its page."""
    found = {page.key: page.figures[0].data for page in pages if page.figures}
    return {f"chart-{key}": _figure(data) for key, data in found.items() if data is not None}


def _figure(data: Lines | Bars | Plan) -> Columns:
    if isinstance(data, Plan):
        spans = data.spans
        return {
            "step": [span.name for span in spans],
            "first_day": [span.first for span in spans],
            "day_after": [span.after for span in spans],
        }
    first = {"date": data.dates} if isinstance(data, Lines) else {"category": data.categories}
    return {**first, **{series.name: series.values for series in data.series}}
