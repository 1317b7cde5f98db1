"""The command line: `switchpoint check`, `new`, `run`, … Every fault is one line, and exit code 2."""

from __future__ import annotations

import io
import os
import sys

from switchpoint.cli import app, catalogue, compare, export, run, scenarios, serving, sweep, why
from switchpoint.cli.frame import program

COMMANDS = (app, catalogue, compare, export, run, scenarios, serving, sweep, why)
"""The modules that add commands to the program, by being imported."""

__all__ = ["COMMANDS", "main", "program"]


def main() -> None:
    """Run the command that the arguments of the process name."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
        elif stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - as long as we run
    program(prog_name="switchpoint", args=sys.argv[1:])
