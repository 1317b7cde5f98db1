"""A link that asks for as much as it can, beside a visitor who changes a number: python benchmarks/bomb.py

It prints how long the light visitor waits for an answer before, while and after the heavy one waits for its own, and
how busy the server with all its processes is once the heavy visitor has left. Three links are tried: one that asks for
more than the app computes, one that asks for just as much, and one that asks for draws of many candidates.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["SWITCHPOINT_CACHE"] = "off"

from switchpoint.scenario.load import load  # noqa: E402
from switchpoint.scenario.toml_writer import examples  # noqa: E402
from switchpoint.ui.draft_changes import pack_changes  # noqa: E402
from tools.app_server import served  # noqa: E402
from tools.visitor import Visitor  # noqa: E402

CHANGES = 40
LABEL = "Requests a day"
SETTLES = 10.0
"""Seconds after the heavy visitor left at which the server is looked at."""
WATCHED = 2.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Heavy:
    """A visitor who asks for much."""

    what: str
    candidates: int
    months: int
    stated: bool = False
    page: str = ""

    @property
    def query(self) -> str:
        """The address: candidates that differ in their promise, so that each takes a simulation of its own."""
        own = deepcopy(load(examples()["support-copilot"]).tree["candidates"]["own-8b"])
        if not self.stated:
            del own["fleet"]["requests_per_second_per_replica"]
        changes: dict[Any, Any] = {("months",): self.months}
        for number in range(self.candidates):
            fleet = own["fleet"] | {"ttft_p95_s": round(0.5 + number * 0.013, 3)}
            changes["candidates", f"c{number}"] = own | {"fleet": fleet}
        return urlencode({"changes": pack_changes(changes)})


VISITORS = (
    Heavy("100 candidates without a stated capacity, 240 months", 99, 240),
    Heavy("24 candidates without a stated capacity, 100 months", 23, 100),
    Heavy("1,000 draws of 20 candidates, 100 months", 19, 100, True, "uncertainty"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, served(ROOT, Path(folder) / "log") as url, Visitor(url) as light:
        print(f"cold: the light visitor's first page stands after {light.arrive():.1f} s")
        group, levels = _group(url), count(60_001, 7)
        _changed(light, levels)
        for heavy in VISITORS:
            query = heavy.query
            print(f"{heavy.what}; a link of {len(query):,} letters")
            _told("before", _changed(light, levels))
            with Visitor(url, query, heavy.page) as bomb:
                bomb.ask()
                time.sleep(1.0)
                begin = _cpu(group)
                _told("beside", _changed(light, levels))
                print(f"  the server used {_cpu(group) - begin:.1f} s of CPU meanwhile")
            left = time.monotonic()
            _told("after", _changed(light, levels, until=left + SETTLES - 2.0))
            time.sleep(max(left + SETTLES - time.monotonic(), 0))
            gone, begin = time.monotonic() - left, _cpu(group)
            time.sleep(WATCHED)
            busy = (_cpu(group) - begin) / WATCHED
            print(f"  {gone:.0f} s after it left, the server keeps {busy:.2f} of a core busy")


def _changed(light: Visitor, levels: count[int], until: float = math.inf) -> list[float]:
    """Seconds of each change, one after the other."""
    found = []
    while len(found) < CHANGES and time.monotonic() < until:
        found.append(light.type(LABEL, next(levels)))
    return found


def _told(when: str, seconds: list[float]) -> None:
    middle, ninety, worst = np.percentile(seconds, [50, 90, 100])
    print(f"  {when:7s} p50 {middle:.2f} s   p90 {ninety:.2f} s   longest {worst:.2f} s")


def _group(url: str) -> int:
    """The process group of the server: its number is that of the server itself."""
    flag = f"--server.port={url.rpartition(':')[2]}"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if flag in (folder / "cmdline").read_text().split("\0"):
                return int(folder.name)
        except OSError:
            continue
    raise RuntimeError("the server is not among the processes of this machine")


def _cpu(group: int) -> float:
    """Seconds of CPU that the processes of a group used so far."""
    used = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            used += (int(fields[11]) + int(fields[12])) / TICKS
    return used


if __name__ == "__main__":
    main()
