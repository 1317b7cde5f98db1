"""Native line charts over dates: lines, a shaded window, and flags that stay with the chart when it is copied."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from switchpoint.charts.style import LIGHT
from switchpoint.export.deck.template import FONT, colour
from switchpoint.export.story import Lines
from switchpoint.export.words import harmless

WINDOW = "Warning window"
SMALL = 11
ROW = 0.26
"""Height of a row of flags, inches."""
MARGINS = 1.0
"""About what axis and legend take of a chart's height, inches."""
TICKS = (1, 2, 3, 6, 12, 24, 60)
"""Months between the labels of the time axis."""
MOST_TICKS = 13
SHARES = "0%"
"""The number format of shares."""


def line_chart(slide: Any, data: Lines, place: tuple[float, float, float, float], alt: str) -> Any:
    """Draw lines into a slide; `place` is left, top, width and height in inches."""
    left, top, width, height = place
    flags = sorted(data.flags)
    dates = sorted({*data.dates, *(when for when, _ in flags)})
    ceiling, floor, unit = _ends(data, len(flags) * ROW / max(height - MARGINS, 1.0))
    chart_data = CategoryChartData()
    chart_data.categories = dates
    for series in data.series:
        known = dict(zip(data.dates, series.values, strict=True))
        chart_data.add_series(harmless(series.name), [known.get(when) for when in dates])
    step = ROW / max(height - MARGINS, 1.0) * (ceiling - floor)
    for row, (when, label) in enumerate(flags):
        value = ceiling - (row + 0.5) * step
        chart_data.add_series(harmless(label), [value if day == when else None for day in dates])
    if data.window:
        shaded = ceiling - len(flags) * step
        chart_data.add_series(WINDOW, _shaded(dates, data.window, shaded))
    box = (Inches(each) for each in (left, top, width, height))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE, *box, chart_data)
    describe(frame, alt)
    _dress(frame.chart, data, flags, dates, (floor, ceiling, unit))
    return frame.chart


def _shaded(dates: Sequence[date], window: tuple[date, date], top: float) -> list[float | None]:
    """The top within the window, 0 on the dates right before and after it, so that its sides are upright."""
    inside = [window[0] <= day <= window[1] for day in dates]
    near = [any(inside[max(i - 1, 0) : i + 2]) for i in range(len(dates))]
    return [top if within else 0.0 if beside else None for within, beside in zip(inside, near, strict=True)]


def describe(frame: Any, alt: str) -> None:
    """Give a chart or table its alternative text."""
    frame._element.nvGraphicFramePr.cNvPr.set("descr", alt)


def _ends(data: Lines, band: float) -> tuple[float, float, float]:
    """Upper and lower end of the axis, with room for the flags, and the distance of its labels."""
    values = [value for series in data.series for value in series.values if value is not None]
    low, high = min([0.0, *values]), max(data.top, 0.0)
    low = max(low, -3 * high) if high > 0 else low
    band = min(band, 0.5)
    top = (high * 1.04 - low * band) / (1 - band) if high > low else low + 1.0
    unit = tick(top - low)
    return math.ceil(top / unit) * unit, math.floor(low / unit) * unit, unit


def _dress(
    chart: Any, data: Lines, flags: Sequence[tuple[date, str]], dates: Sequence[date], ends: tuple[float, float, float]
) -> None:
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(SMALL), FONT, colour(LIGHT.muted)
    chart.has_title = False
    plot, count = chart.plots[0], len(data.series)
    for series, line in zip(list(plot.series)[:count], data.series, strict=True):
        series.smooth = False
        series.format.line.color.rgb, series.format.line.width = colour(line.colour), Pt(2.25)
        series.format.line.dash_style = MSO_LINE.DASH if line.dashed else MSO_LINE.SOLID
        series.marker.style = None
        _no_marker(series)
    middle = dates[0] + (dates[-1] - dates[0]) / 2
    for series, (when, label) in zip(list(plot.series)[count : count + len(flags)], flags, strict=True):
        _flag(series, dates.index(when), label, before=when > middle)
    behind = 1 if data.window else 0
    _legend(chart, range(count + behind, count + behind + len(flags)))
    _axes(chart, data, dates, ends)
    if data.window:
        _shade(chart, list(plot.series)[-1])


def _no_marker(series: Any) -> None:
    marker = series._element.get_or_add_marker()
    for child in list(marker):
        marker.remove(child)
    marker.append(parse_xml(f'<c:symbol {nsdecls("c")} val="none"/>'))


def _flag(series: Any, place: int, label: str, *, before: bool) -> None:
    """A point with its label and a thin line down to the axis."""
    series.smooth = False
    series.format.line.fill.background()
    _no_marker(series)
    text = series.points[place].data_label
    frame = text.text_frame
    frame.text = label
    frame.word_wrap = False
    run = frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold, run.font.color.rgb = Pt(SMALL), True, colour(LIGHT.ink)
    text.position = XL_LABEL_POSITION.LEFT if before else XL_LABEL_POSITION.RIGHT
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errDir val="y"/><c:errBarType val="minus"/><c:errValType val="percentage"/>'
        f'<c:noEndCap val="1"/><c:val val="100"/><c:spPr><a:ln w="12700"><a:solidFill>'
        f'<a:srgbClr val="{LIGHT.muted[1:].upper()}"/></a:solidFill><a:prstDash val="sysDash"/></a:ln></c:spPr>'
        "</c:errBars>"
    )
    series._element.find(qn("c:cat")).addprevious(bars)


def _legend(chart: Any, hidden: range) -> None:
    """A legend without the flags; an area comes first in it."""
    chart.has_legend = True
    legend = chart.legend
    legend.position, legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    legend.font.size, legend.font.color.rgb = Pt(SMALL), colour(LIGHT.ink)
    anchor = legend._element.find(qn("c:legendPos"))
    for place in reversed(hidden):
        entry = f'<c:legendEntry {nsdecls("c")}><c:idx val="{place}"/><c:delete val="1"/></c:legendEntry>'
        anchor.addnext(parse_xml(entry))


def _axes(chart: Any, data: Lines, dates: Sequence[date], ends: tuple[float, float, float]) -> None:
    values, days = chart.value_axis, chart.category_axis
    values.minimum_scale, values.maximum_scale = ends[:2]
    values.major_unit = ends[2]
    values.tick_labels.number_format = SHARES if data.shares else dollars(ends[1] - ends[0])
    values.tick_labels.number_format_is_linked = False
    values.has_title = True
    values.axis_title.text_frame.text = data.axis
    run = values.axis_title.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold, run.font.color.rgb = Pt(SMALL), False, colour(LIGHT.muted)
    values.format.line.fill.background()
    values.major_gridlines.format.line.color.rgb = colour(LIGHT.grid)
    days.tick_labels.number_format, days.tick_labels.number_format_is_linked = "mmm yyyy", False
    days.tick_label_position, days.major_tick_mark = XL_TICK_LABEL_POSITION.LOW, XL_TICK_MARK.OUTSIDE
    days.format.line.color.rgb = colour(LIGHT.muted)
    span = (dates[-1] - dates[0]).days / 30.4
    step = next((each for each in TICKS if span / each <= MOST_TICKS), TICKS[-1])
    for name, value in (("baseTimeUnit", "days"), ("majorUnit", step), ("majorTimeUnit", "months")):
        _set(days._element, name, value)


def _set(axis: Any, name: str, value: Any) -> None:
    """Set an element of a date axis, in the order that the schema wants."""
    order = ["baseTimeUnit", "majorUnit", "majorTimeUnit", "minorUnit", "minorTimeUnit"]
    found = axis.find(qn(f"c:{name}"))
    if found is None:
        found = parse_xml(f'<c:{name} {nsdecls("c")} val=""/>')
        later = [axis.find(qn(f"c:{each}")) for each in order[order.index(name) + 1 :]]
        after = next((each for each in later if each is not None), axis.find(qn("c:extLst")))
        axis.append(found) if after is None else after.addprevious(found)
    found.set("val", str(value))


def _shade(chart: Any, series: Any) -> None:
    """Turn a line into an area behind the others."""
    lines = chart._chartSpace.find(f".//{qn('c:lineChart')}")
    element = series._element
    lines.remove(element)
    for name in ("c:marker", "c:smooth"):
        for child in element.findall(qn(name)):
            element.remove(child)
    fill = parse_xml(
        f'<c:spPr {nsdecls("c", "a")}><a:solidFill><a:srgbClr val="{LIGHT.window[1:].upper()}"><a:alpha val="40000"/>'
        f"</a:srgbClr></a:solidFill><a:ln><a:noFill/></a:ln></c:spPr>"
    )
    old = element.find(qn("c:spPr"))
    if old is not None:
        element.remove(old)
    element.find(qn("c:tx")).addnext(fill)
    area = parse_xml(f'<c:areaChart {nsdecls("c")}><c:grouping val="standard"/><c:varyColors val="0"/></c:areaChart>')
    area.append(element)
    for axis in lines.findall(qn("c:axId")):
        area.append(copy.deepcopy(axis))
    lines.addprevious(area)


def tick(span: float) -> float:
    """Distance of the labels of an axis: 1, 2 or 5 times a power of ten, four to nine of them.

    >>> tick(97_000), tick(0.43)
    (20000.0, 0.1)
    """
    if span <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(span / 4))
    return float(next(each for each in (5 * power, 2 * power, power) if span / each >= 4))


def dollars(span: float) -> str:
    """The number format of dollars on an axis of a given length."""
    if span >= 4e6:
        return '$#,##0.0,,"M";-$#,##0.0,,"M";$0'
    if span >= 4e3:
        return '$#,##0,"k";-$#,##0,"k";$0'
    return "$#,##0;-$#,##0;$0" if span >= 10 else "$0.00;-$0.00;$0"
