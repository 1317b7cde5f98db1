"""Tables and bars in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BARS = "▁▂▃▄▅▆▇█"
NONE = "–"


def aligned(rows: Sequence[tuple[str, str]]) -> str:
    """Labels and values in two columns."""
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {value}" for label, value in rows)


def table(rows: Sequence[Sequence[Any]]) -> str:
    """Rows of cells in columns, the first row being the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def sparkline(values: Sequence[float], highest: float) -> str:
    """One bar per value, from 0 to `highest`.

    >>> sparkline([0, 5, 10], 10)
    '▁▅█'
    """
    top = len(BARS) - 1
    return "".join(BARS[round(min(max(value / highest, 0.0), 1.0) * top)] for value in values)
