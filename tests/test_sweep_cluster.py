"""A sweep on a Dask cluster: a real scheduler and two workers on this machine, one of which is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.study.sweep.folder import Folder
from switchpoint.study.sweep.study_file import SweepError
from tests.sweep_worlds import POISON, killing, rows, slow, written
from tests.test_sweep import GROWTH, VARY, sweep

pytestmark = pytest.mark.slow

pytest.importorskip("distributed", reason="Dask is not installed")

SCHEDULER = [
    sys.executable,
    "-m",
    "distributed.cli.dask_scheduler",
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--no-dashboard",
]
WORKER = [
    sys.executable,
    "-m",
    "distributed.cli.dask_worker",
    "--nthreads",
    "1",
    "--no-dashboard",
    "--host",
    "127.0.0.1",
]


class Cluster:
    """A scheduler and its workers, each a process of this machine."""

    def __init__(self, folder: Path, root: Path, stack: ExitStack, protocol: str = "tcp", **settings: str) -> None:
        paths = [str(root / "src"), str(root), os.environ.get("PYTHONPATH", "")]
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **settings}
        self.folder, self.stack = folder, stack
        self.file = folder / "scheduler.json"
        self.start([*SCHEDULER, "--protocol", protocol, "--scheduler-file", str(self.file)])
        until(lambda: self.file.exists() and self.file.read_text().endswith("}"))
        import json

        self.address = json.loads(self.file.read_text())["address"]

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self.start([*WORKER, self.address, "--local-directory", str(self.folder), *options])

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a process that ends with the test."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=self.environment, start_new_session=True, **quiet)
        self.stack.callback(ended, process)
        return process


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def until(happens: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as kept:
        yield kept


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return Path(written(tmp_path)).name


def test_the_command_runs_on_a_cluster_and_a_worker_that_is_killed_loses_nothing(
    tmp_path: Path, file: str, root: Path, stack: ExitStack
) -> None:
    """The command first: one cluster is enough for both, whose processes take seconds to load."""
    from switchpoint.study.sweep.run import crew_at

    sweep(Folder(tmp_path / "undisturbed"), file)
    cluster = Cluster(tmp_path, root, stack)
    workers = [cluster.worker("--no-nanny") for _ in range(2)]
    arguments = ["sweep", file, "--vary", "months=6,12", "--out", "small", "--cluster", cluster.address]
    result = CliRunner().invoke(program, arguments)
    assert (result.exit_code, result.stdout) == (0, "small: 2 points, 4 rows; switchpoint summarise small\n")
    with crew_at(cluster.address) as crew:
        until(lambda: len(crew.pool()._client.scheduler_info()["workers"]) == 2)

        def kill_one(done: int) -> None:
            if done >= 9 and workers[0].poll() is None:
                workers[0].kill()
                workers[0].wait()

        tally = sweep(Folder(tmp_path / "out"), file, crew=crew, evaluate=slow, progress=kill_one)
    assert workers[0].poll() is not None
    assert workers[1].poll() is None
    assert (tally.points, tally.failed) == (20, 0)
    assert rows(tmp_path / "out") == rows(tmp_path / "undisturbed")


def test_a_point_that_kills_its_workers_is_reported(tmp_path: Path, file: str, root: Path, stack: ExitStack) -> None:
    from switchpoint.study.sweep.run import crew_at

    cluster = Cluster(tmp_path, root, stack, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    cluster.worker("--nanny")  # which starts another worker in the place of each that dies
    with crew_at(cluster.address) as crew:
        tally = sweep(Folder(tmp_path / "out"), file, VARY[0], crew=crew, evaluate=killing)
    found = rows(tmp_path / "out")
    assert (tally.points, tally.failed, len(found)) == (10, 1, 20)
    assert {row[GROWTH] for row in found if row["status"] == "failed"} == {POISON}


def test_nobody_answers(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from switchpoint.study.sweep import run

    monkeypatch.setattr(run, "JOIN_SECONDS", 0.5)
    for address in ("tcp://127.0.0.1:9", "nonsense", "tcp://"):
        arguments = ["sweep", file, "--vary", "months=6,12", "--out", "out", "--cluster", address]
        result = CliRunner().invoke(program, arguments)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"--cluster {address}: no scheduler answers: ")
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "http://10.0.0.5", "tcp://10.0.0.5", "10.0.0.5:8786"])
def test_what_is_no_address_is_refused_before_anything_connects(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from switchpoint.study.sweep.run import crew_at

    monkeypatch.setattr("distributed.Client", None)
    with pytest.raises(SweepError, match="it is no address; one looks like tcp://"), crew_at(address):
        pass


def test_a_scheduler_without_workers(
    tmp_path: Path, root: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from switchpoint.study.sweep import run as module

    address = Cluster(tmp_path, root, stack).address
    monkeypatch.setattr(module, "JOIN_SECONDS", 2)
    with pytest.raises(SweepError, match="the scheduler has no workers"), module.crew_at(address):
        pass
