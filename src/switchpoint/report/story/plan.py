"""The page of dates: the project as bars over time, and every date in a table."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.charts import has_plan, plan_chart
from switchpoint.charts.plan import Step, kinds, plan_note, plan_words, planned, steps
from switchpoint.charts.style import LIGHT
from switchpoint.clock import NEVER
from switchpoint.export.story import Figure, Page, Plan, Span, Table
from switchpoint.report.story.subject import Subject
from switchpoint.study.draws.findings import ADVISED
from switchpoint.study.draws.spread import Days
from switchpoint.words import chance, weeks

WIDE = 1.0
"""A date is drawn where it lies within so many lengths of the project after its end."""


def plan_page(subject: Subject) -> Page:
    """The project, where there is one that becomes live, and the dates."""
    result = subject.shown
    table = ("", dates_table(subject))
    if not has_plan(result):
        title = subject.brief(_bare_words(subject))
        return Page("dates", "Dates", title, tables=(table,), notes=title)
    start = None if subject.found is None else subject.found.weighed.judged
    title, note = subject.brief(plan_words(result, start)), subject.brief(plan_note(result) + _worlds(subject))
    spec = plan_chart(result, titled=False, start=start).to_dict()
    figure = Figure(f"{title}. {note}.", Plan(tuple(_spans(subject, start))), spec=spec)
    return Page("plan", "Dates and plan", title, (f"{note}.",), figures=(figure,), tables=(table,), notes=note)


def _worlds(subject: Subject) -> str:
    """Why the bars and the dates beside them differ."""
    if subject.findings is None:
        return ""
    return ". The base case is one world, the middle of every range; the dates in the table are those of all draws"


def dates_table(subject: Subject) -> Table:
    """Every date: of the base case, or its quantiles over the draws."""
    if subject.findings is None:
        rows = tuple((label, subject.day(number)) for label, number in _dates(subject))
        return Table(("Date", "Base case"), rows, (3, 2))
    spread = tuple((label, *_quantiles(subject, days)) for label, days in _spreads(subject))
    head = ("Date", "10 % of the draws by", "Middle draw", "90 % of the draws by", "Within the horizon")
    return Table(head, spread, (3.4, 2, 2, 2, 1.5), frozenset({4}))


def _bare_words(subject: Subject) -> str:
    threat = subject.result.case.threat
    if not subject.result.case.scenario.limited:
        return f"No project becomes live within {subject.horizon}"
    if threat == NEVER:
        return f"The limit is not reached within {subject.horizon}, and no project becomes live"
    return f"The limit is reached {subject.on(threat)}, and no project becomes live"


def _dates(subject: Subject) -> Iterator[tuple[str, int]]:
    case = subject.result.case
    if case.scenario.limited:
        yield "Limit reached", case.threat
        yield "The monitor warns", case.warning
    for outlook in subject.shown.case.outlooks:
        name = subject.name(outlook)
        yield f"{name}: start by", outlook.starts.start_by.day
        yield f"{name}: live", outlook.cutover
        yield f"{name}: cheaper to run from", outlook.running.crossover
        yield f"{name}: paid back", outlook.break_even.day


def _spreads(subject: Subject) -> Iterator[tuple[str, Days]]:
    findings = subject.findings
    assert findings is not None
    if findings.limited:
        yield "Limit reached", findings.threat
        yield "The monitor warns", findings.warning
    for found in findings.candidates.values():
        name = subject.name(found)
        yield f"{name}: start by, as seen afterwards", found.start_by
        yield f"{name}: live", found.cutover(ADVISED)
        yield f"{name}: paid back", found.break_even(ADVISED)


def _quantiles(subject: Subject, days: Days) -> tuple[str, ...]:
    named = (subject.day(each) if each != NEVER else "–" for each in (days.p10, days.p50, days.p90))
    return (*named, chance(days.probability))


def _spans(subject: Subject, start: int | None) -> Iterator[Span]:
    """The steps of the project, then the dates that it has to keep, where they lie near."""
    result = subject.shown
    clock, found = result.case.clock, steps(planned(result, start))
    colours = kinds(LIGHT)
    for step in found:
        yield _span(subject, step, weeks(step.after - step.first), colours[step.kind])
    first, last = min(step.first for step in found), max(step.after for step in found)
    near = range(first, int(last + WIDE * (last - first)))
    window, threat = result.verdict.window, result.case.threat
    if window is not None and max(window[0], 0) in near and window[1] > 0:
        opened = Step("Warning window", max(window[0], 0), min(window[1], clock.days) + 1, "")
        yield _span(subject, opened, weeks(opened.after - opened.first), LIGHT.window)
    if threat in near:
        width = max((last - first) // 60, 1)
        yield _span(subject, Step("Limit reached", threat, threat + width, ""), subject.day(threat), LIGHT.ink)


def _span(subject: Subject, step: Step, length: str, colour: str) -> Span:
    clock = subject.result.case.clock
    return Span(step.name, clock.date_of(step.first), clock.date_of(step.after), length, colour)
