"""The page Your data."""

from switchpoint.ui.pages.your_data_page import page

page()
