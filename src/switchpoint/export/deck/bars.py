"""Native bar charts: bars by category, and the plan of a project over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.util import Inches, Pt

from switchpoint.charts.style import LIGHT
from switchpoint.export.deck.lines import MOST_TICKS, SHARES, SMALL, describe, dollars, tick
from switchpoint.export.deck.template import FONT, colour
from switchpoint.export.story import Bars, Plan, Span
from switchpoint.export.words import harmless

EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet."""
ROOM = 0.25
"""Part of a plan's length that its labels get behind the last bar."""
LEAST = 0.02
"""Part of the longest bar below which a bar with a sign gets no label."""
MANY, SMALLEST = 12, 8
"""More bars than so many get labels of this size, points."""
FEW = 5
"""Groups of bars below which the room between them grows."""
UP_TO_ALL = '[<=1.001]0%;""'
"""Number format of an axis of shares, which may go on beyond all."""
Place = tuple[float, float, float, float]


def bar_chart(slide: Any, data: Bars, place: Place, alt: str) -> Any:
    """Draw bars into a slide; `place` is left, top, width and height in inches."""
    chart_data = CategoryChartData()
    chart_data.categories = [harmless(name) for name in data.categories]
    for series in data.series:
        chart_data.add_series(harmless(series.name), series.values)
    chart = _chart(slide, XL_CHART_TYPE.BAR_CLUSTERED, place, chart_data, alt)
    plot = chart.plots[0]
    plot.overlap, plot.gap_width = (100, 45) if data.overlaid else (0, _gap(data))
    longest = max((abs(value or 0.0) for each in data.series for value in each.values), default=0.0)
    count = len(data.categories) * (1 if data.overlaid else len(data.series))
    for series, bars in zip(plot.series, data.series, strict=True):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour(bars.colour)
        series.invert_if_negative = False
        labels = series.data_labels
        labels.show_value, labels.number_format_is_linked = True, False
        labels.number_format = SHARES if data.shares else label_format(longest, signed=data.overlaid)
        labels.position = XL_LABEL_POSITION.OUTSIDE_END
        labels.font.size, labels.font.color.rgb = Pt(SMALL if count <= MANY else SMALLEST), colour(LIGHT.ink)
    values = [value or 0.0 for series in data.series for value in series.values]
    low, high = min(0.0, *values), max(0.0, *values)
    room = 0.14 * (high - low or 1.0)
    axis = chart.value_axis
    unit = tick(high - low + 2 * room)
    axis.minimum_scale = math.floor((low - room) / unit) * unit if low < 0 else 0.0
    axis.maximum_scale = math.ceil((high + room) / unit) * unit
    axis.major_unit = unit
    axis.tick_labels.number_format = UP_TO_ALL if data.shares else dollars(high - low)
    axis.tick_labels.number_format_is_linked = False
    _titled(axis, data.axis)
    chart.has_legend = len(data.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        chart.legend.font.size = Pt(SMALL)
    return chart


def _gap(data: Bars) -> int:
    """Percent of a bar's thickness between groups of bars; few shares are no thicker than many."""
    return 50 * max(1, FEW - len(data.categories)) if data.shares else 50


def plan_chart(slide: Any, data: Plan, place: Place, alt: str) -> Any:
    """Draw a plan into a slide: an invisible bar up to each first day, the bar, and its length in words behind it."""
    spans = data.spans
    first, last = min(span.first for span in spans), max(span.after for span in spans)
    length = (last - first).days or 1
    chart_data = CategoryChartData()
    chart_data.categories = [harmless(span.name) for span in spans]
    chart_data.add_series("Begins", [_serial(span.first) for span in spans])
    chart_data.add_series("Days", [(span.after - span.first).days for span in spans])
    chart_data.add_series("How long", [length * ROOM] * len(spans))
    chart = _chart(slide, XL_CHART_TYPE.BAR_STACKED, place, chart_data, alt)
    chart.has_legend = False
    plot = chart.plots[0]
    plot.overlap, plot.gap_width = 100, 55
    begins, days, words = plot.series
    for hidden in (begins, words):
        hidden.format.fill.background()
    for number, span in enumerate(spans):
        _bar(days.points[number], span)
        _word(words.points[number], span.length)
    axis = chart.value_axis
    axis.minimum_scale, axis.maximum_scale = _serial(first), _serial(last) + length * ROOM
    axis.major_unit = _unit(length * (1 + ROOM))
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "d mmm yyyy", False
    return chart


def _chart(slide: Any, kind: Any, place: Place, chart_data: CategoryChartData, alt: str) -> Any:
    frame = slide.shapes.add_chart(kind, *(Inches(each) for each in place), chart_data)
    describe(frame, alt)
    chart = frame.chart
    chart.has_title = False
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(SMALL), FONT, colour(LIGHT.muted)
    names = chart.category_axis
    names.reverse_order = True
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.tick_labels.font.color.rgb, names.tick_labels.font.size = colour(LIGHT.ink), Pt(SMALL + 1)
    names.format.line.color.rgb = colour(LIGHT.muted)
    values = chart.value_axis
    values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    values.major_gridlines.format.line.color.rgb = colour(LIGHT.grid)
    values.format.line.fill.background()
    return chart


def _titled(axis: Any, text: str) -> None:
    axis.has_title = True
    axis.axis_title.text_frame.text = text
    run = axis.axis_title.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold, run.font.color.rgb = Pt(SMALL), False, colour(LIGHT.muted)


def _bar(point: Any, span: Span) -> None:
    point.format.fill.solid()
    point.format.fill.fore_color.rgb = colour(span.colour)


def _word(point: Any, text: str) -> None:
    label = point.data_label
    label.text_frame.text = text
    label.text_frame.word_wrap = False
    run = label.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.color.rgb = Pt(SMALL), colour(LIGHT.ink)
    label.position = XL_LABEL_POSITION.INSIDE_BASE


def label_format(longest: float, *, signed: bool) -> str:
    """Number format of the labels of bars; with signs, bars too short to tell apart get none.

    >>> label_format(856_000, signed=False), label_format(856_000, signed=True)
    ('$#,##0,"k";-$#,##0,"k";$0', '[>=17120]+$#,##0,"k";[<=-17120]-$#,##0,"k";""')
    """
    shape = dollars(longest)
    if not signed:
        return shape
    above, below, _ = shape.split(";")
    return f'[>={longest * LEAST:.6g}]+{above};[<={-longest * LEAST:.6g}]{below};""'


def _unit(days: float) -> float:
    """Days between the labels of a plan."""
    months: Sequence[int] = (1, 2, 3, 6, 12, 24)
    return 30.4375 * next((each for each in months if days / 30.4375 / each <= MOST_TICKS), 60)


def _serial(when: date) -> int:
    return (when - EPOCH).days
