"""The page of what could change our mind: the tornado, the tripwires, and what preparing early would buy."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.charts.style import LIGHT
from switchpoint.charts.tornado import MOST_BARS, chart_note, span, start_words, takeaway, tornado_chart
from switchpoint.decision.clauses import change
from switchpoint.export.story import Bars, Figure, Page, Series, Table
from switchpoint.report.draws import LEVERS_START, lever_rows
from switchpoint.report.story.subject import Subject
from switchpoint.study.why.tornado import Bar, Tornado
from switchpoint.study.why.wording import begun
from switchpoint.words import usd


def mind_page(subject: Subject) -> Page | None:
    """What moves the saving most; None where nothing does."""
    found = subject.why and subject.why.tornado
    if not found or not found.bars:
        return None
    scenario, bars = subject.result.case.scenario, found.bars[:MOST_BARS]
    title, note = subject.brief(takeaway(scenario, found)), chart_note(found)
    base = found.base.npv_saving_usd
    names = tuple(subject.brief(f"{_name(bar)}: {span(bar)}") for bar in bars)
    series = (
        Series("at the lower end", tuple(bar.at_low.npv_saving_usd - base for bar in bars), LIGHT.colour(1)),
        Series("at the upper end", tuple(bar.at_high.npv_saving_usd - base for bar in bars), LIGHT.colour(0)),
    )
    axis = f"Dollars more or less than the {usd(base)} that {subject.brief(found.candidate)} saves in the base case"
    spec = tornado_chart(scenario, found).to_dict()
    del spec["title"]
    figure = Figure(f"{title}. {note}.", Bars(names, series, axis, overlaid=True), spec=spec)
    table = ("", _table(subject, found))
    return Page("tornado", "What moves it", title, (f"{note}.",), figures=(figure,), details=(table,), notes=note)


def changes_page(subject: Subject) -> Page:
    """The tripwires, what ends the saving, and the levers."""
    sentences = tuple(_begun(subject.brief(line)) for line in _changes(subject))
    levers = tuple(subject.brief(f"{text} {bought}.") for text, bought in _levers(subject))
    title = _changes_words(subject)
    bullets = sentences + tuple(_begun(line) for line in levers)
    notes = "The nearest thresholds first, each found with everything else as in the base case."
    text = (f"What preparing buys is a mean over the draws, {LEVERS_START}.",) if levers else ()
    return Page("changes", "What would change the advice", title, text, bullets=bullets, notes=notes)


def _changes_words(subject: Subject) -> str:
    wires = subject.why.tripwires if subject.why else ()
    if not wires:
        return "No single number that was followed would change the advice"
    count = "One number" if len(wires) == 1 else f"{len(wires)} numbers"
    return f"{count} to watch: beyond these thresholds the advice is another"


def _changes(subject: Subject) -> Iterator[str]:
    if subject.why:
        yield from (wire.sentence for wire in subject.why.tripwires)
    best = subject.best
    if best is not None and (text := change(best)):
        yield f"{text}."


def _levers(subject: Subject) -> Iterator[tuple[str, str]]:
    if subject.findings is not None:
        yield from ((text.rstrip(":"), bought) for text, bought in lever_rows(subject.findings))


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(subject: Subject, found: Tornado) -> Table:
    scenario = subject.result.case.scenario

    def row(bar: Bar) -> tuple[str, ...]:
        both = (bar.at_low, bar.at_high)
        saved, due = [usd(each.npv_saving_usd) for each in both], [start_words(scenario, each) for each in both]
        return (subject.brief(_name(bar)), span(bar), *saved, *due)

    head = (
        "Input",
        "From … to",
        "Saves at the lower end",
        "at the upper end",
        "Start by at the lower end",
        "at the upper end",
    )
    return Table(head, tuple(row(bar) for bar in found.bars[:MOST_BARS]), (3, 2, 1.3, 1.3, 1.6, 1.6), frozenset({2, 3}))


def _name(bar: Bar) -> str:
    return begun(bar.driver.name, bar.driver.path) + ("" if bar.stated else " *")
