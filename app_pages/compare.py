"""The page Compare."""

from switchpoint.ui.compare.page import page

page()
