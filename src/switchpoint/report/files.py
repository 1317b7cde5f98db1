"""The files of a folder that `switchpoint run --out` writes, all of them or none."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import TypeAlias

from switchpoint.export.words import harmless
from switchpoint.report.page import page
from switchpoint.report.text import aligned
from switchpoint.result import Json, Result, monthly
from switchpoint.study.draws.findings import Findings
from switchpoint.study.draws.output import as_json

RESULT, REPORT = "result.json", "report.txt"
Files: TypeAlias = dict[str, bytes]
"""What files hold, by name."""
FOR_SPREADSHEETS = "\ufeff"
"""What a CSV begins with so that spreadsheets read its umlauts: the mark of UTF-8."""


def json_text(result: Result) -> str:
    """The result as indented JSON with ISO dates."""
    return as_text(result.as_json())


def as_text(told: Json) -> str:
    """Indented JSON with ISO dates."""
    return json.dumps(told, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n"


def files_of(result: Result) -> Files:
    """result.json, report.txt, months.csv, story.txt and the charts of a result, by name."""
    from switchpoint.charts.write import chart_files, charts

    told = {
        RESULT: json_text(result),
        REPORT: page(result),
        "months.csv": FOR_SPREADSHEETS + months_csv(result),
        "story.txt": story(result.shown),
    }
    return {**in_bytes(told), **chart_files(charts(result.shown))}


def files_of_draws(findings: Findings) -> Files:
    """The files of the base case, with the result, the page and the charts of the draws."""
    from switchpoint.charts.draws import draws_charts
    from switchpoint.charts.write import chart_files
    from switchpoint.report.draws import draws_page

    told = {RESULT: as_text(as_json(findings)), REPORT: draws_page(findings)}
    return {**files_of(findings.base), **in_bytes(told), **chart_files(draws_charts(findings))}


def in_bytes(told: Mapping[str, str]) -> Files:
    """Texts as files hold them, by name."""
    return {name: text.encode("utf-8") for name, text in told.items()}


def months_csv(result: Result) -> str:
    """The monthly rows as CSV; names that a spreadsheet would run as formulas are defused."""
    rows = monthly(result.case)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(key) for key in rows[0]])
    writer.writerows(row.values() for row in rows)
    return text.getvalue()


def story(result: Result) -> str:
    """What happens to each candidate, event by event."""
    parts = []
    for outlook in result.case.outlooks:
        rows = [(f"{result.case.clock.date_of(e.day)}  {e.subject}", e.text) for e in outlook.world.story]
        parts.append(f"{outlook.name}\n{aligned(rows) if rows else 'nothing happens'}\n")
    return "\n".join(parts)
