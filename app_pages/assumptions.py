"""The page Assumptions."""

from switchpoint.ui.pages.assumptions_page import page

page()
