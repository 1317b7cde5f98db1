"""What a sweep costs beside its points: python benchmarks/sweep.py [POINTS]

Machines are shared and noisy, so every figure is a ratio of things whose rounds are interleaved in the same run:
- a sweep in one process, against a plain loop that reads the scenario once and calls the library for each point, by
  wall clock and by processor time of all processes (the overhead);
- a sweep in two processes against one, beside two plain loops in two processes against one (the efficiency, and what
  the machine has to give);
- then one sweep of all points (10,000 when left out): its rate, and memory when a tenth is done and at the end.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.study.sweep.chunks import PointChunk, Setup, ran
from switchpoint.study.sweep.columns import columns
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.plan import SweepPlan, plan_sweep
from switchpoint.study.sweep.run import Crew, begin, conduct
from switchpoint.study.sweep.study_file import Asked, typed_study
from switchpoint.study.workers import local, stop_local

SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "support-copilot.toml"
ROUNDS, POINTS = 7, 400
PACE = 0.004
"""About the seconds of a point among others."""


def plan(points: int) -> tuple[Asked, SweepPlan]:
    """A sweep of so many points over growth, price and coverage."""
    vary = ("usage.growth.per_month=0.02:0.2", "current.price_change_per_year=-0.5:0.1", "candidates.*.coverage=0.5:1")
    asked = typed_study(str(SCENARIO), (), vary, {"sample": "sobol", "points": points})
    return asked, plan_sweep(asked)


def loop(planned: SweepPlan, first: int, last: int) -> None:
    """The library called for each point."""
    for number in range(first, last):
        scenario = planned.bases[0].at(planned.changes(planned.point(number))).scenario
        JudgedWorld(simulate(scenario)).as_json()


def swept(asked: Asked, planned: SweepPlan, jobs: int, told: Callable[[int], None] = lambda _: None) -> float:
    """Seconds of a sweep in so many processes, which are there already."""
    crew = Crew(jobs, lambda: local(jobs))
    with tempfile.TemporaryDirectory() as out:
        folder = Folder(Path(out) / "sweep")
        with folder.hold_lock():
            manifest = begin(asked, planned, folder, crew, pace=PACE)
            list(crew.pool().map(warm, range(8 * jobs)))
            started = time.perf_counter()
            conduct(planned, manifest, folder, crew, told)
            return time.perf_counter() - started


def warm(_: int) -> None:
    """Make a process import what it needs, by a chunk of one point."""
    small = plan(2)[1]
    ran(PointChunk(Setup.of(small, columns(small.dimensions, None, ()), ""), 0, (small.point(0),)))


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def two_loops(points: int) -> float:
    """Seconds that each of two plain loops takes, run at the same time in two processes of a pool."""
    pool = local(2)
    list(pool.map(warm, range(8)))
    halves = [(0, points // 2), (points // 2, points)]
    return seconds(lambda: list(pool.map(loop_of, [points] * 2, *zip(*halves, strict=True))))


def loop_of(points: int, first: int, last: int) -> None:
    loop(plan(points)[1], first, last)


def processor_seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    return sum(
        u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def processors(work: Callable[[], object]) -> float:
    """Processor seconds of some work and of the processes that it starts."""
    stop_local()
    before = processor_seconds()
    work()
    stop_local()
    time.sleep(1)
    return processor_seconds() - before


def megabytes(pid: int | str) -> float:
    """Memory that a process holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def held() -> list[float]:
    """Memory of this process, and of the two processes of the pool."""
    return [megabytes("self"), *(megabytes(pid) for pid in local(2)._processes)]


def ratios() -> None:
    asked, small = plan(POINTS)
    loop(small, 0, 4)
    works = {
        "plain": lambda: seconds(lambda: loop(small, 0, POINTS)),
        "one": lambda: swept(asked, small, 1),
        "two": lambda: swept(asked, small, 2),
        "two loops": lambda: two_loops(POINTS),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            taken[name].append(work())
    middle = {name: statistics.median(times) for name, times in taken.items()}
    print(f"a point in a plain loop                      {1e3 * middle['plain'] / POINTS:6.1f} ms")
    paired = [one / plain - 1 for one, plain in zip(taken["one"], taken["plain"], strict=True)]
    print(f"overhead of a sweep in one process           {100 * statistics.median(paired):6.1f} % of the points' work")
    efficiency = statistics.median(one / two / 2 for one, two in zip(taken["one"], taken["two"], strict=True))
    ceiling = statistics.median(one / two / 2 for one, two in zip(taken["plain"], taken["two loops"], strict=True))
    print(f"efficiency of two processes                  {100 * efficiency:6.1f} %")
    print(f"  of two plain loops side by side            {100 * ceiling:6.1f} % (what the machine gives)")


def processor_overhead() -> None:
    """Overhead by processor time, of which other programs on the machine take nothing."""
    asked, small = plan(2 * POINTS)
    found = []
    for _ in range(3):
        sweep, start = processors(lambda: swept(asked, small, 1)), processors(lambda: nothing(asked, small))
        found.append((sweep - start) / processors(lambda: loop(small, 0, len(small))) - 1)
    print(f"overhead by processor time                   {100 * statistics.median(found):6.1f} %")


def nothing(asked: Asked, planned: SweepPlan) -> None:
    """All that happens around a sweep, without it."""
    crew = Crew(1, lambda: local(1))
    with tempfile.TemporaryDirectory() as out:
        folder = Folder(Path(out) / "sweep")
        with folder.hold_lock():
            begin(asked, planned, folder, crew, pace=PACE)
            list(crew.pool().map(warm, range(8)))


def whole(points: int) -> None:
    asked, large = plan(points)
    seen: list[list[float]] = []

    def told(done: int) -> None:
        if (not seen and done >= points / 10) or done == points:
            seen.append(held())

    took = swept(asked, large, 2, told)
    print(f"{points:,} points in two processes              {points / took:6.1f} points a second, {took:.0f} s")
    words = [" + ".join(f"{each:.0f}" for each in memory) for memory in (seen[0], seen[-1])]
    print(f"memory at a tenth, and at the end            {words[0]} MB, {words[1]} MB")


def main() -> None:
    ratios()
    processor_overhead()
    whole(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)


if __name__ == "__main__":
    main()
