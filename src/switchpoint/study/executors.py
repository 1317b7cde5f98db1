"""Running many small tasks: in this process, on the cores of this machine, or on whatever executor one hands over.

One interface, `concurrent.futures`. A worker that is killed takes nothing with it: what is not done is submitted again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Generic, TypeVar

Task = TypeVar("Task")
Made = TypeVar("Made")
Progress = Callable[[int], None]
"""Told how many tasks are done, each time one is."""
Pool = Callable[[], Executor]
"""Makes an executor, or a new one where the last one broke."""

CHUNK_SECONDS = 0.25
"""Least work that is worth sending to another process."""
MOST_BREAKS = 10
"""After its workers have died so often, a run is given up."""


class LostWorkError(RuntimeError):
    """Workers died again and again."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local(jobs: int) -> Executor:
    """Processes of this machine, kept for the next call; they do not import the program that asks for them."""
    from loky import get_reusable_executor

    executor: Executor = get_reusable_executor(max_workers=jobs, timeout=300)
    return executor


def run(
    work: Callable[[Task], Made],
    tasks: Sequence[Task],
    jobs: int = 1,
    progress: Progress | None = None,
    pool: Pool | None = None,
) -> Iterator[Made]:
    """What is made of each task, in the order of the tasks.

    Args:
        work: what is done with each; it must be picklable.
        tasks: each worth `CHUNK_SECONDS` or more.
        jobs: processes; 1 stays in this one.
        progress: called with the number of tasks done.
        pool: makes the executor; left out, processes of this machine.

    Raises:
        LostWorkError: where workers die again and again.
    """
    told = progress or (lambda _: None)
    if pool is None and (jobs <= 1 or len(tasks) <= 1):
        for done, task in enumerate(tasks, 1):
            made = work(task)
            told(done)
            yield made
        return
    yield from _Crew(work, tasks, pool or (lambda: local(jobs))).results(told)


class _Crew(Generic[Task, Made]):
    """Tasks handed out to an executor, and again to the next one where it breaks."""

    def __init__(self, work: Callable[[Task], Made], tasks: Sequence[Task], pool: Pool) -> None:
        self.work, self.tasks, self.pool = work, tasks, pool
        self.breaks = 0
        self.executor = pool()
        self.waiting: dict[Future[Made], int] = {}
        self.made: dict[int, Made] = {}

    def results(self, told: Progress) -> Iterator[Made]:
        """Results in the order of the tasks, each as soon as all before it are there."""
        place = 0
        self._submit(range(len(self.tasks)))
        try:
            while place < len(self.tasks):
                if place in self.made:
                    yield self.made.pop(place)
                    place += 1
                else:
                    self._wait()
                    told(place + len(self.made))
        finally:
            self._drop()

    def _submit(self, places: Sequence[int]) -> None:
        for place in places:
            self.waiting[self.executor.submit(self.work, self.tasks[place])] = place

    def _wait(self) -> None:
        done, _ = wait(self.waiting, return_when=FIRST_COMPLETED)
        for future in done:
            try:
                self.made[self.waiting[future]] = future.result()
                del self.waiting[future]
            except BrokenProcessPool as broken:
                self._mend(broken)
                return

    def _mend(self, broken: BrokenProcessPool) -> None:
        """Start a new executor with all that is not done."""
        self.breaks += 1
        if self.breaks > MOST_BREAKS:
            raise LostWorkError(f"workers died {self.breaks} times, the last time: {broken}") from broken
        left = sorted(place for place in self.waiting.values() if place not in self.made)
        self.waiting, self.executor = {}, self.pool()
        self._submit(left)

    def _drop(self) -> None:
        """Cancel what has not begun, after a fault or when nobody asks for more."""
        for future in self.waiting:
            future.cancel()
