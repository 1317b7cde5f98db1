"""The alternatives to what is advised, each with its numbers: stay, renegotiate, stage, rent, another candidate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from switchpoint.catalog import CatalogError
from switchpoint.charts.takeaways import limit_is_kept, plan_keeps_limit
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import simulate
from switchpoint.decision.cash import Started
from switchpoint.decision.clauses import price_that_ends_saving, route_called, under_way
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.policies import policy_start
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.started_candidate import Staged
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER, Floats
from switchpoint.review.context import Subject
from switchpoint.review.pages import Table
from switchpoint.scenario.candidates import Fleet, GpuCandidate
from switchpoint.scenario.schema import OF_BOUGHT
from switchpoint.study.draw_results import CandidateFindings, Staging
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days, Money
from switchpoint.text import NONE, chance, percent, usd, usd_range

MOST_OTHERS = 4
"""Other candidates on the page; all of them stand on the page of candidates."""


@dataclass(frozen=True)
class Alternative:
    """One thing that could be done instead, in words."""

    name: str
    start: str
    live: str
    saves: str
    one_off: str
    limit: str = ""


def alternatives(subject: Subject) -> Iterator[Alternative]:
    """What is advised, then what else could be done. Savings are present values against staying."""
    shown, best, plan = subject.shown, subject.best, subject.shown.advised_plan
    if plan is not None:
        yield _plan(subject, plan, "the plan advised")
        best = None
    elif best is not None:
        lead = shown.main_candidate
        assert lead is not None
        yield _candidate(subject, lead, "as chosen" if _is_chosen(subject) else "advised")
    yield _stay(subject)
    if best is not None and subject.base_advises_otherwise and subject.result.advised_plan is not None:
        yield _plan(subject, subject.result.advised_plan, "the plan that the base case advises")
    if best is not None:
        yield from _renegotiate(subject, best)
        yield from _stage(subject, best)
        yield from _rent(subject, best)
    others = [outlook for outlook in shown.case.outlooks if best is None or outlook.name != best.name]
    others.sort(key=lambda outlook: -_middle(subject, outlook))
    yield from (_candidate(subject, outlook, _role(subject, outlook)) for outlook in others[:MOST_OTHERS])


def _plan(subject: Subject, plan: PlanResult, role: str) -> Alternative:
    """A plan: its first start, and the day on which its last step is live."""
    found = None if subject.findings is None else subject.findings.plans.get(plan.name)
    kept = ""
    if subject.result.case.scenario.limited:
        kept = _base(subject, "kept" if plan_keeps_limit(plan) else _share(subject, plan))
    return Alternative(
        f"{plan.name}, {role}",
        _day(subject, plan.project_start),
        _day(subject, plan.cutover if found is None else found.cutover.p50),
        usd(plan.npv_saving) if found is None else _spread(found.came.saving),
        usd(plan.one_off),
        kept,
    )


def _is_chosen(subject: Subject) -> bool:
    return subject.findings is None and subject.result.chooses_start


def _role(subject: Subject, outlook: CandidateResult) -> str:
    verdict = subject.verdict
    if verdict.bridge is not None and verdict.bridge.name == outlook.name:
        return "as a bridge"
    plan = subject.shown.advised_plan
    return "" if plan is None or plan.step_of(outlook.name) is None else "alone, as the plan starts it"


def _middle(subject: Subject, outlook: CandidateResult) -> float:
    found = _findings_of(subject, outlook)
    return outlook.npv_saving if found is None else found.saving(ADVISED).p50


def _findings_of(subject: Subject, outlook: CandidateResult) -> CandidateFindings | None:
    return None if subject.findings is None else subject.findings.candidates[outlook.name]


def _candidate(subject: Subject, outlook: CandidateResult, role: str) -> Alternative:
    """A candidate with the start that the review names."""
    found, name = _findings_of(subject, outlook), subject.name(outlook)
    start, live = outlook.project_start, outlook.cutover
    saves = usd(outlook.npv_saving)
    if found is not None:
        live, saves = found.cutover(ADVISED).p50, _spread(found.followed_starts.saving[:, ADVISED])
    return Alternative(
        f"{name}, {role}" if role else name,
        "under way" if under_way(outlook) else _day(subject, start),
        _day(subject, live),
        saves if outlook.possible else f"{saves}, not possible",
        usd(outlook.one_off),
        _limit(subject, outlook),
    )


def _day(subject: Subject, number: int) -> str:
    if subject.date(number) is None:
        return NONE
    return "today" if number <= 0 else subject.day(number)


def _limit(subject: Subject, outlook: CandidateResult) -> str:
    if not subject.result.case.scenario.limited:
        return ""
    found = _findings_of(subject, outlook)
    if found is not None:
        return f"kept in {chance(float(found.followed_starts.remedy[:, ADVISED].mean()))} of draws"
    return "kept" if limit_is_kept(subject.shown, outlook) else _share(subject, outlook)


def _share(subject: Subject, told: Started) -> str:
    """On how many of the days from the threat on it is kept; without a threat, from when until when, if at all.

    What is never live leaves all to the current route, which keeps the limit where there is no threat.
    """
    share, since, until = told.limit_kept.share_of_days, told.limit_kept.since, told.limit_kept.until
    if share is not None:
        return f"kept on {chance(share)} of the days from {subject.day(subject.result.case.threat)} on"
    if subject.date(told.cutover) is None:
        return "kept"
    ends = "" if subject.date(until) is None else f" until {subject.day(until)}"
    return "not kept" if subject.date(since) is None else f"kept from {subject.day(max(since, 0))}{ends}"


def _stay(subject: Subject) -> Alternative:
    case = subject.result.case
    limit = ""
    if case.scenario.limited:
        threat = case.threat if subject.findings is None else subject.findings.threat.p50
        limit = "kept" if subject.date(threat) is None else f"reached {subject.on(threat)}"
    return Alternative("Stay as it is", NONE, NONE, "$0", "$0", limit)


def _renegotiate(subject: Subject, best: CandidateResult) -> Iterator[Alternative]:
    """The cut of the current route's prices from which staying is as cheap; in the base case."""
    factor = price_that_ends_saving(best)
    if factor is None or not 0 < factor < 1:
        return
    route = route_called(subject.result.case.scenario)
    name = f"Renegotiate {route}: {percent(1 - factor)} cheaper costs as little"
    yield Alternative(name, NONE, NONE, _base(subject, usd(best.saving(best.starts.advised_start))), "$0", "")


def _base(subject: Subject, text: str) -> str:
    return text if subject.findings is None else f"{text} (base case)"


def _stage(subject: Subject, best: CandidateResult) -> Iterator[Alternative]:
    """Prepare early, commit when the warning says so."""
    found = _findings_of(subject, best)
    name = "Stage: prepare early, commit on the warning"
    if found is not None:
        if found.staging is not None:
            yield _staged_over_draws(subject, name, found, found.staging)
        return
    case = subject.result.case
    if not case.scenario.limited or under_way(best):
        return
    decision = case.scenario.decision.model_copy(update={"policy": "staged"})
    start = policy_start(decision, lambda: case.forecast, best.prospect)
    if not isinstance(start, Staged):
        return
    staged = best.started_on(start)
    yield Alternative(
        name,
        "never commits" if start.commit == NEVER else f"commits {subject.on(start.commit)}",
        _day(subject, staged.cutover),
        usd(staged.npv_saving),
        usd(staged.one_off),
        "kept" if limit_is_kept(subject.shown, staged) else _share(subject, staged),
    )


def _staged_over_draws(subject: Subject, name: str, found: CandidateFindings, staging: Staging) -> Alternative:
    played = found.policies["staged"]
    lost = f" ({usd(staging.preparation)} lost without one)" if round(staging.preparation) else ""
    in_time = "" if staging.in_time is None else f"in time in {chance(staging.in_time)} of draws"
    live = _day(subject, Days.of(played.cutover).p50)
    return Alternative(
        name + lost, f"in {chance(staging.commits)} of draws", live, _spread(played.saving), NONE, in_time
    )


def _spread(usd_each: Floats) -> str:
    """The middle draw, and the middle 80 %."""
    money = Money.of(usd_each)
    return f"{usd(money.p50)} ({usd_range(money.p10, money.p90)})"


def _rent(subject: Subject, best: CandidateResult) -> Iterator[Alternative]:
    """The same GPUs rented instead of bought, where no candidate rents any and a rent is known; in the base case."""
    specs = [outlook.prospect.spec for outlook in subject.result.case.outlooks]
    fleets = [spec.fleet for spec in specs if isinstance(spec, GpuCandidate)]
    bought, spec = [fleet for fleet in fleets if fleet.purchase_usd_per_gpu is not None], best.prospect.spec
    if len(bought) < len(fleets) or not isinstance(spec, GpuCandidate) or spec.fleet not in bought:
        return
    rented = _rent_instead(subject, best.name, spec)
    if rented is None:
        return
    yield Alternative(
        "Rent the same GPUs",
        _day(subject, rented.project_start),
        _day(subject, rented.cutover),
        _base(subject, usd(rented.npv_saving)),
        usd(rented.one_off),
        "" if not subject.result.case.scenario.limited else _share(subject, rented),
    )


def _rent_instead(subject: Subject, name: str, spec: GpuCandidate) -> CandidateResult | None:
    """The candidate with rented GPUs, started by its own date; None where no rent is known."""
    scenario = subject.result.case.scenario
    plain = {key: Fleet.model_fields[key].default for key in OF_BOUGHT}
    fleet = spec.fleet.model_copy(update={**plain, "purchase_usd_per_gpu": None})
    candidates = {name: spec.model_copy(update={"fleet": fleet})}
    try:
        result = JudgedWorld(simulate(scenario.model_copy(update={"candidates": candidates})))
        return result.as_advised.case.outlook(name)
    except (CatalogError, CannotCompute):
        return None


def alternatives_table(subject: Subject) -> Table:
    """The alternatives as a table; the last column only where there is a limit."""
    limited = subject.result.case.scenario.limited
    saves = "Saves (PV)" if subject.findings is None else "Saves (PV), middle draw (80 % of draws)"
    one_off = "One-off" if subject.findings is None else "One-off, base case"
    head = ("Alternative", "Starts", "Live", saves, one_off, "Limit")
    rows = tuple((a.name, a.start, a.live, a.saves, a.one_off, a.limit or NONE) for a in alternatives(subject))
    widths = (3.0, 1.65, 1.65, 1.8 if subject.findings is None else 2.3, 1.1, 1.9)
    if limited:
        return Table(head, rows, widths, frozenset({4}))
    return Table(head[:-1], tuple(row[:-1] for row in rows), widths[:-1], frozenset({4}))
