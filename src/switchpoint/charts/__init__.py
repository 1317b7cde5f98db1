"""Charts of a result: for the app, for reports and as files. Each has one takeaway, written from the numbers."""

from switchpoint.charts.bill import cost_chart, has_saving, saving_chart, unit_chart
from switchpoint.charts.collection import charts
from switchpoint.charts.projects import has_plan, plan_chart
from switchpoint.charts.vega import DARK, LIGHT, Look

__all__ = [
    "DARK",
    "LIGHT",
    "Look",
    "charts",
    "cost_chart",
    "has_plan",
    "has_saving",
    "plan_chart",
    "saving_chart",
    "unit_chart",
]
