"""The first page: what to do, in a headline, a sentence and a few figures."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.charts.figures import end_credit_words, limit_words, peak_words, return_words, share_words
from switchpoint.clock import NEVER
from switchpoint.decision.clauses import under_way
from switchpoint.decision.verdict import Action, live_if_started_today
from switchpoint.export.story import Fact, Page
from switchpoint.report.story.noted import turning
from switchpoint.report.story.subject import Subject
from switchpoint.study.draws.findings import ADVISED
from switchpoint.study.draws.sentence import beside
from switchpoint.study.draws.spread import Days
from switchpoint.words import about, chance, usd, weeks

OPENING = {"limit": "set by the limit", "money": "set by what waiting costs"}


def verdict_page(subject: Subject) -> Page:
    """What to do."""
    return Page(
        key="verdict",
        section="Verdict",
        title=headline(subject),
        text=(subject.sentence, *_beside(subject), *turning(subject)),
        facts=tuple(_facts(subject)),
        notes=" ".join([subject.sentence, *subject.lines()]),
    )


def headline(subject: Subject) -> str:
    """The verdict as a headline."""
    verdict, best = subject.verdict, subject.best
    if subject.findings is None and subject.result.chosen:
        return _chosen(subject)
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
    why = "to be live before the limit is reached" if verdict.binds == "limit" else "because that costs least"
    return f"Start {name} by {subject.day(verdict.start_by)} {why}"


def _beside(subject: Subject) -> Iterator[str]:
    """What was chosen and what the base case says beside the draws, and why they differ."""
    if subject.findings is not None:
        yield from map(subject.brief, beside(subject.findings))


def _chosen(subject: Subject) -> str:
    """The headline where a policy or a date was chosen."""
    lead = subject.shown.lead
    assert lead is not None
    if subject.date(lead.project_start) is None:
        return f"As you chose, {subject.name(lead)} is not started"
    verb = "saves" if lead.npv_saving >= 0 else "costs more than staying:"
    started = f"{subject.name(lead)} started {subject.on(lead.project_start)}"
    return f"As you chose: {started} {verb} {usd(abs(lead.npv_saving))}"


def _behind(subject: Subject) -> str:
    """How late even a start today is live."""
    if subject.found is not None:
        return f"about {weeks(subject.found.late_quantiles[1])}"
    assert subject.best is not None
    return weeks(live_if_started_today(subject.best) - subject.result.case.threat)


def _facts(subject: Subject) -> Iterator[Fact]:
    findings, case = subject.findings, subject.result.case
    if case.scenario.limited:
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
    if found is None:
        yield from _of_base(subject)
        return
    start = found.weighed.judged
    label = "Start" if under_way(best) else "Start by"
    yield Fact(label, "today" if start <= 0 else subject.day(start), OPENING.get(verdict.binds or "", ""))
    money, sure = found.saving(ADVISED), found.saves(ADVISED)[0]
    live, back = found.cutover(ADVISED), found.break_even(ADVISED)
    in_time = f"in time in {chance(found.in_time[0])} of the draws" if found.limited else _spread(subject, live)
    yield Fact("Live", subject.day(live.p50), in_time)
    yield Fact("Saves", usd(money.mean), f"on average, in present value; above zero in {chance(sure)} of the draws")
    yield Fact("Paid back", subject.day(back.p50), _spread(subject, back))


def _of_base(subject: Subject) -> Iterator[Fact]:
    """The same in the base case: one start of one candidate, as advised or as chosen."""
    result, verdict = subject.shown, subject.verdict
    best = result.lead
    assert best is not None
    start = best.project_start
    label = "Started" if result.chosen else "Start" if under_way(best) else "Start by"
    why = "as you chose" if result.chosen else OPENING.get(verdict.binds or "", "")
    span = verdict.as_good
    if span is not None and not result.chosen:
        why = f"{subject.day(span.first)} to {subject.day(span.last)} is as good, within {usd(span.usd)}"
    yield Fact(label, "today" if start <= 0 else subject.day(start), why)
    if verdict.commit_by not in (NEVER, verdict.start_by) and not result.chosen:
        yield Fact("Commit by", subject.day(verdict.commit_by), "the first training")
    yield Fact("Live", subject.day(best.cutover), subject.name(best))
    yield Fact("Saves", usd(best.npv_saving), "in present value")
    if result.case.scenario.limited:
        yield Fact("Bill", limit_words(result, best), share_words(best))
    yield Fact("Paid back", subject.day(best.break_even.day), f"return {return_words(best)}")
    yield Fact("Behind staying at most", peak_words(result, best))
    if credit := end_credit_words(best):
        yield Fact("GPUs worth on the last day", credit)


def _spread(subject: Subject, days: Days) -> str:
    """The middle 80 % of a date, and how often it is not reached."""
    if days.p50 == NEVER:
        return f"reached in {chance(days.probability)} of the draws" if days.probability else "in no draw"
    if days.p90 == NEVER:
        return f"not within the horizon in {chance(1 - days.probability)} of the draws"
    if days.p10 == days.p90:
        return ""
    return f"{subject.day(days.p10)} to {subject.day(days.p90)} in 80 % of the draws"
