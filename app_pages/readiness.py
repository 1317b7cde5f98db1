"""The page Readiness."""

from switchpoint.ui.pages.readiness_page import page

page()
