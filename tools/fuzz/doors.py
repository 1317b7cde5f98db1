"""Every door of the program, and its cases; a module of its own, so that other processes can load it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.fuzz import files, folders, sent, typed
from tools.fuzz.trial import Door, Tally, chance_of, tried

DOORS: Mapping[str, Door] = {
    "links": sent.links,
    "uploads": sent.uploads,
    "scenario files": typed.scenarios,
    "study files": typed.studies,
    "--set": typed.settings,
    "--vary": typed.varied,
    "histories": files.histories,
    "traces": files.traces,
    "benchmarks": files.benchmarks,
    "sweep folders": folders.sweeps,
    "saved runs": folders.runs,
}


def timed(name: str, seed: int, numbers: Sequence[int]) -> tuple[str, Tally, float]:
    """The cases of one door, and how long they took."""
    began = time.perf_counter()
    tally = tried(name, DOORS[name], seed, numbers)
    return name, tally, time.perf_counter() - began


def given(name: str, seed: int, number: int) -> str:
    """The input of one case."""
    with tempfile.TemporaryDirectory() as folder:
        return DOORS[name](chance_of(seed, name, number), Path(folder)).given
