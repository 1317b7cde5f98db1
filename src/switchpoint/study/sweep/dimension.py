"""A dimension of a sweep: the values that one input takes, and where a share of its range lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from switchpoint.clock import Floats
from switchpoint.scenario.outline import field_at, inner
from switchpoint.scenario.overrides import WrongError, path_steps, targets
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.words import show
from switchpoint.study.sweep.schema import Vary
from switchpoint.study.why.wording import called

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
    def probed(self) -> tuple[Any, ...]:
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
        return last if "*" in steps or len(found) == 1 else called(found, scenario)
    except (WrongError, KeyError, AttributeError, AssertionError, IndexError, TypeError):
        return last


def _between(low: float, high: float, share: float, *, log: bool) -> float:
    return float(low * (high / low) ** share) if log else low + (high - low) * share


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
