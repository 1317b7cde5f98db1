"""What stands among the inputs of a group at the left that is no single number: a model, a growth curve, a menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from switchpoint.scenario.candidates import ApiCandidate, HostedCandidate
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.schema import CURVES, Scenario
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import Growth
from switchpoint.ui import session
from switchpoint.ui.candidate_dialogs import menu_below
from switchpoint.ui.model_choice import route_row
from switchpoint.ui.session import View
from switchpoint.ui.shown_widgets import if_shown, key_shown
from switchpoint.ui.usage_totals import totals_button

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
