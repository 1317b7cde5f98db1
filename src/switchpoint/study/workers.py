"""Many small tasks on processes or a cluster; none lost.

One interface, `concurrent.futures`. A worker that is killed takes nothing with it: what it may have held is run again,
one task at a time; a task that kills its worker even then is set aside, and the others go on.
"""

from __future__ import annotations

import gc
import os
import re
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from switchpoint import interrupt

Task = TypeVar("Task")
Made = TypeVar("Made")
Progress = Callable[[int], None]
"""Told how many tasks are done, each time one is."""
Pool = Callable[[], Executor]
"""Makes an executor, or a new one where the last one broke."""

CHUNK_SECONDS = 0.25
"""Least work that is worth sending to another process."""
MOST_BREAKS = 10
"""After its workers have died so often with nothing done in between, it is tried whether they can do anything."""
LONE_STRIKES = 2
"""A task during which a worker of its own has died so often is set aside."""
GIVING_WAY = 5
"""Niceness of workers whose program serves others meanwhile."""
WATCH_SECONDS = 1.0
"""How often a worker looks whether the program that asked for it is still there."""
AHEAD = 3
"""Tasks that are handed out at a time for each process: one at work, the others on their way."""


_STARTED: list[Any] = []
"""The processes of this machine that are kept for the next call, if there are any."""


class LostWorkError(RuntimeError):
    """Workers died again and again."""


@dataclass(frozen=True)
class Lost:
    """Stands for what would have been made of a task that kills its worker."""

    reason: str


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local(jobs: int) -> Executor:
    """Processes of this machine, kept for the next call; they do not import the program that asks for them."""
    from loky import get_reusable_executor

    _start_trackers()
    niceness = GIVING_WAY if interrupt.can_be_left() else 0
    executor: Executor = get_reusable_executor(
        max_workers=jobs, timeout=300, initializer=_as_worker, initargs=(os.getpid(), niceness)
    )
    _STARTED[:] = [executor]
    return executor


def single() -> Executor:
    """A process of this machine that gives way to others and does one thing at a time, for `hand_over`."""
    from loky import ProcessPoolExecutor

    _start_trackers()
    executor: Executor = ProcessPoolExecutor(
        max_workers=1, timeout=300, initializer=_as_worker, initargs=(os.getpid(), GIVING_WAY)
    )
    return executor


def hand_over(executor: Executor, work: Callable[..., Made], *given: object) -> Future[Made]:
    """Have a process of this machine do something; one that starts for it never hears Ctrl-C."""
    with _deaf():
        return executor.submit(work, *given)


def _start_trackers() -> None:
    """Start those who clean up after processes: each ends `_deaf` when it starts, so they start before."""
    from multiprocessing import resource_tracker

    from loky.backend import resource_tracker as tracker_of_loky

    for tracker in (resource_tracker, tracker_of_loky):
        tracker.ensure_running()


def stop_local() -> None:
    """End the processes of this machine, if there are any, without waiting for what they do."""
    while _STARTED:
        _STARTED.pop().shutdown(wait=False, kill_workers=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started meanwhile never hear Ctrl-C, not even while they load; this one hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


GROWS_BY = 2_000_000_000
"""Bytes that a worker may grow by before loky takes it for a leak, starts it anew and warns; many worlds at once take
some 500 MB, and no more however many follow."""


def _as_worker(asker: int, niceness: int = 0) -> None:
    """Leave Ctrl-C to the program that asks, and end with it, however it ends.

    Loky collects garbage every second. What the simulation imports is set aside first: to walk through it each time
    would take a twentieth of the work.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(asker,), daemon=True).start()
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    from loky import process_executor

    import switchpoint.decision.result  # noqa: F401 - so that it is there before what is there is set aside

    process_executor._MAX_MEMORY_LEAK_SIZE = GROWS_BY  # only newer versions have a setting for it
    gc.freeze()


def _end_with(asker: int) -> None:
    while os.getppid() == asker:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


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
    width = AHEAD * (jobs if pool is None else max(jobs, cores()))
    yield from _in_order(each(work, tasks, pool or (lambda: local(jobs)), width), told)


def each(
    work: Callable[[Task], Made], tasks: Sequence[Task], pool: Pool, width: int
) -> Iterator[tuple[int, Made | Lost]]:
    """What is made of each task, as soon as it is made, with the place of the task; `Lost` for one that kills.

    Args:
        work: what is done with each; it must be picklable.
        tasks: taken one by one, so that a long sequence may make them when they are asked for.
        pool: makes the executor.
        width: most tasks that are handed out at a time; with 1 each task runs alone.

    Raises:
        LostWorkError: where workers die again and again, whatever they do.
    """
    return _Crew(work, tasks, pool, width).make()


def _in_order(found: Iterator[tuple[int, Made | Lost]], told: Progress) -> Iterator[Made]:
    held: dict[int, Made] = {}
    place = 0
    for number, made in found:
        if isinstance(made, Lost):
            raise LostWorkError(made.reason)
        held[number] = made
        told(place + len(held))
        while place in held:
            yield held.pop(place)
            place += 1


class _Crew(Generic[Task, Made]):
    """Tasks handed out to an executor, and again to the next one where it breaks."""

    def __init__(self, work: Callable[[Task], Made], tasks: Sequence[Task], pool: Pool, width: int) -> None:
        self.work, self.tasks, self.pool, self.width = work, tasks, pool, max(width, 1)
        self.executor = pool()
        self.fresh = deque(range(len(tasks)))
        self.suspects: deque[int] = deque()
        self.strikes: Counter[int] = Counter()
        self.waiting: dict[Future[Made], int] = {}
        self.alone = False
        self.breaks = 0
        self.slip = ""

    def make(self) -> Iterator[tuple[int, Made | Lost]]:
        """What is made, as it comes."""
        with ExitStack() as until_left:
            if interrupt.can_be_left():
                self.slip = until_left.enter_context(interrupt.waiting())
            try:
                while self.fresh or self.suspects or self.waiting:
                    self._fill()
                    done, _ = wait(self.waiting, interrupt.LOOK_SECONDS if self.slip else None, FIRST_COMPLETED)
                    interrupt.pause()
                    yield from self._collect(done)
            except KeyboardInterrupt:
                self.waiting.clear()  # their processes are about to end; loky trips over what is cancelled then
                raise
            finally:
                for future in self.waiting:
                    future.cancel()

    def _fill(self) -> None:
        """Hand out what may be under way at the same time: many tasks, or one alone that a worker may have died of."""
        if self.suspects:
            if not self.waiting:
                self.alone = True
                self._submit(self.suspects.popleft())
            return
        self.alone = self.width == 1
        while self.fresh and len(self.waiting) < self.width:
            self._submit(self.fresh.popleft())

    def _submit(self, place: int) -> None:
        with _deaf():
            try:
                future = self._hand_out(self.tasks[place])
            except (
                BrokenProcessPool,
                RuntimeError,
            ):  # a worker died in idleness, or it was shut down
                self.executor = self.pool()
                future = self._hand_out(self.tasks[place])
        self.waiting[future] = place

    def _hand_out(self, task: Task) -> Future[Made]:
        """Hand a task out; where those who ask for it may leave, it ends soon after they did."""
        if self.slip:
            return self.executor.submit(interrupt.while_waited_for, self.slip, self.work, task)
        return self.executor.submit(self.work, task)

    def _collect(self, done: set[Future[Made]]) -> Iterator[tuple[int, Made | Lost]]:
        broken: BaseException | None = None
        for future in done:
            fault = _fault(future)
            if fault is None:
                self.breaks = 0
                yield self.waiting.pop(future), future.result()
            elif isinstance(fault, BrokenProcessPool):
                broken = fault
            elif _was_killed(fault):
                yield from self._lost(self.waiting.pop(future), fault, LONE_STRIKES)
            else:
                raise fault
        if broken is not None:
            yield from self._mend(broken)

    def _mend(self, broken: BaseException) -> Iterator[tuple[int, Made | Lost]]:
        """Start a new executor; whatever was handed out may have been what killed the worker."""
        held, self.waiting = sorted(self.waiting.values()), {}
        self.executor = self.pool()
        self.breaks += 1
        if self.breaks > MOST_BREAKS:
            self._try_out()
        for place in held:
            yield from self._lost(place, broken, 1)

    def _try_out(self) -> None:
        """Go on if it is the tasks that kill workers, stop if workers die of nothing."""
        try:
            self.executor.submit(int).result()
        except BrokenProcessPool as broken:
            raise LostWorkError(f"workers die whatever they do{_how(broken)}") from broken
        self.breaks = 0

    def _lost(self, place: int, fault: BaseException, strikes: int) -> Iterator[tuple[int, Lost]]:
        """Try a task again by itself, or set it aside where it died by itself too often.

        An executor that has tried again by itself needs no second chance from here.
        """
        if self.alone:
            self.strikes[place] += strikes
        if self.strikes[place] >= LONE_STRIKES:
            yield place, Lost(f"its worker process died{_how(fault)}, again and again")
        else:
            self.suspects.append(place)


def _fault(future: Future[Made]) -> BaseException | None:
    """What went wrong with a task that is done."""
    fault = CancelledError() if future.cancelled() else future.exception()
    if isinstance(fault, CancelledError):
        raise LostWorkError("the workers can no longer be reached") from None
    return fault


def _was_killed(fault: BaseException) -> bool:
    """Whether Dask gave a task up because several workers died of it."""
    return type(fault).__name__ == "KilledWorker"


def _how(fault: BaseException) -> str:
    """The signal or exit code in what loky says of a worker that is gone.

    >>> _how(RuntimeError("The exit codes of the workers are {SIGKILL(-9)}")), _how(RuntimeError())
    (' (SIGKILL)', '')
    """
    found = re.search(r"\{(SIG\w+|EXIT\(\d+\))", str(fault))
    return f" ({found[1]})" if found else ""


@dataclass(frozen=True)
class ProgressPart:
    """The progress of one part of several."""

    whole: Callable[[float], None]
    number: int
    count: int

    def __call__(self, share: float) -> None:
        """Tell the whole of the share that is done of this part."""
        self.whole((self.number + share) / self.count)
