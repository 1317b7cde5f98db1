"""What a sweep costs on a Dask cluster: python benchmarks/sweep_cluster.py   (needs the extra `cluster`)

On this machine, over the loopback network, rounds interleaved:
- a sweep on two workers against one, and against two local processes;
- processor time of client and scheduler for each chunk, from chunks whose points take no time: what bounds the number
  of workers; and from both, on paper, what more workers come to.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from math import ceil
from pathlib import Path

from distributed import Client, LocalCluster
from sweep import plan, warm

from switchpoint.files import Json
from switchpoint.scenario.load import Loaded
from switchpoint.study.sweep.chunks import Evaluate, Setup, chunk_size
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.run import Crew, begin, conduct

ROUNDS, POINTS, EMPTY_CHUNKS = 7, 300, 400
PACE = 0.02
WORKERS, SWEEPS = (1, 2, 10, 100, 1_000), (10_000, 100_000, 1_000_000)


def nothing(_loaded: Loaded, _setup: Setup) -> Json:
    """A point that takes no time: it fails at once."""
    raise ValueError("nothing")


def swept(crew: Crew, points: int, pace: float, evaluate: Evaluate | None = None) -> tuple[float, float, int]:
    """Seconds of a sweep, processor seconds of this process, bytes of its files."""
    asked, planned = plan(points)
    with tempfile.TemporaryDirectory() as out:
        folder = Folder(Path(out) / "sweep")
        with folder.hold_lock():
            manifest = begin(asked, planned, folder, crew, pace)
            begun, used = time.perf_counter(), time.process_time()
            conduct(planned, manifest, folder, crew, lambda _: None, evaluate)
            taken = time.perf_counter() - begun, time.process_time() - used
            return *taken, sum(file.stat().st_size for file in folder.files)


def crew_of(cluster: LocalCluster, workers: int) -> Crew:
    """The workers of a cluster, each warm."""
    client = Client(cluster)
    client.wait_for_workers(workers)
    client.run(warm, 0)
    executor = client.get_executor(pure=False)
    return Crew(workers, lambda: executor)


def main() -> None:
    shared = {"threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with LocalCluster(n_workers=1, **shared) as single, LocalCluster(n_workers=2, **shared) as double:
        crews = {"one": crew_of(single, 1), "two": crew_of(double, 2), "local": Crew.here(2)}
        list(crews["local"].pool().map(warm, range(16)))
        taken: dict[str, list[float]] = {name: [] for name in crews}
        for _ in range(ROUNDS):
            for name, crew in crews.items():
                taken[name].append(swept(crew, POINTS, PACE)[0])
        rate = {name: POINTS / statistics.median(times) for name, times in taken.items()}
        gain = statistics.median(one / two for one, two in zip(taken["one"], taken["two"], strict=True))
        local = statistics.median(two / local for two, local in zip(taken["two"], taken["local"], strict=True))
        print(f"points a second on one worker, on two        {rate['one']:6.1f}, {rate['two']:.1f}")
        print(f"two workers against one                      {gain:6.2f} times as fast")
        print(f"time of two workers over two local processes {local:6.2f}")
        costs = [swept(crews["two"], EMPTY_CHUNKS, 1.0, nothing)[1] / EMPTY_CHUNKS for _ in range(3)]
        handling = statistics.median(costs)
        print(f"client and scheduler, for each chunk         {1e3 * handling:6.1f} ms of processor time")
        *_, size = swept(crews["two"], 1_000, 0.001)
        print(f"a row with every result                      {size / 1_000:6.0f} bytes in files of 250 rows")
    print("\nOn paper: seconds that a sweep takes, and the part of the workers' time that is work")
    for workers in WORKERS:
        told = (on_paper(points, 1 / rate["one"], workers, handling) for points in SWEEPS)
        print(f"{workers:5} workers " + "".join(f"{seconds:10.0f} s {share:4.0%}" for seconds, share in told))


def on_paper(points: int, pace: float, workers: int, handling: float) -> tuple[float, float]:
    """Seconds of a sweep, and the share of the workers' time that is work.

    Workers share the work and wait at the end for the last chunk, half of one on average; or they all wait for the one
    who hands out and writes.
    """
    size = chunk_size(points, pace, workers)
    files = ceil(points / size)
    busy = min(workers, files)
    seconds = max(points * pace / busy + size * pace / 2 * (files > busy), files * handling + size * pace)
    return seconds, points * pace / (workers * seconds)


if __name__ == "__main__":
    main()
