"""The page Export."""

from switchpoint.ui.pages.export_page import page

page()
