"""Numbers that do not work together, with a button for each way in which they would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from switchpoint.scenario.errors import Keys
from switchpoint.scenario.toml_writer import REMOVED
from switchpoint.ui import session
from switchpoint.ui.candidate_changes import named_candidates
from switchpoint.ui.draft_changes import Tree, value_at
from switchpoint.ui.widgets import plain


@dataclass(frozen=True)
class Mend:
    """A way out: what it sets, and how that is said."""

    label: str
    values: Mapping[Keys, Any]


def mends(tree: Tree) -> Iterator[Mend]:
    """What would make coupled numbers fit again: people in house, replicas that are reserved, a day that is past."""
    for name, table in named_candidates(tree).items():
        if isinstance(table, Mapping):
            yield from _people(name, table)
            yield from _fleet(name, table)
    start, policy = value_at(tree, ("start",)), value_at(tree, ("decision", "policy"))
    if hasattr(policy, "year") and hasattr(start, "year") and policy < start:
        yield Mend("Start projects as advised", {("decision", "policy"): REMOVED})


def _people(name: str, table: Mapping[str, Any]) -> Iterator[Mend]:
    path: Keys = ("candidates", name, "project")
    wanted, there = (value_at(table, ("project", key)) for key in ("engineers", "engineers_in_house"))
    if _are_numbers(wanted, there) and there > wanted:
        label = f"{name}: set the engineers in house to {wanted:g} too"
        yield Mend(label, {(*path, "engineers_in_house"): wanted})


def _fleet(name: str, table: Mapping[str, Any]) -> Iterator[Mend]:
    path: Keys = ("candidates", name, "fleet")
    for most in ("max_replicas", "fixed_replicas"):
        highest, reserved = (value_at(table, ("fleet", key)) for key in (most, "reserved_replicas"))
        if _are_numbers(highest, reserved) and reserved > highest:
            yield Mend(f"{name}: reserve {highest:g} replicas too", {(*path, "reserved_replicas"): highest})


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def draw_mends(tree: Tree) -> None:
    """A button for each."""
    for number, mend in enumerate(mends(tree)):
        st.button(
            plain(mend.label),
            icon=":material/build:",
            key=f"mend {number}",
            type="primary",
            on_click=session.edit,
            args=(mend.values,),
        )
