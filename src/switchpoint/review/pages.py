"""Page, Figure, Table, Fact, Assumption: plain data.

Whoever knows the simulation fills it in; the exports only lay it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.current import CurrentProject, CurrentUpkeep
from switchpoint.scenario.errors import Keys as Place
from switchpoint.scenario.errors import dotted_path
from switchpoint.scenario.fields import Part
from switchpoint.scenario.introspection import unit_of
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import Choice, Pert, Range, num
from switchpoint.text import count

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
    """

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    axis: str
    overlaid: bool = False
    shares: bool = False


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
class Figure:
    """A chart: as data for programs in which people edit it, and as a specification for those that draw it.

    Args:
        alt: its takeaway and what is drawn, for those who cannot see it.
        data: what is drawn; None where no program edits such a chart, and the specification is drawn as a picture.
        note: what the picture of the specification shows beyond the page's text, in one line.
        spec: the Vega-Lite specification of the same, without title; None where only the data are shown.
    """

    alt: str
    data: Lines | Bars | PlanFigure | None
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


STATED, DEFAULT = "stated in the scenario", "assumption: default of Switchpoint"
NO_ASSUMPTION = ("name", "summary")
FILES = ("file", "benchmark")
_DATE = re.compile(r"\b(\d{4}-\d{2}(?:-\d{2})?)\b")


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
        as_of: date of the source.
        stated: whether the scenario says it, instead of leaving it to a default or the catalogue.
    """

    field: str
    meaning: str
    value: float | date | str
    spread: str
    unit: str
    source: str
    as_of: str
    stated: bool


def assumptions(result: JudgedWorld, notes: Mapping[str, str] | None = None) -> list[Assumption]:
    """All of them, in the order of the scenario, then what was taken from the catalogue.

    Args:
        result: the result.
        notes: remarks of the scenario's author by dotted field, which stand as sources.
    """
    return assumptions_of(result.case.scenario, result.sources, notes)


def assumptions_of(
    scenario: Scenario, sources: Iterable[Mapping[str, Any]], notes: Mapping[str, str] | None = None
) -> list[Assumption]:
    """The same of a scenario that need not have been run.

    Args:
        scenario: what is assumed.
        sources: rows of the catalogue that it takes values from, as in `sources` of `run --json`.
        notes: remarks of the scenario's author by dotted field, which stand as sources.
    """
    found = [row for row in _of(scenario, (), notes or {}, f"{scenario.start}") if not _idle(row, scenario)]
    return found + [_catalogue_assumption(row) for row in sources]


NOBODY = (CurrentProject(), CurrentUpkeep())
"""What a current route says of people where it says nothing of them."""


def _idle(row: Assumption, scenario: Scenario) -> bool:
    """Whether it is a default that nothing uses: without a limit nothing warns, and no rule waits for it; and there is
    nobody whom an API keeps."""
    if row.stated:
        return False
    unwatched = not scenario.limited and row.field in ("decision.policy", "decision.warn_months")
    of_people = row.field == "current.kind" or row.field.startswith(("current.project.", "current.upkeep."))
    return unwatched or (of_people and (scenario.current.project, scenario.current.upkeep) == NOBODY)


def _of(part: Part, path: Place, notes: Mapping[str, str], start: str) -> Iterator[Assumption]:
    for name, field in type(part).model_fields.items():
        value, place = getattr(part, name), (*path, name)
        stated = name in part.model_fields_set
        for inner, leaf in _leaves(value, place):
            if isinstance(leaf, Part):
                yield from _of(leaf, inner, notes, start)
            elif leaf is not None and leaf != "" and inner[-1] not in NO_ASSUMPTION:
                note = notes.get(dotted_path(inner), "")
                source = (note or STATED) if stated else DEFAULT
                dates = _DATE.findall(note)
                meaning = " ".join((field.description or "").split()).rstrip(".")
                yield Assumption(
                    dotted_path(inner),
                    meaning,
                    Path(leaf).name if name in FILES else base(leaf),
                    spread(leaf),
                    unit_of(field),
                    source,
                    dates[-1] if dates else start,
                    stated,
                )


def _leaves(value: Any, path: Place) -> Iterator[tuple[Place, Any]]:
    """Tables in lists and under names one by one; anything else as it is."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield (*path, name), inner
    elif isinstance(value, tuple) and value and isinstance(value[0], Part):
        for place, inner in enumerate(value):
            yield (*path, place), inner
    elif value != ():
        yield path, value


def base(value: Any) -> float | date | str:
    """The base value of a quantity; words and dates as they are, lists in a row."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, Range, Pert, Choice)):
        return float(num(value))
    if isinstance(value, tuple):
        return ", ".join(f"{each:g}" if isinstance(each, (int, float)) else str(each) for each in value)
    return value if isinstance(value, date) else str(value)


def spread(value: Any) -> str:
    """The range of an uncertain quantity in words, else nothing.

    >>> spread(Range(0.06, 0.14)), spread(Pert(1, 2, 5)), spread(Choice((0.5, 1.5), (2, 1))), spread(3)
    ('0.06 to 0.14 (90 %)', '1 to 5, likeliest 2', '0.5 (2), 1.5 (1)', '')
    """
    match value:
        case Range(low, high):
            return f"{_short(low)} to {_short(high)} (90 %)"
        case Pert(low, mode, high):
            return f"{_short(low)} to {_short(high)}, likeliest {_short(mode)}"
        case Choice(values, weights):
            return ", ".join(f"{_short(v)} ({_short(w)})" for v, w in zip(values, weights, strict=True))
    return ""


def _short(number: float) -> str:
    return count(number) if abs(number) >= 1000 else f"{number:g}"


def _catalogue_assumption(row: Mapping[str, Any]) -> Assumption:
    """A row of the catalogue."""
    value, note = row["value"], row["note"]
    if isinstance(value, Mapping):
        value = ", ".join(f"{key.replace('_', ' ')} {price:g}" for key, price in value.items())
    meaning = f"{row['what']} ({note})" if note else str(row["what"])
    return Assumption(row["field"], meaning, base(value), "", row["unit"], row["source"], str(row["date"]), False)
