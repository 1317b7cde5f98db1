"""Method, assumptions, and what is worth a look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from switchpoint.decision.notes import CHANCE
from switchpoint.decision.result import dated_sources
from switchpoint.horizon import MOST
from switchpoint.review.assumption_rows import applying, assumptions
from switchpoint.review.context import Subject
from switchpoint.review.pages import Assumption, Page, Table
from switchpoint.scenario.input_names import PER
from switchpoint.scenario.stated_notes import Note
from switchpoint.scenario.uncertain import num
from switchpoint.text import NONE, count, day, percent

HEAD = ("Field", "What it is", "Value", "Range", "Basis", "Source", "As of")
WIDTHS = (2.5, 3.4, 1.5, 1.4, 0.9, 2.3, 1.0)


def method_page(subject: Subject) -> Page:
    """How the figures were made, and their limits."""
    bullets = (*_method(subject), *_limits(subject))
    title = "Events are simulated, flows added up day by day; the figures are as good as what is assumed"
    return Page("method", "Method and limits", title, bullets=bullets, notes=subject.basis)


def _method(subject: Subject) -> Iterator[str]:
    rate = percent(num(subject.result.case.scenario.decision.discount_rate_per_year))
    limited = subject.result.case.scenario.limited
    reached = "; the limit is reached on the first day on which the bill is no less" if limited else ""
    yield (
        "Usage, prices, the project and the fleet are simulated for every day of the horizon. Hires, labelling, failed "
        "evaluations, shadow and ramp are events; tokens, GPU hours and dollars are added up between them."
    )
    yield (
        "Every route carries the same traffic over the same horizon. What a switch costs holds everything: people, "
        "labels, training, both routes in shadow, idle and spare GPUs, upkeep and what stays on the current route."
    )
    yield (
        f"Present values discount each day's cost at {rate} a year. The bill is that of the last 28 days as dollars a "
        f"month{reached}."
    )
    if subject.findings is None:
        yield (
            "The base case takes the middle of every range; events likelier than not happen, others do not. It "
            "says nothing about how sure it is. A run with draws does."
        )
    else:
        yield (
            f"{count(subject.findings.draws)} draws of all ranges and chance events (seed "
            f"{subject.findings.worlds.seed}) say how sure it is; every candidate and rule meets the same draws. Where "
            "a chart shows the base case, it takes the middle of every range."
        )


def _limits(subject: Subject) -> Iterator[str]:
    rows = _rows(subject)
    stated = sum(row.stated for row in rows)
    yield (
        f"{stated} of {len(rows)} assumptions are stated in the scenario, {len(subject.result.sources)} come from the "
        f"catalogue, the others are defaults; all of them stand at the end.{dated_sources(subject.result)}"
    )
    yield (
        "Not simulated: what users do when answers become better or worse beyond the stated price of quality, taxes, "
        "and prices that nobody has announced beyond the stated drift and shocks."
    )
    if any(outlook.capacity_basis for outlook in subject.result.case.outlooks):
        yield "Where a capacity was not measured it is simulated from a model of the GPU: measure it before buying."


def _rows(subject: Subject) -> list[Assumption]:
    """The assumptions that can apply."""
    return applying(assumptions(subject.result, subject.notes), subject.result.case.scenario)


def assumptions_page(subject: Subject) -> Page:
    """Every assumption with its source and date."""
    rows = _rows(subject)
    stated = sum(row.stated for row in rows)
    title = f"All {len(rows)} assumptions, {stated} of them stated in the scenario, with source and date"
    table = Table(HEAD, tuple(map(assumption_row, rows)), WIDTHS)
    return Page("assumptions", "Assumptions", title, tables=(("", table),), notes=subject.basis)


def assumption_row(row: Assumption) -> tuple[str, ...]:
    """An assumption as a row below `HEAD`."""
    return (row.field, row.meaning, _value(row.value, row.unit), row.spread, row.kind, row.source, row.as_of or NONE)


def _value(value: float | date | str, unit: str) -> str:
    if isinstance(value, date):
        return day(value)
    return value if isinstance(value, str) else exactly(value, unit)


def exactly(value: float, unit: str) -> str:
    """A value with its unit, six digits of it.

    >>> exactly(60_000, "requests/day"), exactly(0.0917, "share/month"), exactly(0.15, "share of revenue")
    ('60,000 requests a day', '9.17 % a month', '15 % of revenue')
    >>> exactly(2.2, "$/million tokens"), exactly(1.4, "factor"), exactly(0.07, "1/year")
    ('$2.2 per million tokens', '1.4', '0.07 a year')
    """
    what, _, per = unit.partition(";")[0].partition("/")
    after = f" {PER.get(per, f'per {per}')}" if per else ""
    if what.startswith("share"):
        return f"{_number(100 * value)} %{what.removeprefix('share').partition(',')[0]}{after}"
    if what == "$":
        return f"{'-' if value < 0 else ''}${_number(abs(value))}{after}"
    return f"{_number(value)}{'' if what in ('', '1', 'factor') else f' {what}'}{after}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) and abs(value) < MOST else f"{value:,.6g}"


def notes_page(subject: Subject) -> Page | None:
    """Every note, those that could turn the answer first; None where there is nothing to note."""
    told = tuple(note.full_sentence for note in notes_to_tell(subject))
    if not told:
        return None
    return Page(
        key="notes",
        section="Notes",
        title="Taken as they stand, but worth a look",
        bullets=told,
        notes=" ".join(told),
    )


def notes_to_tell(subject: Subject) -> list[Note]:
    """The notes on what is told; draws make those on chance needless."""
    drawn = subject.findings is not None
    return [note for note in subject.result.notes if not (drawn and note.code == CHANCE)]


def turning(subject: Subject) -> tuple[str, ...]:
    """The notes that could turn the answer, to stand beside it."""
    return tuple(note.full_sentence for note in notes_to_tell(subject) if note.turns)
