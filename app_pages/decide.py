"""The page Decide."""

from switchpoint.ui.pages.decide_page import page

page()
