"""The program with all its commands, which add themselves to it by being imported."""

from __future__ import annotations

from switchpoint.cli import (
    catalogue,
    compare_and_why,
    export,
    own_data,
    programme_commands,
    run,
    scenarios,
    serving,
    sweep,
)
from switchpoint.cli.typer_program import program

COMMANDS = (
    catalogue,
    compare_and_why,
    export,
    own_data,
    programme_commands,
    run,
    scenarios,
    serving,
    sweep,
)
"""The modules that add commands."""

__all__ = ["COMMANDS", "program"]
