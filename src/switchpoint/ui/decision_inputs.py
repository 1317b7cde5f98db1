"""When projects start, what day today is, and how far is looked ahead: the last group of inputs at the left."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from switchpoint.scenario.errors import Keys
from switchpoint.scenario.introspection import field_at, meaning
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.schema import WATCHING
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.ui import session
from switchpoint.ui.session import View
from switchpoint.ui.shown_widgets import if_shown, key_shown
from switchpoint.ui.widgets import fold, plain

START = "first_day"
POLICY: Keys = ("decision", "policy")
MONTHS: Keys = ("months",)
RULES = {
    "advised": "As advised",
    "warn": "At the warning",
    "lead": "When the time left is just enough",
    "staged": "Prepared early, committed late",
    "best": "When it costs least",
    "now": "Today",
    "never": "Never",
    "date": "On a date",
}
RULE, ON_DATE = "project_starts", "on_date"


def draw_decision(view: View) -> None:
    """The group; it is only filled while it is open."""
    assert view.loaded is not None
    decision = fold("Decision", "inputs decision", ":material/gavel:")
    if decision.open:
        with decision:
            first_day(view)
            _policy(view, view.loaded)
            _months(view, view.loaded)


def first_day(view: View) -> None:
    """The first simulated day, which is what the app calls today."""
    assert view.loaded is not None
    start = (view.edited or view.loaded.scenario).start
    key = key_shown(START, start)
    st.date_input(
        "Today, the first simulated day",
        start,
        date(1990, 1, 1),
        date(2200, 1, 1),
        key=key,
        format="YYYY-MM-DD",
        on_change=if_shown(START, key, _take_first_day),
        args=(key,),
        help="Prices are those of this day, and advice counts from it.",
    )


def _take_first_day(key: str) -> None:
    if st.session_state[key] is not None:
        session.edit({("start",): st.session_state[key]})


def _policy(view: View, loaded: Loaded) -> None:
    scenario = view.edited or loaded.scenario
    decision = scenario.decision
    stated = decision.policy if "policy" in decision.model_fields_set else "advised"
    rule, on = ("date", stated) if isinstance(stated, date) else (str(stated), loaded.scenario.start)
    key = key_shown(RULE, rule)
    on_key = key_shown(ON_DATE, on) if rule == "date" else ""
    take, args = if_shown(RULE, key, _take_rule), (key, on_key)
    field = field_at(POLICY, loaded.tree)
    offered = [each for each in RULES if scenario.limited or each not in WATCHING or each == rule]
    st.selectbox(
        "The project starts",
        offered,
        index=offered.index(rule),
        format_func=RULES.__getitem__,
        key=key,
        help=plain(meaning(field)) if field else None,
        on_change=take,
        args=args,
    )
    if on_key:
        first, last = date(1990, 1, 1), date(2200, 1, 1)
        st.date_input("Date", None, first, last, key=on_key, format="YYYY-MM-DD", on_change=take, args=args)


def _take_rule(key: str, on_key: str) -> None:
    loaded, rule = session.base().loaded, st.session_state[key]
    if loaded is None:
        return
    stated = "policy" in loaded.scenario.decision.model_fields_set
    day = st.session_state.get(on_key) if on_key else None
    picked = (day or loaded.scenario.start) if rule == "date" else rule
    if picked == "advised":
        session.edit({POLICY: REMOVED}) if stated else session.reset(POLICY)
    else:
        _set(POLICY, picked, loaded.scenario.decision.policy if stated else None)


def _months(view: View, loaded: Loaded) -> None:
    months = (view.edited or loaded.scenario).months
    key = key_shown("months", months)
    take = if_shown("months", key, _look_ahead)
    st.number_input("Months looked ahead", 1, 240, months, step=6, key=key, on_change=take, args=(key,))


def _look_ahead(key: str) -> None:
    loaded, months = session.base().loaded, st.session_state[key]
    if loaded is not None and months is not None:
        _set(MONTHS, months, loaded.scenario.months)


def _set(path: Keys, value: Any, stated: Any) -> None:
    if value == stated:
        session.reset(path)
    else:
        session.edit({path: value})
