"""Points by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import prod
from pathlib import Path as File
from typing import Any

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.scenario.access import Disk
from switchpoint.scenario.catalogue_check import check_names, load_checked
from switchpoint.scenario.errors import Fault, Keys, ScenarioError, shorten, show
from switchpoint.scenario.input_names import name_in_sentence
from switchpoint.scenario.introspection import field_at, inner
from switchpoint.scenario.load import Loaded, load_source, variant
from switchpoint.scenario.paths import ORIGIN, WrongError, path_steps, targets
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_source import TomlSource, read_file
from switchpoint.study.sweep.study_file import MOST_POINTS, Asked, Study, Vary

DIGITS = 12
"""Digits of a number in a range: enough to tell values apart, few enough that they read as they would be typed."""


@dataclass(frozen=True)
class Dimension:
    """One input that varies.

    Args:
        path: where it stands, as the study writes it; the name of its column.
        name: what summaries call it.
        values: those of a list, or of a range on a grid; empty for a range that is sampled.
        low: lower end of a range that is sampled.
        high: upper end.
        log: whether equal shares are equal ratios.
        whole: whether only whole numbers may stand there.
        listed: whether the values were listed one by one.
    """

    path: str
    name: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    listed: bool = False

    def at(self, share: float) -> Any:
        """The value at a share of the range, 0 to below 1; of a list, each value has an equal part of it."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.whole:
            return int(min(self.low + np.floor(share * (self.high - self.low + 1)), self.high))
        return _short(_between(self.low, self.high, share, log=self.log))

    @property
    def probe_values(self) -> tuple[Any, ...]:
        """Values to try before anything runs: the ends of a range, those of a list that tell for all."""
        if not self.values:
            return self._end(self.low), self._end(self.high)
        return _telling(self.values) if self.listed else (self.values[0], self.values[-1])

    def _end(self, value: float) -> Any:
        return int(value) if self.whole else value

    @property
    def kind(self) -> str:
        """The type of its column: whole, number, flag, date or text."""
        if not self.values:
            return "whole" if self.whole else "number"
        types = {type(value) for value in self.values}
        if types == {bool}:
            return "flag"
        if types <= {int, float}:
            return "whole" if types == {int} else "number"
        return "date" if types == {date} else "text"

    def cell(self, value: Any) -> Any:
        """A value as its column holds it."""
        if self.kind == "text":
            return value if isinstance(value, str) else show(value)
        return float(value) if self.kind == "number" else value


def dimension(vary: Vary, tree: Any, scenario: Scenario) -> Dimension:
    """The dimension that a table of a study means; tree and scenario are those of a file which it varies."""
    whole = takes_whole_numbers(vary.path, tree)
    name = vary.name or name_of(vary.path, tree, scenario)
    if vary.values is not None:
        return Dimension(vary.path, name, tuple(vary.values), whole=whole, listed=True)
    assert vary.low is not None
    assert vary.high is not None
    log = vary.scale == "log"
    if vary.steps is None:
        return Dimension(vary.path, name, (), vary.low, vary.high, log, whole)
    shares: Floats = np.linspace(0, 1, vary.steps)
    spread = [_short(_between(vary.low, vary.high, float(share), log=log)) for share in shares]
    values = tuple(dict.fromkeys(round(each) for each in spread)) if whole else tuple(spread)
    return Dimension(vary.path, name, values, whole=whole)


def _telling(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Values that stand for all of a list, the first and the last of it at their ends.

    What a field takes of one type of number lies between two bounds, so the least and the largest tell for all.

    >>> _telling((3, 1, 2, 5, 4, 2.5, "a"))
    (3, 1, 5, 2.5, 'a')
    """
    first, *inner, last = values if len(values) > 1 else values * 2
    numbers = {kind: [each for each in inner if type(each) is kind and each == each] for kind in (int, float)}
    ends = [end(found) for found in numbers.values() if found for end in (min, max)]
    others = [each for each in inner if type(each) not in numbers or each != each]
    told = {(type(each), repr(each)): each for each in (first, *ends, *others)}
    told.pop((type(last), repr(last)), None)
    return *told.values(), last


def takes_whole_numbers(path: str, tree: Any) -> bool:
    """Whether the schema asks for a whole number at a path; False for a path that leads nowhere."""
    try:
        found = field_at(next(targets(tree, path_steps(path))), tree)
    except WrongError:
        return False
    return found is not None and _is_whole(found.annotation)


def _is_whole(shape: Any) -> bool:
    while getattr(shape, "__metadata__", None):
        shape = shape.__origin__
    arguments = [each for each in getattr(shape, "__args__", ()) if each is not type(None)]
    return shape is int or (len(arguments) == 1 and inner(shape, 0) is None and _is_whole(arguments[0]))


def name_of(path: str, tree: Any, scenario: Scenario) -> str:
    """What summaries call the input at a path."""
    try:
        steps = path_steps(path)
    except WrongError:
        return path  # it leads nowhere, which is told of each value that is tried there
    last = steps[-1].strip('"').replace("_", " ")
    try:
        found = next(targets(tree, steps))
        return last if "*" in steps or len(found) == 1 else name_in_sentence(found, scenario)
    except (WrongError, KeyError, AttributeError, AssertionError, IndexError, TypeError):
        return last


def _between(low: float, high: float, share: float, *, log: bool) -> float:
    return float(low * (high / low) ** share) if log else low + (high - low) * share


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


LATIN_STREAM, SOBOL_STREAM = 0x1A71, 0x50B1
"""Keep the draws of points apart from those of the worlds of a point."""


@dataclass(frozen=True)
class Base:
    """One scenario that is varied, as its files state it."""

    name: str
    """The name of its file, without folder and ending."""
    file: str
    text: str
    source: TomlSource
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
    def _patterns(self) -> dict[tuple[str, ...], tuple[Loaded, list[list[Keys]]]]:
        """What was read of the first scenario with values at some paths, and which places they mean."""
        return {}


@dataclass(frozen=True)
class Point:
    """One scenario to run: its number, which base it varies, and the value of each dimension."""

    number: int
    base: int
    values: tuple[Any, ...]


@dataclass(frozen=True)
class SweepPlan:
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


def plan_sweep(asked: Asked) -> SweepPlan:
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
            bases.append(_base(_path_words(file), settings))
        except ScenarioError as error:
            faults += [_at_setting(asked, fault) for fault in error.faults]
    if faults:
        raise ScenarioError(dict.fromkeys(faults))
    first = bases[0].at(())
    dimensions = tuple(dimension(vary, bases[0].source.tree, first.scenario) for vary in study.vary)
    plan = SweepPlan(study, _told_apart(bases), dimensions)
    faults = _faults(asked, plan)
    if faults:
        raise ScenarioError(dict.fromkeys(faults))
    return plan


def _path_words(file: str) -> str:
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


def _faults(asked: Asked, plan: SweepPlan) -> list[Fault]:
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


def _probe_faults(asked: Asked, place: int, plan: SweepPlan, base: Base) -> list[Fault]:
    """What is wrong with the values of one dimension of one scenario.

    A value is tried by itself, then with the first and with the last values of the other dimensions: a curve and its
    ceiling may be right only together.
    """
    each = plan.dimensions[place]
    others = [other for other in plan.dimensions if other is not each]
    for value in each.probe_values:
        mine = (each.path, value)
        faults: Sequence[Fault] = _faults_of(base, [mine])
        for end in (0, -1):
            if faults and others:
                beside = [(other.path, other.probe_values[end]) for other in others]
                faults = faults if _faults_of(base, [mine, *beside]) else []
        if faults:
            return [_of_value(asked, place, each, base, value, fault) for fault in faults]
    return []


def _faults_of(base: Base, changes: list[tuple[str, Any]]) -> tuple[Fault, ...]:
    try:
        check_names(lambda: base.at(changes))
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
