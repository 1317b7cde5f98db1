"""Ctrl-C: while the program is loaded it ends at once, later it lets what runs clean up. Loads next to nothing."""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130
_told: list[int] = []


def guard() -> None:
    """End at once and without a traceback on Ctrl-C, whatever is half-loaded; where Ctrl-C is ignored, it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _quit)


def let_clean_up() -> None:
    """From here on Ctrl-C is a KeyboardInterrupt, so that what runs can clean up."""
    if signal.getsignal(signal.SIGINT) is _quit:
        signal.signal(signal.SIGINT, _interrupt)


def was_interrupted() -> bool:
    """Whether Ctrl-C was pressed, also where a library made another error of it."""
    return bool(_told)


def _quit(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"Interrupted\n")
    os._exit(INTERRUPTED)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """Ctrl-C counts once: what ends because of it must not be ended halfway by an impatient second one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _told.append(number)
    raise KeyboardInterrupt
