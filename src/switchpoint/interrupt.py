"""Whether anybody still waits for long work: it asks here between its steps, in this process or in another.

The command line waits for what it asked for, so nothing is installed there and asking costs nothing. The app installs a
question that raises where a visitor has left. Work that it hands to other processes carries the name of a file along,
which is there as long as somebody waits.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")
Ask = Callable[[], None]
LOOK_SECONDS = 0.2
"""How often another process looks whether it is still waited for."""

_ASK: list[tuple[Ask, Callable[[], bool]]] = []


class UnwantedError(RuntimeError):
    """Nobody waits for the work any more."""


def pause() -> None:
    """Between two steps: go on, or leave by what the question raises."""
    for ask, _ in _ASK:
        ask()


def ask_between_steps(ask: Ask | None, here: Callable[[], bool] = lambda: True) -> None:
    """Install the question of this process, or take it away; `here` says whether it may raise in this thread."""
    _ASK[:] = [] if ask is None else [(ask, here)]


def can_be_left() -> bool:
    """Whether those who ask for work in this thread may leave before it is done."""
    return any(here() for _, here in _ASK)


@contextmanager
def waiting() -> Iterator[str]:
    """Name of a file that is there until the block ends, for work in another process."""
    number, name = tempfile.mkstemp(prefix="switchpoint-waiting-")
    os.close(number)
    try:
        yield name
    finally:
        with suppress(OSError):
            Path(name).unlink()


def while_waited_for(name: str, work: Callable[..., Made], *given: object) -> Made:
    """In another process: work as long as a file is there.

    Raises:
        UnwantedError: it is there no more.
    """
    looked = 0.0

    def look() -> None:
        nonlocal looked
        now = time.monotonic()
        if now - looked >= LOOK_SECONDS:
            looked = now
            if not Path(name).exists():
                raise UnwantedError

    ask_between_steps(look)
    try:
        pause()
        return work(*given)
    finally:
        ask_between_steps(None)
