"""The command that summarises a sweep: a page, its figures as JSON, all rows as CSV, and the decision map."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from switchpoint.export.words import harmless
from switchpoint.files import Content, folder_to_write
from switchpoint.report.files import as_text, in_bytes
from switchpoint.report.text import NONE, table
from switchpoint.scenario.words import visible
from switchpoint.scenario.writing import save_files
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.influence import Influence
from switchpoint.study.sweep.regions import in_words
from switchpoint.study.sweep.results import Results, results
from switchpoint.study.sweep.summary import MOSTLY, Failure, Summary, as_json, point, summarised
from switchpoint.words import day, percent, usd

LITTLE = 0.01
"""Shares of variance below this are not listed."""


def summarise_command(path: Path, *, as_json_text: bool, out: Path | None) -> None:
    """Print the summary of a sweep, and write its files into a folder, by default `summary` of the sweep's own.

    Raises:
        SweepError: where there is nothing to summarise.
        ScenarioError: where a file cannot be written.
    """
    folder = Folder(path)
    summary = summarised(results(folder))
    told, text = as_text(as_json(summary)), page(summary)
    target = out or path / "summary"
    files: dict[str, Content] = {**in_bytes({"summary.json": told, "summary.txt": text}), **_map(summary)}
    files["rows.csv"] = lambda file: write_csv(folder, file)
    with folder.writing():
        folder_to_write(target)
    save_files("summary", {target / name: data for name, data in files.items()}, overwrite=True)
    sys.stdout.write(told if as_json_text else f"{text}\nWritten to {target}\n")


def page(summary: Summary) -> str:
    """The summary in plain text."""
    parts = [
        _head(summary),
        _answers(summary),
        _drivers(summary, "What drives the start-by date (later with more: +)", summary.on_start),
        _drivers(summary, "What drives the saving (larger with more: +)", summary.on_saving),
        *(_failure(failure) for failure in summary.failures),
        "Saves most\n" + _points(summary.results, summary.best),
        "Saves least\n" + _points(summary.results, summary.worst),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(summary: Summary) -> str:
    found = summary.results
    study = found.manifest.study
    done = len(found.points) + found.failed
    lines = [visible(f"{study.name}: {study.summary}" if study.summary else study.name)]
    unfinished = "" if done == found.planned else f" of {found.planned:,}; the sweep is not finished"
    lines.append(f"{done:,} points{unfinished}" + (f"; {found.failed:,} could not be computed" if found.failed else ""))
    return "\n".join(lines)


def _answers(summary: Summary) -> str:
    count = len(summary.results.points)
    rows = [("Answer", "points"), *((in_words(action), percent(number / count)) for action, number in summary.answers)]
    return table(rows) + (f"\n{summary.regions.takeaway}." if summary.regions else "")


def _drivers(summary: Summary, title: str, found: Sequence[Influence]) -> str:
    if found and len(summary.results.inputs) == 1:
        return f"{title}\n{visible(found[0].input.name)}, the only input that varies {found[0].direction}".rstrip()
    listed = [each for each in found if each.share >= LITTLE]
    if not listed:
        return f"{title}\nnothing that varies, by itself"
    rows = [("Input", "share of the variance", ""), *((e.input.name, percent(e.share), e.direction) for e in listed)]
    return f"{title}\n{table(rows)}\nFirst-order shares: variance of the means of bins over the variance of all points."


def _failure(failure: Failure) -> str:
    if failure.share in (0.0, 1.0):
        return f"{'In every point' if failure.share else 'There is no point in which'} {failure.what}."
    said = f"In {percent(failure.share)} of the points {failure.what}"
    box = failure.box
    if box is None:
        return f"{said}; no simple box of inputs tells where."
    where = "mostly" if failure.share <= MOSTLY else "but mostly not"
    return (
        f"{said}, {where} with\n  {box.text}:\n  {percent(box.density)} of the points there are so (density), "
        f"{percent(box.coverage)} of all that are so lie there (coverage)."
    )


def _points(found: Results, places: Sequence[int]) -> str:
    head = [each.name for each in found.inputs]
    rows = [["point", *head, "answer", "candidate", "start by", "saving"]]
    for place in places:
        told = point(found, place)
        start = told["start_by"]
        inputs = [visible(each.told(each.values[place])) for each in found.inputs]
        saving = usd(told["npv_saving_usd"])
        name = visible(told["candidate"] or NONE)
        rows.append(
            [f"{told['point']}", *inputs, in_words(told["action"]), name, day(start) if start else NONE, saving]
        )
    return table(rows)


def write_csv(folder: Folder, file: BinaryIO) -> None:
    """All rows of a sweep as CSV, lists left out; names that a spreadsheet would run as formulas are defused."""
    columns = [name for name, kind in folder.manifest().columns.items() if not kind.endswith("s")]
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(name) for name in columns])
    for rows in folder.tables(columns):
        writer.writerows(zip(*(map(_cell, rows[name].to_pylist()) for name in columns), strict=True))
    text.detach()  # flushed, and left open for whoever opened it


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def _map(summary: Summary) -> dict[str, bytes]:
    if summary.regions is None:
        return {}
    from switchpoint.charts.decision_map import decision_map
    from switchpoint.charts.write import chart_files

    return chart_files({"decision-map": decision_map(summary.regions, summary.results.candidates)})
