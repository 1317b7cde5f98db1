"""Clauses of the verdict: what a start saves, how it keeps the limit, its dates; plans and gates in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.gates import CALLED, TO_DO, Gate, ProgrammeGates
from switchpoint.decision.plan_result import PlanResult, StartedStep
from switchpoint.decision.start_search import AsGood
from switchpoint.decision.started_candidate import LimitKept
from switchpoint.decision.verdict import Verdict
from switchpoint.horizon import MONTH_DAYS, NEVER
from switchpoint.scenario.candidates import MADE_HERE
from switchpoint.scenario.current import is_paid_by_token
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.text import chance, join_names, months, percent, usd, weeks

# Clauses of the verdict ----------------------------------------------------------------------------------------------

HARDLY = 0.005
"""Changes of a price that are told as less than one percent."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
Dated = Callable[[int], str]
"""A day in words."""


def under_way(outlook: CandidateResult) -> bool:
    """Whether its project has begun already."""
    return outlook.starts.under_way is not None


def starts(outlook: CandidateResult, start: int, dated: Dated) -> str:
    """A candidate with the start that its figures are of: "own-8b, started on 1 March 2027"."""
    if under_way(outlook):
        return outlook.name
    return f"{outlook.name}, started {on(start, dated)}"


def on(number: int, dated: Dated) -> str:
    """A day within a sentence: today, or on a date."""
    said = dated(max(number, 0))
    return said if said == "today" else f"on {said}"


def money(outlook: CandidateResult, *, price_of_limit: bool = False) -> str:
    """What it saves as it is started; `price_of_limit` says that it is there to keep the limit."""
    saving, over = outlook.npv_saving, months(round(outlook.clock.days / MONTH_DAYS))
    if saving < 0 or (saving == 0 and price_of_limit):
        why = " (the price of keeping the limit)" if price_of_limit else ""
        return f"costs {usd(-saving)} more than staying in present value over {over}{why}"
    return f"saves {usd(saving)} in present value over {over}{end_credit(outlook)}"


def end_credit(outlook: CandidateResult) -> str:
    """That a saving is but what bought GPUs are still worth on the last day, where that is so."""
    credit = outlook.course.end_credit
    if not 0 <= outlook.npv_saving < credit * float(outlook.starts.discount[-1]):
        return ""
    return f" (nothing without the {usd(credit)} that its GPUs are still worth on the last day)"


def keeping(outlook: CandidateResult, dated: Dated) -> str:
    """How it keeps the limit as it is started: "keeps the bill below its limit from 4 June 2027 until 9 May 2029"."""
    return keeping_words(outlook.limit_kept, outlook.starts.threat, outlook.clock.days, dated)


def keeping_words(kept: LimitKept, threat: int, days: int, dated: Dated) -> str:
    """The same of whatever keeps the limit so, with the day of the threat and the days of the horizon."""
    if threat == NEVER:
        return f"brings the bill over its limit on {dated(kept.until)}" if kept.until < days else ""
    if kept.since >= days:
        return "does not bring the bill below its limit"
    verb = "keeps the bill" if kept.since <= threat else "brings the bill back"
    until = "to the end" if kept.until >= days else f"until {dated(kept.until)}"
    return f"{verb} below its limit from {dated(kept.since)} {until}"


def share_kept(outlook: CandidateResult, dated: Dated) -> str:
    """On what part of the days from the threat on the limit is kept."""
    share = outlook.limit_kept.share_of_days
    return "" if share is None else f", on {chance(share)} of the days from {dated(outlook.starts.threat)} on"


def steps(verdict: Verdict, dated: Dated) -> str:
    """When labelling, hiring and the first training of the advised project begin, where there is any."""
    commit = verdict.commit_by if verdict.commit_by != verdict.start_by else NEVER
    begins = (("labelling", verdict.label_by), ("hiring", verdict.hire_by), ("first training", commit))
    told = [f"{step} from {dated(number)}" for step, number in begins if number != NEVER]
    latest = " at the latest" if verdict.binds == "limit" else ""
    return f"{join_names(told)}{latest}" if told else ""


def preparing(verdict: Verdict, dated: Dated) -> str:
    """The same in brackets."""
    told = steps(verdict, dated)
    return f" ({told})" if told else ""


def as_good(verdict: Verdict, dated: Dated) -> str:
    """Which starts are as good as the best, within how many dollars, and up to which they come before the limit."""
    span = verdict.as_good
    if span is None:
        return ""
    said = f"any start from {dated(span.first)} to {dated(span.last)} is within {usd(span.usd)} of it"
    return ", and ".join(filter(None, (said, _before_limit(verdict, span, dated))))


def as_good_span(verdict: Verdict, dated: Dated) -> str:
    """The same without a verb: "1 January 2027 to 1 June 2027, within $10k"."""
    span = verdict.as_good
    if span is None:
        return ""
    said = f"{dated(span.first)} to {dated(span.last)}, within {usd(span.usd)}"
    return "; ".join(filter(None, (said, _before_limit(verdict, span, dated))))


def _before_limit(verdict: Verdict, span: AsGood, dated: Dated) -> str:
    """Which of the starts are live before the limit, where not all are and the candidate keeps it."""
    last = span.live_before_limit
    return f"those by {dated(last)} are live before the limit" if verdict.remedy and last < NEVER else ""


def warning_clause(scenario: Scenario, verdict: Verdict, lead: int, dated: Dated) -> str:
    """Whether a warning some months ahead is enough once data and people are ready.

    Args:
        scenario: says how many months.
        verdict: with its remaining lead and its warning window.
        lead: days from start to cutover.
        dated: days in words.
    """
    longest, left = scenario.decision.warn_months[1] * MONTH_DAYS, verdict.remaining_lead
    if verdict.window is None or verdict.candidate is None or under_way(verdict.candidate) or lead <= longest:
        return ""
    span = between(*scenario.decision.warn_months)
    if left > longest:
        takes = "is not to be foreseen" if left >= NEVER else f"takes {weeks(left)}"
        return f"waiting for the warning of {span} is late either way: first training to cutover {takes}"
    if verdict.window[0] < min(verdict.commit_by, lead - left):
        return f"with data and people ready, a warning of {span} would be enough; that takes {weeks(lead - left)} first"
    return (
        f"with data and people ready by {dated(verdict.window[0])}, a warning of {span} is enough; "
        "waiting for it with labelling and hiring is not"
    )


def between(first: float, last: float) -> str:
    """A range of months: "two to three months"."""
    said = [NUMBERS[int(each)] if each == int(each) <= 12 else f"{each:g}" for each in (first, last)]
    return f"{said[0]} to {said[1]} months" if first != last else f"{said[1]} month{'s' * (last != 1)}"


def in_time_costs(verdict: Verdict, dated: Dated) -> str:
    """What being in time for the limit costs more than the cheapest start."""
    more, best = verdict.in_time_costs, verdict.candidate
    if more is None or best is None or more < 1 or best.starts.best == NEVER:
        return ""
    cheapest = f"the start that saves most, {dated(best.starts.best)}"
    return (
        f"being in time for the limit, started by {dated(best.starts.in_time)}, costs {usd(more)} more than {cheapest}"
    )


def tie(verdict: Verdict, best: CandidateResult) -> str:
    """Which candidates are as good, in brackets; else nothing. The reason only where there is one."""
    if not verdict.tied:
        return ""
    names = join_names([o.name for o in verdict.tied])
    spent = [_one_off(o) for o in (best, *verdict.tied)]
    smaller = f"; {best.name} takes the smaller one-off" if all(s > spent[0] for s in spent[1:]) else ""
    return f" (a tie with {names} within 3 % of the bill{smaller})"


def _one_off(outlook: CandidateResult) -> float:
    return round(float(outlook.follow(outlook.starts.advised_start).one_off), 2)


def leaving(outlook: CandidateResult, dated: Dated) -> str:
    """What comes of the current route once its last request has left it, where anything does."""
    found = outlook.leaving
    if found is None or found.day >= outlook.clock.days:
        return ""
    told = [f"its GPUs fetch {usd(found.sold)}"] if found.sold >= 1 else []
    if found.owed >= 1:
        told.append(f"{usd(found.owed)} more is paid for {found.owed_for}")
    if found.owed_after_horizon >= 1:
        told.append(f"{usd(found.owed_after_horizon)} is owed after the last day")
    return f"the current route ends {on(found.day, dated)}: {join_names(told)}" if told else ""


def outgrown(when: str, why: str) -> str:
    """That the current route cannot carry what is asked of it, and why."""
    return f"the current route is outgrown {when} ({why})"


UNANSWERED = (
    "requests that the route then leaves unanswered cost nothing in this comparison, while a candidate pays for them"
)
"""Why staying on a route that is outgrown may come out cheaper."""


def route_called(scenario: Scenario) -> str:
    """What the current route is called: today's API where it is one."""
    return "today's API" if scenario.current.kind == "api" else "the current route"


def change(best: CandidateResult) -> str:
    """What would change it: the fall of the current route's prices at which the saving is gone; nothing where it is
    free."""
    least, route = price_that_ends_saving(best), route_called(best.prospect.setting.scenario)
    if not best.prospect.setting.route_bill.any():
        return ""
    if least is None or least <= HARDLY:
        what = "price cut" if is_paid_by_token(best.prospect.setting.scenario.current) else "cheaper running"
        return f"no {what} of {route} would change that"
    if abs(least - 1) < HARDLY:
        return f"it saves as much as nothing: a hair on the prices of {route} decides"
    if least > 1:
        return f"it would save if {route} became {percent(least - 1)} dearer"
    return f"the saving is gone if {route} gets {percent(1 - least)} cheaper"


def of_base_case(clause: str) -> str:
    """A clause on a threshold, which is sought in the base case alone, as it stands beside draws."""
    return clause and f"in the base case {clause}"


def price_that_ends_saving(best: CandidateResult) -> float | None:
    """Factor on all that the current route bills at which the candidate saves nothing, started by its start-by day.

    The saving is linear in that factor: factor x (its bill when staying - what is still paid to it) - all other cost
    that comes on top of staying, in present values. None where the switch does not lower what is paid to it.
    """
    price = float(best.price_that_ends_saving)
    return None if math.isnan(price) else price


@dataclass(frozen=True)
class Flip:
    """The level of usage at which the advice to stay changes, and to what."""

    requests_per_day: float
    times: float
    limit_reached: bool
    candidate: str | None


# Gates of a programme in words and as JSON: what the commit needs by when, what is late ------------------------------


def gates_clause(gates: ProgrammeGates | None, dated: Callable[[int], str]) -> str:
    """The gates in a clause of the verdict's sentence: what to do by when, and what is late; nothing without any."""
    if gates is None:
        return ""
    if gates.outlook is None:
        fit = gates.each[0]
        return "" if fit.met else "product-market fit is not proven, which comes before any project"
    if gates.commit == NEVER:
        return ""
    needs = f"the commit on {dated(gates.commit)} needs" if gates.commit else "the commit today needs"
    told = list(_asked_words(gates, dated))
    asked = [f"{needs}: {', then '.join(told)}"] if told else []
    if not gates.open:
        asked = ["every gate of the programme is met"]
    return "; ".join([*asked, *_late_words(gates, dated)])


def _asked_words(gates: ProgrammeGates, dated: Callable[[int], str]) -> Iterator[str]:
    """What is to be done by each date, the earliest first; gates with a date of their own are told only where late."""
    asked = [gate for gate in gates.open if gate.due == NEVER]
    for number in sorted({gate.asked_by for gate in asked}):
        when = f"by {dated(number)}" if number > 0 else "today"
        yield f"{join_names([_to_do(gates, gate) for gate in asked if gate.asked_by == number])} {when}"


def _to_do(gates: ProgrammeGates, gate: Gate) -> str:
    if gate.name == "skills" and not gates.project.to_hire:
        return "learn" if num(gates.project.upskilling_weeks) else "have the skills"
    return TO_DO[gate.name] if gate.name != "labelled_data" or gate.in_plan else "have labelled data"


def _late_words(gates: ProgrammeGates, dated: Callable[[int], str]) -> Iterator[str]:
    late = [gate for gate in gates.open if gate.late]
    for gate in late:
        yield f"{CALLED[gate.name]}, expected on {dated(gate.due)}, is {weeks(gate.late)} late"
    if (
        gates.moved_schedule is not None
        and gates.slip_costs is not None
        and gates.moved_schedule.ready[0] < gates.clock.days
    ):
        cost = gates.slip_costs.usd
        money = f", which {'costs' if cost >= 0 else 'saves'} {usd(abs(cost))}" if abs(cost) >= 1 else ""
        yield f"so the commit moves to {dated(int(gates.moved_schedule.ready[0]))}{money}"


def gates_json(gates: ProgrammeGates | None) -> dict[str, Any] | None:
    """The gates as JSON: by name, with dates; None where no programme is stated."""
    return None if gates is None else {gate.name: gate_json(gates, gate) for gate in gates.each}


def gate_json(gates: ProgrammeGates, gate: Gate) -> dict[str, Any]:
    """One gate as JSON."""
    dated, delay = gates.clock.date_or_none, gates.delays[gate.name]
    return {
        "state": gate.state,
        "basis": gate.basis,
        "met": gate.met,
        "blocks_commit": gate.blocks,
        "by": dated(gate.by),
        "begin_by": dated(gate.begin_by),
        "days_late": gate.late,
        "month_delay_usd": delay and delay.usd,
        "month_delay_days": delay and delay.days,
        "month_delay_live": delay and dated(delay.live),
    }


# A plan as a person would say it -------------------------------------------------------------------------------------


def distinct_plans(plans: Sequence[PlanResult]) -> list[PlanResult]:
    """Plans as they are told: without one made here that a stated one comes to, step by step."""

    def days(plan: PlanResult) -> list[tuple[str, int]]:
        return [(step.candidate, step.start) for step in plan.steps]

    stated = [plan for plan in plans if not plan.name.startswith(MADE_HERE)]
    known = [days(plan) for plan in stated]
    return stated + [plan for plan in plans if plan.name.startswith(MADE_HERE) and days(plan) not in known]


def starts_of(steps: Sequence[StartedStep], dated: Dated) -> str:
    """Which candidate starts when: "hosted-open today and own-120b on 1 March 2027"."""
    return join_names([f"{step.candidate} {on(step.start, dated)}" for step in steps])


def live_of(plan: PlanResult, dated: Dated) -> str:
    """When each is live: "hosted-open is live on 5 February 2027, own-120b on 4 July 2027"."""
    first, *rest = (
        f"{step.candidate} is live {on(step.cutover, dated)}"
        if step.cutover < plan.clock.days
        else f"{step.candidate} is not live within the horizon"
        for step in plan.steps
    )
    return ", ".join([first, *(each.replace(" is live ", " ") for each in rest)])


def saves_of(plan: PlanResult) -> str:
    """What a plan saves, in present value."""
    over = months(round(plan.clock.days / MONTH_DAYS))
    if plan.npv_saving < 0:
        return f"costs {usd(-plan.npv_saving)} more than staying in present value over {over}"
    return f"saves {usd(plan.npv_saving)} in present value over {over}"


def keeps_of(plan: PlanResult, dated: Dated) -> str:
    """From when until when a plan keeps the limit; nothing without one."""
    if not plan.has_limit:
        return ""
    return keeping_words(plan.limit_kept, plan.threat, plan.clock.days, dated)


def plan_called(plan: PlanResult) -> str:
    """What a plan is called in a sentence: its name, or that it is one after the other where it was made here."""
    return "one after the other" if plan.name.startswith(MADE_HERE) else f"the plan {plan.name}"


def plan_named(name: str) -> str:
    """What a plan is called where it stands for what is done: its name, or what it does where it was made here."""
    return "the bridge and then the best" if name.startswith(MADE_HERE) else f"the plan {name}"


def step_of(step: StartedStep, plan: PlanResult, dated: Dated) -> str:
    """A step with its days: "hosted-open, live on 5 February 2027, started today"."""
    if step.cutover >= plan.clock.days:
        return f"{step.candidate} {on(step.start, dated)}, not live within the horizon"
    return f"{step.candidate}, live {on(step.cutover, dated)}, started {on(step.start, dated)}"


def told_of(plan: PlanResult, dated: Dated) -> str:
    """What a plan saves, and how it keeps the limit."""
    keeps = keeps_of(plan, dated)
    together = "together that" if len(plan.steps) > 1 else "that"
    return f"{together} {saves_of(plan)}{f' and {keeps}' if keeps else ''}"


def ends_of(plan: PlanResult, dated: Dated) -> str:
    """Which steps end within the horizon, since no request is left to them: "hosted-open ends on 24 June 2027"."""
    ended = [f"{step.candidate} ends {on(step.ends, dated)}" for step in plan.steps if step.ends < plan.clock.days]
    return f"{join_names(ended)}, when no request is left to {'it' if len(ended) == 1 else 'them'}" if ended else ""
