"""The page that answers: when to start, why, and what it costs to wait."""

from __future__ import annotations

import streamlit as st

from switchpoint.ui.decide import verdict
from switchpoint.ui.decide.cards import cards
from switchpoint.ui.decide.details import details
from switchpoint.ui.decide.economics import economics
from switchpoint.ui.decide.likely import likely
from switchpoint.ui.decide.pictures import pictures, plan
from switchpoint.ui.decide.tripwires import what_would_change_this
from switchpoint.ui.decide.welcome import welcome
from switchpoint.ui.parts.facts import facts
from switchpoint.ui.parts.notes import notes
from switchpoint.ui.parts.opening import opened, subject
from switchpoint.ui.uncertainty.draws import latest


def page() -> None:
    """Draw the page."""
    welcome()
    view = opened()
    if view is None or view.base is None:
        return
    result = view.base.shown
    verdict.draw(result, subject(view))
    sure = st.empty()
    notes(view.base)
    pictures(result)
    facts(economics(result))
    cards(result, latest(view.base))
    plan(result)
    what_would_change_this(view.base)
    details(result)
    likely(view.base, sure)
