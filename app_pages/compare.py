"""The page Compare."""

from switchpoint.ui.pages.compare_page import page

page()
