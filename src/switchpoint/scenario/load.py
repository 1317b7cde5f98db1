"""Load, load_text, Loaded: everything wrong at once; history and benchmark files; author comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from switchpoint.files import read_text as files_read_text
from switchpoint.scenario.access import NO_FILES, REFUSED, Disk, Files, OnlyFiles
from switchpoint.scenario.candidates import Candidate, RoutePlan
from switchpoint.scenario.currency import in_dollars
from switchpoint.scenario.errors import Fault, Keys, ScenarioError, dotted_path
from switchpoint.scenario.explain_errors import Complaint, Spelling, complaints, respelt
from switchpoint.scenario.fields import Part
from switchpoint.scenario.named_files import named_faults
from switchpoint.scenario.paths import ORIGIN, Override, overridden
from switchpoint.scenario.schema import Pieces, Scenario, cross_faults, likely_slips
from switchpoint.scenario.stated_notes import Note
from switchpoint.scenario.toml_source import LARGEST, TomlSource, extends_broken, read_file, read_text

_CANDIDATE: TypeAdapter[Any] = TypeAdapter(Candidate)
_PLAN: TypeAdapter[Any] = TypeAdapter(RoutePlan)


@dataclass(frozen=True)
class Loaded:
    """A scenario with the file it was read from, and all files that were opened for it, by absolute path."""

    scenario: Scenario
    name: str
    text: str
    source: TomlSource
    opened: frozenset[File] = frozenset()

    @property
    def tree(self) -> Mapping[str, Any]:
        """All that was stated, overlays and overrides included, as plain values."""
        return self.source.tree

    def fault(self, path: Keys, message: str) -> Fault:
        """A fault at the line at which the path was written, such as `("candidates", "own", "fleet", "gpu")`."""
        return self.source.fault(path, message, dotted_path(path))


def load(path: File | str, overrides: Sequence[Override] = ()) -> Loaded:
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
    text: str, name: str, source: TomlSource, overrides: Sequence[Override] = (), files: Files = NO_FILES
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
    source = TomlSource(tree, source.places)
    spelling = respelt(source.tree)
    found = [*unconverted, *spelling.faults]
    faults += (named := named_faults(source, spelling, files))
    refused = {fault.field for fault in named if fault.message == REFUSED}
    scenario, wrong = _validate(spelling)
    found += [(spelling.as_written(path), message) for path, message in wrong if path not in spelling.excused]
    first = dict(reversed(found))
    told = [(path, dotted_path(path)) for path in dict.fromkeys(path for path, _ in found)]
    faults += [source.fault(path, first[path], field) for path, field in told if field not in refused]
    if faults or scenario is None:
        faults.sort(key=lambda fault: (fault.file != name, fault.file, fault.line))
        raise ScenarioError(asked_first(faults, source, name), source)
    return Loaded(scenario, name, text, TomlSource(spelling.tree, source.places), files.files_read)


def asked_first(faults: Sequence[Fault], source: TomlSource, name: str) -> Sequence[Fault]:
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
    source = TomlSource(tree, {(): (loaded.name, 1)})
    return named_faults(source, Spelling(tree=tree), OnlyFiles(loaded.opened))


def variant(loaded: Loaded, changes: Sequence[tuple[Keys, Any]]) -> Scenario | None:
    """The scenario of a file with other numbers in the places of some; None where anything is wrong with it.

    Tables without any of the numbers are taken as they are, so that they are not read again and are the same in all
    variants.
    """
    stated: Any = loaded.source.tree
    found = _as_read(loaded.scenario, stated)
    for path, value in changes:
        found = _replace_value(found, stated, path, value)
    try:
        scenario = Scenario.model_validate(found)
    except ValidationError:
        return None
    return None if any(likely_slips(Pieces.of(dict(scenario)))) else scenario


def _as_read(node: Any, stated: Mapping[str, Any]) -> dict[str, Any]:
    """What a table states, with the tables below it as they were read."""
    told = node.__dict__ if isinstance(node, Part) else node
    return {key: told[key] if isinstance(raw, (dict, list)) and key in told else raw for key, raw in stated.items()}


def _replace_value(node: Any, stated: Any, path: Keys, value: Any) -> Any:
    """A table with a value replaced; tables above the value are those that are stated, to be read again."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(stated, list):
        return [
            _replace_value(each, raw, rest, value) if place == key else each
            for place, (each, raw) in enumerate(zip(node, stated, strict=True))
        ]
    opened: dict[Any, Any] = _as_read(node, stated) if isinstance(node, Part) else node
    below = stated.get(key, {})
    return {**opened, key: _replace_value(opened.get(key, below), below, rest, value)}


def _validate(spelling: Spelling) -> tuple[Scenario | None, list[Complaint]]:
    try:
        scenario = Scenario.model_validate(spelling.tree)
        return scenario, list(likely_slips(Pieces.of(dict(scenario))))
    except ValidationError as error:
        pieces = _pieces(spelling.tree)
        return None, [*complaints(error, spelling.tree), *cross_faults(pieces), *likely_slips(pieces)]


def _pieces(tree: Mapping[str, Any]) -> Pieces:
    """The tables that are right by themselves, for the checks between tables."""
    values = {name: _piece(name, tree) for name in Pieces.__dataclass_fields__ if name not in ("candidates", "plans")}
    named, plans = _by_name(tree, "candidates", _CANDIDATE), _by_name(tree, "plans", _PLAN)
    return Pieces(**values, candidates=named, plans={name: plan for name, plan in plans.items() if plan is not None})


def _by_name(tree: Mapping[str, Any], key: str, shape: TypeAdapter[Any]) -> dict[str, Any]:
    """The tables below a key by name, None for those that could not be read."""
    stated = tree.get(key, {})
    return {name: _try(shape, raw) for name, raw in stated.items()} if isinstance(stated, Mapping) else {}


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


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"' r"|'[^']*'")
SET = "set for this run"


def remarks(loaded: Loaded) -> dict[str, str]:
    r"""Remarks by dotted field; what was set for this run says so instead.

    >>> from switchpoint.scenario.load import load_text
    >>> text = "# From the log,\n# 'all' of it.\nstart = 2027-01-01\n[usage]\ninput_tokens = 100  # counted\n"
    >>> text += "output_tokens = 9\nrequests_per_day = 5\n[limit]\nusd_per_month = 1\n"
    >>> text += "[current]\nprovider = '#'\nmodel = 'm'"
    >>> remarks(load_text(text))
    {'start': "From the log, 'all' of it.", 'usage.input_tokens': 'counted'}
    """

    @cache
    def lines(shown: str) -> Sequence[str]:
        if shown == loaded.name:
            return loaded.text.split("\n")
        try:
            return files_read_text(File(shown), LARGEST, "utf-8").split("\n") if _was_read(loaded, shown) else ()
        except (OSError, ValueError):
            return ()

    found = {}
    for path, (shown, line) in loaded.source.places.items():
        text = SET if shown == ORIGIN else _remark(lines(shown), line - 1)
        if path and text:
            found[dotted_path(path)] = text
    return found


def _was_read(loaded: Loaded, shown: str) -> bool:
    """Whether a file was opened for the scenario; any other is left alone."""
    return File(shown).absolute() in loaded.opened


def _remark(lines: Sequence[str], at: int) -> str:
    """The comment of a line, or those right above it; nothing for a table's head."""
    if at >= len(lines) or lines[at].lstrip().startswith("["):
        return ""
    _, mark, text = _STRING.sub("", lines[at]).partition("#")
    if mark:
        return lines[at][-len(text) :].strip() if text else ""
    first = at
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return " ".join(line.strip().lstrip("#").strip() for line in lines[first:at])


OF_A_GPU = {
    "usd_per_gpu_hour": "rent",
    "purchase_usd_per_gpu": "price",
    "requests_per_second_per_replica": "capacity",
    "benchmark": "load test",
}
"""Fields of a fleet that hold for one kind of GPU."""


def cautions(source: TomlSource, changed: Iterable[Keys] | None = None) -> Iterator[Note]:
    """One note for each figure that stays as stated while its GPU is changed.

    Args:
        source: the scenario with what was set for this run.
        changed: paths whose values are changed; left out, those that were set for this run.
    """
    known = {path for path, (shown, _) in source.places.items() if shown == ORIGIN} if changed is None else {*changed}
    for path in sorted(path for path in known if path[-2:] == ("fleet", "gpu")):
        fleet = source.tree["candidates"][path[1]]["fleet"]
        kept = [name for name in OF_A_GPU if name in fleet and (*path[:-1], name) not in known]
        if kept:
            words = " and ".join(OF_A_GPU[name] for name in kept)
            yield Note(
                "of-the-gpu-before",
                path,
                f"{dotted_path(path)} is changed, but {' and '.join(kept)} stay{'s' * (len(kept) == 1)} as stated for "
                f"the GPU before; for the {words} of the new one, set {'it' if len(kept) == 1 else 'them'} too, "
                "or take that out of the file",
            )
