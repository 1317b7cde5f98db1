"""The values of everything that the story of a sweep shows, as tables for CSV and Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from switchpoint.export.assumptions import assumed
from switchpoint.export.story import Columns
from switchpoint.report.story.sweep.method import MOST_SCENARIOS, base_scenario
from switchpoint.report.story.sweep.swept import Swept
from switchpoint.report.story.tables import columns
from switchpoint.scenario.remarks import remarks
from switchpoint.study.sweep.influence import Influence
from switchpoint.study.sweep.summary import as_json


def sweep_tables(swept: Swept) -> dict[str, Columns]:
    """Tables by the name of their file; empty ones are left out."""
    found = {name: columns(rows) for name, rows in _tables(swept) if rows}
    return {"points": _points(swept), **found}


def _points(swept: Swept) -> Columns:
    """One row for each point that could be computed: its inputs, and what it is advised."""
    found = swept.results
    inputs = {each.column: each.values for each in found.inputs if each.column != "scenario"}
    return {
        "point": found.points,
        "scenario": found.scenario,
        **inputs,
        "action": found.action,
        "candidate": found.candidate,
        "start_by": found.start_by,
        "npv_saving_usd": found.saving.tolist(),
        "another_answer_than_base_case": found.other.tolist(),
        "base_case_date_too_late": found.too_late.tolist(),
    }


def _tables(swept: Swept) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    summary, told = swept.summary, as_json(swept.summary)
    yield "answers", [{"answer": answer, "share_of_points": share} for answer, share in swept.answers]
    yield "map", (told["map"] or {"cells": []})["cells"]
    drives = {"start_by": summary.on_start, "npv_saving_usd": summary.on_saving, "answer": summary.on_answer}
    yield "drivers", [_driver(what, each) for what, found in drives.items() for each in found]
    yield "fails", [_failure(name, each) for name, each in told["fails"].items()]
    yield (
        "assumptions",
        [row for place in range(len(swept.scenarios[:MOST_SCENARIOS])) for row in _assumed(swept, place)],
    )


def _driver(what: str, each: Influence) -> dict[str, Any]:
    return {
        "drives": what,
        "input": each.input.column,
        "name": each.input.name,
        "share_of_variance": each.share,
        "direction": each.direction,
    }


def _failure(name: str, each: dict[str, Any]) -> dict[str, Any]:
    box = each["box"] or {"text": "", "density": None, "coverage": None, "share_of_points": None}
    head = {"failure": name, "what": each["what"], "share": each["share"], "box_of": each["box_of"]}
    return {**head, **{f"box_{key}": value for key, value in box.items()}}


def _assumed(swept: Swept, place: int) -> list[dict[str, Any]]:
    loaded, name = base_scenario(swept, place), swept.scenarios[place]
    if loaded is None:
        return []
    sources = [each for each in swept.content["sources"] if each["scenario"] == name]
    rows = assumed(loaded.scenario, sources, remarks(loaded))
    return [{"scenario": name, **asdict(row), "value": str(row.value)} for row in rows]
