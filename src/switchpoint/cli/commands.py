"""The program with all its commands, which add themselves to it by being imported."""

from __future__ import annotations

from switchpoint.cli import (
    catalogue,
    compare,
    export,
    find_candidates,
    own_data,
    programme_commands,
    run,
    scenarios,
    serving,
    sweep,
    why,
)
from switchpoint.cli import scenarios as app
from switchpoint.cli.typer_program import program

COMMANDS = (
    app,
    catalogue,
    compare,
    export,
    find_candidates,
    own_data,
    programme_commands,
    run,
    scenarios,
    serving,
    sweep,
    why,
)
"""The modules that add commands."""

__all__ = ["COMMANDS", "program"]
