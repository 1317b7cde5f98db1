"""The report as one HTML file that needs nothing else, and as PDF, set by Typst."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from switchpoint.charts.vega import FONT, LIGHT
from switchpoint.export import pictures
from switchpoint.export.pictures import number_clip_paths, svg, with_width
from switchpoint.review.pages import Fact, Figure, Page, Review, Table, short

# The report as one HTML file that needs nothing else -----------------------------------------------------------------

Progress = Callable[[float], None]

WIDTH = 900
STYLE = f"""
@page {{ size: A4; margin: 16mm 15mm 18mm; }}
* {{ box-sizing: border-box; }}
body {{ font: 15px/1.5 {FONT}; color: {LIGHT.ink}; background: {LIGHT.ground}; margin: 0 auto; max-width: 980px;
  padding: 32px 28px 64px; overflow-wrap: break-word; }}
h1 {{ font-size: 1.9em; line-height: 1.2; margin: .2em 0 .4em; }}
h2 {{ font-size: 1.35em; line-height: 1.25; margin: .15em 0 .5em; }}
.section {{ color: {LIGHT.series[0]}; font-weight: 700; font-size: .85em; margin: 0; }}
.about, .basis, figcaption, caption, .note {{ color: {LIGHT.muted}; }}
.about {{ margin: 0; }}
.verdict {{ font-size: 1.12em; }}
.basis {{ font-size: .85em; }}
.appendix {{ border-top: 3px solid {LIGHT.ink}; margin-top: 64px; padding-top: 20px; }}
section {{ border-top: 1px solid {LIGHT.grid}; margin-top: 36px; padding-top: 20px; }}
.facts {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 12px; margin: 20px 0;
  padding: 0; list-style: none; }}
.facts li {{ background: #f4f6f9; padding: 12px 14px; }}
.facts b {{ display: block; font-size: 1.25em; line-height: 1.25; }}
.facts span {{ display: block; font-size: .85em; }}
figure {{ margin: 12px 0; }}
figure svg {{ width: 100%; height: auto; display: block; }}
figcaption {{ font-size: .85em; }}
table {{ border-collapse: collapse; table-layout: fixed; width: 100%; margin: 14px 0; font-size: .88em; }}
caption {{ text-align: left; padding-bottom: 4px; }}
th {{ background: #e9eef6; text-align: left; vertical-align: bottom; }}
th, td {{ padding: 4px 8px; }}
td {{ vertical-align: top; border-bottom: 1px solid {LIGHT.grid}; }}
.right {{ text-align: right; }}
.dense {{ font-size: .78em; }}
.wide {{ font-size: .74em; }}
.wide th, .wide td {{ padding: 4px 4px; }}
.dense td:last-child {{ white-space: nowrap; }}
li {{ margin: 6px 0; }}
@media screen and (max-width: 640px) {{
  body {{ padding: 20px 14px 40px; }}
  figure {{ overflow-x: auto; }}
  figure svg {{ min-width: 600px; }}
  table {{ display: block; overflow-x: auto; table-layout: auto; }}
  th, td {{ min-width: 5.5em; overflow-wrap: normal; }}
}}
@media print {{
  body {{ max-width: none; padding: 0; font-size: 10.5pt; }}
  section {{ margin-top: 18pt; padding-top: 10pt; }}
  header {{ break-after: page; }}
  .appendix {{ break-before: page; }}
  .together, figure, .facts, tr, li, h1, h2, table:not(.dense) {{ break-inside: avoid; }}
  h1, h2, .section, .note, caption {{ break-after: avoid; }}
  th, .facts li {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
  thead {{ display: table-header-group; }}
}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
DENSE = 20
"""A table of more rows is set small."""
WIDE = 8
"""So is one of more columns."""


def report_bytes(story: Review, progress: Progress = lambda _: None) -> bytes:
    """The report's file, .html.

    Args:
        story: what it tells.
        progress: told the share done, 0 to 1.
    """
    parts = []
    for number, page in enumerate(story.pages, 1):
        if page.appendix and not story.pages[number - 2].appendix:
            parts.append('<h2 class="appendix">Appendix</h2>\n')
        parts.append("".join(_opening(story, page) if number == 1 else _section(page)))
        progress(number / len(story.pages))
    head = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(story.name)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n<style>{STYLE}</style>\n</head>\n<body>\n'
    )
    return f"{head}{''.join(parts)}</body>\n</html>\n".encode()


def _opening(story: Review, page: Page) -> Iterator[str]:
    yield f'<header>\n<p class="about" dir="auto">{escape(story.name)}</p>\n'
    yield f"<h1>{escape(page.title)}</h1>\n"
    if story.summary:
        yield f'<p class="about" dir="auto">{escape(story.summary)}</p>\n'
    yield "".join(f'<p class="verdict">{escape(text)}</p>\n' for text in page.text)
    yield f'<ul class="facts">\n{"".join(map(_fact, page.facts))}</ul>\n'
    for caption, table in page.tables:
        yield _table(caption, table)
    if page.bullets:
        yield f"<ul>\n{''.join(map(_bullet, page.bullets))}</ul>\n"
    yield f'<p class="basis">{escape(story.basis)}.</p>\n</header>\n'


def _section(page: Page) -> Iterator[str]:
    yield f'<section id="{escape(page.key)}">\n<div class="together">\n<p class="section">{escape(page.section)}</p>\n'
    yield f"<h2>{escape(page.title)}</h2>\n"
    if not any(figure.note for figure in page.figures):
        yield "".join(f'<p class="note">{escape(text)}</p>\n' for text in page.text)
    for number, figure in enumerate(page.figures):
        yield _figure(figure, f"{page.key}-{number}-")
    yield "</div>\n"
    if page.bullets:
        yield f"<ul>\n{''.join(map(_bullet, page.bullets))}</ul>\n"
    for caption, table in (*page.tables, *page.details):
        yield _table(caption, table)
    yield "</section>\n"


def _bullet(text: str) -> str:
    return f"<li>{escape(text)}</li>\n"


def _fact(fact: Fact) -> str:
    note = f"<span>{escape(fact.note)}</span>" if fact.note else ""
    return f"<li><span>{escape(fact.label)}</span><b>{escape(fact.value)}</b>{note}</li>\n"


def _figure(figure: Figure, prefix: str) -> str:
    if figure.spec is None:
        return ""
    drawing = svg(with_width(figure.spec, WIDTH)).decode()
    drawing = number_clip_paths(drawing[drawing.index("<svg") :], prefix)
    caption = f"<figcaption>{escape(figure.note)}</figcaption>" if figure.note else ""
    return f'<figure role="img" aria-label="{escape(figure.alt)}">{drawing}{caption}</figure>\n'


def _table(caption: str, table: Table) -> str:
    dense = len(table.rows) > DENSE
    whole = sum(table.widths)
    columns = "".join(f'<col style="width:{100 * width / whole:.1f}%">' for width in table.widths)
    told = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f"<th scope=col{_side(table, i)}>{escape(text)}</th>" for i, text in enumerate(table.head))
    rows = "".join(
        f"<tr>{''.join(f'<td{_side(table, i)}>{escape(text)}</td>' for i, text in enumerate(row))}</tr>\n"
        for row in table.rows
    )
    kind = ' class="dense"' if dense else ' class="wide"' if len(table.head) > WIDE else ""
    return f"<table{kind}>{told}{columns}<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>\n"


def _side(table: Table, place: int) -> str:
    return " class=right" if place in table.right else ""


# The report as PDF, set by Typst with all fonts inside ---------------------------------------------------------------

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
