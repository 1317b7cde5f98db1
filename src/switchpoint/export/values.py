"""Tables of values as CSV, which any program reads, and as Parquet, which keeps what is a number and what a date."""

from __future__ import annotations

import csv
import io
from datetime import date

from switchpoint.export.story import Cell, Columns
from switchpoint.export.words import harmless


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
