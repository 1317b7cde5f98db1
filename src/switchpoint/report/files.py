"""The files of a folder that `switchpoint run --out` writes, each whole."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from switchpoint.export.words import harmless
from switchpoint.report.page import page
from switchpoint.report.text import aligned
from switchpoint.result import Json, Result, monthly
from switchpoint.scenario.writing import save_text
from switchpoint.study.draws.findings import Findings
from switchpoint.study.draws.output import as_json

FOR_SPREADSHEETS = "\ufeff"
"""What a CSV begins with so that spreadsheets read its umlauts: the mark of UTF-8."""


def json_text(result: Result) -> str:
    """The result as indented JSON with ISO dates."""
    return as_text(result.as_json())


def as_text(told: Json) -> str:
    """Indented JSON with ISO dates."""
    return json.dumps(told, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n"


def write(result: Result, out: Path) -> None:
    """Write result.json, report.txt, months.csv, story.txt and the charts into a folder, each file whole."""
    from switchpoint.charts import save

    out.mkdir(parents=True, exist_ok=True)
    save_text(out / "result.json", json_text(result), overwrite=True)
    save_text(out / "report.txt", page(result), overwrite=True)
    save_text(out / "months.csv", FOR_SPREADSHEETS + months_csv(result), overwrite=True)
    save_text(out / "story.txt", story(result.shown), overwrite=True)
    save(result.shown, out)


def write_draws(findings: Findings, out: Path) -> None:
    """Write the base case's files into a folder, with the result, the page and the charts of the draws."""
    from switchpoint.charts.draws import save_draws
    from switchpoint.report.draws import draws_page

    write(findings.base, out)
    save_text(out / "result.json", as_text(as_json(findings)), overwrite=True)
    save_text(out / "report.txt", draws_page(findings), overwrite=True)
    save_draws(findings, out)


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
