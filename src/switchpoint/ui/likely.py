"""How sure the answer is, in the same breath: a few hundred draws once the base case stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from switchpoint.charts.takeaways import leading
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.draw_sentence import beside
from switchpoint.ui.budget import too_many_draws
from switchpoint.ui.draw_facts import date_fact, start_fact, worth_facts
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
    """What the answer above hangs on, over the draws."""
    if findings.limited:
        yield date_fact(findings, "Limit reached, by the draws", findings.threat)
    best = leading(findings)
    if best is not None:
        yield from start_fact(findings, best)
        yield from worth_facts(findings, best)
