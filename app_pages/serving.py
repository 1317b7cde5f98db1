"""The page Serving."""

from switchpoint.ui.serving.page import page

page()
