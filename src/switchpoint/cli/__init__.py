"""The command line: `switchpoint check`, `new`, `run`, … Every fault is one line, and exit code 2."""

from __future__ import annotations

import io
import os
import signal
import sys
from types import FrameType

from switchpoint.cli import app, catalogue, compare, export, run, scenarios, serving, sweep, why
from switchpoint.cli.frame import INTERRUPTED, program

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
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        program(prog_name="switchpoint", args=sys.argv[1:])
    except SystemExit as end:
        if end.code == INTERRUPTED:
            from switchpoint.study.executors import stop_local

            stop_local()
        raise


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """Ctrl-C counts once: what ends because of it must not be ended halfway by an impatient second one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
