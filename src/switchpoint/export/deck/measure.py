"""How much room a text takes on a slide, estimated from the widths of a plain sans-serif font."""

from __future__ import annotations

import unicodedata

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


def _letter(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return FULL
    if letter in "iljtfrI.,:;|!'()[] ":
        return NARROW
    return WIDE if letter.isupper() or letter in "mwMW%@" else USUAL
