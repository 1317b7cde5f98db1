"""The page Assumptions."""

from switchpoint.ui.assumptions.page import page

page()
