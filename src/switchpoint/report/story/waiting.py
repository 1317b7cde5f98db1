"""The page of waiting: what each start saves, and what each rule for starting costs more than hindsight."""

from __future__ import annotations

import numpy as np

from switchpoint.charts.regret import dollars, has_regret, regret_chart, regret_note, regret_words, rules
from switchpoint.charts.style import LIGHT
from switchpoint.charts.waiting import (
    AXIS,
    choices,
    has_waiting,
    waiting_chart,
    waiting_flags,
    waiting_lines,
    waiting_note,
    waiting_words,
)
from switchpoint.export.story import Bars, Figure, Lines, Page, Series, Table
from switchpoint.report.story.subject import Subject
from switchpoint.study.draws.findings import Findings
from switchpoint.study.draws.sentence import before_the_best
from switchpoint.words import months, usd


def waiting_page(subject: Subject) -> Page | None:
    """What waiting costs; None where every candidate is under way or there is none."""
    told = subject.findings or subject.result
    if not has_waiting(told):
        return None
    found = choices(told)
    days = np.unique(np.concatenate([choice.searched for choice in found.each]))
    clock = subject.result.case.clock
    lines = waiting_lines(found, LIGHT)
    series = tuple(Series(line.name, tuple(line.sampled(days)), line.colour) for line in lines)
    top = max(0.0, *(float(choice.saving.max()) for choice in found.each))
    flags = tuple((clock.date_of(flag.day), flag.label) for flag in waiting_flags(found) if flag.day >= 0)
    data = Lines(tuple(clock.date_of(int(d)) for d in days), series, AXIS, top, flags)
    title, note = subject.brief(waiting_words(told)), waiting_note(told)
    figure = Figure(f"{title}. {note}.", data, f"{note}.", waiting_chart(told, titled=False).to_dict())
    said = "" if subject.result.chosen or subject.findings is not None else subject.result.waiting
    sooner = (subject.brief(said),) if said else ()
    why = ("" if subject.found is None else subject.brief(before_the_best(subject.found))) or None
    text = (f"{note.partition('. Dot')[0].partition(', shaded')[0]}.", *sooner, *([f"{why}."] if why else []))
    tables = () if subject.findings is None else _tables(subject, subject.findings)
    return Page("waiting", "Cost of waiting", title, text, figures=(figure,), tables=tables, notes=" ".join(text))


def _tables(subject: Subject, findings: Findings) -> tuple[tuple[str, Table], ...]:
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
