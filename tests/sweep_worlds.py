"""What tests of sweeps share: a small scenario, and ways for a point to go wrong inside a worker."""

import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from switchpoint.files import Json
from switchpoint.scenario.load import Loaded
from switchpoint.study.sweep.chunks import Setup, figures
from switchpoint.study.sweep.folder import Folder, table_of
from switchpoint.study.sweep.run import Crew

SCENARIO = """\
start = 2027-01-01
months = 12
[usage]
requests_per_day = 10_000
input_tokens = 1_000
output_tokens = 0
growth = { curve = "compound", per_month = 0.10 }
[limit]
usd_per_month = 600
[current]
usd_per_mtok = { input = 1.0, output = 1.0 }
[candidates.box]
kind = "gpu"
fleet = { requests_per_second_per_replica = 1.0, usd_per_gpu_hour = 0.1 }
[candidates.cheaper]
kind = "api"
usd_per_mtok = { input = 0.5, output = 0.5 }
"""
POISON = 0.13
"""Growth at which `killing` takes its process down."""


def killing(loaded: Loaded, setup: Setup) -> Json:
    """Dies, as a process does that runs out of memory, at one value of growth."""
    if abs(loaded.scenario.usage.growth.per_month - POISON) < 1e-9:
        os.kill(os.getpid(), signal.SIGKILL)
    return figures(loaded, setup)


class Killed(BaseException):
    """What `dying` says to `Mortal`."""


def dying(loaded: Loaded, setup: Setup) -> Json:
    """As `killing`, of a worker that is `Mortal`."""
    if abs(loaded.scenario.usage.growth.per_month - POISON) < 1e-9:
        raise Killed
    return figures(loaded, setup)


class Mortal(Executor):
    """A worker that dies of `dying` as a process does of SIGKILL, with no second or third to load everything again."""

    def __init__(self) -> None:
        self.dead = False

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        died = BrokenProcessPool("The exit codes of the workers are {SIGKILL(-9)}")
        if self.dead:
            raise died
        future: Future[Any] = Future()
        try:
            future.set_result(work(*given, **named))
        except Killed:
            self.dead = True
            future.set_exception(died)
        return future


def slow(loaded: Loaded, setup: Setup) -> Json:
    """Takes long enough for somebody to interfere."""
    import time

    time.sleep(0.05)
    return figures(loaded, setup)


def written(folder: Path, text: str = SCENARIO, name: str = "small.toml") -> str:
    """A scenario file in a folder; its path."""
    path = folder / name
    path.write_text(text)
    return str(path)


def rows(folder: Folder | Path) -> list[dict[str, object]]:
    """All rows of a sweep in the order of their points."""
    folder = folder if isinstance(folder, Folder) else Folder(folder)
    found: list[dict[str, object]] = table_of(folder.files).to_pylist()
    return sorted(found, key=lambda row: (row["point"], str(row["candidate"])))


def told(path: Path) -> dict[str, object]:
    """The manifest of a sweep."""
    return json.loads((path / "manifest.json").read_text())


__all__ = ["POISON", "Crew", "Mortal", "dying", "killing", "rows", "slow", "told", "written"]
