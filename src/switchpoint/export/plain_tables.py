"""Tables and JSON as files and pages hold them: columns of plain text, CSV, Parquet, indented JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from switchpoint.files import Json
from switchpoint.review.pages import Cell, Columns, harmless

Files: TypeAlias = dict[str, bytes]
"""What files hold, by name."""
FOR_SPREADSHEETS = "\ufeff"
"""What a CSV begins with so that spreadsheets read its umlauts: the mark of UTF-8."""


def align_columns(rows: Sequence[tuple[str, str]]) -> str:
    """Labels and values in two columns."""
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {value}" for label, value in rows)


def table(rows: Sequence[Sequence[Any]]) -> str:
    """Rows of cells in columns, the first row being the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def as_text(told: Json) -> str:
    """Indented JSON with ISO dates."""
    return json.dumps(told, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n"


def in_bytes(told: Mapping[str, str]) -> Files:
    """Texts as files hold them, by name."""
    # Names of files need be no UTF-8, and stand in notes.
    return {name: text.encode("utf-8", "backslashreplace") for name, text in told.items()}


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
