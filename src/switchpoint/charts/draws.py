"""The charts of many draws, and their files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from switchpoint.charts.dates import dates_chart, has_dates
from switchpoint.charts.fan import fan_chart, has_fan
from switchpoint.charts.regret import has_regret, regret_chart
from switchpoint.charts.style import LIGHT, Look
from switchpoint.charts.waiting import has_waiting, waiting_chart
from switchpoint.charts.write import save_charts
from switchpoint.study.draws.findings import Findings

__all__ = ["dates_chart", "draws_charts", "fan_chart", "regret_chart", "save_draws", "waiting_chart"]


def draws_charts(findings: Findings, look: Look = LIGHT) -> dict[str, Any]:
    """Every chart that findings have, by the name of its file."""
    drawn: dict[str, Callable[[Findings, Look], Any]] = {}
    if has_fan(findings):
        drawn["fan"] = fan_chart
    if has_dates(findings):
        drawn["dates"] = dates_chart
    if has_waiting(findings):
        drawn["waiting"] = waiting_chart
    if has_regret(findings):
        drawn["regret"] = regret_chart
    return {name: draw(findings, look) for name, draw in drawn.items()}


def save_draws(findings: Findings, folder: Path | str) -> list[Path]:
    """Write every chart of the draws into a folder, as NAME.png and NAME.svg, each file whole.

    Returns:
        The files that were written.
    """
    return save_charts(draws_charts(findings), Path(folder))
