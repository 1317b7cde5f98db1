"""Favourite inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from switchpoint.decision.result import JudgedWorld
from switchpoint.scenario.errors import Keys, dotted_path
from switchpoint.scenario.introspection import field_at, meaning
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.schema import WATCHING
from switchpoint.scenario.stated_notes import Note
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.ui import session
from switchpoint.ui.draft_changes import value_at
from switchpoint.ui.knob_groups import Knob, KnobGroup, KnobKind, groups, range_note, show_number
from switchpoint.ui.session import View
from switchpoint.ui.widgets import fold, plain


def notes(result: JudgedWorld) -> None:
    """What could turn the answer as a warning, all else in small print with its place."""
    for note in result.notes:
        if note.turns:
            st.warning(_note_words(note), icon=":material/visibility:")
        else:
            st.caption(f":material/visibility: {_note_words(note)} {plain(dotted_path(note.path))}")


def beside(result: JudgedWorld | None, *paths: Keys) -> None:
    """The notes on a field, in small print below it."""
    for note in result.notes if result is not None else ():
        if note.path in paths:
            st.caption(f":material/visibility: {_note_words(note)}")


def _note_words(note: Note) -> str:
    return plain(note.full_sentence)


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
Originals = Mapping[Keys, Knob]


def draw(view: View) -> None:
    """Draw the groups; only those that are open are filled."""
    assert view.loaded is not None
    scenario = view.scenario or view.loaded.scenario
    originals = original_knobs(view.loaded) if view.draft.changes else {}
    for place, group in enumerate(groups(scenario, view.result)):
        _group(group, view, originals, expanded=place == 0)
    decision = fold("Decision", "inputs decision", ":material/gavel:")
    if decision.open:
        with decision:
            _policy(view, view.loaded)
            _months(view, view.loaded)


def original_knobs(loaded: Loaded) -> dict[Keys, Knob]:
    """The inputs of the scenario as it is on the shelf, by path."""
    return {knob.path: knob for group in groups(loaded.scenario, None) for knob in group.knobs}


def _group(group: KnobGroup, view: View, originals: Originals, *, expanded: bool) -> None:
    box = fold(plain(group.title), group.key, group.icon, expanded=expanded)
    if box.open:
        with box:
            for knob in group.knobs:
                _knob(_with_typed(knob, view), view, originals.get(knob.path))
                beside(view.base, *knob.paths)


def _with_typed(knob: Knob, view: View) -> Knob:
    """The input with what was typed, where that makes no scenario."""
    raw = value_at(view.tree, knob.path)
    if view.scenario is not None or isinstance(raw, bool) or not isinstance(raw, int | float):
        return knob
    value = round(raw) if knob.kind is KnobKind.WHOLE else float(raw)
    return replace(knob, value=value, stated=float(raw))


def _knob(knob: Knob, view: View, original: Knob | None) -> None:
    assert view.loaded is not None
    if st.session_state.get(knob.key) != knob.value:
        st.session_state[knob.key] = knob.value
    label, tree = _label(knob, view, original), view.loaded.tree
    shared: dict[str, Any] = {
        "key": knob.key,
        "help": plain(knob.help(tree)),
        "on_change": _take_choice,
        "args": (knob,),
    }
    if knob.kind is KnobKind.SHARE:
        st.slider(label, *knob.ends, step=knob.step, format="percent", **shared)
        return
    bounds = knob.bounds(tree)
    low = bounds.low if bounds.above is None else bounds.above
    if knob.kind is KnobKind.WHOLE:
        st.number_input(label, int(low), int(bounds.high), step=int(knob.step), **shared)
        return
    shared["value"] = None if knob.value is None else "min"
    st.number_input(label, float(low), float(bounds.high), step=float(knob.step), format="%.4g", **shared)


def _label(knob: Knob, view: View, original: Knob | None) -> str:
    """Label with unit and range, or with what it was."""
    was = ""
    if knob.path in view.draft.changes and original is not None:
        told = range_note(original) or (
            "estimated" if original.value is None else show_number(original.value, original.kind)
        )
        was = f"was {told}"
    note = ", ".join(filter(None, [knob.unit, was or range_note(knob)]))
    return plain(knob.label) + (f" :gray[{plain(note)}]" if note else "")


def _take_choice(knob: Knob) -> None:
    """Take over what was chosen; what the scenario shows already is no change."""
    value = st.session_state[knob.key]
    loaded = session.base().loaded
    original = original_knobs(loaded).get(knob.path) if loaded else None
    if original is not None and (value is None or value == original.value):
        session.reset(*original.paths)
    elif value is None:
        session.reset(*knob.paths)
    else:
        session.edit(knob.values(value))


def _policy(view: View, loaded: Loaded) -> None:
    scenario = view.scenario or loaded.scenario
    decision = scenario.decision
    stated = decision.policy if "policy" in decision.model_fields_set else "advised"
    rule, on = ("date", stated) if isinstance(stated, date) else (str(stated), loaded.scenario.start)
    st.session_state[RULE] = rule
    if isinstance(stated, date) or ON_DATE not in st.session_state:
        st.session_state[ON_DATE] = on
    field = field_at(POLICY, loaded.tree)
    st.selectbox(
        "The project starts",
        [each for each in RULES if scenario.limited or each not in WATCHING or each == rule],
        format_func=RULES.__getitem__,
        key=RULE,
        help=plain(meaning(field)) if field else None,
        on_change=_take_rule,
    )
    if rule == "date":
        st.date_input("Date", None, date(1990, 1, 1), date(2200, 1, 1), key=ON_DATE, on_change=_take_rule)


def _take_rule() -> None:
    loaded, rule = session.base().loaded, st.session_state[RULE]
    if loaded is None:
        return
    stated = "policy" in loaded.scenario.decision.model_fields_set
    picked = (st.session_state.get(ON_DATE) or loaded.scenario.start) if rule == "date" else rule
    if picked == "advised":
        session.edit({POLICY: REMOVED}) if stated else session.reset(POLICY)
    else:
        _set(POLICY, picked, loaded.scenario.decision.policy if stated else None)


def _months(view: View, loaded: Loaded) -> None:
    st.session_state["months"] = (view.scenario or loaded.scenario).months
    st.number_input("Months looked ahead", 1, 240, step=6, key="months", on_change=_looked_ahead)


def _looked_ahead() -> None:
    loaded, months = session.base().loaded, st.session_state["months"]
    if loaded is not None and months is not None:
        _set(MONTHS, months, loaded.scenario.months)


def _set(path: Keys, value: Any, stated: Any) -> None:
    if value == stated:
        session.reset(path)
    else:
        session.edit({path: value})
