"""How sure it is: the verdict on many draws, its dates with their ranges, and what may come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import streamlit as st

from switchpoint.charts.spread import leading
from switchpoint.clock import NEVER
from switchpoint.study.draws.findings import ADVISED, Finding, Findings
from switchpoint.study.draws.sentence import beside, sentence
from switchpoint.study.draws.spread import Days
from switchpoint.ui.parts.facts import Fact, facts
from switchpoint.ui.words import plain, sentences
from switchpoint.words import chance, day, months, usd

SEEN_WAITS = (3, 6)
RANGE = re.compile(r" \(\d[^()]* in 80 % of the draws\)")
"""The range of a date in the sentence, which stands below it too."""


def headline(findings: Findings) -> None:
    """The verdict in words, then its figures."""
    first, rest = sentences(RANGE.sub("", sentence(findings)))
    st.markdown(f"#### {plain(first)}")
    if rest:
        st.markdown(plain(rest))
    for text in beside(findings):
        st.caption(plain(text))
    facts(figures(findings))


def figures(findings: Findings) -> Iterator[Fact]:
    """Dates with their middle 80 %, savings with their chance."""
    if findings.limited:
        yield _date(findings, "Limit reached", findings.threat)
        yield _date(findings, "Warning fires", findings.warning)
    best = leading(findings)
    if best is None:
        return
    yield _date(findings, f"{best.name} live", best.cutover(ADVISED))
    if findings.median_threat != NEVER:
        yield Fact("Live in time", chance(best.in_time[0]), "of the draws, started as advised")
    money = best.saving(ADVISED)
    spread = f"{usd(money.p10)} to {usd(money.p90)} in 80 %"
    yield Fact("Saves on average", usd(money.mean), spread)
    yield Fact("Saves anything", chance(best.saves(ADVISED)[0]), "of the draws")
    yield from _waiting(best)


def _waiting(best: Finding) -> Iterator[Fact]:
    for wait in SEEN_WAITS:
        if wait in best.waiting:
            money = best.waiting[wait]
            label = f"Waiting {months(wait)}"
            yield Fact(
                label, f"{'costs' if money.mean >= 0 else 'saves'} {usd(abs(money.mean))}", "on average, from today"
            )
            return


def _date(findings: Findings, label: str, spread: Days) -> Fact:
    if spread.probability == 0:
        return Fact(label, "in no draw", "within the horizon")
    sure = "" if spread.probability == 1 else f"within the horizon in {chance(spread.probability)}"
    if spread.p50 == NEVER:
        return Fact(label, f"in {chance(spread.probability)}", "of the draws within the horizon")
    last = "later" if spread.p90 == NEVER else _month(findings, spread.p90)
    first = _month(findings, spread.p10)
    spanned = "" if first == last else f"{first} to {last} in 80 %"
    return Fact(label, day(findings.clock.date_of(spread.p50)), ", ".join(filter(None, [spanned, sure])))


def _month(findings: Findings, number: int) -> str:
    return f"{findings.clock.date_of(number):%b %Y}"
