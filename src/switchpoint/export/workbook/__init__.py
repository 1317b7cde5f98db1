"""The workbook for finance reviewers: live formulas that reproduce the base case, day by day."""

from switchpoint.export.workbook.reading_sheets import Quantiles, Simulated
from switchpoint.export.workbook.write import fitting, workbook_bytes, write_workbook

__all__ = ["Quantiles", "Simulated", "fitting", "workbook_bytes", "write_workbook"]
