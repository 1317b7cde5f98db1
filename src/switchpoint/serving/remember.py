"""Capacities that were found before: in this process, and on disk in the user's cache folder.

A file is named after everything that decides its answer: the question, the search and the version of the package. So
nothing has to be made void, and any file may be deleted. SWITCHPOINT_CACHE names another folder; `off` leaves the disk
alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from switchpoint import __version__
from switchpoint.serving.capacity import RULE, VERSION, Capacity, Question, measure

SWITCH = "SWITCHPOINT_CACHE"
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
    text = f"{__version__} {VERSION} {RULE} {question!r}"
    file = folder / f"capacity-{hashlib.sha256(text.encode()).hexdigest()}.json"
    found = _read(file, text)
    if found is None:
        found = (elsewhere or measure)(question)
        _write(file, {"question": text, "capacity": asdict(found)})
    return found


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
        held = json.loads(file.read_text(encoding="utf-8"))
        if held["question"] != text:
            return None
        return _answer(held["capacity"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _answer(held: dict[str, Any]) -> Capacity:
    """An answer from plain values.

    Raises:
        TypeError: one of them is of another type.
    """
    types: dict[str, tuple[type, ...]] = {"float": (float, int), "str": (str,), "bool": (bool,)}
    for field in fields(Capacity):
        if type(held[field.name]) not in types[str(field.type)]:
            raise TypeError(field.name)
    return Capacity(**held)


def _write(file: Path, content: dict[str, Any]) -> None:
    """Write a file whole or not at all; where the folder cannot be written to, nothing happens."""
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(file)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
