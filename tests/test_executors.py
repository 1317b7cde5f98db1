"""Running tasks: in order, with workers that die, with tasks that kill, with nobody to do them."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import pytest

from switchpoint.errors import CannotCompute
from switchpoint.study import workers
from switchpoint.study.workers import LONE_STRIKES, Lost, LostWorkError, each, local, run, stop_local


@dataclass(frozen=True)
class Work:
    """Doubles a number; notes each attempt in a folder, and dies at some numbers for so many attempts."""

    folder: Path
    deadly: Collection[int] = ()
    attempts: int = 100

    def __call__(self, task: int) -> int:
        with (self.folder / str(task)).open("a") as notes:
            notes.write(".")
        if task in self.deadly and len((self.folder / str(task)).read_text()) <= self.attempts:
            os.kill(os.getpid(), signal.SIGKILL)
        return 2 * task

    def tried(self) -> Counter[int]:
        """How often each task was begun."""
        return Counter({int(file.name): len(file.read_text()) for file in self.folder.iterdir()})


class Broken(Executor):
    """Fails some tasks with a fault, and does the others."""

    def __init__(self, fault: Exception, deadly: Collection[object]) -> None:
        self.fault, self.deadly = fault, deadly

    def submit(self, work: Callable[..., int], /, *task: int) -> Future[int]:  # type: ignore[override]
        future: Future[int] = Future()
        if not task or task[0] in self.deadly:
            future.set_exception(self.fault)
        else:
            future.set_result(work(*task))
        return future


class KilledWorker(Exception):  # noqa: N818 - its name is what is looked at
    """What Dask calls a task of which several workers died."""


class Everything(tuple[()]):
    """Contains everything."""

    def __contains__(self, _: object) -> bool:
        return True


def loads_nothing(asker: int, niceness: int = 0) -> None:
    """Stands for what a worker does when it starts, most of which is to load the simulation."""


@pytest.fixture
def light_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Processes that load no simulation: where they die one after the other, nothing else takes so long."""
    monkeypatch.setattr(workers, "_as_worker", loads_nothing)
    yield
    stop_local()


@pytest.mark.slow
@pytest.mark.usefixtures("light_workers")
def test_a_task_that_kills_its_worker_is_set_aside_and_the_others_are_done_once(tmp_path: Path) -> None:
    work = Work(tmp_path, deadly=(5,))
    found = list(each(work, range(12), lambda: local(2), width=4))
    made = dict(found)
    assert len(found) == len(made) == 12
    assert isinstance(made[5], Lost)
    assert "SIGKILL" in made[5].reason
    assert {place: value for place, value in made.items() if place != 5} == {n: 2 * n for n in range(12) if n != 5}
    assert work.tried()[5] == 1 + LONE_STRIKES


@pytest.mark.slow
@pytest.mark.usefixtures("light_workers")
def test_a_worker_that_dies_once_loses_nothing(tmp_path: Path) -> None:
    work = Work(tmp_path, deadly=(3,), attempts=1)
    assert list(run(work, range(10), jobs=2)) == [2 * n for n in range(10)]


def fail(number: int) -> int:
    raise CannotCompute(("usage",), f"task {number} fails")


@pytest.mark.usefixtures("light_workers")
@pytest.mark.parametrize("jobs", [1, 2])
def test_in_this_process_and_in_others_order_and_faults_are_the_same(tmp_path: Path, jobs: int) -> None:
    told: list[int] = []
    assert list(run(Work(tmp_path), range(20), jobs, told.append)) == list(range(0, 40, 2))
    assert told == sorted(told)
    assert told[-1] == 20
    with pytest.raises(CannotCompute, match="fails"):
        list(run(fail, range(4), jobs))


def test_results_come_in_the_order_of_the_tasks_and_progress_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    assert list(run(Work(tmp_path), range(20), 2, told.append, lambda: ThreadPoolExecutor(4))) == list(range(0, 40, 2))
    assert told == sorted(told)
    assert told[-1] == 20


HELD: list[bytes] = []


def grow(megabytes: int) -> int:
    """Keep so much memory in this process, which is told."""
    HELD.append(b"x" * (megabytes << 20))
    return os.getpid()


def test_a_worker_that_needs_much_memory_is_not_taken_for_a_leak() -> None:
    pytest.importorskip("psutil")
    executor = local(1)
    first = executor.submit(grow, 0).result()
    time.sleep(1.1)  # what it takes is looked at once a second
    assert executor.submit(grow, 400).result() == executor.submit(grow, 0).result() == first
    stop_local()


def test_a_task_that_dask_gave_up_gets_one_chance_alone(tmp_path: Path) -> None:
    work = Work(tmp_path)
    made = dict(each(work, range(6), lambda: Broken(KilledWorker(), (2,)), width=4))
    assert isinstance(made[2], Lost)
    assert [made[n] for n in (0, 1, 3, 4, 5)] == [0, 2, 6, 8, 10]


def test_a_long_row_of_deadly_tasks_is_got_through(tmp_path: Path) -> None:
    deadly = BrokenProcessPool("{SIGSEGV(-11)}")
    found = dict(each(Work(tmp_path), range(60), lambda: Responding(deadly, range(10, 50)), width=5))
    assert {place for place, made in found.items() if isinstance(made, Lost)} == set(range(10, 50))


class Responding(Broken):
    """One whose workers can do nothing, as long as it is nothing."""

    def submit(self, work: Callable[..., int], /, *task: int) -> Future[int]:  # type: ignore[override]
        return super().submit(work, *task) if task else super().submit(lambda _: 0, -1)


def test_workers_that_die_of_nothing_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(LostWorkError, match="whatever they do"):
        list(each(Work(tmp_path), range(60), lambda: Broken(BrokenProcessPool(), Everything()), width=5))


def test_workers_out_of_reach_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(LostWorkError, match="reached"):
        list(each(Work(tmp_path), range(3), lambda: Broken(CancelledError(), (1,)), width=1))


def test_a_fault_of_the_work_itself_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        list(each(lambda n: 1 // n, range(3), lambda: ThreadPoolExecutor(2), width=2))


def test_what_is_handed_out_is_never_more_than_asked(tmp_path: Path) -> None:
    asked: list[int] = []

    class Tasks(list[int]):
        def __getitem__(self, place: int) -> int:  # type: ignore[override]
            asked.append(place)
            return place

    made = each(Work(tmp_path), Tasks(range(100)), lambda: ThreadPoolExecutor(1), width=3)
    next(made)
    assert len(asked) <= 3
    made.close()
