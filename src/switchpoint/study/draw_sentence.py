"""Verdict on draws in words; as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from switchpoint.decision.clauses import (
    UNANSWERED,
    change,
    gates_clause,
    of_base_case,
    outgrown,
    plan_called,
    preparing,
    starts_of,
    tie,
    under_way,
)
from switchpoint.decision.notes import CHANCE
from switchpoint.decision.result import chosen_words
from switchpoint.decision.sentence import more_usage
from switchpoint.decision.verdict import Action
from switchpoint.files import Json
from switchpoint.horizon import MONTH_DAYS, NEVER, Horizon
from switchpoint.scenario.schema import WATCHING
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.usage import wander_lift
from switchpoint.study.draw_results import CandidateFindings, DrawFindings, PolicyOverDraws
from switchpoint.study.draw_survey import ADVISED, POLICY
from switchpoint.study.draws import Days, Money, probability
from switchpoint.study.plan_draws import PlanFindings, plan_advice, plan_spreads
from switchpoint.text import chance, day, months, usd, usd_range, weeks

CENT = 0.005
"""Dollars below which nothing is bought."""
TOLD_LIFT = 1.1
"""Expected usage on the last day over the curve's from which it is told."""


def sentence(findings: DrawFindings) -> str:
    """One sentence: what to do, by when, why, how sure that is, and what would change it."""
    verdict = findings.verdict
    if verdict.candidate is None or verdict.action is Action.NO_REMEDY:
        return _no_remedy(findings) if verdict.action is Action.NO_REMEDY else _stay(findings)
    if verdict.plan is not None:
        return _plan(findings, verdict.plan.name)
    opening = {Action.START_BY: _start_by, Action.START_NOW: _start_now, Action.LATE: _late}[verdict.action]
    best = findings.candidates[verdict.candidate.name]
    money = f"{best.name} {saves(best.saving(ADVISED), best.saves(ADVISED)[0])}"
    horizon = months(round(findings.clock.days / MONTH_DAYS))
    tied = tie(verdict, verdict.candidate)
    told = f"{money} in present value over {horizon}{tied}"
    said = (opening(findings, best), told, _keeping_clause(findings, best), _gates(findings), _change(best))
    return f"{'; '.join(filter(None, said))}."


def _plan(findings: DrawFindings, name: str) -> str:
    """The sentence where a plan is advised."""
    verdict, alone = findings.verdict, findings.verdict.alone
    behind = "" if alone is None else _weeks_late(findings.candidates[alone.name])
    bill = bill_clause(findings) if findings.limited else ""
    said = plan_advice(findings.plans[name], verdict.action, bill, behind, lambda number: _day(findings, number))
    if alone is None:
        return f"{said}."
    found = findings.candidates[alone.name]
    return f"{said}; {alone.name} alone {saves(found.saving(ADVISED), found.saves(ADVISED)[0])}."


def _gates(findings: DrawFindings) -> str:
    """The gates of the programme for the start that the draws advise; nothing where none is stated."""
    return gates_clause(findings.base.gates_of(findings.verdict), lambda number: _day(findings, number))


def _keeping_clause(findings: DrawFindings, best: CandidateFindings) -> str:
    """How surely it keeps the limit, where it is started for its money, whether it keeps it or not."""
    if findings.verdict.remedy is not False:
        return ""
    share = chance(float(best.followed_starts.remedy[:, ADVISED].mean()))
    if findings.base.case.scenario.usd_per_month_above:
        return f"it keeps the bill below its limit in {share} of the draws"
    return f"no candidate keeps the bill below its limit in most draws, {best.name} does in {share}"


def _change(best: CandidateFindings) -> str:
    """What would change it in the base case, where that agrees with the mean of the draws on whether it saves."""
    outlook = best.weighed.outlook
    agree = outlook.starts.saves(outlook.starts.advised_start) is bool(best.saving(ADVISED).mean > 0)
    return of_base_case(change(outlook)) if agree else ""


def beside(findings: DrawFindings) -> Iterator[str]:
    """What else has to stand beside the sentence: the policy that was chosen, the base case where it differs, and how
    far real growth lifts what is expected."""
    yield from filter(None, (beside_the_choice(findings), beside_the_base_case(findings), beside_the_curve(findings)))


def beside_the_choice(findings: DrawFindings) -> str:
    """What a policy that the scenario states comes to over the draws; nothing where it starts as advised."""
    lead = findings.verdict.candidate or findings.base.main_candidate
    if lead is None or "policy" not in findings.base.case.scenario.decision.model_fields_set:
        return ""
    found = findings.candidates[lead.name]
    start, cutover = found.followed_starts.start, found.followed_starts.cutover[:, POLICY]
    if under_way(lead) or (start[:, POLICY] == start[:, ADVISED]).all():
        return ""
    money, share = saves(found.saving(POLICY), found.saves(POLICY)[0]), found.in_time_share(cutover)
    sure = "" if share is None else f", and is in time, or there is no threat, in {chance(share)}"
    others = "Other figures over draws are of the advised start; tables and pictures of the base case follow the choice"
    return f"{chosen_words(found.policy)}: {found.name} then {money}{sure}. {others}."


def beside_the_base_case(findings: DrawFindings) -> str:
    """What the base case says, and why the draws say otherwise; nothing where both say the same."""
    base, drawn = findings.base.verdict, findings.verdict
    names = [each.candidate.name if each.candidate else None for each in (base, drawn)]
    plans = [each.plan.name if each.plan else None for each in (base, drawn)]
    if names[0] == names[1] and plans[0] == plans[1] and (base.action, base.start_by) == (drawn.action, drawn.start_by):
        return ""
    what = {Action.STAY: "stay", Action.NO_REMEDY: "no remedy"}.get(base.action, "")
    if base.plan is not None:
        starts = starts_of(base.plan.steps, lambda number: "today" if number <= 0 else _day(findings, number))
        late = "late with one candidate alone, " if base.action is Action.LATE else ""
        what = f"{late}start {starts}, {plan_called(base.plan)}"
    elif names[0] is not None:
        late = "late, " if base.action is Action.LATE else ""
        what = f"{late}start {names[0]} {'now' if base.start_by <= 0 else f'by {_day(findings, base.start_by)}'}"
    why = "the draws count every world: what holds on average is not what holds in the middle of every range"
    if drawn.binds == "limit":
        why = "a start by the draws must be in time in 80 % of them, not in the middle one alone"
    return f"The base case says: {what}; {why}."


def beside_the_curve(findings: DrawFindings) -> str:
    """How far expected usage lies above the curve where growth changes, and what does not follow it; nothing where that
    is little."""
    scenario = findings.base.case.scenario
    lift = wander_lift(scenario.usage, findings.clock)
    if lift <= TOLD_LIFT:
        return ""
    why = "real growth wanders and jumps, up more than down, so that averages lie above middle values"
    told = f"Expected usage on the last day is {lift:.1f} times that of the curve: {why}"
    limit, revenue = scenario.limit, scenario.revenue
    if limit is None or limit.share_of_revenue is None or not num(revenue.usd_per_month):
        return f"{told}."
    return f"{told}; revenue that is stated by the month does not follow it, nor does the limit that is a share of it."


def before_the_best(finding: CandidateFindings) -> str:
    """Why a candidate is to be started before the day that costs least on average; nothing where it is not."""
    best, due = finding.weighed.best, finding.weighed.start_by
    if due.binds != "limit" or not due.day < best < NEVER:
        return ""
    return f"The start-by date of {finding.name} comes before its best start, to be in time in 80 % of the draws"


def bill_clause(findings: DrawFindings) -> str:
    """What becomes of the bill, with its range."""
    threat = findings.threat
    horizon = months(findings.base.case.scenario.months)
    if findings.is_outgrown_first:
        return _outgrown_clause(findings, threat)
    if threat.p50 == NEVER:
        if threat.probability == 0:
            return f"the limit is not reached within {horizon} in any draw"
        only = "only " if threat.probability >= 0.01 else ""
        return f"the limit is reached within {horizon} in {only}{chance(threat.probability)} of the draws"
    if threat.p90 == 0:
        return "the bill is over its limit already"
    return f"the bill reaches its limit around {_day(findings, threat.p50)}{between(findings, threat)}"


def _outgrown_clause(findings: DrawFindings, threat: Days) -> str:
    """When the current route cannot carry its load any more, with the range of that."""
    why = findings.base.case.setting.beside_tokens.why_outgrown or "its load outgrows it"
    if threat.p50 == NEVER:
        return f"the current route is outgrown in {chance(threat.probability)} of the draws"
    if threat.p90 == 0:
        return outgrown("already", why)
    return outgrown(f"from around {_day(findings, threat.p50)} on{between(findings, threat)}", why)


def between(findings: DrawFindings, spread: Days) -> str:
    """The middle 80 % of a date in brackets, where it has any width."""
    if spread.p10 == spread.p90:
        return ""
    first = _day(findings, spread.p10)
    if spread.p90 == NEVER:
        rest = f"not within the horizon in {chance(1 - spread.probability)} of the draws"
        return f" ({first} or later in 90 % of the draws, {rest})"
    return f" ({first} to {_day(findings, spread.p90)} in 80 % of the draws)"


def saves(money: Money, share: float) -> str:
    """What a start saves on average and in the middle draw, in which range, and how surely it saves anything."""
    word = "saves" if money.mean >= 0 else "costs more than staying:"
    text = f"{word} {usd(abs(money.mean))} on average"
    if money.p10 == money.p90:
        return text
    if usd(money.p10) == usd(money.p90) == usd(money.mean):
        return f"{text} (as much in 80 % of the draws, above zero in {chance(share)})"
    half = f", in half of the draws more than {usd(money.p50)}" if money.mean >= 0 else ""
    return f"{text}{half} ({usd_range(money.p10, money.p90)} in 80 % of the draws, above zero in {chance(share)})"


def _start_by(findings: DrawFindings, best: CandidateFindings) -> str:
    verdict = findings.verdict
    text = f"Start {best.name} by {_day(findings, verdict.start_by)}"
    if not findings.limited:
        return f"{text}: waiting longer costs money{_outgrown_too(findings)}"
    if findings.median_threat == NEVER:
        return f"{text}: {bill_clause(findings)}, but waiting longer costs money"
    sure, bill = chance(best.in_time[0]), bill_clause(findings)
    if verdict.binds == "money":
        return f"{text}: waiting longer costs money; {bill}, and it is live before that in {sure} of the draws"
    steps = "" if _gates(findings) else preparing(verdict, lambda number: _day(findings, number))
    return f"{text}{steps} to be live in time in {sure} of the draws: {bill}"


def _outgrown_too(findings: DrawFindings) -> str:
    """That the current route is outgrown, where there is no limit; else nothing."""
    return f", and {bill_clause(findings)}" if findings.tells_threat else ""


def _start_now(findings: DrawFindings, best: CandidateFindings) -> str:
    text = f"Go on with {best.name}" if under_way(best.weighed.outlook) else f"Start {best.name} now"
    if not findings.limited:
        why = "it saves" if under_way(best.weighed.outlook) else "waiting costs money"
        return f"{text}: {why}{_outgrown_too(findings)}"
    if findings.median_threat == NEVER:
        return f"{text}: {bill_clause(findings)}, but waiting costs money"
    return f"{text}: {bill_clause(findings)}, and {_today(findings, best)}"


def _late(findings: DrawFindings, best: CandidateFindings) -> str:
    behind = _weeks_late(best)
    text = f"You are about {behind} late: {bill_clause(findings)}, and {_today(findings, best)}; "
    text += "go on all the same" if under_way(best.weighed.outlook) else "start now"
    bridge = findings.verdict.bridge
    if bridge is None:
        return text
    found = findings.candidates[bridge.name]
    sure = probability(found.weighed.seen.cutover[:, 0] <= findings.survey.threat)[0]
    return f"{text}, and bridge with {bridge.name}, in time in {chance(sure)} of the draws if started today"


def _today(findings: DrawFindings, best: CandidateFindings) -> str:
    """When the candidate is live if started today, and how likely that is in time."""
    cutover = best.weighed.seen.cutover[:, 0]
    live, sure = Days.of(cutover), probability(cutover <= findings.survey.threat)[0]
    started = "" if under_way(best.weighed.outlook) else ", started today,"
    when = f"is live around {_day(findings, live.p50)}" if live.p50 < findings.clock.days else "is seldom live"
    return f"{best.name}{started} {when}, in time in {chance(sure)} of the draws"


def _weeks_late(best: CandidateFindings) -> str:
    return weeks(best.late_quantiles[1])


def _stay(findings: DrawFindings) -> str:
    reached = f"{bill_clause(findings)}, and " if findings.tells_threat else ""
    if not findings.candidates:
        return f"Stay: {reached}there is no candidate to compare."
    text = f"Stay on the current route: {reached}no candidate saves on average"
    usage = of_base_case(more_usage(findings.base.flip)) if findings.base.verdict.action is Action.STAY else ""
    unanswered = UNANSWERED if findings.is_outgrown_first and findings.threat.probability else ""
    return f"{'; '.join(filter(None, [text, unanswered, usage, _gates(findings)]))}."


def _no_remedy(findings: DrawFindings) -> str:
    best = findings.verdict.candidate
    text = f"No remedy: {bill_clause(findings)}, and no candidate keeps it below in most draws"
    if findings.verdict.too_short:
        text += " within the horizon, which is too short to judge"
    if best is None:
        return f"{text} or saves on average; a cheaper route or a higher limit would change that."
    found = findings.candidates[best.name]
    money = saves(found.saving(ADVISED), found.saves(ADVISED)[0])
    return f"{text}; {best.name} {money} all the same; more coverage or a higher limit would change that."


def _day(findings: DrawFindings, number: int) -> str:
    return "today" if number == 0 else day(findings.clock.date_of(number))


NOT_PLAYED = dict.fromkeys(WATCHING)
"""The policies that there may be nothing to say of: they watch a limit, and a project under way is not staged."""


def as_json(findings: DrawFindings, *, notes: bool = True) -> Json:
    """The result of the base case, with the verdict, dates and candidates of many draws.

    `dates` and `candidates` are there only with draws. Dates are `datetime.date`; a quantile that is not reached
    within the horizon is None. Money is present value in dollars; `error` is a standard error.
    """
    whole = findings.base.as_json(notes=notes)
    told = {
        **whole,
        "seed": findings.worlds.seed,
        "draws": findings.draws,
        "verdict": _verdict(findings, gates=notes),
        "dates": _dates(findings),
        "candidates": {name: _candidate(found) for name, found in findings.candidates.items()},
        "plans": {name: plan_spreads(found, findings.clock, spread) for name, found in findings.plans.items()},
    }
    told["notes"] = [note for note in told["notes"] if note["code"] != CHANCE]
    told["monthly"] = told.pop("monthly")
    return told


def _dates(findings: DrawFindings) -> Json:
    """When the threat comes and the monitor warns; None without a limit, but of a route that is outgrown."""
    named = ("threat", "warning")
    told = {"threat": findings.tells_threat, "warning": findings.limited}
    return {name: spread(getattr(findings, name), findings.clock) if told[name] else None for name in named}


def _verdict(findings: DrawFindings, *, gates: bool) -> Json:
    best = findings.verdict.candidate
    if best is None:
        return findings.base.verdict_json(findings.verdict, sentence(findings), NEVER, None, gates=gates)
    if (plan := findings.verdict.plan) is not None:
        return _plan_verdict(findings, findings.plans[plan.name], gates=gates)
    found = findings.candidates[best.name]
    live, saving = found.cutover(ADVISED).p50, found.saving(ADVISED).mean
    return {
        **findings.base.verdict_json(findings.verdict, sentence(findings), live, saving, gates=gates),
        "npv_saving_usd_median": found.saving(ADVISED).p50,
        "start_by_range": [findings.base.date(day) for day in findings.start_by_range or (NEVER, NEVER)],
        "probability_in_time": found.in_time[0] if findings.limited else None,
        "probability_saves": found.saves(ADVISED)[0],
        "levers": {"start": findings.levers.start, "each": [asdict(lever) for lever in findings.levers.each]},
    }


def _plan_verdict(findings: DrawFindings, found: PlanFindings, *, gates: bool) -> Json:
    """The verdict where a plan is advised."""
    live, saving = found.cutover.p50, found.saving.mean
    said = findings.base.verdict_json(findings.verdict, sentence(findings), live, saving, gates=gates)
    return {
        **said,
        "npv_saving_usd_median": found.saving.p50,
        "start_by_range": [None, None],
        "probability_in_time": found.in_time if findings.limited else None,
        "probability_saves": found.saves[0],
        "levers": {"start": findings.levers.start, "each": [asdict(lever) for lever in findings.levers.each]},
    }


def _candidate(found: CandidateFindings) -> Json:
    clock, weighed = found.weighed.outlook.clock, found.weighed
    saving, error = found.saving_by_start
    chance = weighed.chance_in_time().tolist() if found.limited else [None] * len(weighed.searched_starts)
    return {
        "start_by": spread(found.start_by, clock),
        "crossover": spread(found.crossover, clock),
        **_course(found, POLICY, clock),
        "best_start": _date(weighed.best, clock),
        "in_time": found.in_time_share(found.followed_starts.cutover[:, ADVISED]),
        "regret_usd": {**NOT_PLAYED, **found.regret},
        "staged": _staging_json(found),
        "policies": {**NOT_PLAYED, **{name: _policy(found, played) for name, played in found.policies.items()}},
        "waiting_usd": {f"{months}_months": asdict(money) for months, money in found.waiting.items()},
        "days_late": _late_json(found) if found.limited else None,
        "advised": {
            "start": _date(weighed.judged_start, clock),
            "binds": weighed.start_by.binds,
            "probability_in_time": found.in_time[0] if found.limited else None,
            **_course(found, ADVISED, clock),
        },
        "by_start": [
            {
                "start": clock.date_of(day),
                "npv_saving_usd": float(saving[i]),
                "error": float(error[i]),
                "probability_in_time": chance[i],
            }
            for i, day in enumerate(weighed.searched_starts)
        ],
    }


def _staging_json(found: CandidateFindings) -> Json | None:
    """Preparing early and committing late; None for a project under way, and without a limit."""
    staging = found.staging
    return (
        None
        if staging is None
        else {
            "saving_usd": staging.saving,
            "in_time": staging.in_time,
            "probability_commits": staging.commits,
            "preparation_usd": staging.preparation,
        }
    )


def _policy(found: CandidateFindings, played: PolicyOverDraws) -> Json:
    """What one policy saves, and how often it is in time."""
    saving = asdict(Money.of(played.saving))
    return {
        "saving_usd": {name: saving[name] for name in ("mean", "p10", "p50", "p90")},
        "in_time": found.in_time_share(played.cutover),
        "probability_saves": probability(played.saving > 0)[0],
    }


def _course(found: CandidateFindings, column: int, clock: Horizon) -> Json:
    share, error = found.saves(column)
    return {
        "cutover": spread(found.cutover(column), clock),
        "break_even": spread(found.break_even(column), clock),
        "npv_saving_usd": asdict(found.saving(column)),
        "probability_saves": share,
        "probability_saves_error": error,
    }


def _late_json(found: CandidateFindings) -> Json:
    """By how many days a start today is live after the threat, of all draws; 0 where it is in time."""
    p10, p50, p90 = (int(each) for each in found.late_quantiles)
    return {"p10": p10, "p50": p50, "p90": p90, "probability": float((found.late > 0).mean())}


def spread(days: Days, clock: Horizon) -> dict[str, Any]:
    """A date over all draws as JSON."""
    dated = {name: _date(getattr(days, name), clock) for name in ("p10", "p50", "p90")}
    return {**dated, "probability": days.probability, "error": days.error}


def _date(day: int, clock: Horizon) -> Any:
    return clock.date_or_none(day)


LEVERS_START = "each plan started when that costs least"
"""At which starts levers are compared."""


def lever_rows(findings: DrawFindings) -> list[tuple[str, str]]:
    """What each lever is, and what it buys the advised candidate; none that changes neither dollars nor days."""
    rows = []
    for lever in findings.levers.each:
        if abs(lever.usd) < CENT and lever.usd_error < CENT and round(lever.days) < 1:
            continue
        word = "buys" if lever.usd >= 0 else "costs"
        sooner = f"{weeks(round(lever.days))} sooner" if round(lever.days) >= 1 else "no sooner"
        rows.append((f"{lever.text}:", f"{word} {usd(abs(lever.usd))} (+/- {usd(2 * lever.usd_error)}), live {sooner}"))
    return rows
