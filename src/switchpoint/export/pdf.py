"""The report as PDF, set by Typst with all fonts inside: the same story always gives the same file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from switchpoint.charts.vega import LIGHT
from switchpoint.export import pictures
from switchpoint.review.pages import Page, Review, short

Progress = Callable[[float], None]

WIDTH = 900
FOOT = 100
LONG = 18
"""Letters of a word beyond which it may break."""
NAME, SUMMARY = 200, 400
"""Letters of a scenario's name and summary on the page to sign."""
SCALES = (1.0, 0.93, 0.86, 0.8, 0.74, 0.68, 0.62, 0.56)
"""Sizes of its type, from large to small, until it is one page."""
PAGE_OF_PDF = re.compile(rb"/Type\s*/Page\b")
DRAWN = 0.8
"""Part of the work that drawing the charts is."""
MISSING = "the PDF needs Typst, which is not installed: pip install 'switchpoint[pdf]'"


class NoTypst(RuntimeError):  # noqa: N818 - a plain word for what the user reads
    """Typst is not installed."""


def onepager_bytes(story: Review, progress: Progress = lambda _: None) -> bytes:
    """The report's first page alone, the one to sign, .pdf.

    Args:
        story: what it tells.
        progress: told the share done, 0 to 1.

    Raises:
        NoTypst: where the extra `pdf` is not installed.
    """
    made = _in_one_page(story)[0]
    progress(1.0)
    return made


def pdf_bytes(story: Review, progress: Progress = lambda _: None) -> bytes:
    """The report's file, .pdf.

    Args:
        story: what it tells.
        progress: told the share done, 0 to 1.

    Raises:
        NoTypst: where the extra `pdf` is not installed.
    """
    drawings: dict[str, bytes] = {}
    pages = []
    scale = _in_one_page(story)[1] if story.pages[0].tables else 1.0
    for number, page in enumerate(story.pages, 1):
        pages.append(_page(page, drawings))
        progress(DRAWN * number / len(story.pages))
    made = _set(story, pages, drawings, scale)
    progress(1.0)
    return made


def _in_one_page(story: Review) -> tuple[bytes, float]:
    """The first page as a file, in the largest type in which it is one page, and how large that is."""
    first = replace(story, name=short(story.name, NAME), summary=short(story.summary, SUMMARY))
    pages = [_page(story.pages[0], {})]
    for scale in SCALES:
        made = _set(first, pages, {}, scale)
        if len(PAGE_OF_PDF.findall(made)) == 1:
            break
    return made, scale


def _set(story: Review, pages: list[dict[str, Any]], drawings: Mapping[str, bytes], scale: float) -> bytes:
    """Pages set by Typst."""
    try:
        import typst
    except ImportError:
        raise NoTypst(MISSING) from None
    told = {
        "name": story.name,
        "summary": story.summary,
        "basis": f"{story.basis}.",
        "footer": short(story.name, FOOT),
        "look": {"ink": LIGHT.ink, "muted": LIGHT.muted, "blue": LIGHT.colour(0)},
        "pages": pages,
        "scale": scale,
    }
    source = files("switchpoint.export").joinpath("report.typ").read_bytes()
    with TemporaryDirectory() as folder:
        for name, data in {"main.typ": source, **drawings}.items():
            (Path(folder) / name).write_bytes(data)
        main = Path(folder) / "main.typ"
        made: bytes = typst.compile(main, format="pdf", sys_inputs={"story": json.dumps(told)}, timestamp=0)
    return made


def breakable(text: str) -> str:
    """A text whose long words may break after a dot, a dash or a slash, or anywhere where there is none.

    >>> breakable("own-8b"), breakable("candidates.own.fleet.usd_per_gpu_hour").count("\u200b")
    ('own-8b', 6)
    """
    return " ".join(word if len(word) <= LONG else _with_breaks(word) for word in text.split(" "))


def _with_breaks(word: str) -> str:
    parts = re.findall(r"[^._/-]*[._/-]?", word)
    return "\u200b".join(part[i : i + LONG] for part in parts for i in range(0, len(part), LONG))


def _page(page: Page, drawings: dict[str, bytes]) -> dict[str, Any]:
    """A page as JSON; its charts go to `drawings` by the name of their file."""
    figures = []
    for number, figure in enumerate(page.figures):
        if figure.spec is not None:
            name = f"{page.key}-{number}.pdf"
            drawings[name] = pictures.pdf(pictures.with_width(figure.spec, WIDTH))
            figures.append({"file": name, "alt": figure.alt, "note": figure.note})
    noted = any(figure["note"] for figure in figures)
    return {
        "section": page.section,
        "appendix": page.appendix,
        "title": page.title,
        "text": [] if noted else list(page.text),
        "facts": [{"label": fact.label, "value": fact.value, "note": fact.note} for fact in page.facts],
        "figures": figures,
        "bullets": list(page.bullets),
        "tables": [
            {
                "caption": caption,
                "head": list(table.head),
                "rows": [[breakable(cell) for cell in row] for row in table.rows],
                "widths": list(table.widths),
                "right": sorted(table.right),
            }
            for caption, table in (*page.tables, *page.details)
        ],
    }
