"""The first page: what to do, in a headline, a sentence and a few figures."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.clock import NEVER
from switchpoint.decision.clauses import under_way
from switchpoint.decision.verdict import Action, live_if_started_today
from switchpoint.export.story import Fact, Page
from switchpoint.report.story.noted import turning
from switchpoint.report.story.subject import Subject
from switchpoint.study.draws.findings import ADVISED
from switchpoint.study.draws.spread import Days
from switchpoint.words import about, chance, usd, weeks

OPENING = {"limit": "set by the limit", "money": "set by what waiting costs"}


def verdict_page(subject: Subject) -> Page:
    """What to do."""
    return Page(
        key="verdict",
        section="Verdict",
        title=headline(subject),
        text=(subject.sentence, *turning(subject)),
        facts=tuple(_facts(subject)),
        notes=" ".join([subject.sentence, *subject.lines()]),
    )


def headline(subject: Subject) -> str:
    """The verdict as a headline."""
    verdict, best = subject.verdict, subject.best
    if verdict.action is Action.NO_REMEDY:
        if verdict.too_short:
            return f"A horizon of {subject.horizon} is too short to judge"
        return "No candidate keeps the bill below its limit"
    if best is None:
        named = "no candidate saves" if subject.result.case.outlooks else "there is no candidate to compare"
        return f"Stay on the current route: {named}"
    name = subject.name(best)
    act = f"go on with {name}" if under_way(best) else f"start {name} now"
    if verdict.action is Action.LATE:
        bridge = f" and bridge with {subject.name(verdict.bridge)}" if verdict.bridge else ""
        return f"You are {_behind(subject)} late: {act}{bridge}"
    if verdict.action is Action.START_NOW:
        return act[:1].upper() + act[1:]
    why = "to be live before the limit is reached" if verdict.binds == "limit" else "because waiting longer costs money"
    return f"Start {name} by {subject.day(verdict.start_by)} {why}"


def _behind(subject: Subject) -> str:
    """How late even a start today is live."""
    if subject.found is not None:
        return f"about {weeks(subject.found.late_quantiles[1])}"
    assert subject.best is not None
    return weeks(live_if_started_today(subject.best) - subject.result.case.threat)


def _facts(subject: Subject) -> Iterator[Fact]:
    findings, case = subject.findings, subject.result.case
    threat = case.threat if findings is None else findings.threat.p50
    yield Fact("Limit reached", subject.day(threat), "" if findings is None else _spread(subject, findings.threat))
    if subject.best is None:
        yield Fact("Bill a month today", usd(float(case.bill[0])))
        yield Fact(f"Bill after {subject.horizon}", usd(float(case.bill[-1])), "if nothing changes")
        flip = subject.result.flips_at
        if flip is not None:
            yield Fact("The advice changes from", f"{about(flip)} requests a day")
        return
    yield from _advised(subject)


def _advised(subject: Subject) -> Iterator[Fact]:
    """Start, cutover, saving and break-even of the candidate that is advised, or that saves all the same."""
    best, found, verdict = subject.best, subject.found, subject.verdict
    assert best is not None
    start = best.starts.judged if found is None else found.weighed.judged
    label = "Start" if verdict.action is Action.NO_REMEDY or under_way(best) else "Start by"
    yield Fact(label, "today" if start <= 0 else subject.day(start), OPENING.get(verdict.binds or "", ""))
    if found is None:
        course = best.follow(start)
        yield Fact("Live", subject.day(course.cutover), subject.name(best))
        yield Fact("Saves", usd(best.saving(start)), "in present value")
        yield Fact("Paid back", subject.day(course.break_even.day))
        return
    money, sure = found.saving(ADVISED), found.saves(ADVISED)[0]
    live, back = found.cutover(ADVISED), found.break_even(ADVISED)
    yield Fact("Live", subject.day(live.p50), f"in time in {chance(found.in_time[0])} of the draws")
    yield Fact("Saves", usd(money.mean), f"on average, in present value; above zero in {chance(sure)} of the draws")
    yield Fact("Paid back", subject.day(back.p50), _spread(subject, back))


def _spread(subject: Subject, days: Days) -> str:
    """The middle 80 % of a date, and how often it is not reached."""
    if days.p50 == NEVER:
        return f"reached in {chance(days.probability)} of the draws" if days.probability else "in no draw"
    if days.p90 == NEVER:
        return f"not within the horizon in {chance(1 - days.probability)} of the draws"
    if days.p10 == days.p90:
        return ""
    return f"{subject.day(days.p10)} to {subject.day(days.p90)} in 80 % of the draws"
