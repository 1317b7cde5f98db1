"""The report as one HTML file that needs nothing else: no script, no request; its charts are drawings in the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from switchpoint.charts.vega import FONT, LIGHT
from switchpoint.export.pictures import number_clip_paths, svg, with_width
from switchpoint.review.pages import Fact, Figure, Page, Review, Table

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
