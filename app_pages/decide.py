"""The page Decide."""

from switchpoint.ui.decide.page import page

page()
