"""Fan, dates, tornado, tripwires, waiting."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from switchpoint.charts.fan_and_dates import (
    QUANTILES,
    by_month,
    date_rows,
    dates_chart,
    dates_note,
    dates_words,
    fan_chart,
    fan_note,
    fan_of,
    fan_words,
    has_dates,
    has_fan,
)
from switchpoint.charts.sensitivity import MOST_BARS, chart_note, span, start_words, takeaway, tornado_chart
from switchpoint.charts.takeaways import draws_words, plan_name
from switchpoint.charts.vega import LIGHT
from switchpoint.charts.waiting import (
    AXIS,
    choices,
    dollars,
    has_regret,
    has_waiting,
    regret_chart,
    regret_note,
    regret_words,
    rules,
    waiting_chart,
    waiting_flags,
    waiting_lines,
    waiting_note,
    waiting_words,
)
from switchpoint.decision.clauses import HARDLY, change, of_base_case, price_that_ends_saving
from switchpoint.horizon import Floats
from switchpoint.review.context import Subject
from switchpoint.review.pages import Bars, Figure, Lines, Page, Series, Table
from switchpoint.scenario.input_names import capitalize_name
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import LEVERS_START, before_the_best, lever_rows
from switchpoint.study.tornado import Bar, Tornado
from switchpoint.text import months, usd

NAMES = ("10 % lie below", "25 % lie below", "Median", "75 % lie below", "90 % lie below")


def fan_page(subject: Subject) -> Page | None:
    """The bill over all draws; None without draws."""
    findings = subject.findings
    if findings is None or not has_fan(findings):
        return None
    fan, clock = fan_of(findings), findings.clock
    lines = [
        Series(name, _values(row), LIGHT.colour(2 if abs(share - 0.5) == 0.25 else 0), dashed=share != 0.5)
        for name, share, row in zip(NAMES, QUANTILES, fan.quantiles, strict=True)
    ]
    lines.append(Series("Base case", _values(fan.base), LIGHT.muted))
    if fan.limit is not None:
        lines.append(Series("Limit", _values(fan.limit), LIGHT.ink, True))
    axis = "Dollars a month" if fan.dollars else "Bill as a share of its limit"
    top = max(float(fan.quantiles.max()), float(fan.base.max()))
    data = Lines(tuple(clock.date_of(d) for d in fan.days), tuple(lines), axis, top, shares=not fan.dollars)
    title, note = fan_words(findings), fan_note(findings)
    said = (
        f"Bill of staying at the end of each month; each line is a quantile of {draws_words(findings)} in that month."
    )
    figure = Figure(f"{title}. {note}.", data, f"{note}.", fan_chart(findings, titled=False).to_dict())
    return Page("fan", "How sure: the bill", title, (said,), figures=(figure,), notes=said)


def dates_page(subject: Subject) -> Page | None:
    """In how many draws each date falls into each month; None without draws or dates."""
    findings = subject.findings
    if findings is None or not has_dates(findings):
        return None
    clock, colours = findings.clock, (LIGHT.colour(0), LIGHT.muted, LIGHT.colour(1), LIGHT.colour(2))
    series = tuple(
        Series(subject.brief(row.name), _values(by_month(row.days, clock)), colour, dashed)
        for row, colour, dashed in zip(
            date_rows(findings, LIGHT),
            colours if findings.limited else colours[1:],
            (False,) * 4,
            strict=False,
        )
    )
    top = max((value or 0.0) for each in series for value in each.values)
    months = tuple(clock.date_of(int(first)) for first in clock.month_starts)
    data = Lines(months, series, "Share of the draws by month", top or 1.0, shares=True)
    title, note = subject.brief(dates_words(findings)), dates_note(findings)
    said = f"Share of {draws_words(findings)} in which each date falls into a month."
    figure = Figure(f"{title}. {note}.", data, f"{note}.", dates_chart(findings, titled=False).to_dict())
    return Page("spread", "How sure: the dates", title, (said,), figures=(figure,), notes=said)


def _values(row: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) for value in row)


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
    axis = f"Dollars more or less than the {usd(base)} that {subject.brief(found.subject_name)} saves in the base case"
    spec = tornado_chart(scenario, found).to_dict()
    del spec["title"]
    figure = Figure(f"{title}. {note}.", Bars(names, series, axis, overlaid=True), spec=spec)
    table = ("", _table(subject, found))
    return Page("tornado", "What moves it", title, (f"{note}.",), figures=(figure,), details=(table,), notes=note)


def changes_page(subject: Subject) -> Page:
    """The tripwires, what ends the saving, and the levers."""
    sentences = tuple(_capitalize(subject.brief(line)) for line in _changes(subject))
    levers = tuple(subject.brief(f"Lever: {text} {bought}.") for text, bought in _levers(subject))
    title = _changes_words(subject)
    bullets = sentences + tuple(_capitalize(line) for line in levers)
    notes = "The nearest thresholds first, each found with everything else as in the base case."
    text = [f"What preparing buys is a mean over the draws, {LEVERS_START}."] if levers else []
    if subject.shown.advised_plan is not None:
        base = "" if subject.findings is None else " in the base case, not over the draws"
        text.insert(0, f"Tried one number at a time with {plan_name(subject.shown.advised_plan)}{base}.")
    elif subject.base_advises_otherwise and subject.why and subject.why.tripwires:
        text.insert(0, "Tried one number at a time in the base case, which advises otherwise than the draws.")
    elif subject.findings is not None:
        text.insert(0, "Tried one number at a time in the base case, not over the draws.")
    return Page("changes", "What would change the advice", title, tuple(text), bullets=bullets, notes=notes)


def _changes_words(subject: Subject) -> str:
    followed = len(subject.why.tripwires) if subject.why else 0
    if not followed:
        return "No single number that was followed would change the advice"
    best = None if subject.shown.advised_plan is not None else subject.best
    price = 0.0 if best is None else price_that_ends_saving(best) or 0.0
    watched = followed + (price > HARDLY)
    count = "One number" if watched == 1 else f"{watched} numbers"
    advice = "the advice" if subject.findings is None else "the advice of the base case"
    return f"{count} to watch: beyond these thresholds {advice} is another"


def _changes(subject: Subject) -> Iterator[str]:
    if subject.why:
        yield from (wire.sentence for wire in subject.why.tripwires)
    best = subject.best
    if best is not None and subject.shown.advised_plan is None and (text := change(best)):
        yield f"{text if subject.findings is None else of_base_case(text)}."


def _levers(subject: Subject) -> Iterator[tuple[str, str]]:
    if subject.findings is not None:
        yield from ((text.rstrip(":"), bought) for text, bought in lever_rows(subject.findings))


def _capitalize(text: str) -> str:
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
    return capitalize_name(bar.driver.name, bar.driver.path) + ("" if bar.has_range else " *")


def waiting_page(subject: Subject) -> Page | None:
    """What waiting costs; None where every candidate is under way or there is none."""
    told = subject.findings or subject.result
    if not has_waiting(told):
        return None
    found = choices(told)
    days = np.unique(np.concatenate([choice.searched for choice in found.each]))
    clock = subject.result.case.clock
    lines = waiting_lines(found, LIGHT)
    series = tuple(Series(line.name, tuple(line.values_on(days)), line.colour) for line in lines)
    top = max(0.0, *(float(choice.saving.max()) for choice in found.each))
    flags = tuple((clock.date_of(flag.day), flag.label) for flag in waiting_flags(found) if flag.day >= 0)
    data = Lines(tuple(clock.date_of(int(d)) for d in days), series, AXIS, top, flags)
    title, note = subject.brief(waiting_words(told)), waiting_note(told)
    figure = Figure(f"{title}. {note}.", data, f"{note}.", waiting_chart(told, titled=False).to_dict())
    said = (
        "" if subject.result.chooses_start or subject.findings is not None else subject.result.cost_of_waiting_sentence
    )
    sooner = (subject.brief(said),) if said else ()
    why = ("" if subject.best_findings is None else subject.brief(before_the_best(subject.best_findings))) or None
    text = (f"{note.partition('. Dot')[0].partition(', shaded')[0]}.", *sooner, *([f"{why}."] if why else []))
    tables = () if subject.findings is None else _tables(subject, subject.findings)
    return Page("waiting", "Cost of waiting", title, text, figures=(figure,), tables=tables, notes=" ".join(text))


def _tables(subject: Subject, findings: DrawFindings) -> tuple[tuple[str, Table], ...]:
    waits = sorted({wait for found in findings.candidates.values() for wait in found.waiting})
    if not waits:
        return ()
    rows = tuple(
        (subject.name(found), *(usd(found.waiting[wait].mean) if wait in found.waiting else "–" for wait in waits))
        for found in findings.candidates.values()
    )
    head = ("candidate", *(f"{months(wait)} later" for wait in waits))
    right = frozenset(range(1, len(head)))
    return (
        (
            "What a later start than today costs on average, present value",
            Table(head, rows, (2.3, *[1] * len(waits)), right),
        ),
    )


def regret_page(subject: Subject) -> Page | None:
    """What each rule for starting costs more than hindsight; None without draws or without a rule to choose."""
    findings = subject.findings
    if findings is None or not has_regret(findings):
        return None
    title, note = subject.brief(regret_words(findings)), regret_note(findings)
    named = enumerate(findings.candidates.values(), 1)
    found = [(place, f) for place, f in named if f.weighed.under_way is None]
    played = rules(findings)
    series = tuple(
        Series(subject.name(f), tuple(f.regret[rule] for rule in played), LIGHT.colour(place)) for place, f in found
    )
    data = Bars(tuple(played.values()), series, "Dollars more than hindsight, present value")
    figure = Figure(f"{title}. {note}.", data, spec=regret_chart(findings, titled=False).to_dict())
    rows = tuple((subject.name(f), *(dollars(f.regret[rule]) for rule in played)) for _, f in found)
    right = frozenset(range(1, 1 + len(played)))
    table = Table(("candidate", *played.values()), rows, (2.3, *[1] * len(played)), right)
    return Page(
        "rules", "Rules for starting", title, (f"{note}.",), figures=(figure,), details=(("", table),), notes=note
    )
