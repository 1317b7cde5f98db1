"""Misspelt keys and kinds: found before validation, and read as what was meant so that later faults still show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_origin

from switchpoint.scenario.candidate import Candidate
from switchpoint.scenario.errors import Path, dotted
from switchpoint.scenario.outline import chosen, inner, is_part, kinds_of, tables
from switchpoint.scenario.part import Part
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.words import closest, did_you_mean, either, shorten, show

SURE = 0.85
MOST_SUGGESTIONS = 100
MOVED = {
    ("HostedCandidate", "usd_per_hour"): (
        "is a price without a capacity, a dedicated endpoint that carries anything; "
        "write endpoint = { usd_per_hour = ..., requests_per_second = ... } (or tokens_per_minute)"
    ),
}
"""Keys that were known once, and what to write instead."""


@dataclass
class Spelling:
    """A tree read as it was meant, and what was found on the way."""

    tree: Any = None
    faults: list[tuple[Path, str]] = field(default_factory=list)
    excused: set[Path] = field(default_factory=set)
    renamed: dict[Path, str] = field(default_factory=dict)
    root: type[Part] = Scenario

    def written(self, path: Path) -> Path:
        """The path as the file has it, misspelt keys included."""
        return tuple(self.renamed.get(path[: i + 1], key) for i, key in enumerate(path))


def respelt(tree: Any, root: type[Part] = Scenario) -> Spelling:
    """Look for keys and kinds that the schema of a scenario, or of another file, does not know."""
    found = Spelling(root=root)
    found.tree = _read(found, root, tree, ())
    return found


def _read(found: Spelling, shape: Any, raw: Any, path: Path) -> Any:
    if isinstance(raw, Mapping) and (kinds := kinds_of(shape)):
        raw = _kind(found, kinds, raw, path)
    shape = chosen(shape, raw)
    if isinstance(raw, Mapping) and is_part(shape):
        return {**_keys(found, shape, raw, path)}
    if isinstance(raw, Mapping) and get_origin(shape) is not None:
        return {key: _read(found, inner(shape, key), value, (*path, key)) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_read(found, inner(shape, i), value, (*path, i)) for i, value in enumerate(raw)]
    return raw


def _kind(found: Spelling, kinds: Mapping[str, Any], raw: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    if "kind" not in raw:
        return _kindless(found, raw, path)
    kind = raw["kind"]
    near = closest(kind, kinds) if isinstance(kind, str) and kind not in kinds else None
    if near is None:
        return raw
    found.faults.append(((*path, "kind"), f"must be {either(kinds)}; got {show(kind)}; did you mean {near}?"))
    return {**raw, "kind": near}


def _kindless(found: Spelling, raw: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """A candidate whose key `kind` is misspelt, or forgotten beside a fleet, which only one kind has."""
    for key, value in raw.items():
        if closest(key, ["kind"], SURE):
            found.faults.append(((*path, key), "is not a known key; did you mean kind?"))
            found.renamed[(*path, "kind")] = key
            return {("kind" if each == key else each): raw[each] for each in raw} | {"kind": value}
    if "fleet" not in raw:
        return raw
    found.faults.append(((*path, "kind"), "is missing: kind of candidate, api, hosted or gpu"))
    return {**raw, "kind": "gpu"}


def _keys(found: Spelling, part: Any, raw: Mapping[str, Any], path: Path) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in raw.items():
        meant = key if key in part.model_fields else _misspelt(found, part, raw, (*path, key))
        read[meant] = _read(found, inner(part, meant), value, (*path, meant))
    return read


def _misspelt(found: Spelling, part: Any, raw: Mapping[str, Any], path: Path) -> str:
    """Note the fault; the key to read it as: the one it surely means, else itself."""
    key = str(path[-1])
    if len(found.faults) >= MOST_SUGGESTIONS:
        found.faults.append((path, "is not a known key"))
        return key
    if (part.__name__, key) in MOVED:
        found.faults.append((path, MOVED[part.__name__, key]))
        found.excused.add(path[:-1])
        return key
    legal = list(part.model_fields)
    near = closest(key, legal)
    if near is None and (others := _kinds_with(key, part, path)):
        found.faults.append((path, others))
        return key
    hint = did_you_mean(key, [*legal, "extends"] if len(path) == 1 else legal) or _elsewhere(key, path, found.root)
    found.faults.append((path, f"is not a known key{hint or ' of this table'}"))
    if near is None:
        return key
    meant = (*path[:-1], near)
    if near in raw:
        value = raw[key]
        found.excused |= {(*meant, inside) for inside in value} if isinstance(value, Mapping) else set()
        return key
    if closest(key, legal, SURE) is None:
        found.excused.add(meant)
        return key
    found.renamed[meant] = key
    return near


def _kinds_with(key: str, part: Any, path: Path) -> str:
    """For a candidate's key that only other kinds of candidates have: which have it."""
    kinds = kinds_of(Candidate)
    own = next((kind for kind, each in kinds.items() if each is part), None)
    having = [kind for kind, each in kinds.items() if key in each.model_fields]
    if own is None or not having or len(path) != 3:
        return ""
    return f'belongs to candidates of kind {either(having)}; this one is of kind "{own}", which has none'


def _elsewhere(key: str, path: Path, root: type[Part]) -> str:
    """Where the key would be legal, for one that stands in the wrong table."""
    homes = [home for home, part in tables(root) if key in part.model_fields and 0 not in home]
    homes = [_named(home, path) for home in homes if home[:1] == path[:1]] or homes
    return f"; it belongs in {either(sorted({shorten(dotted(home)) for home in homes})[:3])}" if homes else ""


def _named(home: Path, path: Path) -> Path:
    return (*path[:2], *home[2:]) if "NAME" in home and len(path) > 1 else home
