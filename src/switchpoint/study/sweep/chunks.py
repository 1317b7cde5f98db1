"""Chunks of a sweep: points that are run together and kept in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from switchpoint.study.executors import CHUNK_SECONDS
from switchpoint.study.sweep.plan import Plan
from switchpoint.study.sweep.work import Chunk, Setup

GOOD_CHUNK_SECONDS = 1.0
"""Work in one file where there is enough of it: writing and sending it is then a small part."""
SECONDS_PER_PROCESS = 0.02
"""Work in one file for each process that there is: with very many of them, who writes the files must keep up."""
HANDLING_SECONDS = 0.01
"""What one file costs whoever hands out and writes, on a cluster; measured by `benchmarks/sweep_cluster.py`."""
FILES_PER_JOB = 8
"""Files that each process should have to do, so that all end at about the same time."""
MOST_FILES = 5_000


@dataclass(frozen=True)
class Chunks(Sequence[Chunk]):
    """The chunks of a plan, each made when it is asked for."""

    plan: Plan
    setup: Setup
    size: int

    def __len__(self) -> int:
        return ceil(len(self.plan) / self.size)

    def __getitem__(self, number: int) -> Chunk:  # type: ignore[override]
        points = tuple(self.plan.point(place) for place in self._points(number))
        return Chunk(self.setup, number, points)

    def length(self, number: int) -> int:
        """Points of a chunk."""
        return len(self._points(number))

    def _points(self, number: int) -> range:
        return range(number * self.size, min((number + 1) * self.size, len(self.plan)))


@dataclass(frozen=True)
class Remaining(Sequence[Chunk]):
    """Some of the chunks."""

    chunks: Chunks
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: int) -> Chunk:  # type: ignore[override]
        return self.chunks[self.numbers[place]]


def chunk_size(points: int, pace: float, jobs: int) -> int:
    """Points of one file: a second of work or more, less where that leaves processes idle, at least a quarter second.

    Many processes wait for the one that hands out and writes, HANDLING_SECONDS for each of work/size files, and at the
    end for the last file, size seconds: the sum is least at size = √(work · HANDLING_SECONDS).

    Args:
        points: how many there are.
        pace: seconds that one takes.
        jobs: processes.
    """
    enough = SECONDS_PER_PROCESS * jobs
    good = ceil(max(GOOD_CHUNK_SECONDS, enough) / pace)
    fair = ceil(points / (FILES_PER_JOB * jobs))
    handled = min(enough, sqrt(points * pace * HANDLING_SECONDS))
    least = ceil(max(CHUNK_SECONDS, handled) / pace)
    return max(min(good, fair), least, ceil(points / MOST_FILES), 1)
