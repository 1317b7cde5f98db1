"""Charts of a result: for the app, for reports and as files. Each has one takeaway, written from the numbers."""

from switchpoint.charts.bill import cost_chart
from switchpoint.charts.plan import has_plan, plan_chart
from switchpoint.charts.saving import has_saving, saving_chart
from switchpoint.charts.style import DARK, LIGHT, Look
from switchpoint.charts.unit import unit_chart
from switchpoint.charts.write import charts, save

__all__ = [
    "DARK",
    "LIGHT",
    "Look",
    "charts",
    "cost_chart",
    "has_plan",
    "has_saving",
    "plan_chart",
    "save",
    "saving_chart",
    "unit_chart",
]
