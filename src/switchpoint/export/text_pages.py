"""Result and draws as plain text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

from switchpoint.decision.clauses import as_good_span, distinct_plans
from switchpoint.decision.notes import CHANCE
from switchpoint.decision.result import JudgedWorld, dated_sources
from switchpoint.decision.verdict import BRIDGE
from switchpoint.export.plain_tables import align_columns, table
from switchpoint.horizon import NEVER
from switchpoint.review.context import columns, date_or_never, remarks
from switchpoint.review.money_and_plan_pages import draws_rows, plan_rows
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_sentence import LEVERS_START, beside, lever_rows, sentence
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days, Money
from switchpoint.text import NONE, chance, count, day, join_names, months, percent, usd

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], highest: float) -> str:
    """One bar per value, from 0 to `highest`.

    >>> sparkline([0, 5, 10], 10)
    '▁▅█'
    """
    top = len(BARS) - 1
    return "".join(BARS[round(min(max(value / highest, 0.0), 1.0) * top)] for value in values)


def page(result: JudgedWorld, world: str = "Base case, middle values of all ranges") -> str:
    """The result as a page of plain text; `world` says which world it is of."""
    above, below = split_notes(result)
    parts = [result.case.scenario.heading, above, result.sentence, _dates(result), _bill(result)]
    if result.case.outlooks:
        parts.append(
            "\n".join(
                filter(
                    None, [_candidates(result.shown), "" if result.chooses_start else result.cost_of_waiting_sentence]
                )
            )
        )
    parts += [_plans(result), *remarks(result.shown)]
    parts.append(below)
    return "\n\n".join([*filter(None, parts), _months(result.shown), _footer(result, world)]) + "\n"


def split_notes(result: JudgedWorld, needless: str = "") -> tuple[str, str]:
    """The notes that could turn the answer, and the others, one a line; without those of a needless code."""
    notes = [note for note in result.notes if note.code != needless]
    above, below = ([str(note) for note in notes if note.turns is turns] for turns in (True, False))
    return "\n".join(above), "\n".join(below)


def _dates(result: JudgedWorld) -> str:
    verdict, rows = result.verdict, list(_of_the_limit(result))
    if verdict.candidate is not None:
        rows.append(("Start by", f"{date_or_never(result, verdict.start_by)}{_because(verdict.binds)}"))
        rows += _steps(result)
    return align_columns(rows) if rows else ""


def _of_the_limit(result: JudgedWorld) -> Iterator[tuple[str, str]]:
    """When the limit is reached or the current route outgrown, and who would have warned when of a limit."""
    case, window = result.case, result.verdict.window
    if not case.tells_threat:
        return
    until = f", until {date_or_never(result, case.threat_ends)}" if case.threat_ends < case.clock.days else ""
    yield case.threat_called, f"{date_or_never(result, case.threat)}{until}"
    if window is not None:
        opens, closes = (day(case.clock.date_of(number)) for number in window)
        yield "Warning window", f"{opens} to {closes}"
    if case.scenario.limited:
        yield "Monitor would warn", date_or_never(result, case.warning)


def _steps(result: JudgedWorld) -> Iterator[tuple[str, str]]:
    """The span of starts that are as good, and when the steps of the project started by then begin."""
    verdict = result.verdict
    if span := as_good_span(verdict, partial(date_or_never, result)):
        yield "As good", span
    latest = " at the latest, to be in time for the limit" if verdict.binds == "limit" else ""
    for label, number in (("Label from", verdict.label_by), ("Hire from", verdict.hire_by)):
        if number != NEVER:
            yield label, f"{date_or_never(result, number)}{latest}"
    if verdict.commit_by not in (NEVER, verdict.start_by):
        yield "Commit by", f"{date_or_never(result, verdict.commit_by)}, the first training"
    more = verdict.in_time_costs
    if more is not None and more >= 1:
        yield "In time costs", f"{usd(more)} more than the start that costs least"


def _because(binds: str | None) -> str:
    return {"limit": ", set by the limit", "money": ", set by what waiting costs"}.get(binds or "", "")


def _bill(result: JudgedWorld) -> str:
    case = result.case
    start, end = case.usd_per_1000[0], case.usd_per_1000[-1]
    rows = [("Bill a month", f"{usd(case.bill[0])} at the start, {usd(case.bill[-1])} at the end if nothing changes")]
    if start == start and math.isclose(start, end, rel_tol=1e-6):
        rows.append(("Per 1,000 requests", usd(start)))
    elif start == start and end == end:
        rows.append(("Per 1,000 requests", f"{usd(start)} at the start, {usd(end)} at the end"))
    return align_columns(rows)


def _candidates(result: JudgedWorld) -> str:
    policy = result.case.scenario.decision.policy
    title = f"Candidates, each with the start it is given: {_start_rules(result)}"
    if not result.advised:
        title = f"Candidates under the policy {policy!s}, as chosen"
    shown = columns(result)
    rows = [[name for name, _ in shown]]
    rows += [[value(result, outlook) for _, value in shown] for outlook in result.case.outlooks]
    return f"{title}\n{table(rows)}"


def _start_rules(result: JudgedWorld) -> str:
    """Which starts the candidates are given: those there are of the ones that a verdict names, then their own."""
    verdict = result.verdict
    steps: set[str] = set() if verdict.plan is None else {step.candidate for step in verdict.plan.steps}
    today = {each.name for each in (verdict.bridge, verdict.saves_only) if each is not None} - steps
    said = ["steps of the plan as it starts them" if steps else "as advised"] if verdict.candidate else []
    said += ["the bridge today" if verdict.bridge else f"{join_names(sorted(today))} today"] if today else []
    given = steps | today | ({verdict.candidate.name} if verdict.candidate else set())
    rest = [outlook for outlook in result.case.outlooks if outlook.name not in given]
    if rest:
        whose = "others by" if said else "by"
        none = any(outlook.starts.start_by.day == NEVER for outlook in rest)
        said.append(f"{whose} their own best date{', today where they have none' if none else ''}")
    return ", ".join(said)


def _plans(result: JudgedWorld) -> str:
    """The plans beside the candidates; nothing without any."""
    plans = distinct_plans(result.case.plans)
    if not plans:
        return ""
    made = any(plan.name == BRIDGE for plan in plans)
    told = f"; {BRIDGE} is made here: the bridge today, then the best one on its best day" if made else ""
    return f"Plans, one candidate after the other or side by side{told}\n{table(plan_rows(result.shown))}"


def _months(result: JudgedWorld) -> str:
    """Sparklines of the calendar months' cost, on one scale."""
    clock, case = result.case.clock, result.case
    plans = distinct_plans(case.plans)
    paths = [(o.name, o.cost_per_day) for o in case.outlooks] + [(p.name, p.cost_per_day) for p in plans]
    lines = [(name, clock.by_month(daily)) for name, daily in [("stay", case.stay), *paths]]
    highest = max(max(map(float, values)) for _, values in lines) or 1.0
    rows = [(name, f"{sparkline(list(map(float, values)), highest)}  {usd(values[-1])}") for name, values in lines]
    first, last = clock.months[0], clock.months[-1]
    return f"Cost by month, {first:%B %Y} to {last:%B %Y} (last month on the right)\n{align_columns(rows)}"


def _footer(result: JudgedWorld, world: str) -> str:
    scenario = result.case.scenario
    rate = percent(scenario.decision.discount_rate_per_year)
    usage = f"{count(result.case.level)} requests a day"
    return f"{world}: {usage} at the start, present values at {rate} a year.{dated_sources(result)}"


POLICIES = {
    "now": "now",
    "warn": "at the warning",
    "lead": "as early as it is long",
    "staged": "prepared, then committed",
    "best": "best start",
    "never": "never",
}
"""Names of the policies in tables; a date has its own."""


def draws_page(findings: DrawFindings) -> str:
    """Findings as a page of plain text."""
    above, below = split_notes(findings.base, CHANCE)
    parts = [findings.base.case.scenario.heading, above, sentence(findings), *beside(findings), _draw_dates(findings)]
    if findings.candidates:
        parts += [_draw_candidates(findings), _draw_plans(findings), _policies(findings), _waiting(findings)]
        parts += _levers(findings)
    parts += [f"In the base case:\n{lines}" for lines in remarks(findings.base.shown)]
    parts.append(below)
    return "\n\n".join([*filter(None, parts), _draw_footer(findings)]) + "\n"


def _draw_dates(findings: DrawFindings) -> str:
    rows = [["", "10 %", "middle", "90 %", "within the horizon"]]
    if findings.tells_threat:
        rows.append([findings.threat_called.lower(), *_quantiles(findings, findings.threat)])
    if findings.limited:
        rows.append(["monitor would warn", *_quantiles(findings, findings.warning)])
    for found in findings.candidates.values():
        rows.append([f"{found.name}: start by, seen afterwards", *_quantiles(findings, found.start_by)])
        rows.append([f"{found.name}: cheaper to run from", *_quantiles(findings, found.crossover)])
        rows.append([f"{found.name}: live", *_quantiles(findings, found.cutover(ADVISED))])
        rows.append([f"{found.name}: paid back", *_quantiles(findings, found.break_even(ADVISED))])
    if len(rows) == 1:
        return ""
    return f"Dates by which 10, 50 and 90 % of the draws have come to it\n{table(rows)}"


def _quantiles(findings: DrawFindings, spread: Days) -> list[str]:
    return [
        *(_draw_date(findings, day) for day in (spread.p10, spread.p50, spread.p90)),
        percent(round(spread.probability, 2)),
    ]


def _draw_candidates(findings: DrawFindings) -> str:
    in_time = ["in time"] if findings.limited else []
    rows = [["candidate", "start", *in_time, "saves (PV)", "+/-", "10 %", "90 %", "above zero"]]
    for found in findings.candidates.values():
        money = found.saving(ADVISED)
        start = _draw_date(findings, found.weighed.judged_start)
        sure = [percent(round(found.in_time[0], 2))] if findings.limited else []
        ends = [usd(each) for each in (money.mean, 2 * money.error, money.p10, money.p90)]
        rows.append([found.name, start, *sure, *ends, percent(round(found.saves(ADVISED)[0], 2))])
    return f"Candidates, each started by its own date (today where it has none)\n{table(rows)}"


def _draw_plans(findings: DrawFindings) -> str:
    """The plans over the draws; nothing without any."""
    if not findings.plans:
        return ""
    rows = table(draws_rows(dict(findings.plans)))
    return f"Plans, their steps started as they say; best days are sought over the first draws\n{rows}"


def _policies(findings: DrawFindings) -> str:
    """What each policy saves and how often it is in time, then its regret: what it costs more than hindsight."""
    found, often = list(findings.candidates.values()), ", and how often it is in time" if findings.limited else ""
    names = list(dict.fromkeys(name for each in found for name in each.policies))
    head = ["candidate", *(POLICIES.get(name, f"on {name}") for name in names)]
    played = [[each.name, *(_policy_outcome(each, name) for name in names)] for each in found]
    regret = [[each.name, *(_regret(each, name) for name in names)] for each in found]
    best = [_draw_date(findings, each.weighed.best) for each in found]
    parts = [
        f"What each policy saves on average (PV){often}\n{table([head, *played])}",
        "What each policy costs more than hindsight would, on average (PV)\n"
        + table([[*head, "best start is"], *([*row, day] for row, day in zip(regret, best, strict=True))]),
        *filter(None, map(_staging_words, found)),
    ]
    return "\n\n".join(parts)


def _policy_outcome(found: CandidateFindings, policy: str) -> str:
    played = found.policies.get(policy)
    if played is None:
        return NONE
    share = found.in_time_share(played.cutover)
    return usd(float(played.saving.mean())) + ("" if share is None else f", {percent(round(share, 2))}")


def _regret(found: CandidateFindings, policy: str) -> str:
    return usd(found.regret[policy]) if policy in found.regret else NONE


def _staging_words(found: CandidateFindings) -> str:
    """What preparing early and committing late comes to, where there is anything to prepare."""
    staging = found.staging
    if staging is None or not staging.preparation:
        return ""
    return (
        f"{found.name}, prepared early: committed in {chance(staging.commits)} of the draws; "
        f"preparing costs {usd(staging.preparation)} by the horizon where it never is"
    )


def _waiting(findings: DrawFindings) -> str:
    waits = sorted({wait for found in findings.candidates.values() for wait in found.waiting})
    if not waits:
        return ""
    rows = [["candidate", *(months(wait) for wait in waits)]]
    for found in findings.candidates.values():
        rows.append([found.name, *(_mean_money(found.waiting.get(wait)) for wait in waits)])
    return f"What it costs to start so much later than today, on average (PV)\n{table(rows)}"


def _mean_money(money: Money | None) -> str:
    return NONE if money is None else usd(money.mean)


def _levers(findings: DrawFindings) -> Iterator[str]:
    rows, best = lever_rows(findings), findings.verdict.candidate
    if not rows or best is None:
        return
    yield f"What preparing would buy for {best.name}, {LEVERS_START}\n{align_columns(rows)}"


def _draw_footer(findings: DrawFindings) -> str:
    rate = percent(findings.base.case.scenario.decision.discount_rate_per_year)
    inputs = len(findings.worlds.inputs.all)
    numbers = f"{inputs} uncertain number{'s' * (inputs != 1)}"
    certain = "" if inputs else " No number of the scenario is a range, so only chance events differ."
    return (
        f"{count(findings.draws)} draws of {numbers} and of all chance events, seed "
        f"{findings.worlds.seed}; +/- is two standard errors; present values at {rate} a year.{certain} "
        f"Any draw's story: --draw NUMBER with the same seed.{dated_sources(findings.base)}"
    )


def _draw_date(findings: DrawFindings, number: int) -> str:
    return NONE if number == NEVER or number >= findings.clock.days else findings.clock.date_of(number).isoformat()
