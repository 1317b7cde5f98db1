"""Formats and cell names."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from enum import Enum
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from switchpoint.text import BEYOND, percent

FONT = "Calibri"
INK, MUTED, RULE, HEAD = "#1b2430", "#5a6675", "#d5dbe3", "#e9eef6"
SERIES = ("#1f5fc4", "#a33a08", "#0b8f78", "#a8328f", "#958d13", "#37424e")
"""Colours of lines: the current route first, then the candidates in their order."""
LIMIT = "#37424e"

USD = "#,##0.00;[Red]-#,##0.00"
USD_WHOLE = "#,##0;[Red]-#,##0"
PRICE = "0.000000000"
COUNT = "#,##0"
GENERAL, FRACTION = "General", "0.0#####"
DENSITY = 1.15
"""Letters of a text per unit of a column's width, which is that of a digit."""
LINE = 13.5
"""Height of a line of text, points."""
FACTOR = "0.0000"
DATE = '[<2958465]d mmm yyyy;"not reached"'
"""Dates; the last day that a spreadsheet knows stands for one that is not reached within the horizon."""
RETURN = f'[>{BEYOND:g}]"over {percent(BEYOND)}";0.0%'
"""Yearly rates of return; one beyond all sense is shown as that, as on every page."""
MONTH = "mmm yyyy"


CHART_WIDTH, CHART_HEIGHT = 920, 380
"""Size of a chart, pixels."""


class CellKind(Enum):
    """What a cell is."""

    INPUT = "input"
    SETTLED = "settled"
    CONSTANT = "constant"
    FORMULA = "formula"
    TEXT = "text"
    HEAD = "head"
    TITLE = "title"
    NOTE = "note"
    SECTION = "section"
    CHECK = "check"


COLOURS: dict[CellKind, dict[str, Any]] = {
    CellKind.INPUT: {
        "font_color": "#0000ff",
        "bg_color": "#fff8dc",
        "border": 1,
        "border_color": RULE,
        "locked": False,
    },
    CellKind.SETTLED: {"font_color": "#6b2fa0", "bg_color": "#f1eff5"},
    CellKind.CONSTANT: {"font_color": "#0000ff"},
    CellKind.FORMULA: {"font_color": INK},
    CellKind.TEXT: {"font_color": INK, "text_wrap": True, "align": "left", "valign": "top", "quote_prefix": True},
    CellKind.HEAD: {
        "quote_prefix": True,
        "bold": True,
        "font_color": INK,
        "bg_color": HEAD,
        "text_wrap": True,
        "valign": "top",
        "bottom": 1,
    },
    CellKind.TITLE: {"bold": True, "font_size": 15, "font_color": INK, "quote_prefix": True},
    CellKind.NOTE: {"font_color": MUTED, "quote_prefix": True},
    CellKind.SECTION: {"bold": True, "font_size": 12, "font_color": "#1f5fc4", "quote_prefix": True},
    CellKind.CHECK: {"bold": True, "font_color": "#0b6b4f", "bg_color": "#e2f4ee", "align": "center"},
}


MAY = ("format_cells", "format_columns", "format_rows", "sort", "autofilter", "objects", "scenarios")
"""What may be done on a protected sheet beside typing inputs."""


def page(sheet: Worksheet, *, tall: int = 0, portrait: bool = False) -> None:
    """How a sheet is printed: A4, one page wide and so many tall; 0 is as many as it takes.

    It is protected without a password, so that nobody types over a formula by chance; inputs stay open.
    """
    sheet.protect("", dict.fromkeys(MAY, True))
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.fit_to_pages(1, tall)
    sheet.set_footer("&L&A&RPage &P of &N")
    if portrait:
        sheet.set_portrait()
    else:
        sheet.set_landscape()


def lines(texts: Iterable[tuple[str, float]]) -> int:
    """Lines that wrapped texts take in columns of the given widths, at least one."""
    return max([1, *(math.ceil(len(text) / (width * DENSITY)) for text, width in texts)])


class CellFormats:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[object, ...], Format] = {}

    def of(self, kind: CellKind, number: str = GENERAL, **more: Any) -> Format:
        """The format of a kind of cell with a number format, and anything else XlsxWriter knows."""
        key = (kind, number, *sorted(more.items()))
        if key not in self._made:
            properties = {"font_name": FONT, "font_size": 10, "num_format": number, **COLOURS[kind], **more}
            self._made[key] = self._book.add_format(properties)
        return self._made[key]


LONGEST_SHEET, LONGEST_CELL = 31, 120


def plain(name: str) -> str:
    """Letters, digits, dots, dashes and spaces alone, without accents.

    >>> plain("=Modèle [8b]: été 🚀"), plain("نموذج")
    ('Modele 8b ete', '')
    """
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"\s+", " ", re.sub(r"[^A-Za-z0-9 ._-]+", "", bare)).strip(" .-_")


class Names:
    """Names given out so far, each once, whatever the case of their letters."""

    def __init__(self) -> None:
        self._taken = {"history"}

    def sheet(self, wanted: str, ending: str = "") -> str:
        """A name for a sheet: at most 31 characters, none of them special.

        >>> names = Names()
        >>> names.sheet("a/very long name that no tab has room for", " days"), names.sheet("A"), names.sheet("a")
        ('avery long name that no ta days', 'A', 'a 2')
        """
        return self._free(plain(wanted) or "Candidate", ending, LONGEST_SHEET, " ")

    def cell(self, wanted: str) -> str:
        """A name for a cell: letters, digits and underscores, beginning with a letter.

        >>> Names().cell("8b.fleet"), Names().cell("own-8b"), Names().cell("🚀")
        ('c_8b_fleet', 'own_8b', 'candidate')
        """
        name = re.sub(r"[^a-z0-9]+", "_", plain(wanted).lower()).strip("_") or "candidate"
        return self._free(name if name[0].isalpha() else f"c_{name}", "", LONGEST_CELL, "_")

    def _free(self, wanted: str, ending: str, longest: int, gap: str) -> str:
        for number in range(1, 10_000):
            tail = ending if number == 1 else f"{gap}{number}{ending}"
            name = wanted[: longest - len(tail)].rstrip(" .-_") + tail
            if name.lower() not in self._taken:
                self._taken.add(name.lower())
                return name
        raise ValueError(f"too many sheets or cells are called {wanted}")
