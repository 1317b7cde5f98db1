"""The shelf of what-ifs on Decide: a chip for each, switched by a click, and small forms to add one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import streamlit as st

from switchpoint.charts.bill import over_limit_days
from switchpoint.charts.takeaways import date_of, lead, within
from switchpoint.charts.vega import Flag
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import add_months
from switchpoint.text import usd
from switchpoint.ui import session
from switchpoint.ui.session import View, close_dialog, dialog_subject, open_dialog
from switchpoint.ui.verdict_strip import pin_buttons
from switchpoint.ui.what_if import DATED, GROWTH, HIRING, KINDS, LABEL, PRICE, START, USAGE, WhatIf, has_effect
from switchpoint.ui.widgets import count_noun, finish_dialog, if_shown, key_shown, plain

CHIPS, ADD, REMOVE = "what_ifs", "what_if_add", "what_if_remove"
MONTHS_AHEAD = 6
USUAL = {PRICE: -30.0, USAGE: 2.0, GROWTH: 3.0, HIRING: 26.0}
"""What a form begins with, in its own unit."""
FIELDS = {
    PRICE: ("Change of all prices, %", -100.0, 1_000.0),
    USAGE: ("Usage is multiplied with", 0.0, 1_000.0),
    GROWTH: ("Growth a month, %", -50.0, 200.0),
    HIRING: ("Weeks until the missing people are found", 0.0, 520.0),
}
IN_PERCENT = (PRICE, GROWTH)
IDLE = {
    HIRING: "No candidate has anybody to hire: all engineers are in house.",
    LABEL: "No candidate labels anything.",
}


def draw_shelf(view: View) -> None:
    """The chips, and the menus to add and remove one."""
    found = view.draft.what_ifs
    with st.container(horizontal=True, vertical_alignment="center", key="what_if_shelf"):
        if found:
            key = key_shown(CHIPS, [place for place, each in enumerate(found) if each.on])
            st.pills(
                "What if",
                range(len(found)),
                selection_mode="multi",
                format_func=lambda place: found[place].label if place < len(found) else "",
                key=key,
                on_change=if_shown(CHIPS, key, _switch),
                args=(key,),
                label_visibility="collapsed",
            )
        st.menu_button("What if …", list(KINDS.values()), icon=":material/help:", key=ADD, on_click=_open)
        if found:
            labels = [f"{number}. {each.label}" for number, each in enumerate(found, 1)]
            st.menu_button("Remove", labels, icon=":material/delete:", type="tertiary", key=REMOVE, on_click=_remove)
        pin_buttons(view)


def _switch(key: str) -> None:
    held = st.session_state[key] or []
    what_ifs = session.draft().what_ifs
    session.set_what_ifs(tuple(replace(each, on=place in held) for place, each in enumerate(what_ifs)))


def _open() -> None:
    kind = next(kind for kind, label in KINDS.items() if label == st.session_state[ADD])
    open_dialog("what if", kind)


def _remove() -> None:
    gone = int(str(st.session_state[REMOVE]).partition(".")[0]) - 1
    kept = (each for place, each in enumerate(session.draft().what_ifs) if place != gone)
    session.set_what_ifs(tuple(kept))


@st.dialog("What if", icon=":material/help:", on_dismiss=close_dialog)
def what_if_dialog() -> None:
    """Suppose one thing more."""
    view, kind = session.view(), str(dialog_subject())
    assert view.loaded is not None
    st.markdown(f"**{KINDS[kind]}**")
    what_if = WhatIf(kind, _size(kind), _when(view, kind))
    idle = kind in IDLE and not has_effect(view.tree, what_if)
    if idle:
        st.caption(IDLE[kind])
    if kind == START and view.base is not None and what_if.when is not None:
        st.caption(plain(start_words(view.base, what_if.when)))
    if st.button("Suppose it", type="primary", icon=":material/check:", key="suppose", disabled=idle):
        finish_dialog(session.take_what_if(what_if), "That cannot be supposed")


def _size(kind: str) -> float | None:
    if kind not in FIELDS:
        return None
    label, low, high = FIELDS[kind]
    typed = float(st.number_input(label, low, high, USUAL[kind], format="%.4g", key=f"what if {kind}"))
    return round(typed / 100, 9) if kind in IN_PERCENT else typed


def _when(view: View, kind: str) -> date | None:
    if kind not in DATED:
        return None
    assert view.loaded is not None
    scenario = view.edited or view.loaded.scenario
    first, last = scenario.start, add_months(scenario.start, scenario.months)
    usual = min(add_months(first, MONTHS_AHEAD), last)
    if kind != START:
        chosen = st.date_input("From", usual, first, last, key=f"what if {kind} day", format="YYYY-MM-DD")
        return chosen if isinstance(chosen, date) else usual
    months = [add_months(first, number) for number in range(scenario.months)]
    at = months[min(MONTHS_AHEAD, len(months) - 1)]
    picked = st.select_slider("Start on", months, at, format_func=_month, key="what if start day")
    return picked.date() if isinstance(picked, datetime) else picked


def _month(when: date) -> str:
    return f"{when.day} {when:%b %Y}"


def start_words(result: JudgedWorld, when: date) -> str:
    """What a start on a day comes to beside the advised one: the saving lost, and the days over the limit."""
    best = lead(result)
    if best is None:
        return "There is no candidate to start."
    case, name = result.case, best.name if result.advised_plan is None else f"{best.name} alone"
    number = (when - case.clock.date_of(0)).days
    then, advised = best.started_on(number), result.as_advised.case.outlook(best.name)
    if not within(result, then.cutover):
        return f"{name} would not be live within the horizon."
    lost = (advised.npv_saving if within(result, advised.project_start) else 0.0) - then.npv_saving
    less = f"{usd(abs(lost))} {'less' if lost > 0 else 'more'} than as advised" if abs(lost) >= 1 else "as advised"
    text = f"{name} is live on {date_of(result, then.cutover)} and saves {usd(then.npv_saving)}, {less}"
    if not case.scenario.limited:
        return f"{text}."
    days = [over_limit_days(result, outlook) for outlook in (then, advised)]
    return f"{text}; {count_noun(days[0], 'day')} over the limit, {days[1]} as advised."


def what_if_marks(view: View, result: JudgedWorld) -> Sequence[Flag]:
    """What is supposed, as marks on the chart; without a day of its own on the first one."""
    first = result.case.clock.date_of(0)
    held = (each for each in view.draft.what_ifs if each.on)
    return [Flag((each.when - first).days if each.when else 0, f"What if: {each.label}") for each in held]
