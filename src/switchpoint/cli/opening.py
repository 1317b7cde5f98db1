"""Opening the scenario of a command: its faults end the command, what is seldom meant is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import typer

from switchpoint.checks import load_checked
from switchpoint.scenario.cautions import cautions
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.files import Loaded
from switchpoint.scenario.notes import RATES, Note, placed


def noted(loaded: Loaded, *, strict: bool) -> tuple[Note, ...]:
    """The notes on a scenario, each with its place.

    Raises:
        ScenarioError: with strict, where there is one: each as a fault, those on what is set for this run too.
    """
    from switchpoint.notes import load_notes

    notes = tuple(replace(note, place=placed(note, loaded.source)) for note in load_notes(loaded.scenario))
    doubts = [note for note in (*cautions(loaded.source), *notes) if note.code != RATES]
    if strict and doubts:
        raise ScenarioError([loaded.fault(note.path, note.sentence) for note in doubts], loaded.source)
    return notes


def opened(file: str, settings: Sequence[str]) -> Loaded:
    """A scenario file with what is set for this run.

    Raises:
        ScenarioError: with every fault.
    """
    loaded = load_checked(file, settings)
    for line in cautions(loaded.source):
        typer.echo(str(line), err=True)
    return loaded
