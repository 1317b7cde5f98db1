"""Find candidates: the ranking of the catalogue for what is on the page, each line with a button that adds it."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

import streamlit as st

from switchpoint.catalog import CatalogError
from switchpoint.charts.replicas import LOAD_NOTE, load_cost_chart, load_cost_words
from switchpoint.errors import CannotCompute
from switchpoint.export.ranking_text import shown_candidates
from switchpoint.ranking.offers import CandidateOffer, current_name
from switchpoint.ranking.rank import (
    RankedCandidate,
    Ranking,
    assumption_lines,
    promise_of,
    rank,
    reason,
    short_title,
    then_words,
    way_words,
)
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.text import about, percent, usd
from switchpoint.ui import session
from switchpoint.ui.answers import kept_answers
from switchpoint.ui.library import key_of
from switchpoint.ui.session import close_dialog, open_dialog
from switchpoint.ui.widgets import chart, faults, fold, look, plain, sentence_case

EVERY = "any size"
CHOICES = {EVERY: ("small", "medium", "large"), "small": ("small",), "medium": ("medium",), "large": ("large",)}
LOOKING = "Looking through the catalogue, and simulating what replicas carry …"
MOST = 10


def find_button() -> None:
    """The button that opens the list."""
    label, icon = "Find candidates", ":material/travel_explore:"
    st.button(label, icon=icon, key="find candidates", on_click=open_dialog, args=("find",))


@st.dialog("Find candidates", width="large", icon=":material/travel_explore:", on_dismiss=close_dialog)
def finder_dialog() -> None:
    """What could carry this usage, the cheapest first.

    The page behind is drawn anew once it is closed: it would keep each further click waiting.
    """
    view = session.view()
    if view.scenario is None:
        st.info("These numbers make no scenario yet; take the last change back first.")
        return
    size = st.segmented_control("Size of model", list(CHOICES), default=EVERY, key="find size") or EVERY
    ranking = _find_ranking(view.scenario, CHOICES[size])
    if ranking is not None:
        _show(ranking)


def _find_ranking(scenario: Scenario, sizes: tuple[str, ...]) -> Ranking | None:
    """The ranking, looked for where it is not known; None after saying why there is none."""
    bare = scenario.model_copy(update={"candidates": {}})
    key = ("ranking", key_of(bare), repr(promise_of(scenario)), sizes)
    known: Ranking | None = kept_answers().get(key)
    if known is not None:
        return known
    bar = st.progress(0.0, text=LOOKING)
    try:
        found = rank(scenario, sizes, progress=partial(_tell, bar))
    except (CannotCompute, CatalogError) as problem:
        bar.empty()
        faults("That cannot be looked up", [sentence_case(str(problem))])
        return None
    bar.empty()
    kept_answers().put(key, found)
    return found


def _tell(bar: Any, share: float) -> None:
    bar.progress(min(share, 1.0), text=LOOKING)


def _show(ranking: Ranking) -> None:
    head, *lines = assumption_lines(ranking)
    st.markdown("  \n".join([f"**What is assumed.** {plain(head)}", *(f"- {plain(line)}" for line in lines)]))
    first, further = shown_candidates(ranking, MOST)
    stay = ranking.stay_usd_per_month
    st.markdown(
        plain(
            f"Today {current_name(ranking.scenario)} costs {usd(stay.today)} a month, {usd(stay.then)} "
            f"{then_words(ranking)} and {usd(stay.end)} at the end. Amounts below are of all requests: serving, what "
            "stays on the current route, upkeep; the project is left out."
        )
    )
    if not ranking.candidates:
        st.info("Nothing in the catalogue is cheaper or can carry it.")
        return
    for each in first:
        _line(ranking, each)
    if further:
        st.markdown("**The best of the other ways**")
    for each in further:
        _line(ranking, each)
    box = fold("Cost per 1,000 requests against load", "find loads", ":material/stairs:")
    if box.open:
        with box:
            chart(load_cost_chart(ranking, look(), titled=False), load_cost_words(ranking), LOAD_NOTE)


def _line(ranking: Ranking, ranked: RankedCandidate) -> None:
    offer = ranked.offer
    with st.container(border=True):
        words, button = st.columns([6, 1], vertical_alignment="center")
        words.markdown("  \n".join(_words(ranking, ranked)))
        there = _is_there(offer)
        button.button(
            "Added" if there else "Add",
            icon=":material/check:" if there else ":material/add:",
            key=f"add {ranked.rank}",
            help=plain(f"Take {offer.title} out again" if there else f"Add {offer.title} to the scenario"),
            on_click=partial(_take_out if there else _add, offer),
            width="stretch",
        )


def _words(ranking: Ranking, ranked: RankedCandidate) -> list[str]:
    figures, offer = ranked.figures, ranked.offer
    cost, found = asdict(figures.usd_per_month), figures.cheaper_from
    since = "never cheaper" if found is None else f"cheaper from {about(found)} requests a day"
    then = "at the limit" if ranking.moments.is_threat else "in a year"
    amounts = f"{usd(cost['today'])} today, {usd(cost['then'])} {then}, {usd(cost['end'])} at the end"
    return [
        f"**{ranked.rank}. {plain(short_title(offer))}** :gray-badge[{offer.size}]",
        plain(f"{way_words(offer)}; takes {percent(figures.coverage)}; {amounts}; {since}"),
        f":small[:gray[{plain(reason(ranking, ranked))}]]",
    ]


def _is_there(offer: CandidateOffer) -> bool:
    """Whether what is worked on has it; the dialog runs alone, so the page's view may be older."""
    return offer.name in session.draft().tree(session.base_tree()).get("candidates", {})


def _take_out(offer: CandidateOffer) -> None:
    session.edit({("candidates", offer.name): REMOVED})


def _add(offer: CandidateOffer) -> None:
    session.edit({("candidates", offer.name): dict(offer.tree)})
