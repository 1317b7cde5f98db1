"""The page Export."""

from switchpoint.ui.handover.page import page

page()
