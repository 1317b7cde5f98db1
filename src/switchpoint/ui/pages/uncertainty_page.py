"""The page of draws: how sure an advice is, and what makes it unsure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import streamlit as st

from switchpoint.charts.bill import bill_note, cost_chart
from switchpoint.charts.fan_and_dates import (
    dates_chart,
    dates_note,
    dates_words,
    fan_chart,
    fan_note,
    fan_words,
    has_dates,
    has_fan,
)
from switchpoint.charts.sensitivity import chart_note, swing_chart, takeaway
from switchpoint.charts.takeaways import bill_takeaway, leading
from switchpoint.charts.waiting import (
    has_regret,
    has_waiting,
    regret_chart,
    regret_note,
    regret_words,
    waiting_chart,
    waiting_note,
    waiting_words,
)
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.study.advice import ToldMapper
from switchpoint.study.draw_results import CandidateFindings, DrawFindings
from switchpoint.study.draw_sentence import beside, sentence
from switchpoint.study.draw_survey import ADVISED
from switchpoint.study.tornado import Tornado, tornado
from switchpoint.text import months, usd
from switchpoint.ui import answers
from switchpoint.ui.draw_facts import CHOICES, SEED, USUAL, date_fact, growing, known_findings, worth_facts
from switchpoint.ui.library import key_of, too_many_draws
from switchpoint.ui.session import View
from switchpoint.ui.widgets import ShownFact, chart, facts, faults, look, open_view, plain, sentences, subject

Words = Callable[[DrawFindings], str]


class Seen(NamedTuple):
    """A chart of the draws with its words, and what stands there where it cannot be drawn."""

    draw: Callable[..., Any]
    takeaway: Words
    note: Words
    drawable: Callable[[DrawFindings], bool] = lambda _: True
    otherwise: str = ""


OPEN_START = "There is no project whose start is still open, so there is no start to weigh."
VIEWS = {
    "The bill": Seen(fan_chart, fan_words, fan_note, has_fan, "The horizon is too short to draw a line."),
    "Dates": Seen(dates_chart, dates_words, dates_note, has_dates, "There is no candidate, so there are no dates."),
    "Cost of waiting": Seen(waiting_chart, waiting_words, waiting_note, has_waiting, OPEN_START),
    "Rules for starting": Seen(regret_chart, regret_words, regret_note, has_regret, OPEN_START),
}


def view(name: str, findings: DrawFindings) -> None:
    """One view of the draws."""
    seen = VIEWS[name]
    if not seen.drawable(findings):
        st.caption(seen.otherwise)
        return
    chart(seen.draw(findings, look(), titled=False), seen.takeaway(findings), seen.note(findings))


def meanwhile(name: str, base: JudgedWorld) -> None:
    """What stands in a view before the first draws are in: the base case where it has a picture, else a placeholder."""
    if name == "The bill":
        shown = base.shown
        chart(cost_chart(shown, look(), titled=False), bill_takeaway(shown), f"The base case. {bill_note(shown)}")
    else:
        st.skeleton(height=320)


SEEN_WAITS = (3, 6)
RANGE = re.compile(r" \(\d[^()]* in 80 % of the draws\)")
"""The range of a date in the sentence, which stands below it too."""


def headline(findings: DrawFindings) -> None:
    """The verdict in words, then its figures."""
    first, rest = sentences(RANGE.sub("", sentence(findings)))
    st.markdown(f"## {plain(first)}")
    if rest:
        st.markdown(plain(rest))
    for text in beside(findings):
        st.caption(plain(text))
    facts(figures(findings))


def figures(findings: DrawFindings) -> Iterator[ShownFact]:
    """Dates with their middle 80 %, savings with their chance, and what waiting costs."""
    if findings.tells_threat:
        yield date_fact(findings, findings.threat_called, findings.threat)
        yield date_fact(findings, "Warning fires", findings.warning)
    best = leading(findings)
    if best is not None:
        yield date_fact(findings, f"{best.name} live", best.cutover(ADVISED))
        yield from worth_facts(findings, best)
        yield from _waiting(best)


def _waiting(best: CandidateFindings) -> Iterator[ShownFact]:
    for wait in SEEN_WAITS:
        if wait in best.waiting:
            money = best.waiting[wait]
            label = f"Waiting {months(wait)}"
            yield ShownFact(
                label, f"{'costs' if money.mean >= 0 else 'saves'} {usd(abs(money.mean))}", "on average, from today"
            )
            return


NOTHING = "There is no candidate, so nothing is saved whatever the inputs."
UNMOVED = "No input that was moved changes the saving."


def what_matters(base: JudgedWorld) -> None:
    """The tornado of the base case."""
    key = ("tornado", key_of(base.case.scenario))
    found: Tornado | None = answers.kept_answers().get(key)
    if found is None:
        found = _find_tornado(base)
        if found is None:
            st.caption(NOTHING)
            return
        answers.kept_answers().put(key, found)
    if not found.bars:
        st.caption(UNMOVED)
        return
    scenario = base.case.scenario
    chart(swing_chart(scenario, found, look(), titled=False), takeaway(scenario, found), chart_note(found))


def _find_tornado(base: JudgedWorld) -> Tornado | None:
    """Simulated one by one, so that a change of any number takes over."""
    slot = st.empty()
    found = tornado(base, ToldMapper(lambda share: slot.progress(share, text="Moving one input at a time …")))
    slot.empty()
    return found


DRAWS, SPREAD = "draws", "spread"
MATTERS = "What matters most"
ABOUT = "Every draw is one world: each uncertain number takes a value of its range, and luck falls as it may."


def page() -> None:
    """Draw the page."""
    shown = open_view("How sure is it?", ABOUT)
    if shown is None or shown.base is None:
        return
    draws = _draws(shown)
    if why := too_many_draws(shown.base.case.scenario, draws):
        faults("That is more than one visitor may ask for", [why])
        return
    progress, words = st.empty(), st.empty()
    name, slot = _tabs()
    try:
        if name == MATTERS:
            with slot.container():
                what_matters(shown.base)
        _refine(shown.base, draws, name, progress, words, slot)
    except CannotCompute as problem:
        faults("These worlds cannot be computed", [str(problem)], "Narrow the range of that number.")


def _draws(shown: View) -> int:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if DRAWS not in st.session_state:
            st.session_state[DRAWS] = USUAL
        chosen: int = st.select_slider(
            "Draws", CHOICES, key=DRAWS, width=320, format_func="{:,}".format, persist_state="session"
        )
        st.caption(plain(f"{subject(shown)} · seed {SEED}, so the same draws every time"), width="content")
    return chosen


def _tabs() -> tuple[str, Any]:
    """The name of the open tab, and its place for a chart."""
    names = list(VIEWS)
    names.insert(2, MATTERS)
    for tab, name in zip(st.tabs(names, key=SPREAD, bind="query-params"), names, strict=True):
        if tab.open:
            with tab:
                return name, st.empty()
    return names[0], st.empty()


def _refine(base: JudgedWorld, draws: int, name: str, progress: Any, words: Any, slot: Any) -> None:
    """Show what is known, or the base case, then ever more draws; a change of any number takes over in between."""

    def show_share(share: float) -> None:
        progress.progress(min(share, 1.0), text=f"Drawing {draws:,} worlds …")

    if known_findings(key_of(base.case.scenario), draws) is None:
        words.markdown(f"**The base case says:** {plain(base.sentence)}")
        if name != MATTERS:
            with slot.container():
                meanwhile(name, base)
    for findings in growing(base, draws, show_share):
        with words.container():
            headline(findings)
        if name != MATTERS:
            with slot.container():
                view(name, findings)
    progress.empty()
