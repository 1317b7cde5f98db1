"""Charts as files: PNG for slides and mails, SVG for print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from switchpoint.charts.bill import cost_chart
from switchpoint.charts.plan import has_plan, plan_chart
from switchpoint.charts.saving import has_saving, saving_chart
from switchpoint.charts.style import LIGHT, Look
from switchpoint.charts.unit import unit_chart
from switchpoint.export.pictures import FORMATS
from switchpoint.result import Result
from switchpoint.scenario.writing import save_bytes


def charts(result: Result, look: Look = LIGHT) -> dict[str, Any]:
    """Every chart that a result has, by the name of its file."""
    drawn: dict[str, Callable[[Result, Look], Any]] = {"cost": cost_chart, "cost-per-1000-requests": unit_chart}
    if has_saving(result):
        drawn["saving"] = saving_chart
    if has_plan(result):
        drawn["plan"] = plan_chart
    return {name: draw(result, look) for name, draw in drawn.items()}


def save(result: Result, folder: Path | str) -> list[Path]:
    """Write every chart of a result into a folder, as NAME.png and NAME.svg, each file whole.

    Returns:
        The files that were written.
    """
    return [file for name, chart in charts(result).items() for file in save_chart(chart, Path(folder), name)]


def save_chart(chart: Any, folder: Path, name: str) -> list[Path]:
    """Write one chart into a folder, as NAME.png and NAME.svg, each file whole.

    Returns:
        The files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spec = chart.to_dict()
    return [_write(folder / f"{name}.{kind}", FORMATS[kind](spec)) for kind in ("png", "svg")]


def _write(path: Path, data: bytes) -> Path:
    save_bytes(path, data, overwrite=True)
    return path
