"""How sure the answer is, in the same breath: a few hundred draws once the base case stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from switchpoint.charts.takeaways import leading
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import beside
from switchpoint.study.draw_survey import ADVISED
from switchpoint.text import chance, day, usd
from switchpoint.ui.budget import too_many_draws
from switchpoint.ui.draw_progress import growing, most_known
from switchpoint.ui.widgets import ShownFact, facts, plain

DRAWS = 256
"""Draws at every change of a number; the page of draws goes on from them."""
ABOUT = "So many worlds were drawn from all ranges and from chance; each project starts as the draws advise."


def likely(base: JudgedWorld, place: Any) -> None:
    """Fill a place of the page with what the draws say. Any change of a number takes over while they are made."""
    if too_many_draws(base.case.scenario, DRAWS):
        return
    known = most_known(base.case.scenario)
    try:
        for findings in [known] if known and known.draws >= DRAWS else growing(base, DRAWS, lambda _: None, ()):
            with place.container():
                _draw(findings)
    except CannotCompute as problem:
        place.caption(plain(f"No chances can be given: {problem}"))


def _draw(findings: DrawFindings) -> None:
    st.caption(plain(f"How sure is that, in {findings.draws:,} draws?"), help=ABOUT)
    facts(figures(findings))
    for text in beside(findings):
        st.caption(plain(text))


def figures(findings: DrawFindings) -> Iterator[ShownFact]:
    """Chances and middle values of many draws."""
    share = findings.threat.probability
    if share:
        middle = findings.threat.p50
        when = f"in the middle {day(findings.clock.date_of(middle))}" if middle != NEVER else "in most draws never"
        yield ShownFact("Reaches the limit", f"in {chance(share)}", when)
    best, span = leading(findings), findings.start_by_range
    if best is None:
        return
    if span is not None and findings.verdict.start_by < NEVER:
        first, last = (f"{findings.clock.date_of(max(number, 0)):%d %b %Y}".lstrip("0") for number in span)
        start = day(findings.clock.date_of(max(findings.verdict.start_by, 0)))
        yield ShownFact(f"Start {best.name} by", start, "" if first == last else f"{first} to {last}")
    if findings.median_threat != NEVER:
        yield ShownFact("Live in time", chance(best.in_time[0]), "started as the draws advise")
    money = best.saving(ADVISED)
    yield ShownFact("Saves", f"{usd(money.p50)} in the middle", f"{usd(money.p10)} to {usd(money.p90)} in 80 %")
    yield ShownFact("Saves anything", chance(best.saves(ADVISED)[0]), "of the draws")
