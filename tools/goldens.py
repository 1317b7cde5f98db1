"""`python -m tools.goldens [NAME ...]` writes tests/goldens/ anew: what the commands say and write, pinned.

One JSON file a story: the base case, 200 draws, why, and the exports of a few stories in short. Everything is asked for
at the command line, so a file stays valid however the package is built inside. What is long is kept as its shape, its
first lines and a digest; numbers are kept to twelve digits.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
GOLDENS = ROOT / "tests" / "goldens"
STORIES = {path.stem: path for path in sorted((ROOT / "scenarios").glob("*.toml"))}
EXPORTED = ("support-copilot", "early-prototype", "enterprise-bought-gpus")
"""Stories whose exports are pinned: start by, stay, GPUs that are bought."""
DRAWS, EXPORT_DRAWS, SEED = 200, 8, 1
DIGITS, FEW = 12, 3
UNPINNED = {"sources", "version"}
"""Keys of an answer that change without any figure changing."""

Json = Any


def golden(name: str) -> dict[str, Json]:
    """Everything that is pinned of a story."""
    path = str(STORIES[name])
    pinned = {
        "base": answer("run", path, "--json"),
        "draws": answer("run", path, "--json", "--draws", str(DRAWS), "--seed", str(SEED), "--jobs", "1"),
        "text": called("run", path).splitlines(),
        "why": answer("why", path, "--json"),
    }
    return pinned | ({"exports": exports(path)} if name in EXPORTED else {})


def called(*arguments: str) -> str:
    """What a command prints, with paths as seen from the project's folder.

    Raises:
        RuntimeError: where it fails.
    """
    from switchpoint.cli import program

    result = CliRunner().invoke(program, list(arguments))
    if result.exit_code:
        raise RuntimeError(f"switchpoint {' '.join(arguments)}: {result.output}{result.exception or ''}")
    return result.stdout.replace(f"{ROOT}/", "")


def answer(*arguments: str) -> Json:
    """The JSON that a command prints, without what may change, months as columns."""
    told = {key: value for key, value in json.loads(called(*arguments)).items() if key not in UNPINNED}
    for months in {"monthly", "monthly_advised"} & set(told):
        rows = told[months]
        told[months] = {key: [row[key] for row in rows] for key in rows[0]}
    return rounded(told)


def rounded(value: Json) -> Json:
    """Numbers to twelve digits, dates as text, everything below too.

    >>> rounded({"a": [1 / 3, 2]})
    {'a': [0.333333333333, 2]}
    """
    if isinstance(value, dict):
        return {str(key): rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return value.isoformat() if isinstance(value, date | datetime) else value


def exports(path: str) -> dict[str, Json]:
    """What every export of a story says: texts of report and deck, cells of the workbook, heads of the tables."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        deck, workbook, report, tables = out / "d.pptx", out / "w.xlsx", out / "r.html", out / "tables"
        asked = ["--deck", deck, "--workbook", workbook, "--report", report, "--tables", tables]
        drawn = ["--draws", EXPORT_DRAWS, "--seed", SEED, "--jobs", 1]
        called("export", path, *map(str, asked + drawn))
        return {
            "deck": list(slides(deck)),
            "workbook": dict(sheets(workbook)),
            "report": page_text(report),
            "tables": {file.name: table(file) for file in sorted(tables.glob("*.csv"))},
        }


def slides(file: Path) -> Iterator[list[str]]:
    """The texts of each slide."""
    from pptx import Presentation

    for slide in Presentation(str(file)).slides:
        texts = []
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text:
                texts.append(shape.text_frame.text)
            elif shape.has_table:
                texts += ["; ".join(cell.text for cell in row.cells) for row in shape.table.rows]
        yield texts


def sheets(file: Path) -> Iterator[tuple[str, Json]]:
    """Each sheet: its size, the first cells of its first rows and last row, and a digest of all formulas and texts."""
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True)
    for sheet in book.worksheets:
        rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
        filled = [row for row in rows if row]
        words = [str(cell) for row in filled for cell in row if not isinstance(cell, float)]
        yield (
            sheet.title,
            {
                "size": sheet.calculate_dimension(),
                "rows": rounded([row[:6] for row in [*filled[:12], *filled[-1:]]]),
                "numbers": rounded(sum(cell for row in filled for cell in row if isinstance(cell, float))),
                "digest": digest("\n".join(words)),
            },
        )
    book.close()


class Texts(HTMLParser):
    """The texts of a page, but for scripts, styles and pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Stop listening inside what is no text."""
        self.skipped += tag in ("script", "style", "svg")

    def handle_endtag(self, tag: str) -> None:
        """Listen again."""
        self.skipped -= tag in ("script", "style", "svg")

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        if not self.skipped and data.strip():
            self.texts.append(re.sub(r"\s+", " ", data.strip()))


def page_text(file: Path) -> list[str]:
    """The texts of a report."""
    parser = Texts()
    parser.feed(file.read_text(encoding="utf-8"))
    return parser.texts


def table(file: Path) -> Json:
    """A table in short: its columns, rows and first rows, and the sum of each column of numbers."""
    head, *rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8")))
    sums = {}
    for number, column in enumerate(head):
        try:
            sums[column] = sum(float(row[number]) for row in rows if row[number])
        except ValueError:
            sums[column] = digest("\n".join(row[number] for row in rows))
    return rounded({"rows": len(rows), "first": rows[:FEW], "columns": sums})


def digest(text: str) -> str:
    """Sixteen letters that differ where the text does."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def text_of(pinned: Json) -> str:
    """How a golden stands in its file: one line a leaf list, so that a difference is easy to read."""
    text = json.dumps(pinned, indent=1, ensure_ascii=False)
    flat = re.sub(r"\[\s+((?:-?[\d.e+-]+|null)(?:,\s+(?:-?[\d.e+-]+|null))*)\s+\]", _one_line, text)
    return flat + "\n"


def _one_line(match: re.Match[str]) -> str:
    return "[" + re.sub(r"\s+", " ", match.group(1)) + "]"


def differences(was: Json, now: Json, place: str = "", tolerance: float = 1e-9) -> Iterator[str]:
    """Where two answers differ, one line a place; numbers, those in cells of tables too, may differ by a share of
    `tolerance`: processors do not agree on the last digit.

    >>> list(differences({"a": [1, 2.0]}, {"a": [1, 2.1], "b": 0}))
    ['a[1]: 2.0 is now 2.1', 'b: is new: 0']
    >>> list(differences(["588507.6254726169"], ["588507.6254726166"]))
    []
    """
    if isinstance(was, dict) and isinstance(now, dict):
        for key in was | now:
            inner = f"{place}.{key}" if place else key
            if key not in now:
                yield f"{inner}: is gone; was {was[key]!r:.100}"
            elif key not in was:
                yield f"{inner}: is new: {now[key]!r:.100}"
            else:
                yield from differences(was[key], now[key], inner, tolerance)
    elif isinstance(was, list) and isinstance(now, list):
        if len(was) != len(now):
            yield f"{place}: {len(was)} are now {len(now)}"
        for number, (one, other) in enumerate(zip(was, now, strict=False)):
            yield from differences(one, other, f"{place}[{number}]", tolerance)
    elif not _same(was, now, tolerance):
        yield f"{place}: {was!r:.300} is now {now!r:.300}"


def _same(was: Json, now: Json, tolerance: float) -> bool:
    if was == now:
        return True
    one, other = _number(was), _number(now)
    if one is None or other is None or isinstance(was, str) != isinstance(now, str):
        return False
    return abs(one - other) <= max(tolerance * max(abs(one), abs(other)), 1e-6)


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def main(names: list[str]) -> None:
    """Write the goldens of the stories named, of all where none is."""
    os.environ.setdefault("SWITCHPOINT_CACHE", "off")
    GOLDENS.mkdir(parents=True, exist_ok=True)
    for name in names or STORIES:
        (GOLDENS / f"{name}.json").write_text(text_of(golden(name)), encoding="utf-8")
        print(f"tests/goldens/{name}.json: written")


if __name__ == "__main__":
    main(sys.argv[1:])
