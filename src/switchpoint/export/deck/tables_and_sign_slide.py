"""Tables that fit a slide, pieces of those that do not, and the slide to sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches

from switchpoint.charts.vega import LIGHT
from switchpoint.export.deck.template import (
    BODY_BOTTOM,
    INNER,
    MARGIN,
    colour,
    cut,
    describe,
    fitting,
    height_of,
    text_box,
    write,
)
from switchpoint.review.pages import Fact, Page, Review, Table, short

# Tables of a slide ---------------------------------------------------------------------------------------------------

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

    def full_pieces(self, height: float) -> Iterator[Layout]:
        """Pieces of which each but the last is as full as so much height lets it be."""
        yield from map(self._part, self._cut(height))

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
    drawn: dict[tuple[str, bool, bool], Any] = {}
    for number, (row, height) in enumerate(zip(made.rows, (layout.head, *layout.rows), strict=True)):
        row._tr.h = Inches(height)  # and of the frame once, below: its setter would add up all rows for each
        ground, head = HEAD if number == 0 else SHADE if number % 2 == 0 else LIGHT.ground, number == 0
        for place, (element, text) in enumerate(zip(row._tr.tc_lst, rows[number], strict=True)):
            kind = ground, head, place in table.right
            if kind not in drawn:
                drawn[kind] = _draw_cell(made.cell(number, place), layout.size, *kind)
            copied = deepcopy(drawn[kind])
            copied.txBody.p_lst[0].r_lst[0].text = text or EMPTY
            row._tr.replace(element, copied)
    made.notify_height_changed()


def _draw_cell(cell: Any, size: float, ground: str, bold: bool, right: bool) -> Any:
    """Dress a cell; gives its element, to be copied for all cells that look alike, which takes a tenth of the time."""
    cell.margin_left = cell.margin_right = Inches(SIDE)
    cell.margin_top = cell.margin_bottom = Inches(PAD)
    cell.vertical_anchor = MSO_ANCHOR.TOP
    cell.fill.solid()
    cell.fill.fore_color.rgb = colour(ground)
    write(cell.text_frame, EMPTY, size, bold=bold, right=right)
    return cell._tc


# The slide to sign ---------------------------------------------------------------------------------------------------

GAP = 0.16
"""Inches between things."""
NOTE, FINE_PRINT = 12.0, 10.0
CARD = 1.55
"""Height of a card, inches."""
CARDS_END = 5.75
"""Inches from the top at which cards end where there is room above them."""
MOST_CARDS, LOW_CARD = 5, 1.2
"""Cards side by side, and their height where they stand in several rows."""
SIGN_CARDS, SIGN_CARD, SIGN_GAP = 6, 0.88, 0.08
"""The same on the page to sign, where more stands below them."""
TEXT_SIZES = (16.0, 14.0, 13.0, 12.0, 11.0)
SIGN_TEXT = (13.0, 12.0, 11.0, 10.0, 9.0)
TABLE_PART, TABLE_SIZES = 0.66, (10.0, 9.0, 8.0)
"""Part of the width that the alternatives take, and their font sizes."""
LEAST_TABLE, MOST_TABLE, CAPTION = 1.9, 2.5, 0.22
"""Inches that are kept free for the alternatives, at least and at most, and height of their caption."""
BULLETS = (11.0, 10.0, 9.0, 8.0)
BASIS = 0.3
"""Inches that the line of the basis takes at the foot."""


def draw_opening(slide: Any, page: Page, story: Review, top: float) -> Page | None:
    """Draw a page of figures, from `top` inches on.

    Returns:
        What did not fit, as a page of its own; None where all did.
    """
    if page.tables or page.bullets:
        return _draw_sign(slide, page, story, top)
    _draw_figures(slide, page, story, top)
    return None


def _draw_figures(slide: Any, page: Page, story: Review, top: float) -> None:
    """What the review is about, the sentence, and the figures."""
    top += _about(slide, story, top, (NOTE, 11.0), 0.75)
    rows = card_rows(page.facts, MOST_CARDS)
    card = CARD if len(rows) == 1 else LOW_CARD
    high = len(rows) * (card + GAP) - GAP
    beside, foot = " ".join(page.text[1:]), BODY_BOTTOM - high - 0.5
    kept_free = 0.3 + GAP if beside else 0.0
    top += paragraph(slide, page.text[0], top, foot - top - kept_free, TEXT_SIZES, LIGHT.ink)
    if beside:
        top += paragraph(slide, beside, top, foot - top, (NOTE, 11.0, 10.0), LIGHT.muted)
    top = max(top + GAP, CARDS_END - high)
    for number, facts in enumerate(rows):
        _cards(slide, facts, top + number * (card + GAP), card, GAP)
    _basis(slide, story)


def _draw_sign(slide: Any, page: Page, story: Review, top: float) -> Page | None:
    """The page to sign; alternatives that do not fit go to a page of their own."""
    rows = card_rows(page.facts, SIGN_CARDS)
    cards = len(rows) * (SIGN_CARD + SIGN_GAP)
    foot = BODY_BOTTOM - BASIS
    top += _about(slide, story, top, (11.0, 10.0), 0.4) - 0.08
    below = _kept_free(page)
    room = foot - below - cards - top
    beside = " ".join(page.text[1:])
    kept_free = min(0.5 * room, height_of(beside, INNER, 9.0) + GAP) if beside else 0.0
    said, left_out = whole_clauses(page.text[0], room - kept_free, SIGN_TEXT)
    top += paragraph(slide, said, top, room - kept_free, SIGN_TEXT, LIGHT.ink) - 0.06
    if beside:
        left = foot - below - cards - top
        top += paragraph(slide, beside, top, left, (11.0, 10.0, 9.0, 8.0), LIGHT.muted) - 0.06
    for facts in rows:
        _cards(slide, facts, top, SIGN_CARD, SIGN_GAP)
        top += SIGN_CARD + SIGN_GAP
    unsaid = left_out + _bullets(slide, page.bullets, top + 0.02, foot)
    rest = _alternatives(slide, page, top + 0.02, foot)
    _basis(slide, story)
    if not (rest or unsaid):
        return None
    return replace(page, text=(), facts=(), figures=(), tables=rest, bullets=unsaid)


def _kept_free(page: Page) -> float:
    """Inches that the alternatives need in a size that is easily read, within bounds."""
    tables = [Layout.of(table, TABLE_PART * INNER, TABLE_SIZES[-1]).height for _, table in page.tables[:1]]
    return min(max([LEAST_TABLE, *(height + CAPTION + 0.04 for height in tables)]), MOST_TABLE)


def _alternatives(slide: Any, page: Page, top: float, foot: float) -> tuple[tuple[str, Table], ...]:
    """Draw the table; gives back what did not fit."""
    if not page.tables:
        return ()
    (caption, table), *others = page.tables
    write(text_box(slide, MARGIN, top, TABLE_PART * INNER, 0.2), caption, FINE_PRINT, ink=LIGHT.muted)
    top, width = top + CAPTION, TABLE_PART * INNER
    made = [Layout.of(table, width, size) for size in TABLE_SIZES]
    layout = next((each for each in made if each.height <= foot - top), made[-1])
    first, *later = layout.full_pieces(foot - top)
    draw_table(slide, first, MARGIN, top, f"{caption}: {page.title}")
    return (*((f"{caption}, continued", each.table) for each in later), *others)


def _bullets(slide: Any, texts: Sequence[str], top: float, foot: float) -> tuple[str, ...]:
    """Draw statements beside the table, in the largest size at which they fit; gives back those that did not."""
    left = MARGIN + TABLE_PART * INNER + 2 * GAP
    width, room, gap = INNER - TABLE_PART * INNER - 2 * GAP, foot - top, 0.07
    needed = {size: sum(height_of(text, width, size) + gap for text in texts) for size in BULLETS}
    size = next((each for each in BULLETS if needed[each] <= room), BULLETS[-1])
    for number, text in enumerate(texts):
        high = height_of(text, width, size)
        if top + high > foot:
            return tuple(texts[number:])
        write(text_box(slide, left, top, width, high), text, size, bold=number == 0)
        top += high + gap
    return ()


def _about(slide: Any, story: Review, top: float, sizes: tuple[float, ...], room: float) -> float:
    about = ": ".join(filter(None, [short(story.name, 160), short(story.summary, 240)]))
    return paragraph(slide, about, top, room, sizes, LIGHT.muted)


def _basis(slide: Any, story: Review) -> None:
    write(text_box(slide, MARGIN, BODY_BOTTOM - 0.25, INNER, 0.25), f"{story.basis}.", FINE_PRINT, ink=LIGHT.muted)


def whole_clauses(text: str, room: float, sizes: tuple[float, ...]) -> tuple[str, tuple[str, ...]]:
    """As many clauses of a sentence as have room in the smallest size, and the rest as a sentence of its own."""
    clauses = text.split("; ")
    for kept in range(len(clauses), 0, -1):
        said = "; ".join(clauses[:kept]).rstrip(".") + "."
        if height_of(said, INNER, sizes[-1]) <= room:
            rest = "; ".join(clauses[kept:])
            return said, (rest[:1].upper() + rest[1:],) if rest else ()
    return text, ()


def paragraph(slide: Any, text: str, top: float, room: float, sizes: tuple[float, ...], ink: str) -> float:
    """Write a paragraph; gives the height that it takes, with a gap below, inches."""
    size = fitting(text, INNER, room, sizes)
    height = min(height_of(text, INNER, size), room)
    write(text_box(slide, MARGIN, top, INNER, height), cut(text, INNER, room, size), size, ink=ink)
    return height + GAP


def card_rows(facts: tuple[Fact, ...], most: int) -> list[tuple[Fact, ...]]:
    """Figures in rows of about as many, at most so many side by side."""
    rows = max(ceil(len(facts) / most), 1)
    each = ceil(len(facts) / rows)
    return [facts[begin : begin + each] for begin in range(0, len(facts), each)]


def _cards(slide: Any, facts: tuple[Fact, ...], top: float, tall: float, gap: float) -> None:
    """Figures in large letters, side by side; sizes in inches."""
    low = tall < LOW_CARD
    pad, head, begin = (0.1, 0.06, 0.25) if low else (GAP, 0.12, 0.4)
    width = (INNER - gap * (len(facts) - 1)) / len(facts)
    inner = width - 2 * pad
    sizes = (16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0) if low else (24.0, 22.0, 20.0, 18.0, 16.0, 14.0)
    size = min(fitting(fact.value, inner, 0.27 if low else 0.65, sizes, bold=True) for fact in facts)
    for number, fact in enumerate(facts):
        left = MARGIN + number * (width + gap)
        card = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(left), Inches(top), Inches(width), Inches(tall))
        card.fill.solid()
        card.fill.fore_color.rgb = colour(SHADE)
        card.line.fill.background()
        card.shadow.inherit = False
        card.name = f"Card: {fact.label}"
        label = 9.0 if low else NOTE
        write(text_box(slide, left + pad, top + head, inner, begin - head - 0.02), fact.label, label, ink=LIGHT.muted)
        high = height_of(fact.value, inner, size, bold=True)
        write(text_box(slide, left + pad, top + begin, inner, high), fact.value, size, bold=True)
        room = tall - begin - high - (0.04 if low else 0.1)
        below = top + begin + high + (0.0 if low else 0.04)
        small = fitting(fact.note, inner, room, (9.0, 8.0, 7.0) if low else (11.0, 10.0, 9.0))
        write(text_box(slide, left + pad, below, inner, room), cut(fact.note, inner, room, small), small)
