"""The page Uncertainty."""

from switchpoint.ui.pages.uncertainty_page import page

page()
