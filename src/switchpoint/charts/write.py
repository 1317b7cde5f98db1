"""Charts as files: PNG for slides and mails, SVG for print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from switchpoint.charts.bill import cost_chart
from switchpoint.charts.plan import has_plan, plan_chart
from switchpoint.charts.saving import has_saving, saving_chart
from switchpoint.charts.style import LIGHT, Look
from switchpoint.charts.unit import unit_chart
from switchpoint.export.pictures import FORMATS
from switchpoint.files import folder_to_write
from switchpoint.result import Result
from switchpoint.scenario.writing import save_files


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
    return save_charts(charts(result), Path(folder))


def save_chart(chart: Any, folder: Path, name: str) -> list[Path]:
    """Write one chart into a folder, as NAME.png and NAME.svg, each file whole.

    Returns:
        The files that were written.
    """
    return save_charts({name: chart}, folder)


def save_charts(drawn: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write some charts into a folder, as NAME.png and NAME.svg, all of them or none.

    Returns:
        The files that were written.
    """
    files = {folder_to_write(folder) / name: data for name, data in chart_files(drawn).items()}
    save_files("charts", files, overwrite=True)
    return list(files)


def chart_files(drawn: Mapping[str, Any]) -> dict[str, bytes]:
    """Some charts as pictures, by the name of the file."""
    specs = {name: chart.to_dict() for name, chart in drawn.items()}
    return {f"{name}.{kind}": FORMATS[kind](spec) for name, spec in specs.items() for kind in ("png", "svg")}
