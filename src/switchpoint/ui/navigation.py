"""The pages in their order. A new page is one line here and one file in app_pages."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from switchpoint.ui import address, budget, session, sidebar
from switchpoint.ui.coupled_numbers import draw_mends
from switchpoint.ui.page_style import apply_style
from switchpoint.ui.verdict_strip import begin_strip, finish_strip
from switchpoint.ui.widgets import begin_drawing, finish_drawing


@dataclass(frozen=True)
class Listed:
    """A page of the navigation; its script is app_pages/NAME.py beside app.py."""

    name: str
    title: str
    about: str
    takes_files: bool = False
    """Whether it has its own place for files, instead of that at the left."""


# Without icons all eight stand in a row of 1,280 pixels; with them the last two hid behind "2 more".
PAGES = (
    Listed("decide", "Decide", "When to start, why, and what would change that."),
    Listed("your_data", "Your data", "Your own usage and bills, fitted.", True),
    Listed("uncertainty", "Uncertainty", "How sure the dates and the savings are."),
    Listed("readiness", "Readiness", "Whether the team is ready, and what its gates cost."),
    Listed("serving", "Serving", "What a replica carries, and how many it takes."),
    Listed("compare", "Compare", "Up to four scenarios or variants side by side."),
    Listed("assumptions", "Assumptions", "Every number, where it is from; change any of them.", True),
    Listed("export", "Export", "Files for reviews: deck, workbook, report, charts."),
)


def run() -> None:
    """Run the app: the address, the inputs at the left, the page."""
    budget.install()
    pages = [_page(listed) for listed in PAGES]
    current = st.navigation(pages, position="top")
    if session.begin():
        address.read()
        session.forget_past()
    elif address.has_navigated():
        address.read()
    listed = PAGES[pages.index(current)]
    apply_style()
    view = session.look()
    strip = begin_strip(view)
    begin_drawing()
    if view.loaded is not None and view.base is None:
        draw_mends(view.tree)
    sidebar.draw(view, uploading=not listed.takes_files)
    address.write()
    current.run()
    finish_drawing()
    finish_strip(view, strip)


def _page(listed: Listed) -> StreamlitPage:
    return st.Page(
        f"app_pages/{listed.name}.py",
        title=listed.title,
        help=listed.about,
        default=listed is PAGES[0],
    )
