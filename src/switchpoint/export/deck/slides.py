"""Deck_bytes: slides and tables that fit."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches

from switchpoint.charts.vega import LIGHT
from switchpoint.export.deck.charts import bar_chart, describe, draw_picture, line_chart, plan_chart
from switchpoint.export.deck.template import (
    BODY_BOTTOM,
    INNER,
    LABEL_TOP,
    MARGIN,
    TITLE_HEIGHT,
    TITLE_TOP,
    box,
    colour,
    cut,
    fitting,
    height_of,
    presentation,
    text_box,
    write,
)
from switchpoint.review.pages import Bars, Fact, Lines, Page, PlanFigure, Review, Table, short

PAD, SIDE = 0.035, 0.07
"""Inches above and below, and to either side of a cell's text."""
SIZES = (12.0, 11.0, 10.0, 9.0)
HALVINGS = 12
SHADE, HEAD = "#f4f6f9", "#e9eef6"
EMPTY = "\u00a0"
"""Stands in an empty cell, whose height would be that of a large font otherwise."""
PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The style of tables that draws nothing by itself."""


@dataclass(frozen=True)
class Layout:
    """How a table is set: its font size and the heights of its rows, inches."""

    table: Table
    size: float
    widths: tuple[float, ...]
    head: float
    rows: tuple[float, ...]

    @classmethod
    def of(cls, table: Table, width: float, size: float) -> Layout:
        """A table set in one size across a width."""
        whole = sum(table.widths)
        widths = tuple(width * each / whole for each in table.widths)

        def tall(cells: tuple[str, ...], *, bold: bool = False) -> float:
            inner = (max(each - 2 * SIDE, 0.1) for each in widths)
            texts = (height_of(cell, room, size, bold=bold) for cell, room in zip(cells, inner, strict=True))
            return max(texts) + 2 * PAD

        return cls(table, size, widths, tall(table.head, bold=True), tuple(tall(row) for row in table.rows))

    @property
    def height(self) -> float:
        """Of the whole table."""
        return self.head + sum(self.rows)

    def pieces(self, height: float) -> Iterator[Layout]:
        """As few pieces as are no higher than so much, of about one height, each with the head; rows stay whole."""
        fewest, least, most = len(self._cut(height)), 0.0, height
        for _ in range(HALVINGS):
            middle = (least + most) / 2
            least, most = (least, middle) if len(self._cut(middle)) == fewest else (middle, most)
        yield from map(self._part, self._cut(most))

    def _cut(self, height: float) -> list[list[int]]:
        """The numbers of the rows of each piece, filled one after the other."""
        cut: list[list[int]] = [[]]
        left = height - self.head
        for number, row in enumerate(self.rows):
            if cut[-1] and row > left:
                cut.append([])
                left = height - self.head
            cut[-1].append(number)
            left -= row
        return cut

    def _part(self, kept: list[int]) -> Layout:
        rows = tuple(self.table.rows[number] for number in kept)
        part = Table(self.table.head, rows, self.table.widths, self.table.right)
        return Layout(part, self.size, self.widths, self.head, tuple(self.rows[number] for number in kept))


def laid_out(table: Table, width: float, height: float) -> Layout:
    """A table in the largest size at which it fits; in the smallest where it has to be cut into pieces."""
    made = [Layout.of(table, width, size) for size in SIZES]
    return next((layout for layout in made if layout.height <= height), made[-1])


def draw_table(slide: Any, layout: Layout, left: float, top: float, alt: str) -> None:
    """Draw a table into a slide."""
    table, rows = layout.table, (layout.table.head, *layout.table.rows)
    box = (Inches(left), Inches(top), Inches(sum(layout.widths)), Inches(layout.height))
    frame = slide.shapes.add_table(len(rows), len(table.head), *box)
    describe(frame, alt)
    made = frame.table
    made._tbl.tblPr.find("{http://schemas.openxmlformats.org/drawingml/2006/main}tableStyleId").text = PLAIN
    for column, width in zip(made.columns, layout.widths, strict=True):
        column.width = Inches(width)
    for number, (row, height) in enumerate(zip(rows, (layout.head, *layout.rows), strict=True)):
        made.rows[number].height = Inches(height)
        for place, text in enumerate(row):
            cell = made.cell(number, place)
            cell.margin_left = cell.margin_right = Inches(SIDE)
            cell.margin_top = cell.margin_bottom = Inches(PAD)
            cell.vertical_anchor = MSO_ANCHOR.TOP
            cell.fill.solid()
            cell.fill.fore_color.rgb = colour(HEAD if number == 0 else SHADE if number % 2 == 0 else LIGHT.ground)
            write(cell.text_frame, text or EMPTY, layout.size, bold=number == 0, right=place in table.right)


TITLE_SIZES = (26.0, 24.0, 22.0, 20.0, 18.0, 16.0)
TEXT_SIZES = (16.0, 14.0, 13.0, 12.0, 11.0)
BULLET_SIZES = (17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0)
BESIDE_SIZES = (14.0, 13.0, 12.0, 11.0)
NOTE, SMALL = 12.0, 10.0
GAP, CARD, INDENT = 0.16, 1.55, 0.25
"""Inches between things, height of a card, and before a bullet's text."""
CARDS_END = 5.75
"""Inches from the top at which cards end where there is room above them."""
MOST_CARDS, LOW_CARD = 5, 1.2
"""Cards side by side, and their height where they stand in several rows."""
BENEATH = 0.5
"""Tables stand beneath a chart where they take at most this part of the room."""
CAPTION = 0.28
FOOT_LETTERS = 110


@dataclass(frozen=True)
class Block:
    """Something that takes the width of a slide: its height in inches, and what draws it at a place from the top."""

    height: float
    draw: Callable[..., None]


@dataclass
class Deck:
    """A presentation that grows page by page."""

    story: Review
    file: Any = field(default_factory=presentation)

    def add(self, page: Page) -> None:
        """A slide for a page, and more for tables that do not fit on it."""
        if page.facts:
            self._opening(page)
        elif page.figures:
            self._add_chart(page)
        else:
            self._flow(page, page.tables)

    def number(self) -> None:
        """Write the footers: the scenario, and the number of each slide."""
        slides = list(self.file.slides)
        for number, slide in enumerate(slides, 1):
            for shape in slide.slide_layout.placeholders:
                name = str(shape.placeholder_format.type).partition(" ")[0]
                if name in ("FOOTER", "SLIDE_NUMBER"):
                    text = short(self.story.name, FOOT_LETTERS) if name == "FOOTER" else f"{number} of {len(slides)}"
                    _footer(slide, shape, text, right=name == "SLIDE_NUMBER")

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

    def _opening(self, page: Page) -> None:
        """The verdict: the headline, what the scenario is, the sentence, and the figures."""
        slide = self._slide(page)
        about = ": ".join(filter(None, [short(self.story.name, 160), short(self.story.summary, 240)]))
        top = self._top(page)
        top += self._paragraph(slide, about, top, 0.75, (NOTE, 11.0), LIGHT.muted)
        rows = _rows(page.facts)
        card = CARD if len(rows) == 1 else LOW_CARD
        high = len(rows) * (card + GAP) - GAP
        beside, foot = " ".join(page.text[1:]), BODY_BOTTOM - high - 0.5
        kept_free = 0.3 + GAP if beside else 0.0
        top += self._paragraph(slide, page.text[0], top, foot - top - kept_free, TEXT_SIZES, LIGHT.ink)
        if beside:
            top += self._paragraph(slide, beside, top, foot - top, (NOTE, 11.0, 10.0), LIGHT.muted)
        top = max(top + GAP, CARDS_END - high)
        for number, facts in enumerate(rows):
            _cards(slide, facts, top + number * (card + GAP), card)
        basis = text_box(slide, MARGIN, BODY_BOTTOM - 0.3, INNER, 0.25)
        write(basis, f"{self.story.basis}.", SMALL, ink=LIGHT.muted)

    def _paragraph(self, slide: Any, text: str, top: float, room: float, sizes: tuple[float, ...], ink: str) -> float:
        """Write a paragraph; gives the height that it takes, with a gap below."""
        size = fitting(text, INNER, room, sizes)
        height = min(height_of(text, INNER, size), room)
        write(text_box(slide, MARGIN, top, INNER, height), cut(text, INNER, room, size), size, ink=ink)
        return height + GAP

    def _add_chart(self, page: Page) -> None:
        """A chart with what it shows, and small tables beneath; the others on slides of their own."""
        slide, top = self._slide(page), self._top(page)
        if page.text:
            top += self._paragraph(slide, " ".join(page.text), top, 0.6, (NOTE, 11.0, 10.0), LIGHT.muted)
        beneath, later = self._split(page, BODY_BOTTOM - top)
        bottom = BODY_BOTTOM - sum(_table_height(*each) for each in beneath)
        _figure(slide, page, (MARGIN, top, INNER, bottom - top))
        for caption, layout in beneath:
            self._table(slide, page=page, caption=caption, layout=layout, top=bottom + GAP)
            bottom += _table_height(caption, layout)
        if later or page.bullets:
            self._flow(page, later)

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

    def _flow(self, page: Page, tables: Sequence[tuple[str, Table]]) -> None:
        """Tables and statements one below the other, on as many slides as they take."""
        top = self._top(page)
        room = BODY_BOTTOM - top
        slides: list[list[Block]] = [[]]
        for block in self._blocks(page, tables, room):
            if slides[-1] and sum(each.height for each in slides[-1]) + block.height > room + 1e-9:
                slides.append([])
            slides[-1].append(block)
        for number, blocks in enumerate(slides, 1):
            slide, place = self._slide(page, f", {number} of {len(slides)}" if len(slides) > 1 else ""), top
            for block in blocks:
                block.draw(slide, top=place)
                place += block.height

    def _blocks(self, page: Page, tables: Sequence[tuple[str, Table]], room: float) -> Iterator[Block]:
        for caption, table in tables:
            most = room - _table_height(caption)
            for piece in laid_out(table, INNER, most).pieces(most):
                draw = partial(self._table, page=page, caption=caption, layout=piece)
                yield Block(_table_height(caption, piece), draw)
        width = INNER - INDENT
        sizes = BULLET_SIZES if not tables else BESIDE_SIZES
        needed = {size: sum(height_of(text, width, size) + GAP for text in page.bullets) for size in sizes}
        size = next((each for each in sizes if needed[each] <= room), BULLET_SIZES[-3])
        for text in page.bullets:
            drawn = partial(_bullet, text=text, size=size, width=width)
            yield Block(height_of(text, width, size) + GAP, drawn)

    def _table(self, slide: Any, *, page: Page, caption: str, layout: Layout, top: float) -> None:
        if caption:
            write(text_box(slide, MARGIN, top, INNER, CAPTION), caption, NOTE, ink=LIGHT.muted)
            top += CAPTION
        draw_table(slide, layout, MARGIN, top, f"{caption or page.section}: {page.title}")


def _table_height(caption: str, layout: Layout | None = None) -> float:
    """Height of a table with its caption and the gap above it, inches."""
    return (layout.height if layout else 0.0) + (CAPTION if caption else 0) + GAP


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


def _rows(facts: tuple[Fact, ...]) -> list[tuple[Fact, ...]]:
    """Figures in rows of about as many, few enough to be read."""
    rows = max(ceil(len(facts) / MOST_CARDS), 1)
    each = ceil(len(facts) / rows)
    return [facts[begin : begin + each] for begin in range(0, len(facts), each)]


def _cards(slide: Any, facts: tuple[Fact, ...], top: float, tall: float) -> None:
    """Figures in large letters, side by side; sizes in inches."""
    width = (INNER - GAP * (len(facts) - 1)) / len(facts)
    inner = width - 2 * GAP
    size = min(fitting(fact.value, inner, 0.65, (24.0, 22.0, 20.0, 18.0, 16.0, 14.0), bold=True) for fact in facts)
    for number, fact in enumerate(facts):
        left = MARGIN + number * (width + GAP)
        card = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(left), Inches(top), Inches(width), Inches(tall))
        card.fill.solid()
        card.fill.fore_color.rgb = colour(SHADE)
        card.line.fill.background()
        card.shadow.inherit = False
        card.name = f"Card: {fact.label}"
        write(text_box(slide, left + GAP, top + 0.12, inner, 0.25), fact.label, NOTE, ink=LIGHT.muted)
        high = height_of(fact.value, inner, size, bold=True)
        write(text_box(slide, left + GAP, top + 0.4, inner, high), fact.value, size, bold=True)
        room = tall - 0.4 - high - 0.1
        small = fitting(fact.note, inner, room, (11.0, 10.0, 9.0))
        write(text_box(slide, left + GAP, top + 0.44 + high, inner, room), cut(fact.note, inner, room, small), small)


def _figure(slide: Any, page: Page, place: tuple[float, float, float, float]) -> None:
    figure = page.figures[0]
    match figure.data:
        case Lines():
            line_chart(slide, figure.data, place, figure.alt)
        case Bars():
            bar_chart(slide, figure.data, place, figure.alt)
        case PlanFigure():
            plan_chart(slide, figure.data, place, figure.alt)
        case None if figure.spec is not None:
            draw_picture(slide, figure.spec, place, figure.alt)


def _footer(slide: Any, model: Any, text: str, *, right: bool) -> None:
    """A footer as the layout has it, with its text."""
    element = copy.deepcopy(model._element)
    slide.shapes._spTree.append(element)
    shape = slide.shapes[-1]
    frame = shape.text_frame
    for paragraph in list(frame.paragraphs)[1:]:
        paragraph._p.getparent().remove(paragraph._p)
    for child in list(frame.paragraphs[0]._p):
        frame.paragraphs[0]._p.remove(child)
    write(frame, text, SMALL, ink=LIGHT.muted, right=right)


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
