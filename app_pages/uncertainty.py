"""The page Uncertainty."""

from switchpoint.ui.uncertainty.page import page

page()
