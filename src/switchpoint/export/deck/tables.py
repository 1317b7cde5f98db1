"""Tables of a slide: the largest size at which they fit, and pieces where they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches

from switchpoint.charts.vega import LIGHT
from switchpoint.export.deck.charts import describe
from switchpoint.export.deck.template import colour, height_of, write
from switchpoint.review.pages import Table

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
