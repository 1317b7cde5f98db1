"""The page Serving."""

from switchpoint.ui.pages.serving_page import page

page()
