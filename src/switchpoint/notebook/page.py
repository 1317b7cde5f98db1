"""The small page that a notebook shows of an answer: a heading, its sentence, tables and a chart."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def page_of(title: str, sentence: str, tables: Iterable[pd.DataFrame] = (), chart: Any = None) -> str:
    """The page as HTML without scripts; the chart stands in it as a picture, so that it needs no internet.

    Args:
        title: what it is about.
        sentence: what it comes to.
        tables: each without its empty columns.
        chart: an Altair chart, where there is one.
    """
    parts = [f"<h4>{escape(title)}</h4>", f"<p>{escape(sentence)}</p>"]
    if chart is not None:
        parts.append(picture(chart))
    parts += [table.dropna(axis=1, how="all").to_html(na_rep="–", float_format="{:,.0f}".format) for table in tables]
    return "\n".join(parts)


def picture(chart: Any) -> str:
    """A chart as SVG."""
    from switchpoint.export.pictures import svg

    return svg(chart.to_dict()).decode()


def sorted_names(names: Iterable[str]) -> str:
    """Names as a list to read.

    >>> sorted_names(["plan", "cost"])
    'cost, plan'
    """
    return ", ".join(sorted(names))
