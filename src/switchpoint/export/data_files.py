"""JSON, CSV, Parquet; files of run --out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from switchpoint.decision.case import SimulatedWorld
from switchpoint.decision.result import Json, JudgedWorld, monthly
from switchpoint.export.text_pages import align_columns, page
from switchpoint.review.pages import Cell, Columns, harmless
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_rows import date_columns, draw_columns
from switchpoint.study.draw_sentence import as_json
from switchpoint.study.draws import Worlds

RESULT, REPORT = "result.json", "report.txt"
Files: TypeAlias = dict[str, bytes]
"""What files hold, by name."""
FOR_SPREADSHEETS = "\ufeff"
"""What a CSV begins with so that spreadsheets read its umlauts: the mark of UTF-8."""


def json_text(result: JudgedWorld) -> str:
    """The result as indented JSON with ISO dates."""
    return as_text(result.as_json())


def as_text(told: Json) -> str:
    """Indented JSON with ISO dates."""
    return json.dumps(told, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n"


def files_of(result: JudgedWorld) -> Files:
    """result.json, report.txt, months.csv, story.txt and the charts of a result, by name."""
    from switchpoint.charts.collection import charts
    from switchpoint.export.pictures import chart_files

    told = {
        RESULT: json_text(result),
        REPORT: page(result),
        "months.csv": FOR_SPREADSHEETS + months_csv(result),
        "story.txt": story(result.shown),
    }
    return {**in_bytes(told), **chart_files(charts(result.shown))}


def files_of_draws(findings: DrawFindings) -> Files:
    """The files of the base case, with the result, the page and the charts of the draws."""
    from switchpoint.charts.collection import draws_charts
    from switchpoint.export.pictures import chart_files
    from switchpoint.export.text_pages import draws_page

    told = {RESULT: as_text(as_json(findings)), REPORT: draws_page(findings)}
    tables = {"draws.csv": csv_bytes(draw_columns(findings)), "dates.csv": csv_bytes(date_columns(findings))}
    return {**files_of(findings.base), **in_bytes(told), **tables, **chart_files(draws_charts(findings))}


def in_bytes(told: Mapping[str, str]) -> Files:
    """Texts as files hold them, by name."""
    # Names of files need be no UTF-8, and stand in notes.
    return {name: text.encode("utf-8", "backslashreplace") for name, text in told.items()}


def months_csv(result: JudgedWorld) -> str:
    """The monthly rows as CSV; names that a spreadsheet would run as formulas are defused."""
    rows = monthly(result.case)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(key) for key in rows[0]])
    writer.writerows(row.values() for row in rows)
    return text.getvalue()


def story(result: JudgedWorld) -> str:
    """What happens to each candidate, event by event."""
    parts = []
    for outlook in result.case.outlooks:
        rows = [(f"{result.case.clock.date_of(e.day)}  {e.subject}", e.text) for e in outlook.world.story]
        parts.append(f"{outlook.name}\n{align_columns(rows) if rows else 'nothing happens'}\n")
    return "\n".join(parts)


def draw_page(worlds: Worlds, number: int, result: JudgedWorld) -> str:
    """One world as a page of plain text: its numbers, its verdict had one known them, its story under the policy."""
    rows = [(name, f"{value:,.6g}") for name, value in drawn_values(worlds, number).items()]
    numbers = align_columns(rows) if rows else "no number of the scenario is a range"
    told = _told_result(result)
    return (
        f"Draw {number} of seed {worlds.seed}\n{numbers}\n\n{page(result, f'Draw {number}')}\n"
        f"What happens in this draw, {_start_words(told)}\n\n{story(told)}"
    )


def _told_result(result: JudgedWorld) -> JudgedWorld:
    """Whose story is told: under the policy, but as advised where that is the default and has no limit to watch."""
    return result if result.case.scenario.limited else result.shown


def _start_words(result: JudgedWorld) -> str:
    policy = result.case.scenario.decision.policy
    if result.advised:
        return "each candidate started as advised"
    return f"each candidate started under the policy {policy!s}{_own_lead(policy)}"


def _own_lead(policy: object) -> str:
    """Where a policy goes by how long the project takes: one draw alone cannot know how long it takes in most."""
    if policy not in ("lead", "staged"):
        return ""
    return ", by the length of the project in this draw (over many draws: the length that 80 % of them keep)"


def draw_json(worlds: Worlds, number: int, result: JudgedWorld) -> str:
    """The same as indented JSON: the result's keys, and `draw`, `inputs` and `story`."""
    case = _told_result(result).case
    told: Json = {
        **result.as_json(),
        "seed": worlds.seed,
        "draws": 1,
        "draw": number,
        "inputs": drawn_values(worlds, number),
        "story": {outlook.name: events(case, outlook.name) for outlook in case.outlooks},
    }
    return as_text(told)


def drawn_values(worlds: Worlds, number: int) -> dict[str, float]:
    """The values of the uncertain numbers, by their dotted path."""
    row = worlds.values(number + 1)[number]
    return {each.name: float(value) for each, value in zip(worlds.inputs.all, row, strict=True)}


def events(case: SimulatedWorld, name: str) -> list[Json]:
    """The story of one candidate under the policy."""
    return [
        {"date": case.clock.date_of(entry.day), "subject": entry.subject, "text": entry.text}
        for entry in case.outlook(name).world.story
    ]


def csv_bytes(table: Columns) -> bytes:
    """A table as CSV, marked as UTF-8 for spreadsheets; texts that a spreadsheet would run as formulas are defused."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(name) for name in table])
    writer.writerows([[_plain(cell) for cell in row] for row in zip(*table.values(), strict=True)])
    return text.getvalue().encode("utf-8-sig")


def parquet_bytes(table: Columns) -> bytes:
    """A table as Parquet."""
    import pyarrow
    from pyarrow import parquet

    memory = io.BytesIO()
    parquet.write_table(pyarrow.table({name: list(cells) for name, cells in table.items()}), memory)
    return memory.getvalue()


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(cell) if isinstance(cell, str) else cell
