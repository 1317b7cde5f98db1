"""The command that exports a sweep: what its summary says, as the same files that a run is exported to."""

from __future__ import annotations

from pathlib import Path

from switchpoint.report.export import Targets, write
from switchpoint.report.exports import StoryExports
from switchpoint.report.story.sweep import sweep_story
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.study.sweep.folder import MANIFEST, Folder
from switchpoint.study.sweep.results import results
from switchpoint.study.sweep.summary import summarised

SUMMARY = "summary"
NO_WORKBOOK = (
    "a workbook recalculates one scenario, and a sweep has many: give the scenario's file instead of --run; "
    "--tables writes the points as CSV and Parquet"
)


def sweep_in(path: Path) -> Path | None:
    """The folder of the sweep that a path names, itself or as the `summary` in it; None where there is none."""
    folder = path.resolve().parent if path.resolve().name == SUMMARY and not (path / MANIFEST).exists() else path
    return folder if (folder / MANIFEST).is_file() else None


def export_sweep_command(path: Path, targets: Targets) -> None:
    """Export the sweep of a folder, finished or not.

    Raises:
        ScenarioError: where a workbook is asked for, something would be overwritten, or cannot be written.
        SweepError: where there is nothing to tell.
    """
    if targets.workbook is not None:
        raise ScenarioError([Fault(str(targets.workbook), 1, "--workbook", NO_WORKBOOK)])
    targets.check(path / MANIFEST)
    summary = summarised(results(Folder(path)))
    write(StoryExports(lambda: sweep_story(summary)), targets)
