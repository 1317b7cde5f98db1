"""Launches, lost accounts and price changes as rows at the left, each with its day, its size and how likely it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from switchpoint.horizon import add_months
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.labels import spoken
from switchpoint.scenario.uncertain import num
from switchpoint.scenario.usage import UsageEvent
from switchpoint.ui import session
from switchpoint.ui.draft_changes import value_at
from switchpoint.ui.session import View
from switchpoint.ui.shown_widgets import is_shown, key_shown
from switchpoint.ui.widgets import fold, plain

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
