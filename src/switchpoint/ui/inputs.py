"""The inputs at the left: bound to the address of the page, kept over reruns, and back to the file on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from switchpoint.scenario.errors import Path
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.outline import field_at, meaning
from switchpoint.ui.knobs import Group, Kind, Knob, range_note
from switchpoint.ui.words import plain

POLICY: Path = ("decision", "policy")
MONTHS: Path = ("months",)
RULES = {
    "warn": "As advised, or at the warning",
    "best": "When it costs least",
    "now": "Today",
    "never": "Never",
    "date": "On a date",
}
RULE = "project_starts"
ON_DATE = "on_date"
SHOWN = "_inputs_of"
"""In the session: the scenario whose numbers the inputs show."""


def forget() -> None:
    """Make the inputs show the numbers of the file again."""
    st.session_state[SHOWN] = None


def draw(loaded: Loaded, groups: Iterable[Group]) -> dict[Path, Any]:
    """Draw all inputs; what they change in the scenario, by path."""
    shown = (loaded.name, loaded.text)
    fresh = SHOWN in st.session_state and st.session_state[SHOWN] != shown
    st.session_state[SHOWN] = shown
    changes: dict[Path, Any] = {}
    for place, group in enumerate(groups):
        with st.expander(plain(group.title), expanded=place == 0, icon=group.icon):
            for knob in group.knobs:
                changes |= knob.changes(_knob(knob, loaded.tree, fresh))
    with st.expander("Decision", icon=":material/gavel:"):
        changes |= _policy(loaded, fresh)
        changes |= _months(loaded, fresh)
    st.button("Reset to the file", icon=":material/undo:", on_click=forget, disabled=not changes, width="stretch")
    return changes


def _knob(knob: Knob, tree: Mapping[str, Any], fresh: bool) -> Any:
    _renew(knob.key, knob.value, fresh)
    note = ", ".join(filter(None, [knob.unit, "" if _moved(knob) else range_note(knob)]))
    label = plain(knob.label) + (f" :gray[{plain(note)}]" if note else "")
    shared: dict[str, Any] = {"key": knob.key, "help": plain(knob.help(tree)), "bind": "query-params"}
    if knob.kind is Kind.SHARE:
        low, high = knob.ends
        return st.slider(label, low, high, knob.value, step=knob.step, format="percent", **shared)
    bounds = knob.bounds(tree)
    low = bounds.low if bounds.above is None else bounds.above
    if knob.kind is Kind.WHOLE:
        return st.number_input(label, int(low), int(bounds.high), knob.value, step=int(knob.step), **shared)
    return st.number_input(
        label, float(low), float(bounds.high), knob.value, step=float(knob.step), format="%.4g", **shared
    )


def _moved(knob: Knob) -> bool:
    return bool(st.session_state.get(knob.key, knob.value) != knob.value)


def _renew(key: str, value: Any, fresh: bool) -> None:
    if fresh:
        st.session_state[key] = value


def _policy(loaded: Loaded, fresh: bool) -> dict[Path, Any]:
    stated = loaded.scenario.decision.policy
    rule, on = ("date", stated) if isinstance(stated, date) else (str(stated), loaded.scenario.start)
    _renew(RULE, rule, fresh)
    _renew(ON_DATE, on, fresh)
    field = field_at(POLICY, loaded.tree)
    chosen = st.selectbox(
        "The project starts",
        list(RULES),
        index=list(RULES).index(rule),
        format_func=RULES.__getitem__,
        key=RULE,
        bind="query-params",
        help=plain(meaning(field)) if field else None,
    )
    day = st.date_input(
        "Date", on, date(1990, 1, 1), date(2200, 1, 1), key=ON_DATE, bind="query-params", disabled=chosen != "date"
    )
    picked = day if chosen == "date" else chosen
    return {} if picked == stated else {POLICY: picked}


def _months(loaded: Loaded, fresh: bool) -> dict[Path, Any]:
    stated = loaded.scenario.months
    _renew("months", stated, fresh)
    months = st.number_input("Months looked ahead", 1, 240, stated, step=6, key="months", bind="query-params")
    return {} if months == stated else {MONTHS: months}
