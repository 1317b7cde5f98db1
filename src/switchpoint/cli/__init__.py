"""The command line: `switchpoint check`, `new`, `run`, … Every fault is one line, and exit code 2.

Only what Ctrl-C needs is loaded at first: in the half second in which the commands are, it ends without a traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchpoint.cli.interruption import INTERRUPTED, guard

if TYPE_CHECKING:
    from switchpoint.cli.commands import program as program


def __getattr__(name: str) -> Any:
    if name != "program":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from switchpoint.cli.commands import program

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
    from switchpoint.cli.commands import program

    try:
        program(prog_name="switchpoint", args=sys.argv[1:])
    except SystemExit as end:
        if end.code == INTERRUPTED:
            from switchpoint.study.workers import stop_local

            stop_local()
        raise
