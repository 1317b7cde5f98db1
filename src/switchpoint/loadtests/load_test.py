"""The files of a load test: read into rows, whichever of the known tools wrote them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from switchpoint.files import NotRegular, TooLarge, read_bytes
from switchpoint.loadtests import aiperf, guidellm, inference_perf, inferencemax, llmperf, vllm
from switchpoint.loadtests.row import LoadRow, figure
from switchpoint.loadtests.vllm import read_offline
from switchpoint.text import join_names

LARGEST = 100_000_000
"""Bytes of a file at most."""
MOST_ROWS = 10_000
TOOLS = "vLLM, SGLang, aiperf, genai-perf, GuideLLM, inference-perf, llmperf, InferenceMAX"
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"))


@dataclass(frozen=True)
class LoadTest:
    """What one or several files of a load test hold.

    Attributes:
        files: names of the files.
        rows: one for each run, in the order of the files.
    """

    files: tuple[str, ...]
    rows: tuple[LoadRow, ...]

    @property
    def tools(self) -> str:
        """What wrote it, in words."""
        return join_names(list(dict.fromkeys(row.tool for row in self.rows)))


Reader: TypeAlias = Callable[[Path, int], bytes]
"""What opens a file: given its path and the most bytes that are taken."""


def read_load_test(*files: Path, read: Reader = read_bytes) -> LoadTest:
    """Read the result of a load test.

    Args:
        files: one or several, each JSON (an object, an array, or one object a line) or CSV.
        read: opens them.

    Raises:
        OSError: a file cannot be read.
        ValueError: it is no result of a known tool; the message completes a sentence that begins with the field.
    """
    rows: list[LoadRow] = []
    for file in files:
        found = _rows(file, read)
        rows += [_with_place(row, file.name if len(files) > 1 else "") for row in found]
    return LoadTest(tuple(file.name for file in files), tuple(rows))


def _with_place(row: LoadRow, name: str) -> LoadRow:
    return replace(row, where=f"{name}, {row.where}".strip(", ")) if name else row


def _rows(file: Path, read: Reader) -> list[LoadRow]:
    text = _text(file, read)
    found = list(_cells(text)) if text.lstrip()[:1] not in ("{", "[") else list(_objects(text, file))
    if not found:
        raise ValueError(f"{_unknown_file_words(text)}; known are results of {TOOLS}: {file}")
    return found


def _text(file: Path, read: Reader) -> str:
    try:
        raw = read(file, LARGEST)
    except (TooLarge, NotRegular) as reason:
        raise ValueError(f"{reason}: {file}") from None
    try:
        return raw.decode(next(code for mark, code in MARKS if raw.startswith(mark)))
    except UnicodeError:
        raise ValueError(f"must be text in UTF-8 or UTF-16: {file}") from None


def _unknown_file_words(text: str) -> str:
    """What a file is that holds no known result."""
    if not text.strip():
        return "is empty"
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return "must be the JSON, JSON lines or CSV of a load test"
    keys = [str(key)[:40] for key in (held if isinstance(held, dict) else {})][:5]
    return f"is JSON, but no load test that is known{f' (it has {join_names(keys)})' if keys else ''}"


def _objects(text: str, file: Path) -> Iterator[LoadRow]:
    """Rows of one JSON value, or of one a line."""
    try:
        yield from _of_json(json.loads(text), "")
        return
    except RecursionError:
        return
    except ValueError:
        lines = [(place, line) for place, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_ROWS:
        raise ValueError(f"holds more than {MOST_ROWS:,} lines: {file}")
    for place, line in lines:
        try:
            held = json.loads(line)
        except (ValueError, RecursionError):
            if place == lines[0][0]:
                return
            raise ValueError(f"line {place} is no JSON: {file}") from None
        yield from _of_json(held, f"line {place}")


def _of_json(held: object, where: str) -> Iterator[LoadRow]:
    if isinstance(held, list):
        for place, each in enumerate(held[:MOST_ROWS], 1):
            yield from _of_object(each, f"entry {place}")
        return
    found = list(_of_object(held, where))
    if not found and isinstance(held, dict):
        inner = (value for value in held.values() if isinstance(value, list))
        found = next((rows for value in inner if (rows := list(_of_json(value, where)))), [])
    yield from found


def _of_object(held: object, where: str) -> Iterator[LoadRow]:
    """Rows of an object of a known tool; none of another."""
    if not isinstance(held, dict):
        return
    if guidellm.matches(held):
        yield from (replace(row, where=f"{where}, {row.where}".strip(", ")) for row in guidellm.read_report(held))
    elif (row := _row(held)) is not None:
        yield replace(row, where=where)


def _row(held: Mapping[str, Any]) -> LoadRow | None:
    if (row := read_offline(held)) is not None:
        return row
    for tool, read in (
        (llmperf, llmperf.read_summary),
        (inference_perf, inference_perf.read_stage),
        (aiperf, aiperf.read_metrics),
        (inferencemax, inferencemax.read_point),
        (vllm, vllm.read_run),
    ):
        if tool.matches(held):
            return read(held)
    return None


def _cells(text: str) -> Iterator[LoadRow]:
    """Rows of a CSV: the metrics of one run, or one run a line under the names that the JSON has."""
    try:
        lines = list(csv.reader(text.splitlines()[:MOST_ROWS]))
    except csv.Error:
        return
    if aiperf.matches_cells(lines):
        yield aiperf.read_cells(lines)
        return
    for place, cells in enumerate(lines[1:], 2):
        row = _row(_numbers_by_column(lines[0], cells))
        if row is not None:
            yield replace(row, where=f"line {place}")


def _numbers_by_column(names: Sequence[str], cells: Iterable[str]) -> dict[str, Any]:
    """Cells by column, numbers as such; empty ones are left out."""
    pairs = ((name.strip(), cell) for name, cell in zip(names, cells, strict=False) if cell.strip())
    return {name: cell if (value := figure(cell)) is None else value for name, cell in pairs}
