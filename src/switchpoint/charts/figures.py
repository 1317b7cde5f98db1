"""Figures of one candidate, started on one day, in words: the start itself, the limit, cash, return, payback."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.charts.takeaways import date_of, within
from switchpoint.decision.candidate_result import CandidateResult, LimitKept
from switchpoint.decision.cash import Started
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.endpoints import Endpoints
from switchpoint.simulation.fleet import FleetServing
from switchpoint.text import chance, months, percent, usd

NOTHING = 0.0005
"""A smaller share is told as 0.0 %, so it is not told."""
COLD_AT_MOST = 0.05
"""Of the requests may take longer than a promise for 95 of 100."""
BEYOND = 10.0
"""Yearly returns above this are told as such."""


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
    return kept.since <= max(cutover, 0) and kept.since < days <= kept.until


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


def rate_words(rate: float) -> str:
    """A yearly rate of return; one beyond all sense is told as that."""
    return f"over {percent(BEYOND)}" if rate > BEYOND else percent(rate)


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
