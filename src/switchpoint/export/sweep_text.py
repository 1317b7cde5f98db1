"""The summary of a sweep as text, and its rows as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, BinaryIO

import numpy as np

from switchpoint.export.plain_tables import table
from switchpoint.horizon import Floats
from switchpoint.review.pages import harmless
from switchpoint.scenario.errors import visible
from switchpoint.study.sweep.drivers_and_map import Influence, in_words, is_too_few
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.results import Results
from switchpoint.study.sweep.summary import ADVICE_ALONE, MOSTLY, Failure, SweepSummary, point
from switchpoint.text import NONE, day, percent, usd

LITTLE = 0.01
"""Shares of variance below this are not listed."""


def page(summary: SweepSummary) -> str:
    """The summary in plain text."""
    parts = [
        _head(summary),
        _answers(summary),
        _drivers(summary, "start-by date (later", summary.results.start_days, summary.on_start),
        _drivers(summary, "saving (larger", summary.results.saving, summary.on_saving),
        *(_failure(failure) for failure in summary.failures),
        "Saves most\n" + _points(summary.results, summary.best),
        "Saves least\n" + _points(summary.results, summary.worst),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(summary: SweepSummary) -> str:
    found = summary.results
    study = found.manifest.study
    done = len(found.points) + found.failed
    lines = [visible(f"{study.name}: {study.summary}" if study.summary else study.name)]
    unfinished = "" if done == found.planned_points else f" of {found.planned_points:,}; the sweep is not finished"
    lines.append(f"{done:,} points{unfinished}" + (f"; {found.failed:,} could not be computed" if found.failed else ""))
    lines.append(f"{ADVICE_ALONE}.")
    return "\n".join(lines)


def _answers(summary: SweepSummary) -> str:
    count = len(summary.results.points)
    rows = [("Answer", "points"), *((in_words(action), percent(number / count)) for action, number in summary.answers)]
    return table(rows) + (f"\n{summary.regions.takeaway}." if summary.regions else "")


def _drivers(summary: SweepSummary, what: str, came: Floats, found: Sequence[Influence]) -> str:
    title, there = f"What drives the {what} with more: +)", int((~np.isnan(came)).sum())
    if not found:
        return f"{title}\n{_without_drivers(summary, there)}"
    if len(summary.results.inputs) == 1:
        return f"{title}\n{visible(found[0].input.name)}, the only input that varies {found[0].direction}".rstrip()
    listed = [each for each in found if each.share >= LITTLE]
    if not listed:
        few = is_too_few(found, there)
        return f"{title}\n{'too few points to tell what each input does' if few else 'nothing that varies, by itself'}"
    rows = [("Input", "share of the variance", ""), *((e.input.name, percent(e.share), e.direction) for e in listed)]
    return f"{title}\n{table(rows)}\nFirst-order shares: variance of the means of bins over the variance of all points."


def _without_drivers(summary: SweepSummary, there: int) -> str:
    """Why nothing drives a date or a saving, which so many points have."""
    if there < 2:
        return f"nothing to compare: {'one point alone' if there else 'no point'} has one"
    return f"nothing: it is the same in every point{'' if there == len(summary.results.points) else ' that has one'}"


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
        inputs = [visible(each.with_unit(each.values[place])) for each in found.inputs]
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
