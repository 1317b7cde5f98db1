"""The usage at which staying stops being right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from switchpoint.decision.case import SimulatedWorld, simulate, simulate_many
from switchpoint.decision.sentence import Flip
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER, Bools, Floats, Ints
from switchpoint.scenario.alike import Group, groups
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.chance import BLOCK

STEP = 1.25
STEPS = 75
FEWEST = 4
"""Fewer scenarios are faster one by one."""
PRECISION = 1e-7
SMALLEST = 1e-6
"""Values closer to 0 than this are told apart no further."""

Found = TypeVar("Found")


def find_flip(case: SimulatedWorld) -> Flip | None:
    """Smallest level of requests a day above today's at which the advice is no longer to stay.

    Found in steps of a quarter, then by halving to seven digits. None with no usage, or where some 18 million times
    today's does not change it.
    """
    return find_flips([case])[0]


def find_flips(cases: Sequence[SimulatedWorld]) -> list[Flip | None]:
    """The same of many cases, of which those that differ in numbers alone are looked at together, step by step."""
    found: dict[int, Flip | None] = {}
    for group in groups([case.scenario for case in cases], BLOCK):
        found |= zip(group.places, _flips(group, [cases[place] for place in group.places]), strict=True)
    return [found[place] for place in range(len(cases))]


def _flips(group: Group, cases: Sequence[SimulatedWorld]) -> list[Flip | None]:
    levels = np.array([case.level for case in cases])
    low, high = np.ones(levels.size), np.full(levels.size, STEP)
    changes, climbing = Changes(group, [case.scenario for case in cases]), levels > 0
    for _ in range(STEPS):
        changed = changes(levels * high, climbing)
        climbing &= ~changed
        low = np.where(climbing, high, low)
        high = np.where(climbing, high * STEP, high)
    reached = ~climbing & (levels > 0)
    while (wide := reached & (high - low > PRECISION * high)).any():
        middle = (low + high) / 2
        changed = changes(levels * middle, wide)
        high, low = np.where(wide & changed, middle, high), np.where(wide & ~changed, middle, low)
    flips: list[Flip | None] = []
    for row, (case, start, times) in enumerate(zip(cases, levels.tolist(), high.tolist(), strict=True)):
        known = (True, None) if changes.threatened[row] == start * times else None
        change = (known or advice(case.scenario, start * times)) if reached[row] else None
        flips.append(change and Flip(start * times, times, *change))
    return flips


@dataclass
class Changes:
    """Says at which levels of requests a day it is no longer right to stay, in scenarios that are alike."""

    group: Group
    scenarios: Sequence[Scenario]
    rows: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Of the scenarios that `many` stands for."""
    many: Scenario | None = None
    threatened: Floats = field(init=False)
    """The latest level at which the limit was seen to be reached in each scenario."""

    def __post_init__(self) -> None:
        self.threatened = np.full(len(self.scenarios), np.nan)

    def __call__(self, levels: Floats, asked: Bools) -> Bools:
        """Whether the advice changes at a level in each scenario; False where it is not asked."""
        changed = np.zeros(levels.size, dtype=bool)
        wanted = np.flatnonzero(asked)
        if wanted.size >= FEWEST:
            rows = self._gather_rows(wanted)
            changed[rows] = self._together(levels[rows])
        else:
            changed[wanted] = [advice(self.scenarios[row], levels[row]) is not None for row in wanted.tolist()]
        return changed & asked

    def _gather_rows(self, wanted: Ints) -> Ints:
        """Rows simulated at once: those wanted, and those that were wanted before until they are the most."""
        if self.rows.size > 2 * wanted.size or not np.isin(wanted, self.rows).all():
            self.rows, self.many = wanted, self.group.merge(wanted)
        return self.rows

    def _together(self, levels: Floats) -> Bools:
        assert self.many is not None
        usage = self.many.usage.model_copy(update={"requests_per_day": levels[:, None, None]})
        try:
            batch = simulate_many(self.many.model_copy(update={"usage": usage}), levels.size)
        except CannotCompute:
            pairs = zip(self.rows.tolist(), levels.tolist(), strict=True)
            return np.array([advice(self.scenarios[row], level) is not None for row, level in pairs])
        acts: Bools = (batch.each(batch.threat) < NEVER) & self.many.limited
        self.threatened[self.rows[acts]] = levels[acts]
        for outlook in batch.outlooks if not acts.all() else ():
            possible = batch.each(np.greater_equal(outlook.prospect.carrier.impossible_from, batch.clock.days))
            acts = acts | (possible & batch.each(outlook.starts.best < NEVER))
        return acts


def usage_counts(case: SimulatedWorld) -> bool:
    """Whether more requests a day at the start can be simulated, and are more usage: a history or a plan of usage may
    not follow them."""
    if not case.level:
        return False
    more = case.scenario.usage.model_copy(update={"requests_per_day": case.level * STEP})
    try:
        found = simulate(case.scenario.model_copy(update={"usage": more}))
    except CannotCompute:
        return False
    return found.level > case.level


def narrow_bracket(
    changed: Callable[[float], Found | None], same: float, other: float, found: Found, precision: float
) -> tuple[float, Found]:
    """Halve what lies between a value that changes nothing and one that does, until they are close.

    Args:
        changed: what a value changes, None where nothing.
        same: a value that changes nothing.
        other: a value that does, on either side.
        found: what it changes.
        precision: of the result, relative.

    Returns:
        The nearest value seen that changes something, and what it changes.
    """
    while abs(other - same) > precision * max(abs(same), abs(other), SMALLEST):
        middle = (same + other) / 2
        between = changed(middle)
        if between is None:
            same = middle
        else:
            other, found = middle, between
    return other, found


def advice(scenario: Scenario, requests_per_day: float) -> tuple[bool, str | None] | None:
    """Whether the limit is reached at another level of usage, and the candidate advised; None where it is to stay.

    Usage out of all bounds does not count.
    """
    usage = scenario.usage.model_copy(update={"requests_per_day": requests_per_day})
    try:
        case = simulate(scenario.model_copy(update={"usage": usage}))
    except CannotCompute:
        return None
    if case.threat != NEVER and case.scenario.limited:
        return True, None
    best = case.verdict.candidate
    return None if best is None else (False, best.name)
