"""Files that a scenario names beside itself, opened with the access that its reader was given, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

from switchpoint.scenario.access import Files, NoAccessError
from switchpoint.scenario.benchmarks import measured_into
from switchpoint.scenario.daily import daily_faults
from switchpoint.scenario.errors import Fault, Path, dotted
from switchpoint.scenario.overrides import ORIGIN
from switchpoint.scenario.planned import plan_faults
from switchpoint.scenario.reading import Source
from switchpoint.scenario.spelling import Spelling

HISTORY: Path = ("usage", "growth", "file")


def named_faults(source: Source, spelling: Spelling, files: Files) -> list[Fault]:
    """Read the files that a tree names: their paths become absolute, what they measured is put into the tree."""
    return [*_history(source, spelling, files), *_benchmarks(source, spelling, files)]


def _history(source: Source, spelling: Spelling, files: Files) -> Iterator[Fault]:
    """Make the path of a history file absolute (it is relative to the file that states it), and check the file."""
    growth = _table(_table(spelling.tree, "usage"), "growth")
    stated = growth.get("file")
    if not isinstance(stated, str):
        return
    path = spelling.written(HISTORY)
    file = _beside(source, path, stated)
    try:
        growth["file"] = str(files.resolved(file))
        if check := {"history": daily_faults, "plan": plan_faults}.get(growth.get("curve", "")):
            yield from check(file, str(file), files)
    except NoAccessError as refused:
        yield source.fault(path, str(refused), dotted(path))
    except FileNotFoundError:
        yield source.fault(path, f"names no file: {file}", dotted(path))
    except (OSError, ValueError, RuntimeError) as reason:
        yield source.fault(path, f"{_reason(reason)}: {file}", dotted(path))


def _benchmarks(source: Source, spelling: Spelling, files: Files) -> Iterator[Fault]:
    """Take the measured capacity of each fleet from its load test's result, where the file states none itself."""
    for name, candidate in _table(spelling.tree, "candidates").items():
        fleet = _table(candidate, "fleet")
        stated = fleet.get("benchmark")
        if not isinstance(stated, str):
            continue
        path = spelling.written(("candidates", name, "fleet", "benchmark"))
        file = _beside(source, path, stated)
        try:
            fleet["benchmark"] = str(files.resolved(file))
            measured_into(fleet, candidate, spelling.tree, file, files)
        except NoAccessError as refused:
            yield source.fault(path, str(refused), dotted(path))
        except (OSError, RuntimeError) as reason:
            yield source.fault(path, f"{_reason(reason)}: {file}", dotted(path))
        except ValueError as reason:
            yield source.fault(path, str(reason), dotted(path))


def _reason(reason: Exception) -> str:
    """Why a file cannot be read; a sentence of ours stands as it is."""
    if isinstance(reason, OSError) and reason.errno is None:
        return str(reason)
    return f"cannot be read: {getattr(reason, 'strerror', None) or reason}"


def _beside(source: Source, path: Path, stated: str) -> File:
    """A file that a scenario names, relative to the scenario file that does."""
    origin, _ = source.place(path)
    return (File() if origin == ORIGIN else File(origin).parent) / stated


def _table(tree: Any, key: str) -> dict[str, Any]:
    inner = tree.get(key) if isinstance(tree, dict) else None
    return inner if isinstance(inner, dict) else {}
