"""Chart (key, takeaway, note, spec, data); all charts of a result or of draws, as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from switchpoint.charts.bill import cost_chart, has_saving, saving_chart, unit_chart
from switchpoint.charts.cash_and_waterfall import cash_chart, has_cash, waterfall_chart
from switchpoint.charts.fan_and_dates import dates_chart, fan_chart, has_dates, has_fan
from switchpoint.charts.projects import carriers_chart, has_carriers, has_plan, plan_chart
from switchpoint.charts.vega import LIGHT, Look
from switchpoint.charts.waiting import has_regret, has_waiting, regret_chart, waiting_chart
from switchpoint.decision.result import JudgedWorld
from switchpoint.study.draw_results import DrawFindings


def charts(result: JudgedWorld, look: Look = LIGHT) -> dict[str, Any]:
    """Every chart that a result has, by the name of its file."""
    drawn: dict[str, Callable[[JudgedWorld, Look], Any]] = {"cost": cost_chart, "cost-per-1000-requests": unit_chart}
    if has_saving(result):
        drawn["saving"] = saving_chart
    if has_cash(result):
        drawn |= {"cash": cash_chart, "waterfall": waterfall_chart}
    if has_plan(result):
        drawn["plan"] = plan_chart
    if has_carriers(result):
        drawn["carriers"] = carriers_chart
    return {name: draw(result, look) for name, draw in drawn.items()}


def draws_charts(findings: DrawFindings, look: Look = LIGHT) -> dict[str, Any]:
    """Every chart that findings have, by the name of its file."""
    drawn: dict[str, Callable[[DrawFindings, Look], Any]] = {}
    if has_fan(findings):
        drawn["fan"] = fan_chart
    if has_dates(findings):
        drawn["dates"] = dates_chart
    if has_waiting(findings):
        drawn["waiting"] = waiting_chart
    if has_regret(findings):
        drawn["regret"] = regret_chart
    return {name: draw(findings, look) for name, draw in drawn.items()}
