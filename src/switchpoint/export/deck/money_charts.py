"""Native charts of money: columns over time, and a waterfall."""

from __future__ import annotations

import math
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from switchpoint.charts.vega import LIGHT
from switchpoint.export.deck.charts import SMALL, Place, describe, dollars, set_title, tick, write_label
from switchpoint.export.deck.template import FONT, colour
from switchpoint.review.pages import Bars, WaterfallBar, WaterfallFigure, harmless

ROOM = 0.16
"""Part of a waterfall's width that its amounts get behind the longest bar."""


def column_chart(slide: Any, data: Bars, place: Place, alt: str) -> Any:
    """Draw columns side by side, from left to right; `place` is left, top, width and height in inches."""
    chart_data = CategoryChartData()
    chart_data.categories = [harmless(name) for name in data.categories]
    for series in data.series:
        chart_data.add_series(harmless(series.name), series.values)
    chart = _chart(slide, XL_CHART_TYPE.COLUMN_CLUSTERED, place, chart_data, alt)
    plot = chart.plots[0]
    plot.overlap, plot.gap_width = 0, 60
    for drawn, series in zip(plot.series, data.series, strict=True):
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = colour(series.colour)
        drawn.invert_if_negative = False
    values = [value or 0.0 for series in data.series for value in series.values]
    _scale(chart.value_axis, min(0.0, *values), max(0.0, *values))
    set_title(chart.value_axis, data.axis)
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.legend.font.size, chart.legend.font.color.rgb = Pt(SMALL), colour(LIGHT.ink)
    return chart


def waterfall_chart(slide: Any, data: WaterfallFigure, place: Place, alt: str) -> Any:
    """Draw steps from top to bottom: an invisible bar up to where each begins, the bar on either side of zero, and its
    amount in words behind it."""
    bars = data.bars
    low, high = (pick(0.0, *(end for bar in bars for end in (bar.begin, bar.end))) for pick in (min, max))
    chart_data = CategoryChartData()
    chart_data.categories = [harmless(bar.name) for bar in bars]
    chart_data.add_series("Begins", [_hidden(bar) for bar in bars])
    chart_data.add_series("Above zero", [_above(bar) for bar in bars])
    chart_data.add_series("Below zero", [_below(bar) for bar in bars])
    chart_data.add_series("How much", [(high - low or 1.0) * ROOM] * len(bars))
    chart = _chart(slide, XL_CHART_TYPE.BAR_STACKED, place, chart_data, alt)
    chart.has_legend = False
    plot = chart.plots[0]
    plot.overlap, plot.gap_width = 100, 40
    hidden, above, below, words = plot.series
    for each in (hidden, words):
        each.format.fill.background()
    for each in (above, below):
        each.invert_if_negative = False
    for number, bar in enumerate(bars):
        for each in (above, below):
            point = each.points[number]
            point.format.fill.solid()
            point.format.fill.fore_color.rgb = colour(bar.colour)
        write_label(words.points[number], bar.words)
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    _scale(chart.value_axis, low, high + ROOM * (high - low or 1.0))
    set_title(chart.value_axis, data.axis)
    return chart


def _hidden(bar: WaterfallBar) -> float:
    """Where a bar begins to be seen; nothing where it lies on both sides of zero."""
    first, last = sorted((bar.begin, bar.end))
    return first if first > 0 else last if last < 0 else 0.0


def _above(bar: WaterfallBar) -> float:
    first, last = sorted((bar.begin, bar.end))
    return max(last, 0.0) - max(first, 0.0)


def _below(bar: WaterfallBar) -> float:
    first, last = sorted((bar.begin, bar.end))
    return min(first, 0.0) - min(last, 0.0)


def _scale(axis: Any, low: float, high: float) -> None:
    unit = tick(high - low or 1.0)
    axis.minimum_scale, axis.maximum_scale = math.floor(low / unit) * unit, math.ceil(high / unit) * unit
    axis.major_unit = unit
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = dollars(high - low), False


def _chart(slide: Any, kind: Any, place: Place, chart_data: CategoryChartData, alt: str) -> Any:
    frame = slide.shapes.add_chart(kind, *(Inches(each) for each in place), chart_data)
    describe(frame, alt)
    chart = frame.chart
    chart.has_title = False
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(SMALL), FONT, colour(LIGHT.muted)
    names = chart.category_axis
    names.tick_labels.font.color.rgb, names.tick_labels.font.size = colour(LIGHT.ink), Pt(SMALL)
    names.format.line.color.rgb = colour(LIGHT.muted)
    chart.value_axis.major_gridlines.format.line.color.rgb = colour(LIGHT.grid)
    chart.value_axis.format.line.fill.background()
    return chart


AXES = ("c:axId", "c:crossAx")


def number_axes(chart: Any) -> None:
    """Number the axes of a chart from 1: their ids are unsigned, and the library gives negative ones to bars."""
    known: dict[str, str] = {}
    for tag in AXES:
        for element in chart._chartSpace.iter(qn(tag)):
            element.set("val", known.setdefault(element.get("val"), str(len(known) + 1)))
