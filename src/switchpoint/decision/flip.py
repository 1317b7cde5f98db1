"""The usage at which staying stops being right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from typing import TypeVar

import numpy as np

from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.clauses import Flip
from switchpoint.decision.world_batch import WorldBatch, case_or_fault, simulate_alike, simulate_many
from switchpoint.errors import CannotCompute
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, Bools, Floats, Ints
from switchpoint.scenario.diff import Group, groups
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.chance import BLOCK

STEP = 1.25
STEPS = 75
FEWEST = 4
"""Fewer scenarios are faster one by one."""
AHEAD = 8
"""Steps that are tried at once at most."""
TOGETHER = 48
"""Worlds that are simulated in little more time than one, so that as many may be tried before it is known which of them
are asked for."""
HALVINGS = 8
"""Halvings whose course is told ahead."""
TRIES = 6
"""Straight lines drawn to where the limit is reached; what they do not find is found by halving."""
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
    changes = Changes(group, [case.scenario for case in cases], np.array([case.level for case in cases]))
    start, reached = _climb(changes, np.array([_highest_pressure(case) for case in cases]))
    found = _halve(changes, *_narrow_to_limit(changes, start, reached), reached)
    levels = (changes.levels * found.high).tolist()
    other = np.flatnonzero(reached & ~found.by_limit).tolist()
    at_flip = simulate_alike([_at_level(changes.scenarios[row], levels[row]) for row in other])
    told = {row: advice(case) for row, case in zip(other, at_flip, strict=True)}
    told |= dict.fromkeys(np.flatnonzero(reached & found.by_limit).tolist(), (True, None))
    rows = zip(map(told.get, range(len(cases))), levels, found.high.tolist(), strict=True)
    return [change and Flip(level, times, *change) for change, level, times in rows]


@dataclass(frozen=True)
class Tried:
    """What multiples of today's usage change, arrays of shape (scenarios,) or (scenarios, multiples)."""

    times: Floats
    changed: Bools
    """Whether it is no longer right to stay; False where nobody asked."""
    by_limit: Bools
    """Whether that is because the limit is reached."""
    pressure: Floats
    """The highest pressure of staying; NaN where it is not known."""
    saved: Floats
    """Dollars that the best start of any candidate saves; NaN where it is not known."""

    def at(self, places: Ints) -> Tried:
        """One of several multiples of each scenario."""
        columns = (getattr(self, each.name) for each in fields(self))
        return Tried(*(np.take_along_axis(column, places[:, None], axis=1)[:, 0] for column in columns))


@dataclass(frozen=True)
class Bracket:
    """Multiples of today's usage in many scenarios: one that changes nothing, a higher one that changes the advice."""

    low: Floats
    high: Floats
    below: Floats
    """The highest pressure of staying at the lower one; NaN where it is not known."""
    above: Floats
    """The same at the higher one."""
    by_limit: Bools
    """Whether it is the limit that changes the advice at the higher one."""
    lost: Floats
    """Dollars that the best start of any candidate saves at the lower one; NaN where it is not known."""
    saved: Floats
    """The same at the higher one."""

    @property
    def is_wide(self) -> Bools:
        """Where there is more between them than is told."""
        return _differs(self.low, self.high)

    def last(self, times: Floats) -> tuple[Floats, Floats]:
        """The ends that halving would come to where the advice changed at a multiple and stayed so above it."""
        low, high = self.low, self.high
        while (wide := _differs(low, high)).any():
            middle = (low + high) / 2
            low = np.where(wide & (middle < times), middle, low)
            high = np.where(wide & (middle >= times), middle, high)
        return low, high

    def at_limit(self) -> Floats:
        """Where the limit is reached if pressure rises in a straight line; NaN where it is not reached in between."""
        return self._between(self.below - (1 - SAME), self.above - (1 - SAME))

    def at_saving(self) -> Floats:
        """Where a start begins to save if that rises in a straight line; NaN where it is not known."""
        return self._between(self.lost, self.saved)

    def _between(self, lower: Floats, upper: Floats) -> Floats:
        """Where a straight line crosses 0, from its values at both ends; NaN where it does not in between."""
        with np.errstate(all="ignore"):
            part = -lower / (upper - lower)
        return np.where((part > 0) & (part <= 1), self.low + part * (self.high - self.low), np.nan)

    def way_to(self, times: Floats, steps: int) -> Floats:
        """The first multiples that halving tries on its way to one, shape (scenarios, steps)."""
        low, high, way = self.low, self.high, []
        for _ in range(steps):
            way.append((low + high) / 2)
            low, high = np.where(way[-1] < times, way[-1], low), np.where(way[-1] < times, high, way[-1])
        return np.stack(way, axis=1)

    def narrow(self, where: Bools, tried: Tried) -> Bracket:
        """The part that is left where it is known what a multiple within it changes."""
        up, down = where & ~tried.changed, where & tried.changed
        return Bracket(
            np.where(up, tried.times, self.low),
            np.where(down, tried.times, self.high),
            np.where(up, tried.pressure, self.below),
            np.where(down, tried.pressure, self.above),
            np.where(down, tried.by_limit, self.by_limit),
            np.where(up, tried.saved, self.lost),
            np.where(down, tried.saved, self.saved),
        )


def _differs(low: Floats, high: Floats) -> Bools:
    return high - low > PRECISION * high


def _highest_pressure(case: SimulatedWorld) -> float:
    return float(case.pressure.max()) if case.scenario.limited else np.nan


def _climb(changes: Changes, pressure: Floats) -> tuple[Bracket, Bools]:
    """The quarter step in which the advice changes, and where there is any; `pressure` is the highest of today."""
    climbing, high, done = changes.levels > 0, np.full(changes.levels.size, STEP), 0
    unknown = np.full_like(high, np.nan)
    found = Bracket(high / STEP, high, pressure, unknown, np.zeros_like(climbing), unknown, unknown)
    while climbing.any() and done < STEPS:
        ahead = min(max(changes.at_once // int(climbing.sum()), 1), AHEAD, STEPS - done)
        today = [found.low] * (not done and changes.at_once > 1)
        steps = list(accumulate(range(1, ahead), lambda high, _: high * STEP, initial=found.high))
        tried = changes(np.stack([*today, *steps], axis=1), climbing)
        for place in range(len(today), len(today) + ahead):
            found = found.narrow(climbing, tried.at(np.full(high.size, place)))
            climbing = climbing & ~tried.changed[:, place]
            found = replace(found, high=np.where(climbing, found.high * STEP, found.high))
        if today:
            found = replace(
                found, lost=np.where(np.isnan(found.lost) & ~tried.changed[:, 0], tried.saved[:, 0], found.lost)
            )
        done += ahead
    return found, ~climbing & (changes.levels > 0)


def _narrow_to_limit(changes: Changes, start: Bracket, asked: Bools) -> tuple[Bracket, Bracket]:
    """Where it is the limit that changes the advice, the bracket that halving ends with, found from how pressure rises.

    What is found is tried on both of its ends, so that it is right whatever becomes of pressure in between; where it is
    not found in a few tries, the bracket is left as it is. Beside it all that was tried, as a bracket that halving may
    not come to: where money decides first, its upper end is below the limit.
    """
    found, near = start, start
    for _ in range(TRIES):
        times = near.at_limit()
        todo = asked & found.is_wide & np.isfinite(times)
        if not todo.any():
            break
        lower, upper = _both(changes, start.last(np.where(todo, times, start.high)), todo)
        near = near.narrow(todo, upper).narrow(todo & upper.changed, lower)
        right = todo & upper.changed & ~lower.changed
        found = found.narrow(right, upper).narrow(right, lower)
    return found, near


def _both(changes: Changes, ends: tuple[Floats, Floats], asked: Bools) -> tuple[Tried, Tried]:
    """What both ends of a bracket change."""
    tried = changes(np.stack(ends, axis=1), asked)
    lower, upper = (tried.at(np.full(asked.size, side)) for side in (0, 1))
    return lower, upper


def _halve(changes: Changes, bracket: Bracket, near: Bracket, asked: Bools) -> Bracket:
    """Halve brackets until they are narrow. What halving tries next, and the bracket that it ends with, are told from
    how saving rises, at first between the ends of `near`, and tried at once."""
    ahead = HALVINGS if changes.at_once > 1 else 1
    while (wide := asked & bracket.is_wide).any():
        saving, middle = near.at_saving(), (bracket.low + bracket.high) / 2
        expected = np.where((saving > bracket.low) & (saving <= bracket.high), saving, middle)
        way = bracket.way_to(expected, ahead)
        last = np.stack(bracket.last(expected), axis=1) if ahead > 1 else way[:, :0]
        tried = changes(np.concatenate([way, last], axis=1), wide)
        for step in range(ahead):
            on_its_way = asked & bracket.is_wide & (way[:, step] == (bracket.low + bracket.high) / 2)
            bracket = bracket.narrow(on_its_way, tried.at(np.full(len(way), step)))
        if ahead > 1:
            lower, upper = (tried.at(np.full(len(way), ahead + side)) for side in (0, 1))
            right = wide & bracket.is_wide & upper.changed & ~lower.changed
            bracket = bracket.narrow(right, upper).narrow(right, lower)
        near = bracket
    return bracket


@dataclass(frozen=True)
class Changes:
    """Says what multiples of today's usage change, in scenarios that are alike."""

    group: Group
    scenarios: Sequence[Scenario]
    levels: Floats
    """Requests a day today."""

    @property
    def at_once(self) -> int:
        """Worlds that it pays to simulate at once; one where plans may be advised, each of which is searched alone."""
        return 1 if self.group.first.plans else TOGETHER

    def __call__(self, times: Floats, asked: Bools) -> Tried:
        """Try multiples in the scenarios that are asked about.

        Args:
            times: shape (scenarios,) or (scenarios, multiples).
            asked: about which scenarios.
        """
        each = times.reshape(times.shape[0], -1)
        wanted = np.flatnonzero(asked)
        rows, levels = np.repeat(wanted, each.shape[1]), (self.levels[wanted, None] * each[wanted]).ravel()
        columns = (*np.zeros((2, *each.shape), dtype=bool), *np.full((2, *each.shape), np.nan))
        together = rows.size >= FEWEST and self.at_once > 1
        found = self._together(rows, levels) if together else self._one_by_one(rows, levels)
        for column, said in zip(columns, found, strict=True):
            column[wanted] = said.reshape(-1, each.shape[1])
        return Tried(times, *(column.reshape(times.shape) for column in columns))

    def _one_by_one(self, rows: Ints, levels: Floats) -> tuple[Bools, Bools, Floats, Floats]:
        pairs = zip(rows.tolist(), levels.tolist(), strict=True)
        cases = [case_or_fault(_at_level(self.scenarios[row], level)) for row, level in pairs]
        told = [advice(case) for case in cases]
        changed, by_limit = ([each is not None for each in told], [each == (True, None) for each in told])
        pressure = [_highest_pressure(case) if isinstance(case, SimulatedWorld) else np.nan for case in cases]
        return np.array(changed), np.array(by_limit), np.array(pressure), np.full(len(cases), np.nan)

    def _together(self, rows: Ints, levels: Floats) -> tuple[Bools, Bools, Floats, Floats]:
        try:
            batch = self._batch(rows, levels)
            by_limit: Bools = (batch.each(batch.threat) < NEVER) & batch.scenario.limited
            saved, free = np.full(levels.size, np.nan), np.flatnonzero(~by_limit)
            if free.size:
                saved[free] = _most_saved(self._batch(rows[free], levels[free]) if by_limit.any() else batch)
        except CannotCompute:
            return self._one_by_one(rows, levels)
        limited = batch.scenario.limited
        pressure = batch.each(batch.pressure.max(axis=-1)) if limited else np.full(levels.size, np.nan)
        return by_limit | (saved > 0), by_limit, pressure, saved

    def _batch(self, rows: Ints, levels: Floats) -> WorldBatch:
        """Scenarios at other levels of usage, simulated at once as far as anybody asks."""
        many = self.group.merge(rows)
        usage = many.usage.model_copy(update={"requests_per_day": levels[:, None, None]})
        return simulate_many(many.model_copy(update={"usage": usage}), levels.size)


def _most_saved(batch: WorldBatch) -> Floats:
    """What the best start of any candidate saves in each world, without end where none counts."""
    each = [batch.most_saved(prospect) for prospect in batch.prospects]
    return np.asarray(np.maximum.reduce([np.full(batch.count, -np.inf), *each]))


def usage_counts(case: SimulatedWorld) -> bool:
    """Whether more requests a day at the start can be simulated, and are more usage: a history or a plan of usage may
    not follow them."""
    if not case.level:
        return False
    try:
        found = simulate(_at_level(case.scenario, case.level * STEP))
    except CannotCompute:
        return False
    return found.level > case.level


def narrow_bracket(
    changed: Callable[[Sequence[float]], Sequence[Found | None]],
    same: float,
    other: float,
    found: Found,
    precision: float,
    ahead: int,
) -> tuple[float, Found]:
    """Halve what lies between a value that changes nothing and one that does, until they are close.

    Args:
        changed: what each of some values changes, None where nothing.
        same: a value that changes nothing.
        other: a value that does, on either side.
        found: what it changes.
        precision: of the result, relative.
        ahead: so many halvings are asked about at once, whichever way they go: 2^ahead - 1 values.

    Returns:
        The nearest value seen that changes something, and what it changes.
    """

    def is_wide() -> bool:
        return abs(other - same) > precision * max(abs(same), abs(other), SMALLEST)

    while is_wide():
        tried = _middles(same, other, ahead)
        told = dict(zip(tried, changed(tried), strict=True))
        for _ in range(ahead):
            middle = (same + other) / 2
            between = told[middle]
            if between is None:
                same = middle
            else:
                other, found = middle, between
            if not is_wide():
                break
    return other, found


def _middles(one: float, other: float, halvings: int) -> list[float]:
    """Every value that so many halvings may come to."""
    if not halvings:
        return []
    middle = (one + other) / 2
    return [middle, *_middles(one, middle, halvings - 1), *_middles(middle, other, halvings - 1)]


def _at_level(scenario: Scenario, requests_per_day: float) -> Scenario:
    usage = scenario.usage.model_copy(update={"requests_per_day": requests_per_day})
    return scenario.model_copy(update={"usage": usage})


def advice(case: SimulatedWorld | Exception) -> tuple[bool, str | None] | None:
    """Whether the limit is reached, and the candidate advised; None where to stay, or where usage is out of bounds."""
    if not isinstance(case, SimulatedWorld):
        return None
    if case.threat != NEVER and case.scenario.limited:
        return True, None
    best = case.verdict.candidate
    return None if best is None else (False, best.name)
