"""Opening the scenario of a command: its faults end the command, what is seldom meant is noted."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from switchpoint.checks import load_checked
from switchpoint.scenario.cautions import cautions
from switchpoint.scenario.errors import dotted
from switchpoint.scenario.files import Loaded
from switchpoint.timeline.doubts import capacity_doubts


def opened(file: str, settings: Sequence[str]) -> Loaded:
    """A scenario file with what is set for this run.

    Raises:
        ScenarioError: with every fault.
    """
    loaded = load_checked(file, settings)
    for line in cautions(loaded.source):
        typer.echo(line, err=True)
    for path, text in capacity_doubts(loaded.scenario):
        typer.echo(f"Note: {dotted(path)} {text}", err=True)
    return loaded
