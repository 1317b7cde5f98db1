"""Draws as they come in, few at first, and what many of them say on a page, as figures under their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st

from switchpoint.charts.takeaways import leading
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER
from switchpoint.scenario.schema import Scenario
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_sentence import beside
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.draws import Days
from switchpoint.study.monte_carlo import MonteCarlo, Progress
from switchpoint.study.workers import cores
from switchpoint.text import chance, day, usd, usd_range
from switchpoint.ui.answers import Kept
from switchpoint.ui.library import key_of, too_many_draws
from switchpoint.ui.session import is_worked_in_dialog
from switchpoint.ui.widgets import ShownFact, facts, plain

# Draws as they come in -----------------------------------------------------------------------------------------------

SEED = 0
FIRST_STAGES = (64, 256)
CHOICES = (64, 256, 1000, 4000)
USUAL = 1000
FEW = 256
"""Draws up to which starting other processes takes longer than it saves."""
MOST_KEPT = 8
LATEST = "_latest_draws"


@st.cache_resource
def findings_kept() -> Kept:
    """Findings of this server; they are large, so there are few."""
    return Kept(MOST_KEPT)


def known_findings(scenario_key: str, draws: int) -> DrawFindings | None:
    """The findings on a scenario that come nearest to so many draws, and are not more."""
    for count in sorted({*CHOICES, draws}, reverse=True):
        found: DrawFindings | None = findings_kept().get((scenario_key, count)) if count <= draws else None
        if found is not None:
            return found
    return None


def most_known(scenario: Scenario) -> DrawFindings | None:
    """The findings on a scenario of the most draws that were made."""
    return known_findings(key_of(scenario), CHOICES[-1])


def growing(
    base: JudgedWorld, draws: int, progress: Progress, first: Sequence[int] = FIRST_STAGES, *, seen: bool = True
) -> Iterator[DrawFindings]:
    """Findings of ever more draws, up to so many; what is known is not drawn again.

    Args:
        base: the base case.
        draws: in the end.
        progress: told the share done.
        first: draws that are shown on the way.
        seen: whether they become the draws that the session saw last.
    """
    scenario = base.case.scenario
    key = key_of(scenario)
    found = known_findings(key, draws)
    if found is not None:
        if seen:
            remember(found)
        yield found
    count = found.draws if found else 0
    stages = [stage for stage in (*first, draws) if count < stage <= draws]
    if not stages:
        return
    study = MonteCarlo(draws, SEED, cores() if draws > FEW else 1, progress=progress)
    for stage in study.growing(scenario, base, sorted(set(stages)), found):
        findings_kept().put((key, stage.draws), stage)
        if seen:
            remember(stage)
        yield stage


def remember(found: DrawFindings) -> DrawFindings:
    """Make findings the draws that the session saw last, which its other pages and exports go by."""
    st.session_state[LATEST] = found
    return found


def latest(base: JudgedWorld) -> DrawFindings | None:
    """The findings that this session saw last, where they are on this scenario."""
    found: DrawFindings | None = st.session_state.get(LATEST)
    same = found is not None and key_of(found.base.case.scenario) == key_of(base.case.scenario)
    return found if same else None


# What many draws say on a page ---------------------------------------------------------------------------------------

DRAWS_FOR_A_DAY = 1_000
"""With fewer draws the middle of a date still moves by weeks from one set of draws to the next."""


def date_fact(findings: DrawFindings, label: str, spread: Days) -> ShownFact:
    """The middle of a date over the draws, its middle 80 %, and how likely it comes at all."""
    if spread.probability == 0:
        return ShownFact(label, "in no draw", "within the horizon")
    sure = "" if spread.probability == 1 else f"within the horizon in {chance(spread.probability)}"
    if spread.p50 == NEVER:
        return ShownFact(label, f"in {chance(spread.probability)}", "of the draws within the horizon")
    last = "later" if spread.p90 == NEVER else _month(findings, spread.p90)
    first = _month(findings, spread.p10)
    spanned = "" if first == last else f"{first} to {last} in 80 %"
    return ShownFact(label, _middle(findings, spread.p50), ", ".join(filter(None, [spanned, sure])))


def _middle(findings: DrawFindings, number: int) -> str:
    """The middle of a date: a month, until there are so many draws that a day is steady."""
    when = findings.clock.date_of(number)
    return day(when) if findings.draws >= DRAWS_FOR_A_DAY else f"{when:%B %Y}"


def start_fact(findings: DrawFindings, best: CandidateFindings) -> Iterator[ShownFact]:
    """The start that the draws advise, and how sure that day is; nothing where they advise none."""
    span = findings.start_by_range
    if span is None or findings.verdict.start_by >= NEVER:
        return
    dates = (findings.clock.date_or_none(max(number, 0)) for number in (findings.verdict.start_by, *span))
    start, first, last = ("never" if each is None else day(each) for each in dates)
    sure = "" if first == last else f"{first} to {last}, had other worlds been drawn"
    yield ShownFact(f"Start {best.name} by", start, sure)


def worth_facts(findings: DrawFindings, best: CandidateFindings) -> Iterator[ShownFact]:
    """How surely a candidate is live in time and saves, and how much, on average and in the middle draw."""
    if findings.median_threat != NEVER:
        yield ShownFact("Live in time", chance(best.in_time[0]), "of the draws, started as advised")
    money = best.saving(ADVISED)
    spread = f"half of the draws more than {usd(money.p50)}; {usd_range(money.p10, money.p90)} in 80 %"
    yield ShownFact("Saves on average", usd(money.mean), spread)
    yield ShownFact("Saves anything", chance(best.saves(ADVISED)[0]), "of the draws")


def _month(findings: DrawFindings, number: int) -> str:
    return f"{findings.clock.date_of(number):%b %Y}"


DRAWS = 256
"""Draws at every change of a number; the page of draws goes on from them."""
ABOUT = "So many worlds were drawn from all ranges and from chance; each project starts as the draws advise."


def likely(base: JudgedWorld, place: Any) -> None:
    """Fill a place of the page with what the draws say. Any change of a number takes over while they are made."""
    if too_many_draws(base.case.scenario, DRAWS):
        return
    known = most_known(base.case.scenario)
    if known is None and is_worked_in_dialog():
        return
    try:
        for findings in (
            [remember(known)] if known and known.draws >= DRAWS else growing(base, DRAWS, lambda _: None, ())
        ):
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
    if findings.tells_threat:
        yield date_fact(findings, f"{findings.threat_called}, by the draws", findings.threat)
    best = leading(findings)
    if best is not None:
        yield from start_fact(findings, best)
        yield from worth_facts(findings, best)
