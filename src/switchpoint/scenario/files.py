"""Scenario files: read one, with everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from switchpoint.scenario.benchmark import request_throughput
from switchpoint.scenario.candidate import Candidate
from switchpoint.scenario.complaints import Complaint, complaints
from switchpoint.scenario.crosscheck import Pieces, cross_faults, likely_slips
from switchpoint.scenario.daily import daily_faults
from switchpoint.scenario.errors import Fault, Path, ScenarioError, dotted
from switchpoint.scenario.overrides import ORIGIN, Setting, overridden
from switchpoint.scenario.reading import Source, read_file, read_text
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.spelling import Spelling, respelt

_CANDIDATE: TypeAdapter[Any] = TypeAdapter(Candidate)
HISTORY: Path = ("usage", "growth", "file")


@dataclass(frozen=True)
class Loaded:
    """A scenario with the file it was read from."""

    scenario: Scenario
    name: str
    text: str
    source: Source

    @property
    def tree(self) -> Mapping[str, Any]:
        """All that was stated, overlays and overrides included, as plain values."""
        return self.source.tree

    def fault(self, path: Path, message: str) -> Fault:
        """A fault at the line at which the path was written, such as `("candidates", "own", "fleet", "gpu")`."""
        return self.source.fault(path, message, dotted(path))


def load(path: File | str, overrides: Sequence[Setting] = ()) -> Loaded:
    """Read a scenario file, with `path=value` overrides on top.

    Raises:
        ScenarioError: with every fault of the file.
    """
    text, source = read_file(File(path), str(path))
    return load_source(text, str(path), source, overrides)


def load_text(text: str, name: str = "scenario.toml", overrides: Sequence[str] = ()) -> Loaded:
    """Read a scenario from text; files it refers to are looked for in the folder of `name`.

    Raises:
        ScenarioError: with every fault of the text.
    """
    return load_source(text, name, read_text(text, name, File(name).parent), overrides)


def load_source(text: str, name: str, source: Source, overrides: Sequence[Setting] = ()) -> Loaded:
    """Read a scenario from a tree that was read before, so that many variants of it are made fast.

    Raises:
        ScenarioError: with every fault of the tree.
    """
    source, faults = overridden(source, overrides)
    spelling = respelt(source.tree)
    found = list(spelling.faults)
    faults += _history(source, spelling.tree) + _benchmarks(source, spelling.tree)
    scenario, wrong = _validated(spelling)
    found += [(spelling.written(path), message) for path, message in wrong if path not in spelling.excused]
    first = dict(reversed(found))
    faults += [source.fault(path, first[path], dotted(path)) for path in dict.fromkeys(path for path, _ in found)]
    if faults or scenario is None:
        raise ScenarioError(sorted(faults, key=lambda fault: (fault.file != name, fault.file, fault.line)), source)
    return Loaded(scenario, name, text, Source(spelling.tree, source.places))


def variant(loaded: Loaded, changes: Sequence[tuple[Path, Any]]) -> Scenario | None:
    """The scenario of a file with other numbers in the places of some; None where anything is wrong with it."""
    tree = loaded.source.tree
    for path, value in changes:
        tree = _replaced(tree, path, value)
    try:
        scenario = Scenario.model_validate(tree)
    except ValidationError:
        return None
    return None if any(likely_slips(Pieces.of(dict(scenario)))) else scenario


def _replaced(tree: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    key, *rest = path
    if isinstance(tree, list):
        return [_replaced(each, tuple(rest), value) if place == key else each for place, each in enumerate(tree)]
    return {**tree, key: _replaced(tree.get(key, {}), tuple(rest), value)}


def _validated(spelling: Spelling) -> tuple[Scenario | None, list[Complaint]]:
    try:
        scenario = Scenario.model_validate(spelling.tree)
        return scenario, list(likely_slips(Pieces.of(dict(scenario))))
    except ValidationError as error:
        pieces = _pieces(spelling.tree)
        return None, [*complaints(error, spelling.tree), *cross_faults(pieces), *likely_slips(pieces)]


def _pieces(tree: Mapping[str, Any]) -> Pieces:
    """The tables that are right by themselves, for the checks between tables."""
    values = {name: _piece(name, tree) for name in Pieces.__dataclass_fields__ if name != "candidates"}
    stated = tree.get("candidates", {})
    named = {name: _try(_CANDIDATE, raw) for name, raw in stated.items()} if isinstance(stated, Mapping) else {}
    return Pieces(**values, candidates=named)


def _piece(name: str, tree: Mapping[str, Any]) -> Any:
    field = Scenario.model_fields[name]
    if name not in tree:
        return None if field.is_required() else field.default
    shape: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return _try(TypeAdapter(shape), tree[name])


def _try(adapter: TypeAdapter[Any], raw: Any) -> Any:
    try:
        return adapter.validate_python(raw)
    except ValidationError:
        return None


def _history(source: Source, tree: dict[str, Any]) -> list[Fault]:
    """Make the path of a history file absolute (it is relative to the file that states it), and check the file."""
    usage = tree.get("usage")
    growth = usage.get("growth") if isinstance(usage, dict) else None
    stated = growth.get("file") if isinstance(growth, dict) else None
    if not isinstance(growth, dict) or not isinstance(stated, str):
        return []
    file = _beside(source, HISTORY, stated)
    try:
        growth["file"] = str(file.resolve())
        if not file.is_file():
            return [source.fault(HISTORY, f"names no file: {file}", dotted(HISTORY))]
        return daily_faults(file, str(file)) if growth.get("curve") == "history" else []
    except (OSError, ValueError, RuntimeError) as reason:
        return [source.fault(HISTORY, f"cannot be read: {reason}", dotted(HISTORY))]


def _beside(source: Source, path: Path, stated: str) -> File:
    """A file that a scenario names, relative to the scenario file that does."""
    origin, _ = source.place(path)
    return (File() if origin == ORIGIN else File(origin).parent) / stated


def _benchmarks(source: Source, tree: dict[str, Any]) -> list[Fault]:
    """Take the measured capacity of each fleet from its load test's result, where the file states none itself."""
    candidates, faults = tree.get("candidates"), []
    for name, candidate in candidates.items() if isinstance(candidates, dict) else ():
        fleet = candidate.get("fleet") if isinstance(candidate, dict) else None
        stated = fleet.get("benchmark") if isinstance(fleet, dict) else None
        if not isinstance(fleet, dict) or not isinstance(stated, str):
            continue
        path = ("candidates", name, "fleet", "benchmark")
        file = _beside(source, path, stated)
        try:
            fleet["benchmark"] = str(file.resolve())
            measured = request_throughput(file)
        except (OSError, RuntimeError) as reason:
            message = f"cannot be read: {getattr(reason, 'strerror', None) or reason}: {file}"
            faults.append(source.fault(path, message, dotted(path)))
        except ValueError as reason:
            faults.append(source.fault(path, str(reason), dotted(path)))
        else:
            fleet.setdefault("requests_per_second_per_replica", measured)
    return faults
