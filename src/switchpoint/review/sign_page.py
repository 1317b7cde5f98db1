"""The page to sign, of a candidate or of a plan: the ask, what it buys, dates, what is open and what is next.

The page to sign: the ask, what it buys, its dates, the alternatives, what could turn it, and what is decided next.

All figures are of one start of one candidate, that of the verdict. Where draws stand behind the review, a figure of
the base case says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from switchpoint.charts.takeaways import end_credit_words, limit_words, share_words
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.clauses import as_good_span, route_called, starts_of, under_way
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.verdict import Action, Verdict
from switchpoint.horizon import NEVER
from switchpoint.review.context import Subject
from switchpoint.review.pages import Fact
from switchpoint.scenario.uncertain import num
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days
from switchpoint.study.plan_draws import PlanFindings
from switchpoint.text import about, chance, count, join_names, months, rate_words, usd, usd_range, weeks

# A plan as the page to sign tells it ---------------------------------------------------------------------------------


def advised_plan(subject: Subject) -> PlanResult | None:
    """The plan that is advised; None where it is one candidate, or something else was chosen."""
    return subject.shown.advised_plan


def plan_headline(subject: Subject, behind: str) -> str:
    """The verdict as a headline where a plan is advised; `behind` says how late one candidate alone is."""
    plan, verdict = subject.verdict.plan, subject.verdict
    assert plan is not None
    starts = starts_of(plan.steps, lambda number: "today" if number == 0 else subject.day(number))
    if verdict.action is Action.LATE:
        return subject.brief(f"You are {behind} late with one candidate alone: start {starts}")
    return subject.brief(f"Start {starts}")


def plan_facts(subject: Subject, plan: PlanResult) -> Iterator[Fact]:
    """One-off, peak cash, start and cutover of each step, saving, payback and return of a plan; beside draws their
    middle values, but for the money of the base case."""
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    basis = "all steps together" if subject.findings is None else "all steps together; base case"
    yield Fact("To spend until it is live", usd(plan.one_off), basis)
    amount, peak = plan.peak_cash
    behind = "nothing" if peak == NEVER else usd(amount)
    when = "" if peak == NEVER else subject.on(peak)
    base = "" if subject.findings is None else "base case"
    yield Fact("Behind staying at most", behind, "; ".join(filter(None, (when, base))))
    yield saving_fact(subject, plan)
    if found is None:
        yield Fact("Paid back", subject.day(plan.break_even.day), basis)
    else:
        yield Fact("Paid back", subject.day(found.break_even.p50), "all steps together; middle draw")
    rate, why = plan.internal_rate
    yield Fact("Return a year", "none" if rate is None else rate_words(rate), why if rate is None else basis)
    for step, (start, cutover) in zip(plan.steps, step_days(plan, found), strict=True):
        when = "today" if start <= 0 else subject.day(start)
        yield Fact(subject.brief(f"{step.candidate} starts"), when, _live(subject, cutover))


def step_days(plan: PlanResult, found: PlanFindings | None) -> list[tuple[int, int]]:
    """Start and cutover of each step: of the base case, or the middle of the draws."""
    if found is None:
        return [(step.start, step.cutover) for step in plan.steps]
    starts, live = (found.step_days(days) for days in (found.came.step_start, found.came.step_cutover))
    return [(start.p50, cutover.p50) for start, cutover in zip(starts, live, strict=True)]


def saving_fact(subject: Subject, plan: PlanResult) -> Fact:
    """What a plan saves: in the base case, or the middle draw with its range."""
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    if found is None:
        return Fact("Saves", usd(plan.npv_saving), "together, in present value")
    money = found.saving
    spread = f"middle draw; 80 % lie {usd_range(money.p10, money.p90, 'from ')}; mean {usd(money.mean)}"
    return Fact("Saves in present value", usd(money.p50), spread)


def next_of_plan(subject: Subject, plan: PlanResult) -> str:
    """What is decided next where a plan is advised."""
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    started = [replace(step, start=day) for step, (day, _) in zip(plan.steps, step_days(plan, found), strict=True)]
    starts = starts_of(started, lambda number: "today" if number == 0 else subject.day(number))
    return subject.brief(f"start {starts}.")


def _live(subject: Subject, cutover: int) -> str:
    return f"live {subject.on(max(cutover, 0))}" if cutover < NEVER else "not live"


# The page to sign ----------------------------------------------------------------------------------------------------

OPENING = {"limit": "set by the limit", "money": "set by what waiting costs"}
RISKS = 3
"""What could turn the advice, at most so many on the page."""


def facts_to_sign(subject: Subject) -> Iterator[Fact]:
    """The ask, what it buys, and its dates; of staying, the bill and what would change it."""
    if subject.best is None:
        yield from _of_staying(subject)
        return
    if (plan := advised_plan(subject)) is not None:
        yield from _limit_reached(subject)
        yield from plan_facts(subject, plan)
        return
    outlook = subject.shown.main_candidate
    assert outlook is not None
    yield from _ask(subject, outlook)
    yield from _buys(subject, outlook)
    yield from _dates(subject, outlook)


def _of_staying(subject: Subject) -> Iterator[Fact]:
    case = subject.result.case
    yield from _limit_reached(subject)
    yield Fact("Bill a month today", usd(float(case.bill[0])))
    after = of_the_base_case(subject, "if nothing changes")
    yield Fact(f"Bill after {subject.horizon}", usd(float(case.bill[-1])), after)
    flip = subject.result.flips_at
    if flip is not None:
        yield Fact("The advice changes from", f"{about(flip)} requests a day", of_the_base_case(subject))


def _limit_reached(subject: Subject) -> Iterator[Fact]:
    findings, case = subject.findings, subject.result.case
    if case.tells_threat:
        threat = case.threat if findings is None else findings.threat.p50
        called = case.threat_called if findings is None else findings.threat_called
        yield Fact(called, subject.day(threat), "" if findings is None else spread(subject, findings.threat))


def of_the_base_case(subject: Subject, text: str = "") -> str:
    """A remark on a figure of the base case, where draws stand beside it."""
    return text if subject.findings is None else "; ".join(filter(None, (text, "base case")))


def _ask(subject: Subject, outlook: CandidateResult) -> Iterator[Fact]:
    """What is asked for: the one-off, the most that is out at once, and who."""
    yield Fact("To spend until it is live", usd(outlook.one_off), of_the_base_case(subject, people_words(outlook)))
    amount, peak = outlook.course.peak_cash
    when = "" if peak == NEVER else subject.on(peak)
    yield Fact(
        "Behind staying at most",
        "nothing" if peak == NEVER else usd(amount),
        of_the_base_case(subject, when),
    )


def people_words(outlook: CandidateResult) -> str:
    """Who is asked for: "3 engineers, 1 of them to hire; 5,000 examples to label"."""
    project = outlook.prospect.spec.project
    said = []
    if project.engineers:
        hire = f", {project.to_hire:g} of them to hire" if project.to_hire and not project.iterations_done else ""
        said.append(f"{project.engineers:g} engineer{'s' * (project.engineers != 1)}{hire}")
    missing = num(project.examples) - num(project.examples_in_hand)
    if missing > 0:
        said.append(f"{count(missing)} examples to label")
    return "; ".join(said)


def _buys(subject: Subject, outlook: CandidateResult) -> Iterator[Fact]:
    """What it buys: the saving, the payback, the return, and the limit."""
    found = subject.best_findings
    if found is None:
        yield Fact("Saves", usd(outlook.npv_saving), "in present value")
    else:
        money = found.saving(ADVISED)
        spread_words = f"middle draw; 80 % lie {usd_range(money.p10, money.p90, 'from ')}"
        yield Fact("Saves in present value", usd(money.p50), f"{spread_words}; mean {usd(money.mean)}")
    back = outlook.break_even.day
    if found is None:
        took = outlook.payback_months
        after = "" if took is None or not round(took, 1) else f"after {months(took)}"
        yield Fact("Paid back", subject.day(back), after)
    else:
        yield Fact("Paid back", subject.day(found.break_even(ADVISED).p50), spread(subject, found.break_even(ADVISED)))
    yield _return(subject, outlook)
    if credit := end_credit_words(outlook):
        yield Fact("GPUs worth on the last day", credit.partition(",")[0], of_the_base_case(subject, "counted in it"))


def _return(subject: Subject, outlook: CandidateResult) -> Fact:
    """The yearly rate of return, or that there is none, and why."""
    rate, why = outlook.course.internal_rate
    if rate is None:
        return Fact("Return a year", "none", of_the_base_case(subject, why))
    return Fact("Return a year", rate_words(rate), of_the_base_case(subject, "internal rate"))


def _dates(subject: Subject, outlook: CandidateResult) -> Iterator[Fact]:
    """Limit, start, prepare by, commit by, live, and how the limit is kept."""
    result, verdict, found = subject.shown, subject.verdict, subject.best_findings
    yield from _limit_reached(subject)
    chosen = result.chooses_start and found is None
    start = outlook.project_start if found is None else found.weighed.judged_start
    label = "Started" if chosen else "Start" if under_way(outlook) else "Start by"
    yield Fact(label, "today" if start <= 0 else subject.day(start), _why_then(subject, chosen=chosen))
    if not chosen:
        yield from _deadlines(subject, verdict)
    if found is None:
        yield Fact("Live", subject.day(outlook.cutover), subject.name(outlook))
        if result.case.scenario.limited:
            yield _limit_fact(subject, outlook)
        return
    live = found.cutover(ADVISED)
    in_time = f"in time in {chance(found.in_time[0])} of the draws" if found.limited else spread(subject, live)
    yield Fact("Live", subject.day(live.p50), in_time)


def _limit_fact(subject: Subject, outlook: CandidateResult) -> Fact:
    """Until when the bill is below its limit, and from when."""
    result, kept = subject.shown, outlook.limit_kept
    if subject.date(outlook.cutover) is None and subject.date(result.case.threat) is None:
        return Fact("Bill below its limit", "to the end", "not live; staying keeps it")
    if subject.date(outlook.cutover) is None or subject.date(kept.since) is None:
        return Fact("Bill below its limit", "no", limit_words(result, outlook))
    until = "to the end" if subject.date(kept.until) is None else f"until {subject.day(kept.until)}"
    share = share_words(outlook).partition(" from ")[0]
    since = f"from {subject.day(max(kept.since, 0))}"
    return Fact("Bill below its limit", until, f"{since}; {share}" if share else since)


def _why_then(subject: Subject, *, chosen: bool) -> str:
    span = subject.verdict.as_good
    if chosen:
        return "as you chose"
    if span is not None and subject.findings is None:
        return f"as good: {as_good_span(subject.verdict, subject.day)}"
    return OPENING.get(subject.verdict.binds or "", "")


def _deadlines(subject: Subject, verdict: Verdict) -> Iterator[Fact]:
    """Prepare by: the first of labelling and recruiting; commit by: the first training."""
    begun = [(verdict.label_by, "labelling"), (verdict.hire_by, "hiring")]
    begun = [(when, what) for when, what in begun if when != NEVER]
    if begun:
        first = min(when for when, _ in begun)
        told = [what if when == first else f"{what} from {subject.day(when)}" for when, what in begun]
        yield Fact("Prepare by", "today" if first <= 0 else subject.day(first), join_names(sorted(told, key=len)))
    if verdict.commit_by not in (NEVER, verdict.start_by):
        yield Fact("Commit by", subject.day(verdict.commit_by), "the first training")


def spread(subject: Subject, days: Days) -> str:
    """The middle 80 % of a date, and how often it is not reached."""
    if days.p50 == NEVER:
        return f"reached in {chance(days.probability)} of the draws" if days.probability else "in no draw"
    if days.p90 == NEVER:
        return f"not within the horizon in {chance(1 - days.probability)} of the draws"
    if days.p10 == days.p90:
        return ""
    return f"{subject.day(days.p10)} to {subject.day(days.p90)} in 80 % of the draws"


def bullets_to_sign(subject: Subject) -> Iterator[str]:
    """What is decided next, what is open before the commitment, and what could turn the advice."""
    yield f"Next: {next_decision(subject)}"
    if (gates := _gates(subject)) is not None:
        yield gates
    for risk in risks(subject):
        yield f"{_turns(subject)}: {risk}"


def _turns(subject: Subject) -> str:
    """What a threshold does to the advice that is told, and of which world that is found."""
    if subject.findings is None:
        return "Could turn it"
    return "In the base case" if subject.base_advises_otherwise else "Could turn it, in the base case"


def _gates(subject: Subject) -> str | None:
    """What has to be there before the first training, and how long it takes from then on; None without a project."""
    best, verdict = subject.best, subject.verdict
    if best is None or subject.shown.chooses_start or under_way(best) or advised_plan(subject) is not None:
        return None
    open_ = people_words(best)
    if not open_ and verdict.remaining_lead in (0, NEVER):
        return None
    by = "" if verdict.commit_by == NEVER else f" by {subject.day(verdict.commit_by)}"
    takes = "" if verdict.remaining_lead >= NEVER else f"; then {weeks(verdict.remaining_lead)} to live"
    return f"Open before the commitment{by}: {open_ or 'nothing but the decision'}{takes}."


def risks(subject: Subject) -> tuple[str, ...]:
    """The nearest thresholds beyond which the advice is another, each a sentence."""
    wires = tuple(filter(subject.turns_advice, subject.why.tripwires)) if subject.why else ()
    return tuple(subject.brief(wire.sentence) for wire in wires[:RISKS])


def next_decision(subject: Subject) -> str:
    """What is decided next, and by when."""
    verdict, best = subject.verdict, subject.best
    if subject.findings is None and subject.result.chooses_start:
        return _next_as_chosen(subject)
    if best is None or verdict.action in (Action.STAY, Action.NO_REMEDY):
        return _next_of_staying(subject)
    if (plan := advised_plan(subject)) is not None:
        return next_of_plan(subject, plan)
    name = subject.name(best)
    if under_way(best):
        return f"go on with {name}; the commitment is made."
    due = [
        (verdict.label_by, "begin labelling"),
        (verdict.hire_by, "begin hiring"),
        (verdict.start_by, f"start {name}"),
    ]
    first = min((when for when, _ in due if when != NEVER), default=NEVER)
    acts = join_names([what for when, what in due if when == first]) if first != NEVER else f"start {name}"
    when = "today" if first <= 0 else f"by {subject.day(first)}"
    later = verdict.commit_by not in (NEVER, first)
    commit = f", then commit by {subject.day(verdict.commit_by)}" if later else ""
    return f"{acts} {when}{commit}."


def _next_as_chosen(subject: Subject) -> str:
    lead = subject.shown.main_candidate
    assert lead is not None
    if subject.date(lead.project_start) is None:
        return f"nothing; {subject.name(lead)} is not started, as you chose."
    return f"{subject.name(lead)} starts {subject.on(lead.project_start)}, as you chose."


def _outgrown(subject: Subject) -> int:
    """The day on which the current route is outgrown, before any limit; of draws the middle one, NEVER for none."""
    told = subject.result.case if subject.findings is None else subject.findings
    day = subject.result.case.threat if subject.findings is None else subject.findings.threat.p50
    return day if told.is_outgrown_first and subject.date(day) is not None else NEVER


def _next_of_staying(subject: Subject) -> str:
    flip, route = subject.result.flips_at, route_called(subject.result.case.scenario)
    if subject.verdict.action is Action.NO_REMEDY:
        return "find a candidate that keeps the limit, or another limit; none here does."
    if (outgrown := _outgrown(subject)) != NEVER:
        when = "already" if outgrown == 0 else subject.on(outgrown)
        return f"stay on {route}; it is outgrown {when}, so decide what becomes of requests that it cannot answer."
    if flip is not None:
        again = f"{about(flip)} requests a day{'' if subject.findings is None else ' (base case)'}"
        return f"stay on {route}; decide again at {again}."
    return f"stay on {route}; nothing is to be decided now."
