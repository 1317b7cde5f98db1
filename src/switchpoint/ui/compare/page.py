"""The page that holds scenarios against each other."""

from __future__ import annotations

import streamlit as st

from switchpoint.report.comparison.compared import Compared
from switchpoint.report.comparison.page import said, told
from switchpoint.ui.compare.chosen import compared, picked
from switchpoint.ui.compare.explained import explained, grid
from switchpoint.ui.compare.saved import saved_variants
from switchpoint.ui.parts.opening import opened

ABOUT = "Up to four side by side: what comes out, what differs, and which input made the difference."


def page() -> None:
    """Draw the page."""
    view = opened("What makes the difference?", ABOUT)
    if view is None:
        return
    found = compared(view, picked(view))
    saved_variants()
    if len(found) < 2:
        st.info(
            "Pick a second scenario above, or change a number at the left: what you change is held against the file.",
            title="Nothing to compare yet",
            icon=":material/compare_arrows:",
        )
        return
    results(found)
    first, *others = found
    for other in others:
        explained(first, other)


def results(found: list[Compared]) -> None:
    """What comes out, a column for each."""
    columns = [said(each) for each in found]
    rows = [["What comes out", *(each.label for each in found)]]
    rows += [[title, *(column[title] for column in columns)] for title in told(columns)]
    grid(rows, "What comes out of each scenario")
