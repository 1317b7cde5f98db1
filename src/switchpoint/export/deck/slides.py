"""The deck: decision, divider, appendix; its columns over time and its waterfall, axes numbered."""

from __future__ import annotations

import copy
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.shapes import MSO_SHAPE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from switchpoint.charts.vega import LIGHT
from switchpoint.export.deck.charts import (
    SMALL,
    Place,
    bar_chart,
    dollars,
    draw_picture,
    line_chart,
    plan_chart,
    set_title,
    tick,
    write_label,
)
from switchpoint.export.deck.tables_and_sign_slide import (
    FINE_PRINT,
    GAP,
    NOTE,
    Layout,
    draw_opening,
    draw_table,
    laid_out,
    paragraph,
)
from switchpoint.export.deck.template import (
    BODY_BOTTOM,
    FONT,
    INNER,
    LABEL_TOP,
    MARGIN,
    TITLE_HEIGHT,
    TITLE_TOP,
    box,
    colour,
    cut,
    describe,
    fitting,
    height_of,
    presentation,
    text_box,
    write,
)
from switchpoint.review.pages import (
    Bars,
    Lines,
    Page,
    PlanFigure,
    Review,
    Table,
    WaterfallBar,
    WaterfallFigure,
    harmless,
    short,
)
from switchpoint.text import join_names

# Native charts of money ----------------------------------------------------------------------------------------------

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


# Deck_bytes ----------------------------------------------------------------------------------------------------------

TITLE_SIZES = (26.0, 24.0, 22.0, 20.0, 18.0, 16.0)
BULLET_SIZES = (17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0)
BESIDE_SIZES = (14.0, 13.0, 12.0, 11.0)
DIVIDER = "Appendix: what the decision rests on"
INDENT = 0.25
"""Inches before a bullet's text."""
BENEATH = 0.5
"""Tables stand beneath a chart where they take at most this part of the room."""
CAPTION = 0.28
FOOT_LETTERS = 110


@dataclass(frozen=True)
class Block:
    """Something that takes the width of a slide: its height in inches, and what draws it at a place from the top."""

    height: float
    draw: Callable[..., None]
    is_bullet: bool = False


@dataclass
class Deck:
    """A presentation that grows page by page.

    A page of the decision part has one slide; what does not fit on it begins the appendix. A page of the appendix has
    as many slides as it takes.
    """

    story: Review
    file: Any = field(default_factory=presentation)
    _later: list[Page] = field(default_factory=list)
    _divided: bool = False

    def add(self, page: Page) -> None:
        """A slide for a page, and more for what does not fit on it."""
        if page.appendix and not self._divided:
            self.divide()
        rest = self._add_page(page)
        if rest is not None and (page.appendix or not self.story.has_appendix):
            self._flow(rest)
        elif rest is not None:
            self._later.append(rest)

    def _add_page(self, page: Page) -> Page | None:
        """One slide of a page; gives what did not fit on it."""
        if page.facts:
            return draw_opening(self._slide(page), page, self.story, self._top(page))
        if page.figures:
            return self._add_chart(page)
        if page.appendix:
            return page
        return self._flow(page, most=1)

    def divide(self) -> None:
        """The slide that ends the decision part, then what did not fit into it."""
        self._divided = True
        listed = tuple(page.section for page in self.story.pages if page.appendix)
        if self._later:
            listed = (f"Continued: {join_names([page.section for page in self._later])}", *listed)
        words = "Nothing in it has to be read to decide."
        page = Page("appendix", "Appendix", DIVIDER, (words,), bullets=listed, notes=words)
        self._flow(page)
        for rest in self._later:
            self._flow(rest)

    def number(self) -> None:
        """Write the footers, the scenario and the number of each slide, and number what charts consist of."""
        slides = list(self.file.slides)
        for number, slide in enumerate(slides, 1):
            for shape in slide.slide_layout.placeholders:
                name = str(shape.placeholder_format.type).partition(" ")[0]
                if name in ("FOOTER", "SLIDE_NUMBER"):
                    text = short(self.story.name, FOOT_LETTERS) if name == "FOOTER" else f"{number} of {len(slides)}"
                    _footer(slide, shape, text, right=name == "SLIDE_NUMBER")
            for drawn in slide.shapes:
                if drawn.has_chart:
                    number_axes(drawn.chart)

    def _slide(self, page: Page, part: str = "") -> Any:
        slide = self.file.slides.add_slide(self.file.slide_layouts[0])
        size = fitting(page.title, INNER, TITLE_HEIGHT, TITLE_SIZES, bold=True)
        title = slide.shapes.title
        title.name = "Takeaway"
        box(title, MARGIN, TITLE_TOP, INNER, self._top(page) - GAP - TITLE_TOP)
        write(title.text_frame, cut(page.title, INNER, TITLE_HEIGHT, size, bold=True), size, bold=True)
        label = text_box(slide, MARGIN, LABEL_TOP, INNER, 0.25)
        write(label, page.section + part, NOTE, ink=LIGHT.colour(0), bold=True)
        notes = "\n".join(filter(None, [page.notes, self.story.basis]))
        slide.notes_slide.notes_text_frame.text = notes
        return slide

    def _top(self, page: Page) -> float:
        """Where a slide's content begins, inches: below the lines of its title."""
        size = fitting(page.title, INNER, TITLE_HEIGHT, TITLE_SIZES, bold=True)
        return TITLE_TOP + min(height_of(page.title, INNER, size, bold=True), TITLE_HEIGHT) + GAP

    def _add_chart(self, page: Page) -> Page | None:
        """A chart with what it shows, and small tables beneath; the others on slides of their own."""
        slide, top = self._slide(page), self._top(page)
        if page.text:
            top += paragraph(slide, " ".join(page.text), top, 0.6, (NOTE, 11.0, 10.0), LIGHT.muted)
        beneath, later = self._split(page, BODY_BOTTOM - top)
        bottom = BODY_BOTTOM - sum(_table_height(*each) for each in beneath)
        _figure(slide, page, (MARGIN, top, INNER, bottom - top))
        for caption, layout in beneath:
            self._table(slide, page=page, caption=caption, layout=layout, top=bottom + GAP)
            bottom += _table_height(caption, layout)
        rest = replace(page, text=(), facts=(), figures=(), tables=tuple(later))
        return rest if later or page.bullets else None

    def _split(self, page: Page, room: float) -> tuple[list[tuple[str, Layout]], list[tuple[str, Table]]]:
        """Tables that stand beneath a chart, and those that do not fit there."""
        beneath: list[tuple[str, Layout]] = []
        for place, (caption, table) in enumerate(page.tables):
            left = BENEATH * room - sum(_table_height(*each) for each in beneath)
            layout = laid_out(table, INNER, left - _table_height(caption))
            if _table_height(caption, layout) > left:
                return beneath, list(page.tables[place:])
            beneath.append((caption, layout))
        return beneath, []

    def _flow(self, page: Page, most: int | None = None) -> Page | None:
        """Texts, tables and statements one below the other, on as many slides as they take, or on at most so many.

        Returns:
            What is left over, None for nothing.
        """
        top = self._top(page)
        room = BODY_BOTTOM - top
        slides: list[list[Block]] = [[]]
        for block in self._blocks(page, room):
            if slides[-1] and sum(each.height for each in slides[-1]) + block.height > room + 1e-9:
                slides.append([])
            slides[-1].append(block)
        shown = slides[:most]
        for number, blocks in enumerate(shown, 1):
            slide, place = self._slide(page, f", {number} of {len(shown)}" if len(shown) > 1 else ""), top
            for block in blocks:
                block.draw(slide, top=place)
                place += block.height
        left = sum(block.is_bullet for blocks in slides[len(shown) :] for block in blocks)
        return replace(page, text=(), tables=(), bullets=page.bullets[-left:]) if left else None

    def _blocks(self, page: Page, room: float) -> Iterator[Block]:
        if page.text:
            words = " ".join(page.text)
            high = height_of(words, INNER, NOTE) + GAP
            yield Block(high, partial(_words, text=words))
        for caption, table in page.tables:
            most = room - _table_height(caption)
            for piece in laid_out(table, INNER, most).pieces(most):
                draw = partial(self._table, page=page, caption=caption, layout=piece)
                yield Block(_table_height(caption, piece), draw)
        width = INNER - INDENT
        sizes = BULLET_SIZES if not page.tables else BESIDE_SIZES
        needed = {size: sum(height_of(text, width, size) + GAP for text in page.bullets) for size in sizes}
        size = next((each for each in sizes if needed[each] <= room), BULLET_SIZES[-3])
        for text in page.bullets:
            drawn = partial(_bullet, text=text, size=size, width=width)
            yield Block(height_of(text, width, size) + GAP, drawn, is_bullet=True)

    def _table(self, slide: Any, *, page: Page, caption: str, layout: Layout, top: float) -> None:
        if caption:
            write(text_box(slide, MARGIN, top, INNER, CAPTION), caption, NOTE, ink=LIGHT.muted)
            top += CAPTION
        draw_table(slide, layout, MARGIN, top, f"{caption or page.section}: {page.title}")


def _table_height(caption: str, layout: Layout | None = None) -> float:
    """Height of a table with its caption and the gap above it, inches."""
    return (layout.height if layout else 0.0) + (CAPTION if caption else 0) + GAP


def _words(slide: Any, *, top: float, text: str) -> None:
    write(text_box(slide, MARGIN, top, INNER, height_of(text, INNER, NOTE)), text, NOTE, ink=LIGHT.muted)


def _bullet(slide: Any, *, top: float, text: str, size: float, width: float) -> None:
    height = height_of(text, width, size)
    mark = slide.shapes.add_shape(
        MSO_SHAPE.RECTANGLE, Inches(MARGIN), Inches(top + 0.03), Inches(0.06), Inches(height - 0.03)
    )
    mark.fill.solid()
    mark.fill.fore_color.rgb = colour(LIGHT.colour(0))
    mark.line.fill.background()
    mark.shadow.inherit = False
    mark._element.nvSpPr.cNvPr.set("descr", "")
    write(text_box(slide, MARGIN + INDENT, top, width, height), text, size)


def _figure(slide: Any, page: Page, place: tuple[float, float, float, float]) -> None:
    figure = page.figures[0]
    match figure.data:
        case Lines():
            line_chart(slide, figure.data, place, figure.alt)
        case Bars(upright=True):
            column_chart(slide, figure.data, place, figure.alt)
        case WaterfallFigure():
            waterfall_chart(slide, figure.data, place, figure.alt)
        case Bars():
            bar_chart(slide, figure.data, place, figure.alt)
        case PlanFigure():
            plan_chart(slide, figure.data, place, figure.alt)
        case None if figure.spec is not None:
            draw_picture(slide, figure.spec, place, figure.alt)


def _footer(slide: Any, model: Any, text: str, *, right: bool) -> None:
    """A footer as the layout has it, with its text."""
    element = copy.deepcopy(model._element)
    element.nvSpPr.cNvPr.set("id", str(max(shape.shape_id for shape in slide.shapes) + 1))
    slide.shapes._spTree.append(element)
    shape = slide.shapes[-1]
    frame = shape.text_frame
    for more in list(frame.paragraphs)[1:]:
        more._p.getparent().remove(more._p)
    for child in list(frame.paragraphs[0]._p):
        frame.paragraphs[0]._p.remove(child)
    write(frame, text, FINE_PRINT, ink=LIGHT.muted, right=right)


Progress = Callable[[float], None]


def deck_bytes(story: Review, progress: Progress = lambda _: None) -> bytes:
    """The deck's file, .pptx.

    Args:
        story: what it tells.
        progress: told the share done, 0 to 1.
    """
    deck = Deck(story)
    for number, page in enumerate(story.pages, 1):
        deck.add(page)
        progress(number / (len(story.pages) + 1))
    deck.number()
    memory = io.BytesIO()
    deck.file.save(memory)
    progress(1.0)
    return memory.getvalue()
