"""Takeaways from the numbers."""

from __future__ import annotations

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.cash import Started
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.plan_sentence import plan_named
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.text import day, join_names, months, usd

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
