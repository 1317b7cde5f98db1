"""Draws as they come in: few at first, then more, each stage shown and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.schema import Scenario
from switchpoint.study.draw_results import DrawFindings
from switchpoint.study.monte_carlo import MonteCarlo, Progress
from switchpoint.study.workers import cores
from switchpoint.ui.answers import Kept
from switchpoint.ui.library import key_of

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
