"""Timing of several pieces of work in one run, their rounds interleaved so that noise hits all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def medians(rounds: int, *works: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Median seconds of each piece of work, by the clock on the wall or another one."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for taken, work in zip(times, works, strict=True):
            begin = clock()
            work()
            taken.append(clock() - begin)
    return [statistics.median(taken) for taken in times]
