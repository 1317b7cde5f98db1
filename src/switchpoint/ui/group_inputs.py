"""Inputs of a group that are no single number: models, growth curves, dated rows, first day, rule and horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from switchpoint.horizon import add_months
from switchpoint.scenario.candidates import ApiCandidate, HostedCandidate
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.introspection import field_at, meaning
from switchpoint.scenario.labels import spoken
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.schema import CURVES, WATCHING, Scenario
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Growth, UsageEvent
from switchpoint.ui import session
from switchpoint.ui.candidate_dialogs import menu_below
from switchpoint.ui.coupled_numbers import totals_button
from switchpoint.ui.draft_changes import value_at
from switchpoint.ui.model_choice import route_row
from switchpoint.ui.session import View
from switchpoint.ui.widgets import fold, if_shown, is_shown, key_shown, plain

# What stands among the inputs of a group at the left that is no single number ----------------------------------------

USAGE, PRICE = "Usage", "Current price"
GROWTH: Keys = ("usage", "growth")
CURVE = "growth_curve"
OFFERED = {
    "constant": "None",
    "compound": "By a share each month",
    "linear": "By the same number each month",
    "logistic": "Towards a ceiling",
    "bass": "Adoption by a market",
    "history": "The trend of a usage file",
    "plan": "A plan by day",
}
WITH_A_FILE = ("history", "plan")
LEVEL = 1_000.0
"""Requests a day of a scenario whose file said them until now (assumption)."""
MANY_TIMES = 5
"""A ceiling or a market begins at so many times today's usage (assumption)."""
P, Q = 0.01, 0.3
"""Innovation and imitation that a Bass curve begins with, a month (assumption)."""


def above(view: View, title: str, candidate: str) -> None:
    """What stands above the numbers of a group.

    Args:
        view: what is worked on.
        title: of the group.
        candidate: that it belongs to, if any.
    """
    if candidate:
        if _is_listed(view, candidate):
            route_row(view, ("candidates", candidate))
    elif title == PRICE:
        route_row(view, ("current",))


def below(view: View, title: str, candidate: str) -> None:
    """What stands below them."""
    if candidate:
        menu_below(view, candidate)
    elif title == USAGE:
        totals_button()
        growth_curve(view)


def _is_listed(view: View, candidate: str) -> bool:
    """Whether a candidate is paid by the token, so that it has a provider and a model."""
    scenario = view.edited or (view.loaded and view.loaded.scenario)
    spec = scenario.candidates.get(candidate) if scenario else None
    if isinstance(spec, HostedCandidate):
        return spec.endpoint is None
    return isinstance(spec, ApiCandidate)


def growth_curve(view: View) -> None:
    """The shape of growth; those that need a file are there where the scenario has one."""
    assert view.loaded is not None
    growth = (view.edited or view.loaded.scenario).usage.growth
    key = key_shown(CURVE, growth.curve)
    offered = [curve for curve in OFFERED if curve not in WITH_A_FILE or curve == growth.curve]
    words, at = OFFERED.__getitem__, offered.index(growth.curve)
    st.selectbox(
        "How usage grows", offered, at, words, key=key, on_change=if_shown(CURVE, key, _take_curve), args=(key,)
    )


def _take_curve(key: str) -> None:
    view = session.view()
    scenario = view.edited or (view.loaded.scenario if view.loaded is not None else None)
    if scenario is not None and st.session_state[key] != scenario.usage.growth.curve:
        session.edit(curve_changes(scenario, st.session_state[key]))


def curve_changes(scenario: Scenario, curve: str) -> Mapping[Keys, Any]:
    """What makes another curve that of a scenario: today's growth in its words, without what it does not use."""
    usage, growth = scenario.usage, scenario.usage.growth
    level = num(usage.requests_per_day) if usage.requests_per_day is not None else LEVEL
    used = CURVES[curve]
    idle = {name for names in CURVES.values() for name in names} - set(used)
    changes: dict[Keys, Any] = {(*GROWTH, name): REMOVED for name in sorted(idle)}
    changes[(*GROWTH, "curve")] = curve
    if usage.requests_per_day is None:
        changes[("usage", "requests_per_day")] = level
    if "per_month" in used and growth.curve != curve and not _same_unit(growth.curve, curve):
        changes[(*GROWTH, "per_month")] = _rate_in(curve, growth, level)
    many = {"ceiling": MANY_TIMES * level, "market": MANY_TIMES * level, "innovation": P, "imitation": Q}
    new = {name: many[name] for name in used if name in many and getattr(growth, name) is None}
    return changes | {(*GROWTH, name): float(f"{value:.3g}") for name, value in new.items()}


def _same_unit(one: str, other: str) -> bool:
    shares = ("compound", "logistic")
    return one in shares and other in shares


def _rate_in(curve: str, growth: Growth, level: float) -> float:
    """Growth a month as a curve states it: a share, or requests a day on the linear one."""
    stated = num(growth.per_month)
    if curve == "linear":
        return float(f"{(stated if growth.curve in ('compound', 'logistic') else 0.05) * level:.3g}")
    return float(f"{stated / level:.3g}") if growth.curve == "linear" and level else 0.05


# When projects start, what day today is, and how far is looked ahead -------------------------------------------------

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


# Launches, lost accounts and price changes as rows at the left, each with its day ------------------------------------

EVENTS: Keys = ("usage", "events")
PRICES: Keys = ("current", "price_changes")
PARTS = ("date", "percent", "likely")
"""What each row has an input for."""
FIRST, LAST = date(1990, 1, 1), date(2200, 1, 1)
MONTHS_AHEAD = 6
"""A new row is dated so many months after the first day."""


@dataclass(frozen=True)
class RowKind:
    """A kind of row that can be added: the list that it stands in, and what it begins with."""

    label: str
    path: Keys
    factor: float
    icon: str


ADDED = (
    RowKind("Launch", EVENTS, 1.4, ":material/rocket_launch:"),
    RowKind("Lost account", EVENTS, 0.8, ":material/trending_down:"),
    RowKind("Price change", PRICES, 0.7, ":material/sell:"),
)


@dataclass(frozen=True)
class DatedRow:
    """One entry of a list of dated changes."""

    path: Keys
    place: int
    entry: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Beginning of the keys of its widgets."""
        return f"{'.'.join(map(str, self.path))} {self.place}"

    @property
    def widget_values(self) -> tuple[date | None, float | None, float | None]:
        """What its inputs show: the day, the change and the odds, both in percent; None for what is unreadable."""
        stated, likely = self.entry.get("date"), self.entry.get("probability", 1.0)
        size = None if self.factor is None else round(100 * (self.factor - 1), 6)
        odds = round(100 * likely, 6) if isinstance(likely, int | float) else None
        return (stated if isinstance(stated, date) else None), size, odds

    @property
    def label(self) -> str:
        """What it is called: by what it changes, and which way."""
        if self.path == PRICES:
            return "Price change"
        return "Launch" if self.factor is None or self.factor >= 1 else "Lost account"

    @property
    def factor(self) -> float | None:
        """The middle of its factor; None where none can be read."""
        try:
            parsed = UsageEvent.model_validate({"date": date(2000, 1, 1), "factor": self.entry.get("factor")})
        except ValueError:
            return None
        return num(parsed.factor)

    @property
    def belief(self) -> str:
        """A range of its factor in words; nothing for a certain one."""
        if not isinstance(self.entry.get("factor"), Mapping) or self.factor is None:
            return ""
        parsed = UsageEvent.model_validate({"date": date(2000, 1, 1), "factor": self.entry["factor"]})
        return f"{spoken(parsed.factor, UsageEvent.model_fields['factor'])}; a number typed here takes its place"


def dated_rows(tree: Mapping[str, Any], path: Keys) -> list[DatedRow]:
    """The rows of a list of dated changes; what is no table is left to the file's own editor."""
    found = value_at(tree, path)
    rows = found if isinstance(found, list) else []
    return [DatedRow(path, place, entry) for place, entry in enumerate(rows) if isinstance(entry, Mapping)]


def draw_dated_rows(view: View) -> None:
    """A fold with a row for each, and buttons to add one."""
    assert view.loaded is not None
    tree = view.draft.tree(view.loaded.tree)
    rows = [*dated_rows(tree, EVENTS), *dated_rows(tree, PRICES)]
    box = fold(f"Events ({len(rows)})" if rows else "Events", "inputs events", ":material/event:")
    if box.open:
        with box:
            for row in rows:
                _draw(row)
            if not rows:
                st.caption("A launch, a lost account, a price cut: what changes usage or prices for good, on a day.")
            with st.container(horizontal=True):
                for kind in ADDED:
                    st.button(kind.label, icon=":material/add:", key=f"add {kind.label}", on_click=add, args=(kind,))


def _draw(row: DatedRow) -> None:
    keys = [key_shown(f"{row.key} {part}", value) for part, value in zip(PARTS, row.widget_values, strict=True)]
    when, size, odds = keys
    _, percent, likely = row.widget_values
    what = "Prices" if row.path == PRICES else "Usage"
    st.markdown(f"**{row.label}**" + (f"  \n:small[:gray[{plain(row.belief)}]]" if row.belief else ""))
    shared: dict[str, Any] = {"on_change": _take, "args": (row, keys)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.date_input(
            "From", None, date(1990, 1, 1), date(2200, 1, 1), key=when, format="YYYY-MM-DD", width=130, **shared
        )
        st.number_input(f"{what}, %", -100.0, 1e6, percent, 5.0, "%.4g", key=size, width=95, **shared)
        st.number_input("Likely, %", 0.0, 100.0, likely, 10.0, "%.4g", key=odds, width=95, **shared)
        st.button(
            "Remove",
            icon=":material/delete:",
            type="tertiary",
            key=f"{row.key} remove",
            on_click=remove,
            args=(row,),
            help=f"Take the {row.label.lower()} out of the scenario",
        )


def _take(row: DatedRow, keys: Sequence[str]) -> None:
    """What was typed, if all three inputs are on the page."""
    if all(is_shown(f"{row.key} {part}", key) for part, key in zip(PARTS, keys, strict=True)):
        change(row, keys)


def add(kind: RowKind) -> None:
    """One entry more, half a year after the first day, certain."""
    tree = session.draft_tree()
    start = tree.get("start")
    when = add_months(start if isinstance(start, date) else date.today(), MONTHS_AHEAD)
    session.edit({kind.path: [*_entries(tree, kind.path), {"date": when, "factor": kind.factor}]})
    st.session_state["_left inputs events"] = True


def remove(row: DatedRow) -> None:
    """One entry less."""
    entries = _entries(session.draft_tree(), row.path)
    session.edit({row.path: [entry for place, entry in enumerate(entries) if place != row.place]})


def change(row: DatedRow, keys: Sequence[str]) -> None:
    """Take over what was typed; what was not touched stays as it is stated, a range too.

    Args:
        row: as it was drawn.
        keys: of its three inputs, in the order of PARTS.
    """
    entry = dict(row.entry)
    when, size, odds = (st.session_state.get(key) for key in keys)
    if when is not None:
        entry["date"] = when
    if size is not None and (row.factor is None or abs(size - round(100 * (row.factor - 1), 6)) > 1e-9):
        entry["factor"] = round(1 + size / 100, 9)
    if odds is not None and (odds != 100 or "probability" in entry):
        entry["probability"] = round(odds / 100, 9)
    entries = _entries(session.draft_tree(), row.path)
    session.edit({row.path: [entry if place == row.place else each for place, each in enumerate(entries)]})


def _entries(tree: Mapping[str, Any], path: Keys) -> list[Any]:
    found = value_at(tree, path)
    return list(found) if isinstance(found, list) else []
