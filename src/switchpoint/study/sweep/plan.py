"""The plan of a sweep: its points by number, and everything that is refused before one of them runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path as File
from typing import Any

import numpy as np

from switchpoint.checks import checked, load_checked
from switchpoint.clock import Floats
from switchpoint.scenario.access import Disk
from switchpoint.scenario.errors import Fault, Path, ScenarioError
from switchpoint.scenario.files import Loaded, load_source, variant
from switchpoint.scenario.overrides import ORIGIN, path_steps, targets
from switchpoint.scenario.reading import Source, read_file
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.words import shorten, show
from switchpoint.study.sweep.dimension import Dimension, dimension
from switchpoint.study.sweep.reading import Asked
from switchpoint.study.sweep.schema import MOST_POINTS, Study

LATIN_STREAM, SOBOL_STREAM = 0x1A71, 0x50B1
"""Keep the draws of points apart from those of the worlds of a point."""


@dataclass(frozen=True)
class Base:
    """One scenario that is varied, as its files state it."""

    name: str
    """The name of its file, without folder and ending."""
    file: str
    text: str
    source: Source
    settings: tuple[tuple[str, Any], ...] = ()
    """Values replaced in every point."""

    @property
    def candidates(self) -> tuple[str, ...]:
        """Names of its candidates."""
        return tuple(self.source.tree.get("candidates") or {})

    def at(self, changes: Sequence[tuple[str, Any]]) -> Loaded:
        """The scenario with some values replaced.

        Raises:
            ScenarioError: with every fault of what that makes.
        """
        return load_source(self.text, self.file, self.source, [*self.settings, *changes], Disk())

    def scenario_at(self, changes: Sequence[tuple[str, Any]]) -> Scenario:
        """The same, the scenario alone; faster where nothing but numbers is replaced.

        Raises:
            ScenarioError: as `at`.
        """
        paths = tuple(path for path, _ in changes)
        if not all(type(value) in (int, float) for _, value in changes):
            return self.at(changes).scenario
        if paths not in self._patterns:
            pattern = self.at(changes)
            tree = pattern.source.tree
            self._patterns[paths] = pattern, [list(targets(tree, path_steps(path))) for path in paths]
        pattern, meant = self._patterns[paths]
        put = [(path, value) for where, (_, value) in zip(meant, changes, strict=True) for path in where]
        return variant(pattern, put) or self.at(changes).scenario

    @cached_property
    def _patterns(self) -> dict[tuple[str, ...], tuple[Loaded, list[list[Path]]]]:
        """What was read of the first scenario with values at some paths, and which places they mean."""
        return {}


@dataclass(frozen=True)
class Point:
    """One scenario to run: its number, which base it varies, and the value of each dimension."""

    number: int
    base: int
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Plan:
    """All points of a sweep, numbered from 0: those of the first base, then those of the next, all in the same order.

    A grid runs through the last dimension first.
    """

    study: Study
    bases: tuple[Base, ...]
    dimensions: tuple[Dimension, ...]

    @property
    def each(self) -> int:
        """Points of each base."""
        return self.study.points or prod(len(dimension.values) for dimension in self.dimensions)

    def __len__(self) -> int:
        return len(self.bases) * self.each

    def point(self, number: int) -> Point:
        """A point by its number."""
        base, place = divmod(number, self.each)
        return Point(number, base, self._values(place))

    @property
    def rows(self) -> int:
        """Rows of the whole sweep: one for each point and candidate, one for a point without candidates."""
        return self.each * sum(max(len(base.candidates), 1) for base in self.bases)

    def changes(self, point: Point) -> list[tuple[str, Any]]:
        """The values of a point by path."""
        return [(each.path, value) for each, value in zip(self.dimensions, point.values, strict=True)]

    def _values(self, place: int) -> tuple[Any, ...]:
        if self.study.sample == "grid":
            places = np.unravel_index(place, [len(dimension.values) for dimension in self.dimensions])
            return tuple(each.values[int(i)] for each, i in zip(self.dimensions, places, strict=True))
        return tuple(each.at(float(s)) for each, s in zip(self.dimensions, self._shares[place], strict=True))

    @cached_property
    def _shares(self) -> Floats:
        """Where the points of a sample lie, 0 to below 1; shape (points, dimensions)."""
        from scipy.stats import qmc

        count, size, seed = self.each, len(self.dimensions), self.study.seed
        if self.study.sample == "lhs":
            drawn: Floats = qmc.LatinHypercube(size, seed=np.random.default_rng([seed, LATIN_STREAM])).random(count)
            return drawn
        sequence = qmc.Sobol(size, scramble=True, bits=30, seed=np.random.default_rng([seed, SOBOL_STREAM]))
        points: Floats = sequence.random_base2(max(count - 1, 1).bit_length())[:count]
        return points


def planned(asked: Asked) -> Plan:
    """The plan of a study.

    Raises:
        ScenarioError: where a scenario is wrong, a path leads nowhere, a value is impossible, or there are too many
            points: all that can be known before anything runs.
    """
    study = asked.study
    settings = tuple(study.set.items())
    bases, faults = [], []
    for file in study.scenarios:
        try:
            bases.append(_base(_shown(file), settings))
        except ScenarioError as error:
            faults += [_at_setting(asked, fault) for fault in error.faults]
    if faults:
        raise ScenarioError(dict.fromkeys(faults))
    first = bases[0].at(())
    dimensions = tuple(dimension(vary, bases[0].source.tree, first.scenario) for vary in study.vary)
    plan = Plan(study, _told_apart(bases), dimensions)
    faults = _faults(asked, plan)
    if faults:
        raise ScenarioError(dict.fromkeys(faults))
    return plan


def _shown(file: str) -> str:
    """A file as a person here would write it."""
    try:
        return str(File(file).relative_to(File.cwd()))
    except ValueError:
        return file


def _base(file: str, settings: tuple[tuple[str, Any], ...]) -> Base:
    load_checked(file, [*settings])
    text, source = read_file(File(file), file, Disk())
    return Base(File(file).stem, file, text, source, settings)


def _told_apart(bases: list[Base]) -> tuple[Base, ...]:
    """Bases whose names differ: the n-th of the same name gets its number."""
    named: list[Base] = []
    for base in bases:
        same = sum(each.name == base.name or each.name.startswith(f"{base.name} (") for each in named)
        name = f"{base.name} ({same + 1})" if same else base.name
        named.append(Base(name, base.file, base.text, base.source, base.settings))
    return tuple(named)


def _at_setting(asked: Asked, fault: Fault) -> Fault:
    """A fault of a scenario, at the line of the study where it came from there."""
    if fault.file == ORIGIN and asked.study.set:
        path = list(asked.study.set)[min(fault.line, len(asked.study.set)) - 1]
        return asked.fault(("set", path), fault.message) if asked.shown.endswith(".toml") else fault
    return fault


def _faults(asked: Asked, plan: Plan) -> list[Fault]:
    faults = []
    for place in range(len(plan.dimensions)):
        for base in plan.bases:
            found = _probe_faults(asked, place, plan, base)
            faults += found
            if found:
                break
    if len(plan) > MOST_POINTS:
        most = f"must be at most {MOST_POINTS:,} points; got {len(plan):,}"
        faults.append(Fault(asked.shown, 1, "", f"{most}; fewer steps, or a sample (lhs, sobol), take fewer"))
    return faults


def _probe_faults(asked: Asked, place: int, plan: Plan, base: Base) -> list[Fault]:
    """What is wrong with the values of one dimension of one scenario.

    A value is tried by itself, then with the first and with the last values of the other dimensions: a curve and its
    ceiling may be right only together.
    """
    each = plan.dimensions[place]
    others = [other for other in plan.dimensions if other is not each]
    for value in each.probed:
        mine = (each.path, value)
        faults: Sequence[Fault] = _tried(base, [mine])
        for end in (0, -1):
            if faults and others:
                beside = [(other.path, other.probed[end]) for other in others]
                faults = faults if _tried(base, [mine, *beside]) else []
        if faults:
            return [_of_value(asked, place, each, base, value, fault) for fault in faults]
    return []


def _tried(base: Base, changes: list[tuple[str, Any]]) -> tuple[Fault, ...]:
    try:
        checked(lambda: base.at(changes))
    except ScenarioError as error:
        return error.faults
    return ()


def _of_value(asked: Asked, place: int, each: Dimension, base: Base, value: Any, fault: Fault) -> Fault:
    written = fault.file == ORIGIN and fault.line == len(base.settings) + 1
    where = asked.source.place(("vary", place))
    if written:
        return Fault(*where, fault.field, fault.message)
    with_ = f"with {each.path} = {shorten(show(value))} in {base.name}: "
    return Fault(*where, each.path, f"{with_}{fault.field}: {fault.message}" if fault.field else with_ + fault.message)
