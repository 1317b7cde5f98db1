"""Native charts."""

from __future__ import annotations

import copy
import io
import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from switchpoint.charts.vega import LIGHT
from switchpoint.export.deck.template import FONT, colour, describe
from switchpoint.export.pictures import png, with_width
from switchpoint.review.pages import Bars, Lines, PlanFigure, Span, harmless

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
        chart_data.add_series(WINDOW, _window_shade(dates, data.window, shaded))
    box = (Inches(each) for each in (left, top, width, height))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE, *box, chart_data)
    describe(frame, alt)
    _dress(frame.chart, data, flags, dates, (floor, ceiling, unit))
    return frame.chart


def _window_shade(dates: Sequence[date], window: tuple[date, date], top: float) -> list[float | None]:
    """The top within the window, 0 on the dates right before and after it, so that its sides are upright."""
    inside = [window[0] <= day <= window[1] for day in dates]
    near = [any(inside[max(i - 1, 0) : i + 2]) for i in range(len(dates))]
    return [top if within else 0.0 if beside else None for within, beside in zip(inside, near, strict=True)]


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
    set_title(axis, data.axis)
    chart.has_legend = len(data.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        chart.legend.font.size = Pt(SMALL)
    return chart


def _gap(data: Bars) -> int:
    """Percent of a bar's thickness between groups of bars; few shares are no thicker than many."""
    return 50 * max(1, FEW - len(data.categories)) if data.shares else 50


def plan_chart(slide: Any, data: PlanFigure, place: Place, alt: str) -> Any:
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
        write_label(words.points[number], span.length)
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


def set_title(axis: Any, text: str) -> None:
    """Give an axis its title."""
    axis.has_title = True
    axis.axis_title.text_frame.text = text
    run = axis.axis_title.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold, run.font.color.rgb = Pt(SMALL), False, colour(LIGHT.muted)


def _bar(point: Any, span: Span) -> None:
    point.format.fill.solid()
    point.format.fill.fore_color.rgb = colour(span.colour)


def write_label(point: Any, text: str) -> None:
    """Write words behind the beginning of an invisible bar."""
    label = point.data_label
    label.text_frame.text = text
    label.text_frame.word_wrap = False
    run = label.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.color.rgb = Pt(SMALL), colour(LIGHT.ink)
    label.position = XL_LABEL_POSITION.INSIDE_BASE


def label_format(longest: float, *, signed: bool) -> str:
    """Number format of the labels of bars, three digits of the longest; with signs, too short bars get none.

    >>> label_format(856_000, signed=False)
    '[>=999500]$#,##0.00,,"M";[>=999.5]$#,##0,"k";$0'
    >>> label_format(856_000, signed=True), label_format(22_400, signed=True)
    ('[>=17120]+$#,##0,"k";[<=-17120]-$#,##0,"k";""', '[>=448]+$#,##0.0,"k";[<=-448]-$#,##0.0,"k";""')
    """
    if not signed:
        thousands = "$#,##0" if longest >= MANY_DIGITS else "$#,##0.0"
        return dollars(longest) if longest < 1e3 else f'[>=999500]$#,##0.00,,"M";[>=999.5]{thousands},"k";$0'
    if longest >= 1e7:
        each = '$#,##0.0,,"M"'
    elif longest >= 1e3:
        each = '$#,##0,"k"' if longest >= MANY_DIGITS else '$#,##0.0,"k"'
    else:
        each = dollars(longest).partition(";")[0]
    return f'[>={longest * LEAST:.6g}]+{each};[<={-longest * LEAST:.6g}]-{each};""'


MANY_DIGITS = 99_950
"""Dollars from which thousands have three digits without a decimal."""


def _unit(days: float) -> float:
    """Days between the labels of a plan."""
    months: Sequence[int] = (1, 2, 3, 6, 12, 24)
    return 30.4375 * next((each for each in months if days / 30.4375 / each <= MOST_TICKS), 60)


def _serial(when: date) -> int:
    return (when - EPOCH).days


PIXELS = 80
"""Pixels of a chart per inch of a slide: letters of 12 pixels have 11 points."""
SHARP = 3
"""Pixels of the picture per pixel of the chart."""
AROUND = 80
"""Pixels that axes and legend take of a chart's height."""
PicturePlace = tuple[float, float, float, float]


def draw_picture(slide: Any, spec: Mapping[str, Any], place: PicturePlace, alt: str) -> Any:
    """Draw a chart into a slide, as wide as its place; `place` is left, top, width and height in inches."""
    left, top, width, height = place
    image = io.BytesIO(png(_fit_to_place(spec, width, height), SHARP))
    shape = slide.shapes.add_picture(image, Inches(left), Inches(top))
    scale = min(Inches(width) / shape.width, Inches(height) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    shape._element.nvPicPr.cNvPr.set("descr", alt)
    return shape


def _fit_to_place(spec: Mapping[str, Any], width: float, height: float) -> dict[str, Any]:
    """A specification that is drawn to the size of its place, inches, or lower where it is meant to be."""
    most = round(height * PIXELS)
    natural = spec.get("height")
    tall = min(most, natural + AROUND) if isinstance(natural, (int, float)) else most
    return {
        **with_width(spec, round(width * PIXELS)),
        "height": tall,
        "autosize": {"type": "fit", "contains": "padding"},
    }
