"""Takeaways from the numbers, and figures of one candidate in words, started on one day."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.cash import Started
from switchpoint.decision.clauses import plan_named
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.started_candidate import LimitKept
from switchpoint.horizon import NEVER
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.current_route import Endpoints
from switchpoint.simulation.fleet import FleetServing
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.text import chance, day, join_names, months, percent, rate_words, usd

# Takeaways from the numbers ------------------------------------------------------------------------------------------

LONGEST = 28


def short(name: str) -> str:
    """A name that fits into a label."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def lead(result: JudgedWorld) -> CandidateResult | None:
    """The candidate a chart is about; see `JudgedWorld.main_candidate`."""
    return result.main_candidate


def main_path(result: JudgedWorld) -> Started | None:
    """The plan that is advised, else the candidate that a chart is about."""
    return result.advised_plan or lead(result)


def plan_name(plan: PlanResult) -> str:
    """What a plan is called on a page."""
    return short(plan_named(plan.name))


def path_name(told: Started) -> str:
    """What a candidate or a plan is called within a sentence."""
    return plan_name(told) if isinstance(told, PlanResult) else short(told.name)


def label_of(told: Started) -> str:
    """The same where it stands alone or begins a sentence."""
    return sentence_case(plan_name(told)) if isinstance(told, PlanResult) else short(told.name)


def date_of(result: JudgedWorld, number: int) -> str:
    """A day number as a date."""
    return day(result.case.clock.date_of(number))


def within(result: JudgedWorld, number: int) -> bool:
    """Whether a day lies within the horizon."""
    return number < result.case.clock.days


def horizon(result: JudgedWorld) -> str:
    """The length of the horizon."""
    return months(result.case.scenario.months)


def bill_takeaway(result: JudgedWorld) -> str:
    """When the bill passes its limit, or without one how it grows, and what the candidate does about it."""
    return f"{_threat(result)}{_relief(result, main_path(result))}"


def _threat(result: JudgedWorld) -> str:
    threat, bill = result.case.threat, result.case.bill
    if result.case.is_outgrown_first:
        return f"The current route cannot carry its load from {date_of(result, threat)} on"
    if not result.case.scenario.limited:
        return f"The bill goes from {usd(bill[0])} to {usd(bill[-1])} a month in {horizon(result)}"
    if threat == NEVER:
        return f"The bill stays below its limit for all {horizon(result)}"
    if threat == 0:
        return "The bill is over its limit from the first day"
    return f"The bill passes its limit on {date_of(result, threat)}"


def _relief(result: JudgedWorld, best: Started | None) -> str:
    """What a candidate does about the bill, or a plan from its first step on."""
    if best is None:
        return ""
    name, live = best.name, best.cutover
    if isinstance(best, PlanResult):
        name, live = path_name(best), best.first_cutover
    if not best.possible:
        return f"; {name} is not possible from {date_of(result, best.impossible_from)}"
    if not within(result, live):
        return "" if result.case.threat == NEVER else f"; {name} is not live within {horizon(result)}"
    late = live > result.case.threat
    return f"; {name}, live {'only ' if late else ''}from {date_of(result, live)}, {_effect(result, best, late=late)}"


def _effect(result: JudgedWorld, best: Started, *, late: bool) -> str:
    """What comes of it: dollars without a threat, else what becomes of the threat."""
    if result.case.threat == NEVER:
        saved = best.saves and best.npv_saving > 0
        return f"{'saves' if saved else 'costs'} {usd(abs(best.npv_saving))} in present value"
    if result.case.is_outgrown_first:
        return f"comes {'late' if late else 'before that'}"
    if best.limit_kept.since >= NEVER:
        return "does not bring it below"
    keeps = "brings it back below" if late else "keeps it below"
    return f"{keeps} until {date_of(result, best.limit_again)}" if within(result, best.limit_again) else keeps


def policy_words(result: JudgedWorld) -> str:
    """When the project starts in the picture, or the steps of the plan."""
    if (plan := result.advised_plan) is not None:
        return f"As advised: {plan_starts(result, plan)}"
    rule = result.case.scenario.decision.policy
    best = lead(result)
    if best is None:
        return "There is no candidate"
    if best.starts.under_way is not None:
        return f"{best.name} is under way"
    start = best.project_start
    if result.advised:
        named = "As advised" if result.verdict.candidate is best else "Not advised, were it started"
        return f"{named}: {best.name} starts on {date_of(result, start)}"
    named = {
        "never": "No project starts",
        "now": "Projects start today",
        "best": "Each project starts when that costs least",
        "warn": "Projects start when the warning fires",
        "lead": "Projects start when the warning leaves just enough time",
        "staged": "Projects are prepared early and committed late",
    }.get(str(rule), "Projects start on the date set")
    if not within(result, start):
        return named if rule == "never" else f"{named}: {best.name} is not started within {horizon(result)}"
    return named if rule == "now" else f"{named}: {date_of(result, start)}"


def plan_starts(result: JudgedWorld, plan: PlanResult) -> str:
    """When the steps of a plan start: "hosted-open starts today and own-120b on 1 March 2027"."""
    first, *rest = (
        (short(step.candidate), "today" if step.start <= 0 else f"on {date_of(result, step.start)}")
        if within(result, step.start)
        else (short(step.candidate), "not within the horizon")
        for step in plan.steps
    )
    return join_names([f"{first[0]} starts {first[1]}", *(f"{name} {when}" for name, when in rest)])


def unit_takeaway(result: JudgedWorld) -> str:
    """When the candidate becomes cheaper to run than the current route."""
    best = lead(result)
    now, end = result.case.usd_per_1000[0], result.case.usd_per_1000[-1]
    if best is None:
        return f"1,000 requests cost {usd(now)} today and {usd(end)} in the end"
    crossover = best.running.crossover
    if not within(result, crossover):
        return f"{best.name} does not become cheaper to run than the current route within {horizon(result)}"
    when = (
        "is cheaper to run from the first day"
        if crossover == 0
        else (f"is cheaper to run from {date_of(result, crossover)}")
    )
    back = best.running.reverts
    return f"{best.name} {when}" + (f", dearer again from {date_of(result, back)}" if within(result, back) else "")


def saving_takeaway(result: JudgedWorld, best: Started, saved: float) -> str:
    """When a candidate or a plan is paid back, and what is saved in the end."""
    end = f"{'saved' if saved >= 0 else 'lost'} {usd(abs(saved))} after {horizon(result)}"
    paid = best.break_even.day
    if isinstance(best, PlanResult):
        name = label_of(best)
        if not within(result, paid):
            return f"{name} is not paid back within {horizon(result)}: it has {end}"
        return f"{name} has paid for itself by {date_of(result, paid)} and {end}"
    if best.project_start == NEVER:
        start = best.starts.advised_start
        return f"Started {'today' if start <= 0 else f'on {date_of(result, start)}'}, {best.name} has {end}"
    if best.project_start > NEVER:
        return f"{best.name} is not started and saves nothing"
    if not within(result, paid):
        return f"{best.name} is not paid back within {horizon(result)}: it has {end}"
    return f"{best.name} has paid for itself by {date_of(result, paid)} and {end}"


def leading(findings: DrawFindings) -> CandidateFindings | None:
    """The candidate a chart is about: the one of the verdict, else that with the cheapest start; None without any."""
    best = findings.verdict.candidate
    if best is not None:
        return findings.candidates[best.name]
    return min(findings.candidates.values(), key=lambda f: float(f.weighed.expected_cost.min()), default=None)


def draws_words(findings: DrawFindings) -> str:
    """How many draws stand behind a chart.

    >>> from types import SimpleNamespace
    >>> draws_words(SimpleNamespace(draws=1000)), draws_words(SimpleNamespace(draws=1))
    ('1,000 draws', '1 draw')
    """
    return f"{findings.draws:,} draw{'s' * (findings.draws != 1)}"


def sentence_case(text: str) -> str:
    """A text with a capital at its beginning.

    >>> sentence_case("the bill reaches its limit")
    'The bill reaches its limit'
    """
    return text[:1].upper() + text[1:]


# Figures of one candidate, started on one day, in words --------------------------------------------------------------

NOTHING = 0.0005
"""A smaller share is told as 0.0 %, so it is not told."""
COLD_AT_MOST = 0.05
"""Of the requests may take longer than a promise for 95 of 100."""


def start_words(result: JudgedWorld, outlook: CandidateResult) -> str:
    """The start that all other figures are of: "1 March 2027, as advised"."""
    if not within(result, outlook.project_start):
        return "not started"
    if outlook.starts.under_way is not None:
        return "under way"
    return f"{date_of(result, outlook.project_start)}, {reason(result, outlook)}"


def reason(result: JudgedWorld, outlook: CandidateResult) -> str:
    """Why it starts on that day."""
    verdict = result.verdict
    named = verdict.candidate is not None and verdict.candidate.name == outlook.name
    if not result.advised and (result.chooses_start or not named):
        return "as you chose"
    if named:
        return "as advised"
    if verdict.bridge is not None and verdict.bridge.name == outlook.name:
        return "as the bridge"
    if verdict.plan is not None and verdict.plan.step_of(outlook.name) is not None:
        return "as the plan starts it"
    return "its own best date" if outlook.starts.start_by.day != NEVER else "were it started today"


def limit_words(result: JudgedWorld, outlook: CandidateResult) -> str:
    """From when until when the bill is below its limit with it: "below its limit from 4 June 2027 until 9 May 2029"."""
    kept, days = outlook.limit_kept, result.case.clock.days
    if not within(result, outlook.cutover):
        return "not live, so the limit is not kept" if within(result, result.case.threat) else "not live"
    if kept.since >= days:
        return "not below its limit"
    until = "to the end" if kept.until >= days else f"until {date_of(result, kept.until)}"
    return f"below its limit from {date_of(result, max(kept.since, 0))} {until}"


def limit_is_kept(result: JudgedWorld, outlook: CandidateResult) -> bool:
    """Whether it is below its limit on all days that there are, from the later of cutover and threat on."""
    return _is_kept(outlook.limit_kept, outlook.cutover, result.case.clock.days)


def plan_keeps_limit(plan: PlanResult) -> bool:
    """The same of a plan, from the cutover of its first step on."""
    return _is_kept(plan.limit_kept, plan.first_cutover, plan.clock.days)


def _is_kept(kept: LimitKept, cutover: int, days: int) -> bool:
    return bool(kept.since <= max(cutover, 0) and kept.since < days <= kept.until)


def share_words(outlook: CandidateResult) -> str:
    """On what part of the days from the threat on the limit is kept; nothing without a threat."""
    share = outlook.limit_kept.share_of_days
    return "" if share is None else f"{chance(share)} of the days from the threat on"


def peak_words(result: JudgedWorld, told: Started) -> str:
    """The most by which a candidate or a plan is behind staying, and when: what follows "at most"."""
    amount, day = told.peak_cash
    return "nothing" if day == NEVER else f"{usd(amount)} on {date_of(result, day)}"


def return_words(told: Started) -> str:
    """The yearly rate of return of a candidate or a plan, or why there is none."""
    rate, why = told.internal_rate
    if rate is None:
        return f"none: {why}"
    return f"{rate_words(rate)} a year"


def payback_words(outlook: CandidateResult) -> str:
    """How long after its start it is paid back; nothing where there is nothing to pay back."""
    if outlook.payback_months is None:
        return "not within the horizon"
    if outlook.payback_months == 0 and round(outlook.one_off, 2) == 0:
        return ""
    return f"after {months(outlook.payback_months)}"


def spent_words(outlook: CandidateResult) -> str:
    """What is spent before it is live; nothing where nothing is."""
    return usd(outlook.one_off) if round(outlook.one_off, 2) else ""


def end_credit_words(outlook: CandidateResult) -> str:
    """What bought GPUs are worth on the last day, less than those of staying where these are worth more; nothing
    without any."""
    credit = outlook.course.end_credit
    if not round(credit, 2):
        return ""
    worth = usd(credit) if credit > 0 else f"{usd(-credit)} less than those of staying"
    return f"{worth}, counted in what it saves"


def fleet_words(outlook: CandidateResult) -> Iterator[str]:
    """What its fleet leaves to the current route, and what is reserved."""
    share = outlook.overflow_share
    if share is not None and share >= NOTHING:
        yield f"{percent(share)} of the requests that it may take go to the current route, because it is full"
    yield from cold_words(outlook)
    carrier = outlook.prospect.carrier
    if not isinstance(carrier, FleetServing) or not (number := carrier.costs.fleet.reserved_replicas):
        return
    term, owed = carrier.costs.fleet.reserved_months, outlook.owed_after_horizon
    kind, hour = ("endpoint", "an hour") if isinstance(carrier.costs.fleet, Endpoints) else ("replica", "a GPU-hour")
    each = f"{number} {kind}{'s' * (number > 1)} reserved for {term:g} months at a time"
    price = usd(num(carrier.costs.fleet.reserved_usd_per_gpu_hour or 0.0))
    left = f"; {usd(owed)} of the last term is owed after the last day" if owed else ""
    yield f"{each}, {price} {hour}, used or not{left}"


def cold_words(outlook: CandidateResult) -> Iterator[str]:
    """How many requests wait for a serverless replica to start, and whether that breaks the latency promise."""
    carrier, share = outlook.prospect.carrier, outlook.cold_start_share
    if share is None or not isinstance(carrier, FleetServing):
        return
    fleet = carrier.costs.fleet
    text = f"{percent(share)} of its requests wait {fleet.startup_s:g} s for a replica to start"
    promised = fleet.ttft_p95_s
    broken = promised is not None and share > COLD_AT_MOST and fleet.startup_s > promised
    yield f"{text}, which breaks the promise of {promised:g} s to the first token" if broken else text
