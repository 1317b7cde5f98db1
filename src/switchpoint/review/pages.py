"""Page, Figure, Table, Fact: plain data.

Whoever knows the simulation fills it in; the exports only lay it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

Cell: TypeAlias = "float | int | bool | str | date | None"
Columns: TypeAlias = Mapping[str, Sequence[Cell]]
"""A table of values by column, for CSV and Parquet."""


@dataclass(frozen=True)
class Series:
    """A line or a row of bars.

    Args:
        name: in the legend.
        values: one for each date or category; None where there is none.
        colour: such as "#1f5fc4".
        dashed: whether a line is.
    """

    name: str
    values: tuple[float | None, ...]
    colour: str
    dashed: bool = False


@dataclass(frozen=True)
class Lines:
    """Lines over dates.

    Args:
        dates: rising.
        series: the lines.
        axis: what the values are, with their unit.
        top: highest value that is to be seen.
        flags: dated labels.
        window: a shaded span of time.
        shares: whether values are shares instead of dollars.
    """

    dates: tuple[date, ...]
    series: tuple[Series, ...]
    axis: str
    top: float
    flags: tuple[tuple[date, str], ...] = ()
    window: tuple[date, date] | None = None
    shares: bool = False


@dataclass(frozen=True)
class Bars:
    """Bars from zero, by category from top to bottom.

    Args:
        categories: what each bar, or each group of bars, is of.
        series: the bars.
        axis: what the values are, with their unit.
        overlaid: whether the series lie over each other instead of beside each other.
        shares: whether values are shares instead of dollars.
        upright: whether they stand side by side from left to right, such as over time, instead of lying.
    """

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    axis: str
    overlaid: bool = False
    shares: bool = False
    upright: bool = False


@dataclass(frozen=True)
class Span:
    """A bar of a plan: its name, first day, the day after its last, how long it takes in words, its colour."""

    name: str
    first: date
    after: date
    length: str
    colour: str


@dataclass(frozen=True)
class PlanFigure:
    """Bars over time, from top to bottom."""

    spans: tuple[Span, ...]


@dataclass(frozen=True)
class WaterfallBar:
    """A bar of a waterfall: its name, where it begins and ends in dollars, its amount in words, its colour."""

    name: str
    begin: float
    end: float
    words: str
    colour: str


@dataclass(frozen=True)
class WaterfallFigure:
    """Steps from one amount to another, from top to bottom; `axis` says what they are."""

    bars: tuple[WaterfallBar, ...]
    axis: str


@dataclass(frozen=True)
class Figure:
    """A chart: as data for programs in which people edit it, and as a specification for those that draw it.

    Args:
        alt: its takeaway and what is drawn, for those who cannot see it.
        data: what is drawn; None where no program edits such a chart, and the specification is drawn as a picture.
        note: what the picture of the specification shows beyond the page's text, in one line.
        spec: the Vega-Lite specification of the same, without title; None where only the data are shown.
    """

    alt: str
    data: Lines | Bars | PlanFigure | WaterfallFigure | None
    note: str = ""
    spec: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Args:
        head: names of the columns.
        rows: from top to bottom.
        widths: of the columns, relative to each other.
        right: places of the columns that are aligned to the right.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Fact:
    """A figure in large letters, with what it is and a remark."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Page:
    """One thought: a takeaway and what supports it.

    Args:
        key: a short name, unique within the story.
        section: what it is about, in a word or two.
        title: the takeaway.
        text: paragraphs below it.
        facts: figures in large letters.
        figures: charts, the main one first.
        tables: with their captions, empty where none is needed.
        details: tables that repeat what a chart shows, for print.
        bullets: statements one by one.
        notes: what a speaker should know: what was assumed.
        appendix: whether it stands behind the pages that are read to decide.
    """

    key: str
    section: str
    title: str
    text: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[tuple[str, Table], ...] = ()
    details: tuple[tuple[str, Table], ...] = ()
    bullets: tuple[str, ...] = ()
    notes: str = ""
    appendix: bool = False


@dataclass(frozen=True)
class Review:
    """A whole review.

    Args:
        name: of the scenario.
        summary: the scenario in a sentence, or nothing.
        sentence: the verdict in one sentence.
        basis: which worlds stand behind it: base case or draws and seed, horizon, version.
        pages: in their order, the assumptions last.
        charts: specifications of all charts by the name of their file, titled.
        tables: the values of everything shown by the name of their file.
    """

    name: str
    summary: str
    sentence: str
    basis: str
    pages: tuple[Page, ...]
    charts: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Columns]

    @property
    def has_appendix(self) -> bool:
        """Whether some pages stand behind those that are read to decide."""
        return any(page.appendix for page in self.pages)


LONGEST = 28
FORMULAS = ("=", "+", "-", "@", "{", "\t", "\r", "http:", "https:", "ftp:", "mailto:", "internal:", "external:")
"""What a formula or a link begins with."""


def short(name: str, longest: int = LONGEST) -> str:
    """A name that fits into a head or a label.

    >>> short("own-8b"), short("a name that goes on and on and on", 12)
    ('own-8b', 'a name that…')
    """
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula or a link: one that begins like one gets an apostrophe in front.

    >>> harmless("own-8b"), harmless("=cmd()"), harmless("https://example.org")
    ('own-8b', "'=cmd()", "'https://example.org")
    """
    return f"'{text}" if text.startswith(FORMULAS) else text


@dataclass(frozen=True)
class Assumption:
    """One value that the result rests on.

    Args:
        field: its place in the scenario file, dotted.
        meaning: what it is.
        value: base value; a number, a date, or words.
        spread: the range of an uncertain value, else nothing.
        unit: in words, nothing for words and dates.
        source: where it is from.
        as_of: day of the source; of a row of the catalogue that on which it was checked. Nothing where none is told.
        kind: "stated" in the scenario, "default", "catalogue", or "assumed": stated as an assumption, or a default that
            is one.
        stated: whether the scenario says it, instead of leaving it to a default or the catalogue.
        low: lower end of the range of an uncertain value, None of a certain one.
        high: its upper end.
        least: the least that a number may be here, None where nothing bounds it.
        most: the most that it may be.
    """

    field: str
    meaning: str
    value: float | date | str
    spread: str
    unit: str
    source: str
    as_of: str
    kind: str
    stated: bool
    low: float | None = None
    high: float | None = None
    least: float | None = None
    most: float | None = None
