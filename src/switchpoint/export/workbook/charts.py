"""Native charts, which stay editable and follow the formulas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.workbook import Workbook

from switchpoint.export.workbook.grid import FIRST, HEAD, Column
from switchpoint.export.workbook.look import FONT, INK, MUTED, RULE, SERIES

WIDTH, HEIGHT = 920, 380
LABELS = 12
"""Months that an axis names, at most."""


def colour(place: int) -> str:
    """Colour of the current route (0) or of the n-th candidate; they repeat when there are many."""
    return SERIES[0] if place == 0 else SERIES[1 + (place - 1) % (len(SERIES) - 2)]


def line_chart(book: Workbook, month: Column, lines: Sequence[tuple[Column, str, bool]], title: str) -> Chart:
    """Dollars a month as lines: column, colour, and whether it is dashed."""
    chart = book.add_chart({"type": "line"})
    for column, tint, dashed in lines:
        line = {"color": tint, "width": 2.25, **({"dash_type": "dash"} if dashed else {})}
        chart.add_series({**_series(month, column), "line": line})
    return _dressed(chart, title, len(month.values))


def stacked_chart(book: Workbook, month: Column, parts: Sequence[Column], title: str) -> Chart:
    """Dollars a month as stacked columns."""
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    for place, column in enumerate(parts):
        chart.add_series({**_series(month, column), "fill": {"color": SERIES[place % len(SERIES)]}, "gap": 40})
    return _dressed(chart, title, len(month.values))


def _series(month: Column, column: Column) -> dict[str, Any]:
    last = FIRST + len(column.values) - 2
    return {
        "name": [column.sheet, HEAD, column.place],
        "categories": [month.sheet, FIRST - 1, month.place, last, month.place],
        "values": [column.sheet, FIRST - 1, column.place, last, column.place],
    }


def _dressed(chart: Chart, title: str, months: int) -> Chart:
    font = {"name": FONT, "size": 10, "color": MUTED}
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 13, "color": INK}, "overlay": False})
    chart.set_x_axis(
        {
            "num_format": "mmm yyyy",
            "date_axis": True,
            "num_font": font,
            "label_position": "low",
            "major_unit": max(1, math.ceil(months / LABELS)),
            "major_unit_type": "months",
        }
    )
    grid = {"visible": True, "line": {"color": RULE, "width": 0.75}}
    chart.set_y_axis({"num_format": '"$"#,##0', "num_font": font, "major_gridlines": grid, "line": {"none": True}})
    chart.set_legend({"position": "bottom", "font": {**font, "color": INK}})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    return chart
