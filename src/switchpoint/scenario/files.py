"""Scenario files: read one, with everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from switchpoint.scenario.access import NO_FILES, REFUSED, Disk, Files, OnlyFiles
from switchpoint.scenario.beside import named_faults
from switchpoint.scenario.candidate import Candidate
from switchpoint.scenario.complaints import Complaint, complaints
from switchpoint.scenario.crosscheck import Pieces, cross_faults, likely_slips
from switchpoint.scenario.currency import in_dollars
from switchpoint.scenario.errors import Fault, Path, ScenarioError, dotted
from switchpoint.scenario.overrides import ORIGIN, Setting, overridden
from switchpoint.scenario.reading import Source, extends_broken, read_file, read_text
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.spelling import Spelling, respelt

_CANDIDATE: TypeAdapter[Any] = TypeAdapter(Candidate)


@dataclass(frozen=True)
class Loaded:
    """A scenario with the file it was read from, and all files that were opened for it, by absolute path."""

    scenario: Scenario
    name: str
    text: str
    source: Source
    opened: frozenset[File] = frozenset()

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
    files = Disk()
    text, source = read_file(File(path), str(path), files)
    return load_source(text, str(path), source, overrides, files)


def load_text(text: str, name: str = "scenario.toml", overrides: Sequence[str] = (), files: Files = NO_FILES) -> Loaded:
    """Read a scenario from text.

    Args:
        text: the scenario, as a file would hold it.
        name: what faults call it; files it refers to are looked for in the folder of that name.
        overrides: `path=value` settings on top.
        files: those it may refer to; none when left out, so that a text from anywhere opens nothing.

    Raises:
        ScenarioError: with every fault of the text.
    """
    return load_source(text, name, read_text(text, name, File(name).parent, files), overrides, files)


def load_source(
    text: str, name: str, source: Source, overrides: Sequence[Setting] = (), files: Files = NO_FILES
) -> Loaded:
    """Read a scenario from a tree that was read before, so that many variants of it are made fast.

    Args:
        text: what the tree was read from.
        name: of the file.
        source: the tree, with the place of each value.
        overrides: settings on top.
        files: those that the tree may refer to.

    Raises:
        ScenarioError: with every fault of the tree.
    """
    source, faults = overridden(source, overrides)
    tree, unconverted = in_dollars(source.tree)
    source = Source(tree, source.places)
    spelling = respelt(source.tree)
    found = [*unconverted, *spelling.faults]
    faults += (named := named_faults(source, spelling, files))
    refused = {fault.field for fault in named if fault.message == REFUSED}
    scenario, wrong = _validated(spelling)
    found += [(spelling.written(path), message) for path, message in wrong if path not in spelling.excused]
    first = dict(reversed(found))
    told = [(path, dotted(path)) for path in dict.fromkeys(path for path, _ in found)]
    faults += [source.fault(path, first[path], field) for path, field in told if field not in refused]
    if faults or scenario is None:
        faults.sort(key=lambda fault: (fault.file != name, fault.file, fault.line))
        raise ScenarioError(asked_first(faults, source, name), source)
    return Loaded(scenario, name, text, Source(spelling.tree, source.places), files.opened)


def asked_first(faults: Sequence[Fault], source: Source, name: str) -> Sequence[Fault]:
    """Faults after one of the file that was asked for, where all of them lie in files that it extends."""
    extends = source.places.get(("extends",))
    below = {file for file, _ in source.places.values()} - {name, ORIGIN}
    if extends is None or not faults or not all(fault.file in below for fault in faults):
        return faults
    return [extends_broken(*extends, faults[0].file), *faults]


def read_again(loaded: Loaded, tree: dict[str, Any]) -> list[Fault]:
    """Read the files that a changed tree of a scenario names; it may name those that were opened for it before.

    The tree's paths become absolute, and what its load tests measured is put into it.
    """
    source = Source(tree, {(): (loaded.name, 1)})
    return named_faults(source, Spelling(tree=tree), OnlyFiles(loaded.opened))


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
