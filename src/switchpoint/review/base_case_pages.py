"""Verdict, bill, plan, candidates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from switchpoint.charts.bill import NOTE as UNIT_NOTE
from switchpoint.charts.bill import (
    bill_flags,
    bill_lines,
    bill_note,
    cost_chart,
    highest,
    saving_chart,
    saving_flags,
    saving_lines,
    saving_note,
    saving_words,
    unit_chart,
    unit_flags,
    unit_lines,
)
from switchpoint.charts.projects import (
    Step,
    has_plan,
    kinds,
    plan_chart,
    plan_note,
    plan_words,
    planned_candidate,
    steps,
)
from switchpoint.charts.takeaways import bill_takeaway, plan_name, sentence_case, unit_takeaway
from switchpoint.charts.vega import LIGHT
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.clauses import under_way
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.verdict import Action, live_if_started_today
from switchpoint.horizon import NEVER
from switchpoint.review.alternatives import alternatives_table
from switchpoint.review.context import Subject, columns, lines_of, remarks
from switchpoint.review.method_pages import turning
from switchpoint.review.pages import Figure, Lines, Page, PlanFigure, Span, Table
from switchpoint.review.sign_page import bullets_to_sign, facts_to_sign, plan_headline
from switchpoint.study.draw_results import CandidateFindings
from switchpoint.study.draw_sentence import beside
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days
from switchpoint.study.plan_draws import PlanFindings
from switchpoint.text import chance, day, usd, weeks


def verdict_page(subject: Subject) -> Page:
    """What to do, on one page to sign."""
    return Page(
        key="verdict",
        section="Decision",
        title=headline(subject),
        text=(subject.sentence, *_beside(subject), *turning(subject)),
        facts=tuple(facts_to_sign(subject)),
        tables=(("What could be done instead", alternatives_table(subject)),),
        bullets=tuple(bullets_to_sign(subject)),
        notes=" ".join([subject.sentence, *subject.lines()]),
    )


def headline(subject: Subject) -> str:
    """The verdict as a headline."""
    verdict, best = subject.verdict, subject.best
    if subject.findings is None and subject.result.chooses_start:
        return _policy_headline(subject)
    if verdict.action is Action.NO_REMEDY:
        if verdict.too_short:
            return f"A horizon of {subject.horizon} is too short to judge"
        return "No candidate keeps the bill below its limit"
    if best is None:
        named = "no candidate saves" if subject.result.case.outlooks else "there is no candidate to compare"
        return f"Stay on the current route: {named}"
    if verdict.plan is not None:
        return plan_headline(subject, _behind(subject) if verdict.action is Action.LATE else "")
    name = subject.name(best)
    act = f"go on with {name}" if under_way(best) else f"start {name} now"
    if verdict.action is Action.LATE:
        bridge = f" and bridge with {subject.name(verdict.bridge)}" if verdict.bridge else ""
        return f"You are {_behind(subject)} late: {act}{bridge}"
    if verdict.action is Action.START_NOW:
        return act[:1].upper() + act[1:]
    why = "to be live before the limit is reached" if verdict.binds == "limit" else "because that costs least"
    return f"Start {name} by {subject.day(verdict.start_by)} {why}"


def _beside(subject: Subject) -> Iterator[str]:
    """What was chosen and what the base case says beside the draws, and why they differ."""
    if subject.findings is not None:
        yield from map(subject.brief, beside(subject.findings))


def _policy_headline(subject: Subject) -> str:
    """The headline where a policy or a date was chosen."""
    lead = subject.shown.main_candidate
    assert lead is not None
    if subject.date(lead.project_start) is None:
        return f"As you chose, {subject.name(lead)} is not started"
    verb = "saves" if lead.npv_saving >= 0 else "costs more than staying:"
    started = f"{subject.name(lead)} started {subject.on(lead.project_start)}"
    return f"As you chose: {started} {verb} {usd(abs(lead.npv_saving))}"


def _behind(subject: Subject) -> str:
    """How late even a start today is live."""
    late = subject.verdict.alone or subject.best
    if subject.findings is not None and late is not None:
        return f"about {weeks(subject.findings.candidates[late.name].late_quantiles[1])}"
    assert late is not None
    return weeks(live_if_started_today(late) - subject.result.case.threat)


def bill_page(subject: Subject) -> Page:
    """The monthly bill with the warning window."""
    result = subject.shown
    lines, flags, clock = bill_lines(result, LIGHT), bill_flags(result), result.case.clock
    window = result.verdict.window
    span = None if window is None or window[1] <= 0 else (max(window[0], 0), min(window[1], clock.days - 1))
    data = lines_of(clock, lines, flags, "Dollars a month", highest(lines), span)
    return _page(
        subject, "bill", "Cost", bill_takeaway(result), bill_note(result), data, cost_chart(result, titled=False)
    )


def unit_page(subject: Subject) -> Page:
    """What 1,000 requests cost."""
    result = subject.shown
    lines = unit_lines(result, LIGHT)
    top = max((float(line.finite_values.max()) for line in lines if line.finite_values.size), default=1.0)
    data = lines_of(result.case.clock, lines, unit_flags(result), "Dollars per 1,000 requests", top)
    chart = unit_chart(result, titled=False)
    return _page(subject, "unit", "Unit cost", unit_takeaway(result), UNIT_NOTE, data, chart)


def saving_figure(subject: Subject) -> Figure:
    """What each candidate has saved so far, in the base case."""
    result = subject.shown
    lines = saving_lines(result, LIGHT)
    top = max(0.0, *(float(line.values.max()) for line in lines))
    data = lines_of(result.case.clock, lines, saving_flags(result), "Dollars saved so far", top)
    words = subject.brief(f"{saving_words(result)}. {saving_note(result)}.")
    return Figure(words, data, words, saving_chart(result, titled=False).to_dict())


def _page(subject: Subject, key: str, section: str, title: str, note: str, data: Lines, chart: Any) -> Page:
    title, note = subject.brief(title), subject.brief(note)
    if subject.findings is not None:
        title = f"Base case: {_within(title)}"
        note = f"{note}. The middle of every range; events likelier than not happen, others do not"
    figure = Figure(f"{title}. {note}.", data, spec=chart.to_dict())
    return Page(key, section, title, (f"{note}.",), figures=(figure,), notes=f"{note}.")


def _within(title: str) -> str:
    """A takeaway as it goes on after a colon."""
    return f"t{title[1:]}" if title.startswith("The ") else title


WIDE = 1.0
"""A date is drawn where it lies within so many lengths of the project after its end."""


def plan_page(subject: Subject) -> Page:
    """The project, where there is one that becomes live, and the dates."""
    result = subject.shown
    table = ("", dates_table(subject))
    if not has_plan(result):
        title = subject.brief(_bare_words(subject))
        return Page("dates", "Dates", title, tables=(table,), notes=title)
    start = None if subject.best_findings is None else subject.best_findings.weighed.judged_start
    if result.advised_plan is not None:
        start = None  # as the plan starts it, which is how it is shown
    title, note = subject.brief(plan_words(result, start)), subject.brief(plan_note(result) + _worlds(subject))
    spec = plan_chart(result, titled=False, start=start).to_dict()
    figure = Figure(f"{title}. {note}.", PlanFigure(tuple(_spans(subject, start))), spec=spec)
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
    if subject.result.case.is_outgrown_first:
        return f"The current route is outgrown {subject.on(threat)}, and no project becomes live"
    return f"The limit is reached {subject.on(threat)}, and no project becomes live"


def _dates(subject: Subject) -> Iterator[tuple[str, int]]:
    case = subject.result.case
    if case.tells_threat:
        yield case.threat_called, case.threat
    if case.scenario.limited:
        yield "The monitor warns", case.warning
    if (plan := subject.shown.advised_plan) is not None:
        yield from _dates_of_plan(subject, plan)
        return
    for outlook in subject.shown.case.outlooks:
        name = subject.name(outlook)
        yield f"{name}: start by", outlook.starts.start_by.day
        yield f"{name}: live", outlook.cutover
        yield f"{name}: cheaper to run from", outlook.running.crossover
        yield f"{name}: paid back", outlook.break_even.day


def _dates_of_plan(subject: Subject, plan: PlanResult) -> Iterator[tuple[str, int]]:
    """When each step starts, is live and ends, and when all of them together are paid back."""
    for step in plan.steps:
        name = subject.brief(step.candidate)
        yield f"{name}: start", max(step.start, 0)
        yield f"{name}: live", step.cutover
        if step.ends < plan.clock.days:
            yield f"{name}: ends", step.ends
    yield f"{sentence_case(plan_name(plan))}: paid back", plan.break_even.day


def _spreads(subject: Subject) -> Iterator[tuple[str, Days]]:
    findings = subject.findings
    assert findings is not None
    if findings.tells_threat:
        yield findings.threat_called, findings.threat
    if findings.limited:
        yield "The monitor warns", findings.warning
    if (plan := subject.shown.advised_plan) is not None:
        yield from _spreads_of_plan(subject, findings.plans[plan.name])
        return
    for found in findings.candidates.values():
        name = subject.name(found)
        yield f"{name}: start by, as seen afterwards", found.start_by
        yield f"{name}: live", found.cutover(ADVISED)
        yield f"{name}: paid back", found.break_even(ADVISED)


def _spreads_of_plan(subject: Subject, found: PlanFindings) -> Iterator[tuple[str, Days]]:
    """The same over the draws."""
    started, live = (found.step_days(days) for days in (found.came.step_start, found.came.step_cutover))
    for step, start, cutover in zip(found.result.steps, started, live, strict=True):
        name = subject.brief(step.candidate)
        yield f"{name}: start", start
        yield f"{name}: live", cutover
    yield f"{sentence_case(plan_name(found.result))}: paid back", found.break_even


def _quantiles(subject: Subject, days: Days) -> tuple[str, ...]:
    named = (subject.day(each) if each != NEVER else "–" for each in (days.p10, days.p50, days.p90))
    return (*named, chance(days.probability))


def _spans(subject: Subject, start: int | None) -> Iterator[Span]:
    """The steps of the project, then the dates that it has to keep, where they lie near."""
    result = subject.shown
    clock, found = result.case.clock, steps(planned_candidate(result, start))
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
        yield _span(
            subject, Step(result.case.threat_called, threat, threat + width, ""), subject.day(threat), LIGHT.ink
        )


def _span(subject: Subject, step: Step, length: str, colour: str) -> Span:
    clock = subject.result.case.clock
    return Span(step.name, clock.date_of(step.first), clock.date_of(step.after), length, colour)


WIDTHS = (2.3, 1.5, 1.5, 1.5, 1.5, 1.2, 1, 1, 1, 1.6)
RIGHT = frozenset({5, 6, 7, 8})
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def candidates_page(subject: Subject) -> Page:
    """All candidates side by side, each started by its own date."""
    result = subject.shown
    if not result.case.outlooks:
        title = "There is no candidate to compare with the current route yet"
        return Page("candidates", "Candidates", title, bullets=("Add one to the scenario to compare it.",), notes=title)
    captioned = [("In the base case, each with the start named", base_table(subject))]
    if subject.findings is not None:
        captioned.insert(0, ("Over the draws, each started by its own date", draws_table(subject)))
    bullets = tuple(subject.brief(line) for text in remarks(result) for line in text.splitlines())
    title = candidates_words(subject)
    figure = saving_figure(subject)
    return Page(
        "candidates",
        "Candidates",
        title,
        ("Saved so far against staying, in the base case; not discounted.", *_worlds_of_candidates(subject)),
        figures=(figure,),
        tables=tuple(captioned),
        bullets=bullets,
        notes=f"{title}. {figure.note}",
    )


def _worlds_of_candidates(subject: Subject) -> tuple[str, ...]:
    """Why the two tables differ."""
    if subject.findings is None:
        return ()
    return ("The draws count every world; the base case is the one in the middle of every range, so savings differ.",)


def candidates_words(subject: Subject) -> str:
    """The takeaway: what the best one saves, and how the next one compares."""
    ranked = sorted(((_saving(subject, o), o) for o in subject.result.case.outlooks), key=lambda pair: -pair[0])
    best = subject.best or ranked[0][1]
    saving = _saving(subject, best)
    average = " on average" if subject.findings is not None else ""
    verb = f"saves {usd(saving)}" if saving >= 0 else f"costs {usd(-saving)} more than staying"
    alone = "By itself " if subject.shown.advised_plan is not None else ""
    text = f"{alone}{subject.name(best)} {verb} in present value{average}"
    others = [(other, o) for other, o in ranked if o is not best]
    if not others:
        return text
    other, runner = others[0]
    more = saving - other
    if usd(saving) == usd(other):
        return f"{text}, about as much as {subject.name(runner)}"
    return f"{text}, {usd(abs(more))} {'more' if more >= 0 else 'less'} than {subject.name(runner)}"


def base_table(subject: Subject) -> Table:
    """Figures of each candidate in the base case."""
    result, shown = subject.shown, columns(subject.shown)
    rows = tuple(
        tuple(subject.brief(_spoken(value(result, outlook))) for _, value in shown) for outlook in result.case.outlooks
    )
    return Table(tuple(name for name, _ in shown), rows, WIDTHS[: len(shown)], RIGHT)


def draws_table(subject: Subject) -> Table:
    """Figures of each candidate over the draws."""
    assert subject.findings is not None
    in_time = ("in time",) if subject.findings.limited else ()
    head = ("candidate", "start", *in_time, "saves (PV)", "+/-", "10 % below", "90 % below", "above zero")
    rows = tuple(_row(subject, found) for found in subject.findings.candidates.values())
    return Table(head, rows, (2.3, 1.6, *(1,) * (len(head) - 2)), frozenset(range(2, len(head))))


def _row(subject: Subject, found: CandidateFindings) -> tuple[str, ...]:
    money, start = found.saving(ADVISED), found.weighed.judged_start
    ends = (usd(money.mean), usd(2 * money.error), usd(money.p10), usd(money.p90))
    when = "today" if start <= 0 else subject.day(start)
    in_time = (chance(found.in_time[0]),) if found.limited else ()
    return (subject.name(found), when, *in_time, *ends, chance(found.saves(ADVISED)[0]))


def _saving(subject: Subject, outlook: CandidateResult) -> float:
    """What a candidate saves, started by its own date."""
    if subject.findings is not None:
        return subject.findings.candidates[outlook.name].saving(ADVISED).mean
    shown = subject.shown.case.outlook(outlook.name)
    return outlook.saving(outlook.starts.advised_start) if shown.project_start >= NEVER else shown.npv_saving


def _spoken(text: str) -> str:
    """ISO dates as dates are said."""
    return _ISO.sub(lambda found: day(date.fromisoformat(found[0])), text)
