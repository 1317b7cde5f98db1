"""Answers of the simulation of serving that were found before, on disk.

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
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import simpy

from switchpoint.files import read_text, source_hash, sweep_up, write_whole
from switchpoint.version import __version__

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SWITCH = "SWITCHPOINT_CACHE"
"""Names the folder, or says that there is none."""
MOST_BYTES = 100_000
"""Of a file; an answer with its question is about 2 kB."""
Found = TypeVar("Found", bound="DataclassInstance")
"""An answer, a record of plain values."""


def found_once(
    kind: str, question: object, find: Callable[[], Found], check: Callable[[dict[str, Any]], Found]
) -> Found:
    """The answer on disk, or else that which is found now, and kept.

    Args:
        kind: what is asked for.
        question: all that it is asked of, as its `repr` tells it.
        find: the answer, from the beginning.
        check: makes an answer of what the disk holds.
    """
    folder = cache_folder()
    if folder is None:
        return find()
    file, text = _place(folder, kind, question)
    found = _read(file, text, check)
    if found is None:
        found = find()
        held = asdict(found)
        _write(file, {"question": text, kind: held, "sha256": _fingerprint(text, held)})
    return found


def kept_answer(kind: str, question: object, check: Callable[[dict[str, Any]], Found]) -> Found | None:
    """The answer that the disk holds; None where it holds none."""
    folder = cache_folder()
    return None if folder is None else _read(*_place(folder, kind, question), check)


def _place(folder: Path, kind: str, question: object) -> tuple[Path, str]:
    """The file of a question, and all that decides its answer."""
    text = f"{code_hash()} {question!r}"
    return folder / f"{kind}-{hashlib.sha256(text.encode()).hexdigest()}.json", text


@cache
def code_hash() -> str:
    """A fingerprint of all that answers: this package's simulation of serving, its tables, numpy's draws and SimPy."""
    package = Path(__file__).resolve().parents[1]
    answering = [*(package / "serving").rglob("*"), package / "horizon.py", package / "text.py"]
    return source_hash(package, answering, f"{__version__} {np.__version__} {simpy.__version__}")


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


def _read(file: Path, text: str, check: Callable[[dict[str, Any]], Found]) -> Found | None:
    """The answer in a file; None where there is none to this question, whatever else it holds."""
    kind = file.name.partition("-")[0]
    try:
        held = json.loads(read_text(file, MOST_BYTES))
        if held["question"] != text or held["sha256"] != _fingerprint(text, held[kind]):
            return None
        return check(held[kind])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _fingerprint(text: str, held: dict[str, Any]) -> str:
    return hashlib.sha256(f"{text} {json.dumps(held, sort_keys=True)}".encode()).hexdigest()


def _write(file: Path, content: dict[str, Any]) -> None:
    """Write a file whole or not at all; where the folder cannot be written to, nothing happens."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        _tidy_folder(file.parent)
        write_whole(file, json.dumps(content).encode())


@cache
def _tidy_folder(folder: Path) -> None:
    """Remove what writers left that were ended, once for each process."""
    sweep_up(folder)
