"""Capacities that were found before: in this process, and on disk in the user's cache folder.

A file is named after everything that decides its answer: the question, and the code and tables that answer it. So
nothing has to be made void, and any file may be deleted. What is read back is believed only where it has the
fingerprint that it was written with and is an answer at all. SWITCHPOINT_CACHE names another folder; `off` leaves the
disk alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, fields
from functools import cache, lru_cache
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from switchpoint.files import read_text, source_hash, sweep_up, write_whole
from switchpoint.serving.capacity import Capacity, Question, measure
from switchpoint.version import __version__

SWITCH = "SWITCHPOINT_CACHE"
MOST_BYTES = 100_000
"""Of a file; an answer with its question is about 2 kB."""
BINDS = ("compute", "bandwidth", "memory", "latency")
elsewhere: Callable[[Question], Capacity] | None = None
"""Measures in place of `measure`, where a program has a better place for long work."""


@lru_cache(maxsize=4096)
def capacity(question: Question) -> Capacity:
    """What one replica can carry; the same answer as `measure`, found once.

    Args:
        question: replica, requests and promise.
    """
    folder = cache_folder()
    if folder is None:
        return (elsewhere or measure)(question)
    text = f"{code_hash()} {question!r}"
    file = folder / f"capacity-{hashlib.sha256(text.encode()).hexdigest()}.json"
    found = _read(file, text)
    if found is None:
        found = (elsewhere or measure)(question)
        held = asdict(found)
        _write(file, {"question": text, "capacity": held, "sha256": _fingerprint(text, held)})
    return found


@cache
def code_hash() -> str:
    """A fingerprint of all that answers: this package's simulation of serving, its tables, and the draws of numpy."""
    package = Path(__file__).resolve().parents[1]
    answering = [*(package / "serving").rglob("*"), package / "clock.py", package / "words.py"]
    return source_hash(package, answering, f"{__version__} {np.__version__}")


def cache_folder() -> Path | None:
    """Where answers are kept; None where the disk is left alone or there is no home folder."""
    stated = os.environ.get(SWITCH, "")
    if stated.lower() == "off":
        return None
    if stated:
        return Path(stated)
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "switchpoint"
    except RuntimeError:
        return None


def _read(file: Path, text: str) -> Capacity | None:
    """The answer in a file; None where there is none to this question, whatever else it holds."""
    try:
        held = json.loads(read_text(file, MOST_BYTES))
        if held["question"] != text or held["sha256"] != _fingerprint(text, held["capacity"]):
            return None
        return _answer(held["capacity"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _fingerprint(text: str, held: dict[str, Any]) -> str:
    return hashlib.sha256(f"{text} {json.dumps(held, sort_keys=True)}".encode()).hexdigest()


def _answer(held: dict[str, Any]) -> Capacity:
    """An answer from plain values.

    Raises:
        TypeError: one of them is of another type.
        ValueError: they are no answer together.
    """
    types: dict[str, tuple[type, ...]] = {"float": (float, int), "str": (str,), "bool": (bool,)}
    for field in fields(Capacity):
        if type(held[field.name]) not in types[str(field.type)]:
            raise TypeError(field.name)
    found = Capacity(**held)
    rates = (found.low, found.requests_per_second, found.high)
    numbers = (found.requests_per_second, found.saturated_per_second, found.ttft_p95_s, found.tpot_p95_s)
    right = all(isfinite(each) for each in (*rates, *numbers)) and min(numbers) >= 0
    if not right or found.binds not in BINDS or any(a > b for a, b in pairwise(rates)):
        raise ValueError("is no answer")
    return found


def _write(file: Path, content: dict[str, Any]) -> None:
    """Write a file whole or not at all; where the folder cannot be written to, nothing happens."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        _tidied(file.parent)
        write_whole(file, json.dumps(content).encode())


@cache
def _tidied(folder: Path) -> None:
    """Remove what writers left that were ended, once for each process."""
    sweep_up(folder)
