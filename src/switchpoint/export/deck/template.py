"""Template and text heights."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.util import Inches, Pt

from switchpoint.charts.vega import LIGHT

FONT = "Arial"
WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
INNER = WIDTH - 2 * MARGIN
LABEL_TOP, TITLE_TOP, TITLE_HEIGHT, BODY_BOTTOM, FOOT_TOP = 0.34, 0.62, 0.98, 6.9, 7.02
"""Inches from the top."""
TITLE_ONLY = 5
"""The layout of python-pptx's own template that all slides are made from."""
ACCENTS = {f"accent{i}": colour for i, colour in enumerate(LIGHT.series, 1)}
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"


def presentation() -> Any:
    """An empty presentation with our template."""
    made = Presentation()
    made.slide_width, made.slide_height = Inches(WIDTH), Inches(HEIGHT)
    _keep_one_layout(made)
    _theme(made)
    for holder in (made.slide_master, made.slide_layouts[0]):
        for shape in list(holder.placeholders):
            _place(shape)
    return made


def colour(text: str) -> RGBColor:
    """A colour such as "#1f5fc4" for python-pptx."""
    made: RGBColor = RGBColor.from_string(text.lstrip("#").upper())
    return made


def _keep_one_layout(made: Any) -> None:
    wanted = made.slide_layouts[TITLE_ONLY]
    for layout in list(made.slide_layouts):
        if layout is not wanted and layout.name != wanted.name:
            made.slide_layouts.remove(layout)
    made.slide_layouts[0].name = "Takeaway"


def _theme(made: Any) -> None:
    """Our font and colours in place of those of the template."""
    part = made.slide_master.part.part_related_by(_THEME)
    root = etree.fromstring(part.blob)
    for fonts in root.iter(f"{_A}majorFont", f"{_A}minorFont"):
        fonts.find(f"{_A}latin").set("typeface", FONT)
    scheme = root.find(f".//{_A}clrScheme")
    named = {"dk1": LIGHT.ink, "lt1": LIGHT.ground, "dk2": LIGHT.muted, "lt2": LIGHT.grid, **ACCENTS}
    for name, value in named.items():
        slot = scheme.find(f"{_A}{name}")
        for child in list(slot):
            slot.remove(child)
        etree.SubElement(slot, f"{_A}srgbClr").set("val", value.lstrip("#"))
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _place(shape: Any) -> None:
    """Put a placeholder of master or layout where it belongs, or take it away."""
    kind = shape.placeholder_format.type
    name = str(kind).partition(" ")[0]
    if name == "TITLE":
        box(shape, MARGIN, TITLE_TOP, INNER, TITLE_HEIGHT)
        frame = shape.text_frame
        frame.word_wrap, frame.vertical_anchor, frame.auto_size = True, MSO_ANCHOR.TOP, MSO_AUTO_SIZE.NONE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    elif name == "SLIDE_NUMBER":
        box(shape, WIDTH - MARGIN - 1, FOOT_TOP, 1, 0.25)
    elif name == "FOOTER":
        box(shape, MARGIN, FOOT_TOP, INNER - 1.2, 0.25)
    else:
        shape._element.getparent().remove(shape._element)


def box(shape: Any, left: float, top: float, width: float, height: float) -> None:
    """Place a shape, inches."""
    shape.left, shape.top, shape.width, shape.height = Inches(left), Inches(top), Inches(width), Inches(height)


def write(
    frame: Any,
    text: str,
    size: float,
    *,
    ink: str = LIGHT.ink,
    bold: bool = False,
    right: bool = False,
    first: bool = True,
    after: float = 0,
) -> None:
    """Write a paragraph into a text frame: into its first one, or as another."""
    paragraph = frame.paragraphs[0] if first else frame.add_paragraph()
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    run.font.color.rgb = colour(ink)
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    paragraph.space_after = Pt(after)


def text_box(slide: Any, left: float, top: float, width: float, height: float) -> Any:
    """A text frame without margins on a slide."""
    frame = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height)).text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    return frame


LEADING = 1.2
"""Height of a line, in font sizes."""
BOLD = 1.08
"""Bold letters are so much wider."""
NARROW, USUAL, WIDE, FULL = 0.3, 0.55, 0.78, 1.05
"""Widths of letters, in font sizes."""
POINTS = 72


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in one line, inches.

    >>> round(width_of("own-8b", 12), 2), round(width_of("日本", 12), 2)
    (0.59, 0.35)
    """
    return sum(map(_letter, text)) * size / POINTS * (BOLD if bold else 1)


def lines_of(text: str, width: float, size: float, *, bold: bool = False) -> int:
    """Lines that a text takes where words wrap at a width in inches; long words break."""
    lines, at, space = 1, 0.0, width_of(" ", size, bold=bold)
    for word in text.split():
        long = width_of(word, size, bold=bold)
        if at and at + space + long > width:
            lines, at = lines + 1, 0.0
        at += long + (space if at else 0)
        while at > width:
            lines, at = lines + 1, at - width
    return lines


def height_of(text: str, width: float, size: float, *, bold: bool = False) -> float:
    """Height of a wrapped text, inches."""
    return lines_of(text, width, size, bold=bold) * LEADING * size / POINTS


def fitting(text: str, width: float, height: float, sizes: tuple[float, ...], *, bold: bool = False) -> float:
    """The largest of some font sizes, from large to small, at which a text fits; the smallest where none does."""
    return next((size for size in sizes if height_of(text, width, size, bold=bold) <= height), sizes[-1])


def cut(text: str, width: float, height: float, size: float, *, bold: bool = False) -> str:
    """The text, ended by an ellipsis where even at this size it does not fit; a letter of it at least."""
    kept = len(text)
    while height_of(text, width, size, bold=bold) > height and kept > 1:
        kept = max(int(kept * 0.95) - 1, 1)
        text = text[:kept].rstrip(" …") + "…"
    return text


@cache
def _letter(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return FULL
    if letter in "iljtfrI.,:;|!'()[] ":
        return NARROW
    return WIDE if letter.isupper() or letter in "mwMW%@" else USUAL


def describe(frame: Any, alt: str) -> None:
    """Give a chart or table its alternative text."""
    frame._element.nvGraphicFramePr.cNvPr.set("descr", alt)
