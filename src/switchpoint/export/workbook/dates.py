"""The sheet of dates: what the simulation settled, day by day of each project; no formula can move it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from switchpoint.export.words import short
from switchpoint.export.workbook.book import Book
from switchpoint.export.workbook.inputs import LAST_SERIAL, date_serial
from switchpoint.export.workbook.look import DATE, LINE, Kind, lines, page
from switchpoint.export.workbook.term import Range, Term
from switchpoint.settled import MILESTONES, Settled

TOP = 5
WIDTH = 18
NOTE = "Hiring, labelling and evaluations decide them in the simulation. Where a change would move them, run it anew."


@dataclass(frozen=True)
class Dates:
    """The dates of one project, as terms, and the days of its trainings."""

    days: dict[str, Term]
    iterations: Range
    retrainings: Range


def write_dates(sheet: Worksheet, book: Book, candidates: Sequence[Settled]) -> list[Dates]:
    """Write the sheet; the dates of each candidate."""
    look = book.look
    sheet.write_string(0, 0, "Dates of the simulation", look.of(Kind.TITLE))
    sheet.write_string(1, 0, NOTE, look.of(Kind.NOTE))
    sheet.set_column(0, 0, 40)
    sheet.write_string(TOP - 1, 0, "Day on which the …", look.of(Kind.HEAD))
    sheet.set_row(TOP - 1, LINE * lines((short(each.name), WIDTH - 3) for each in candidates) + 2)
    for row, meaning in enumerate(MILESTONES.values(), TOP):
        sheet.write_string(row, 0, meaning, look.of(Kind.TEXT))
    found = [_column(sheet, book, place, each) for place, each in enumerate(candidates, 1)]
    sheet.freeze_panes(TOP, 1)
    page(sheet)
    return found


def _column(sheet: Worksheet, book: Book, place: int, settled: Settled) -> Dates:
    look, clock = book.look, book.clock
    sheet.set_column(place, place, WIDTH)
    sheet.write_string(TOP - 1, place, short(settled.name), look.of(Kind.HEAD, align="right"))
    days = {}
    for row, name in enumerate(MILESTONES, TOP):
        value = date_serial(clock, settled.days[name])
        sheet.write_number(row, place, value, look.of(Kind.SETTLED, DATE))
        days[name] = Term(
            book.inputs.define(f"{book.inputs.prefix[settled.name]}_{name}", sheet, row, row, place), value
        )
    top = TOP + len(MILESTONES) + 1
    iterations = _list(sheet, book, place, top, "Trainings of the project", settled.iterations)
    below = top + 2 + max(len(each.iterations) for each in book.result.settled)
    return Dates(days, iterations, _list(sheet, book, place, below, "Retrainings", settled.retrainings))


def _list(sheet: Worksheet, book: Book, place: int, top: int, label: str, days: Sequence[int]) -> Range:
    """Days below each other; one that is never reached where there are none."""
    sheet.write_string(top, 0, label, book.look.of(Kind.TEXT))
    values = [date_serial(book.clock, day) for day in days] or [float(LAST_SERIAL)]
    sheet.write_column(top, place, values, book.look.of(Kind.SETTLED, DATE))
    letters = xl_col_to_name(place)
    return Range(f"'{sheet.get_name()}'!${letters}${top + 1}:${letters}${top + len(values)}", np.array(values))
