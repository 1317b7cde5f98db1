"""The page of many draws: verdict, dates as ranges, candidates, policies, what waiting and preparing are worth."""

from __future__ import annotations

from collections.abc import Iterator

from switchpoint.clock import NEVER
from switchpoint.notes import CHANCE
from switchpoint.report.page import dated_sources, heading, noted, remarks
from switchpoint.report.text import NONE, aligned, table
from switchpoint.study.draws.findings import ADVISED, Finding, Findings
from switchpoint.study.draws.sentence import beside, sentence
from switchpoint.study.draws.spread import Days, Money
from switchpoint.words import chance, count, months, percent, usd, weeks

POLICIES = {
    "now": "now",
    "warn": "at the warning",
    "lead": "as early as it is long",
    "staged": "prepared, then committed",
    "best": "best start",
    "never": "never",
}
"""Names of the policies in tables; a date has its own."""


def draws_page(findings: Findings) -> str:
    """Findings as a page of plain text."""
    above, below = noted(findings.base, CHANCE)
    parts = [heading(findings.base), above, sentence(findings), *beside(findings), _dates(findings)]
    if findings.candidates:
        parts += [_candidates(findings), _policies(findings), _waiting(findings)]
        parts += _levers(findings)
    parts += [f"In the base case:\n{lines}" for lines in remarks(findings.base.shown)]
    parts.append(below)
    return "\n\n".join([*filter(None, parts), _footer(findings)]) + "\n"


def _dates(findings: Findings) -> str:
    rows = [["", "10 %", "middle", "90 %", "within the horizon"]]
    if findings.limited:
        rows.append(["limit reached", *_quantiles(findings, findings.threat)])
        rows.append(["monitor would warn", *_quantiles(findings, findings.warning)])
    for found in findings.candidates.values():
        rows.append([f"{found.name}: start by, seen afterwards", *_quantiles(findings, found.start_by)])
        rows.append([f"{found.name}: cheaper to run from", *_quantiles(findings, found.crossover)])
        rows.append([f"{found.name}: live", *_quantiles(findings, found.cutover(ADVISED))])
        rows.append([f"{found.name}: paid back", *_quantiles(findings, found.break_even(ADVISED))])
    if len(rows) == 1:
        return ""
    return f"Dates by which 10, 50 and 90 % of the draws have come to it\n{table(rows)}"


def _quantiles(findings: Findings, spread: Days) -> list[str]:
    return [
        *(_iso(findings, day) for day in (spread.p10, spread.p50, spread.p90)),
        percent(round(spread.probability, 2)),
    ]


def _candidates(findings: Findings) -> str:
    in_time = ["in time"] if findings.limited else []
    rows = [["candidate", "start", *in_time, "saves (PV)", "+/-", "10 %", "90 %", "above zero"]]
    for found in findings.candidates.values():
        money = found.saving(ADVISED)
        start = _iso(findings, found.weighed.judged)
        sure = [percent(round(found.in_time[0], 2))] if findings.limited else []
        ends = [usd(each) for each in (money.mean, 2 * money.error, money.p10, money.p90)]
        rows.append([found.name, start, *sure, *ends, percent(round(found.saves(ADVISED)[0], 2))])
    return f"Candidates, each started by its own date (today where it has none)\n{table(rows)}"


def _policies(findings: Findings) -> str:
    """What each policy saves and how often it is in time, then its regret: what it costs more than hindsight."""
    found, often = list(findings.candidates.values()), ", and how often it is in time" if findings.limited else ""
    names = list(dict.fromkeys(name for each in found for name in each.policies))
    head = ["candidate", *(POLICIES.get(name, f"on {name}") for name in names)]
    played = [[each.name, *(_played(each, name) for name in names)] for each in found]
    regret = [[each.name, *(_regret(each, name) for name in names)] for each in found]
    best = [_iso(findings, each.weighed.best) for each in found]
    parts = [
        f"What each policy saves on average (PV){often}\n{table([head, *played])}",
        "What each policy costs more than hindsight would, on average (PV)\n"
        + table([[*head, "best start is"], *([*row, day] for row, day in zip(regret, best, strict=True))]),
        *filter(None, map(_staged, found)),
    ]
    return "\n\n".join(parts)


def _played(found: Finding, policy: str) -> str:
    played = found.policies.get(policy)
    if played is None:
        return NONE
    share = found.in_time_share(played.cutover)
    return usd(float(played.saving.mean())) + ("" if share is None else f", {percent(round(share, 2))}")


def _regret(found: Finding, policy: str) -> str:
    return usd(found.regret[policy]) if policy in found.regret else NONE


def _staged(found: Finding) -> str:
    """What preparing early and committing late comes to, where there is anything to prepare."""
    staging = found.staging
    if staging is None or not staging.preparation:
        return ""
    return (
        f"{found.name}, prepared early: committed in {chance(staging.commits)} of the draws; "
        f"preparing costs {usd(staging.preparation)} by the horizon where it never is"
    )


def _waiting(findings: Findings) -> str:
    waits = sorted({wait for found in findings.candidates.values() for wait in found.waiting})
    if not waits:
        return ""
    rows = [["candidate", *(months(wait) for wait in waits)]]
    for found in findings.candidates.values():
        rows.append([found.name, *(_signed(found.waiting.get(wait)) for wait in waits)])
    return f"What it costs to start so much later than today, on average (PV)\n{table(rows)}"


def _signed(money: Money | None) -> str:
    return NONE if money is None else usd(money.mean)


def _levers(findings: Findings) -> Iterator[str]:
    rows, best = lever_rows(findings), findings.verdict.candidate
    if not rows or best is None:
        return
    yield f"What preparing would buy for {best.name}, {LEVERS_START}\n{aligned(rows)}"


LEVERS_START = "each plan started when that costs least"
"""At which starts levers are compared."""


def lever_rows(findings: Findings) -> list[tuple[str, str]]:
    """What each lever is, and what it buys the advised candidate."""
    rows = []
    for lever in findings.levers.each:
        word = "buys" if lever.usd >= 0 else "costs"
        sooner = f"{weeks(round(lever.days))} sooner" if round(lever.days) >= 1 else "no sooner"
        rows.append((f"{lever.text}:", f"{word} {usd(abs(lever.usd))} (+/- {usd(2 * lever.usd_error)}), live {sooner}"))
    return rows


def _footer(findings: Findings) -> str:
    rate = percent(findings.base.case.scenario.decision.discount_rate_per_year)
    inputs = len(findings.worlds.inputs.all)
    certain = "" if inputs else " No number of the scenario is a range, so only chance events differ."
    return (
        f"{count(findings.draws)} draws of {inputs} uncertain numbers and of all chance events, seed "
        f"{findings.worlds.seed}; +/- is two standard errors; present values at {rate} a year.{certain} "
        f"Any draw's story: --draw NUMBER with the same seed.{dated_sources(findings.base)}"
    )


def _iso(findings: Findings, number: int) -> str:
    return NONE if number == NEVER or number >= findings.clock.days else findings.clock.date_of(number).isoformat()
