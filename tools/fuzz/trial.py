"""One case after another: what is tried at a door, and what went wrong there."""

from __future__ import annotations

import signal
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

PATIENCE_SECONDS = 10.0
"""A case that takes more processor time hangs; most take a twentieth of a second."""
WAIT_SECONDS = 120.0
"""So does one that waits for longer, on however busy a machine."""
MACHINE_WORDS = ("Traceback", "Input should be", "[type=", "pydantic", "RuntimeWarning", "ValidationError")
"""What no answer may hold: words of the machinery in place of plain ones."""


class Hang(BaseException):
    """A case went on for too long; no `except Exception` on its way stops it."""


class Unplain(Exception):  # noqa: N818 - it is an answer, and what is wrong with it is that it is not plain
    """An answer that a person cannot read, or that is no answer."""


@dataclass(frozen=True)
class Attempt:
    """One input, and what is done with it; `given` is enough to see what it was."""

    given: str
    answer: Callable[[], object]


Door = Callable[[Random, Path], Attempt]
"""Makes one attempt of a stream of chance, with an empty folder for its files."""


@dataclass(frozen=True)
class Trouble:
    """One case that ended badly."""

    door: str
    number: int
    kind: str
    given: str
    said: str

    @property
    def cause(self) -> str:
        """Its last line, by which cases of one kind are found."""
        return self.said.strip().splitlines()[-1][:160]

    @property
    def place(self) -> str:
        """Where in the program it happened, so that each place is told once."""
        return self.frames[-1] if self.frames else self.cause

    @property
    def frames(self) -> list[str]:
        """The lines of the program on the way to it."""
        found = (line.strip().partition("/src/") for line in self.said.splitlines() if "/switchpoint/" in line)
        return [after for _, within, after in found if within]


@dataclass
class Tally:
    """What became of the cases of one door."""

    door: str
    cases: int = 0
    taken: int = 0
    troubles: list[Trouble] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """Cases that ended in this way."""
        return sum(trouble.kind == kind for trouble in self.troubles)


def chance_of(seed: int, door: str, number: int) -> Random:
    """The stream of one case, which no other case moves."""
    return Random(f"{seed}/{door}/{number}")


def tried(name: str, door: Door, seed: int, numbers: Sequence[int]) -> Tally:
    """The cases of these numbers at one door."""
    tally = Tally(name)
    for number in numbers:
        with tempfile.TemporaryDirectory(prefix="spoilt-") as folder:
            attempt = door(chance_of(seed, name, number), Path(folder))
            trouble = _trouble(name, number, attempt)
        tally.cases += 1
        if trouble is not None:
            tally.troubles.append(trouble)
    return tally


def _trouble(door: str, number: int, attempt: Attempt) -> Trouble | None:
    try:
        with _alarm(PATIENCE_SECONDS, WAIT_SECONDS), warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            attempt.answer()
    except Hang:
        return Trouble(door, number, "hang", attempt.given, traceback.format_exc())
    except Exception:
        return Trouble(door, number, "traceback", attempt.given, traceback.format_exc())
    return None


@contextmanager
def _alarm(working: float, waiting: float) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    clocks = ((signal.SIGPROF, signal.ITIMER_PROF, working), (signal.SIGALRM, signal.ITIMER_REAL, waiting))
    before = [signal.signal(number, ring) for number, _, _ in clocks]
    for _, clock, seconds in clocks:
        signal.setitimer(clock, seconds)
    try:
        yield
    finally:
        for (number, clock, _), handler in zip(clocks, before, strict=True):
            signal.setitimer(clock, 0)
            signal.signal(number, handler)


def refuse_machine_words(text: str, given: str = "") -> None:
    """Make sure that what was said is plain.

    Args:
        text: what a person would read.
        given: the input, which an answer may repeat.

    Raises:
        Unplain: where it is not.
    """
    found = [word for word in MACHINE_WORDS if word in text and word not in given]
    if found:
        raise Unplain(f"the answer speaks of {found[0]}: {text[:500]}")
