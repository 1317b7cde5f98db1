"""The command line: `switchpoint check`, `new`, `run`, … Every fault is one line, and exit code 2.

Only what Ctrl-C needs is loaded at first: in the half second in which the commands are, it ends without a traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchpoint.cli.interruption import INTERRUPTED, guard

if TYPE_CHECKING:
    from typer import Typer

    from switchpoint.cli.typer_program import program as program


def __getattr__(name: str) -> Any:
    if name != "program":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return all_commands()


def all_commands() -> Typer:
    """The program with all its commands, which add themselves to it by being imported."""
    from switchpoint.cli import (  # noqa: F401 - a new command is a line here
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

    return program


def main() -> None:
    """Run the command that the arguments of the process name."""
    guard()
    import io
    import os
    import sys

    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
        elif stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - as long as we run
    program = all_commands()
    try:
        program(prog_name="switchpoint", args=sys.argv[1:])
    except SystemExit as end:
        if end.code == INTERRUPTED:
            from switchpoint.study.workers import stop_local

            stop_local()
        raise
