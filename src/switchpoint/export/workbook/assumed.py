"""The sheet of assumptions: every one, with value, range, unit, source and date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from xlsxwriter.worksheet import Worksheet

from switchpoint.export.assumptions import Assumption
from switchpoint.export.workbook.book import Book
from switchpoint.export.workbook.inputs import serial, shape
from switchpoint.export.workbook.look import DATE, LINE, Kind, lines, page

HEADS = (
    ("Field of the scenario", 52),
    ("What it is", 60),
    ("Base value", 18),
    ("Range", 24),
    ("Unit", 22),
    ("Source", 50),
    ("As of", 11),
    ("Moves the answer here", 14),
)
TOP = 4
NOTE = "Where the last column says yes, the value is the one on Inputs: change it there. All else takes a new run."


def write_assumptions(sheet: Worksheet, book: Book, rows: Sequence[Assumption]) -> None:
    """Write the sheet; what stands on the sheet of inputs is linked to it."""
    look = book.look
    sheet.write_string(0, 0, "Assumptions", look.of(Kind.TITLE))
    sheet.write_string(1, 0, NOTE, look.of(Kind.NOTE))
    for place, (head, width) in enumerate(HEADS):
        sheet.write_string(TOP - 1, place, head, look.of(Kind.HEAD))
        sheet.set_column(place, place, width)
    for row, each in enumerate(rows, TOP):
        link = book.inputs.links.get(each.field)
        texts = {0: each.field, 1: each.meaning, 3: each.spread, 4: each.unit, 5: each.source, 6: each.as_of}
        sheet.set_row(row, LINE * lines((text, HEADS[place][1]) for place, text in texts.items()))
        for place, text in {**texts, 7: "yes" if link else "no"}.items():
            sheet.write_string(row, place, text, look.of(Kind.TEXT))
        _value(sheet, book, row, each, link)
    sheet.set_row(TOP - 1, 2 * LINE)
    sheet.autofilter(TOP - 1, 0, TOP - 1 + len(rows), len(HEADS) - 1)
    sheet.freeze_panes(TOP, 1)
    page(sheet)
    sheet.repeat_rows(TOP - 1)


def _value(sheet: Worksheet, book: Book, row: int, each: Assumption, link: str | None) -> None:
    value, kind = each.value, Kind.CONSTANT
    number = float(serial(value)) if isinstance(value, date) else value
    if isinstance(number, str):
        sheet.write_string(
            row, 2, number, book.look.of(kind, align="left", text_wrap=True, valign="top", quote_prefix=True)
        )
        return
    form = book.look.of(kind, DATE if isinstance(value, date) else shape(number), align="right", valign="top")
    if link is None:
        sheet.write_number(row, 2, number, form)
    else:
        linked = book.look.of(
            Kind.FORMULA, DATE if isinstance(value, date) else shape(number), align="right", valign="top"
        )
        sheet.write_formula(row, 2, f"={link}", linked, number)
