"""How likely bills are to reach their limit, as of every Monday: what is believed beforehand, and the state of each.

How likely each bill is to reach its limit within some months, as of every Monday, and what follows from it.

One distribution of the time to the limit gives everything: the probabilities, the median and the interval agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from math import sqrt
from typing import Any

import numpy as np

from switchpoint.catalog.tables import records
from switchpoint.catalog.usage_behaviour import usage_behaviour
from switchpoint.horizon import NEVER, Bools, Floats, Ints
from switchpoint.normal import reaches
from switchpoint.warning.weeks import LONG, MONTHLY, WEEKLY, WeeklyFacts, line_chance, weekly_facts

# What the monitor believes before it has seen a bill -----------------------------------------------------------------

CLASS = "typical"
"""The kind of usage whose changes of growth and jumps are believed of every bill."""


@dataclass(frozen=True)
class PriorConstant:
    """One number of the monitor, and what it rests on."""

    name: str
    value: float
    unit: str
    note: str
    series: int
    verified: bool
    source: str
    date: str


@dataclass(frozen=True)
class Prior:
    """The monitor's numbers, fitted to when real series reached limits set for them. Scale: see `spread_of`."""

    sd_per_month: float
    """Standard deviation of the log growth rate a month, of a bill of scale 1."""
    by_weekly: float
    """Power of the scale in the mean size of a week's change."""
    by_monthly: float
    """Power of the scale in the mean size of a month's change."""
    noise: float
    """Standard deviation of the trailing mean's own noise, in mean sizes of a week's change."""
    growth: float
    """Drift a month, in logs of a bill of scale 1: bills that are watched grow."""
    last_week: float
    """Part of the last week's departure from the trailing mean that the mean will follow."""
    last_fortnight: float
    """The same of the last two weeks."""
    gap_13: float
    """Part of the level's departure from its mean of 13 weeks that goes on, in a month or two; below 0 it reverts."""
    gap_26: float
    gap_52: float
    uncertain_spread: float
    """Standard deviation of the log of a bill's true spread around what is expected."""
    odds: float
    """Added to the log of the odds of what is said of a level that wanders: see `calibrate`."""
    odds_power: float
    odds_by_months: float
    half_life_months: float
    """Of changes of growth; the catalogue's, as the next two."""
    jumps_per_month: float
    jump_square: float
    """Mean square of a jump's log."""


@cache
def prior() -> Prior:
    """The prior of every monitor; it never sees a scenario's wander."""
    own = {each.name: each.value for each in records(PriorConstant, "warning_prior")}
    usage = usage_behaviour(CLASS)
    known = {
        "half_life_months": usage.half_life_months,
        "jumps_per_month": usage.jumps_per_year / 12,
        "jump_square": usage.jump_mean**2 + usage.jump_sd**2,
    }
    return Prior(**{field.name: (own | known)[field.name] for field in fields(Prior)})


# The chance that a wandering level has reached a limit by some time --------------------------------------------------

STEP = 0.05
"""Of the drift in the table."""
ROOT_STEP = 0.008
"""Of the root of the distance in it: against a drift the chance falls within hundredths of a deviation."""
PARTS = 20
"""In which the table is made, so that what is at work stays in cache."""
FARTHEST, STRONGEST = 20.0, 8.0
"""Distance and drift, in standard deviations, beyond which the table ends."""
NODES, WEIGHTS = (-sqrt(3), 0.0, sqrt(3)), (1 / 6, 2 / 3, 1 / 6)
"""Of the mean over a normal by three points."""


def passage_chance(distance: Floats, drift: Floats, deviation: float) -> Floats:
    """Chance that a process with drift reaches a distance above it, its spread known only up to a factor.

    For a Brownian path with a total drift d and a standard deviation of 1 at the time asked for, the chance to have
    been at a or above is `reaches`. It is averaged over a spread that is lognormal around 1.

    Args:
        distance: distance a in expected standard deviations of that time; at or below 0 it is reached.
        drift: drift d in the same unit, same shape.
        deviation: standard deviation of the log of the spread.

    Returns:
        Chances, from a table, right to 0.0006; same shape.
    """
    table = _table(deviation)
    a = np.sqrt(np.clip(distance, 0.0, FARTHEST)) / ROOT_STEP
    d = (np.clip(drift, -STRONGEST, STRONGEST - STEP) + STRONGEST) / STEP
    row, column = a.astype(np.int64), d.astype(np.int64)
    a -= row
    d -= column
    at = row * table.shape[1] + column
    flat = table.ravel()
    low = flat[at] * (1 - d) + flat[at + 1] * d
    at += table.shape[1]
    high = flat[at] * (1 - d) + flat[at + 1] * d
    chance: Floats = low * (1 - a) + high * a
    return chance


@lru_cache(maxsize=8)
def _table(deviation: float) -> Floats:
    """The chance by distance (rows) and drift (columns)."""
    distance = np.arange(0.0, np.sqrt(FARTHEST) + 2 * ROOT_STEP, ROOT_STEP)[:, None] ** 2
    drift = np.arange(-STRONGEST, STRONGEST + STEP / 2, STEP)[None, :]
    parts = np.array_split(distance, PARTS)
    return np.concatenate([exact_chance(part, drift, deviation) for part in parts])


def exact_chance(distance: Floats, drift: Floats, deviation: float) -> Floats:
    """The same without a table; the mean over the spread by three nodes of Gauss and Hermite."""
    total = np.zeros(np.broadcast_shapes(distance.shape, drift.shape))
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        spread = np.exp(deviation * node)
        total += weight * reaches(distance / spread, drift / spread)
    return np.minimum(total, 1.0)


# How likely each bill is to reach its limit within some months, as of every Monday -----------------------------------

FURTHEST = 24.0
"""Months beyond which nothing is said."""
HORIZONS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, FURTHEST)
"""Months at which the chances are computed; between two they rise along a line."""
SETTLES = 4.0
"""Rate a month at which the trailing mean takes in what the last weeks already show."""
TRUST, OFF_LINE, HALF = 1.7, 2.3, 2.2
"""How fast trust in a line grows with the evidence for it, what being off the line weighs, and where trust is one half.
Read off real series: only there does a line foretell as well as levels that wander."""
TINY = 1e-3
LEAST = 1e-6
"""Chance below which none is told from another before it is calibrated."""
FAR = 0.6
"""Log beyond which a level's departure from its past says no more."""
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
"""Shares of the paths that have reached the limit at the ends of the 80 % interval and at its middle."""

Added = Callable[[float], Floats]
"""Log that known changes of price and announced launches add to the trailing mean so many months after each week, shape
(worlds, weeks) or one that broadcasts to it."""


@dataclass(frozen=True)
class Chances:
    """The time to the limit of many bills, as of the Monday after each week."""

    horizons: Floats
    """Months, rising, shape (horizons,)."""
    reached: Floats
    """Chance that the limit is reached within each, shape (horizons, worlds, weeks): 1 at the limit, nan before the
    eighth whole week."""

    def within(self, months: float) -> Floats:
        """Chance that the limit is reached within so many months, shape (worlds, weeks).

        Raises:
            ValueError: where that is beyond the last horizon.
        """
        if not 0 <= months <= self.horizons[-1]:
            raise ValueError(f"months must be from 0 to {self.horizons[-1]:g}, got {months:g}")
        after = int(np.searchsorted(self.horizons, months))
        high: Floats = self.reached[after]
        if self.horizons[after] == months:
            return high
        low, start = (self.reached[after - 1], self.horizons[after - 1]) if after else (np.floor(high), 0.0)
        chance: Floats = low + (high - low) * (months - start) / (self.horizons[after] - start)
        return chance

    def quantile(self, share: float) -> Floats:
        """Months by which the limit is reached in a share of the paths; infinite where that is not within the last
        horizon, and where nothing is said; 0 at the limit. Shape (worlds, weeks).
        """
        months = np.full(self.reached[0].size, np.inf)
        told = np.flatnonzero(self.reached[-1] >= share)
        reached = self.reached.reshape(len(self.reached), months.size)[:, told]
        place = (reached >= share).argmax(axis=0)
        high, low = (np.take_along_axis(reached, np.maximum(at, 0)[None], axis=0)[0] for at in (place, place - 1))
        low, start = np.where(place > 0, low, np.floor(high)), np.append(0.0, self.horizons)[place]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            part = np.clip((share - low) / (high - low), 0.0, 1.0)
        months[told] = start + np.nan_to_num(part) * (self.horizons[place] - start)
        return months.reshape(self.reached.shape[1:])

    @cached_property
    def months_to_limit(self) -> Floats:
        """The median."""
        return self.quantile(MIDDLE)

    @cached_property
    def interval(self) -> tuple[Floats, Floats]:
        """The ends of the 80 % interval."""
        return self.quantile(LOW), self.quantile(HIGH)


def chances(
    logs: Floats,
    over: Bools,
    months: Sequence[float] = (2.0, 3.0),
    added: Added | None = None,
    believed: Prior | None = None,
) -> Chances:
    """How likely each bill is to reach its limit, from what real usage does.

    Args:
        logs: log of each week's bill over its limit, without what `added` puts back; shape (worlds, weeks). Weeks that
            are not finite have no bill or no limit: after them all is learnt anew.
        over: whether the trailing mean is at its limit after each week, same shape.
        months: horizons that are wanted exactly, besides 6 and 12.
        added: what known changes of price and launches add.
        believed: the prior, the catalogue's unless another is given.

    Returns:
        The chances as of the Monday after each week.
    """
    return chances_from(weekly_facts(logs), over, months, added, believed)


def chances_from(
    facts: WeeklyFacts,
    over: Bools,
    months: Sequence[float] = (2.0, 3.0),
    added: Added | None = None,
    believed: Prior | None = None,
) -> Chances:
    """`chances` from facts of any shape."""
    believed = believed or prior()
    asked = facts.speaks & ~over  # at the limit, and before anything is said, there is nothing to compute
    speaks, facts = facts.speaks, facts.at(asked)
    outlook, trusted = LevelOutlook(facts, believed), line_trust(facts)

    def chance(ahead: float) -> Floats:
        known = np.broadcast_to(added(ahead), asked.shape)[asked] if added else 0.0
        deviation = np.sqrt(outlook.variance(ahead))
        drift = outlook.drift(ahead) + known
        passes = passage_chance(-facts.level / deviation, drift / deviation, believed.uncertain_spread)
        wandering = calibrate(passes, ahead, believed)
        return wandering + trusted * (line_chance(facts.line, ahead, known) - wandering)

    return collect_chances(chance, speaks, over, months)


def collect_chances(chance: Callable[[float], Floats], speaks: Bools, over: Bools, months: Sequence[float]) -> Chances:
    """The chances at all horizons: none falls with the months, 1 at the limit, nan where nothing is said.

    Args:
        chance: that the limit is reached within so many months, of the bills below it of which something is said.
        speaks: of which something is said, shape (worlds, weeks).
        over: which are at the limit, same shape.
        months: horizons that are wanted exactly, besides those that are always there.
    """
    horizons, asked = np.unique([*HORIZONS, *(each for each in months if each > 0)]), np.flatnonzero(speaks & ~over)
    reached = np.empty((horizons.size, over.size))
    reached[:] = np.where(over, 1.0, np.nan).ravel()
    before: Floats = np.zeros(asked.size)
    for ahead, found in zip(horizons, reached, strict=True):
        before = np.maximum(before, chance(float(ahead)))
        found[asked] = before
    return Chances(horizons, reached.reshape(horizons.size, *over.shape))


def calibrate(chance: Floats, ahead: float, believed: Prior) -> Floats:
    """What chances so many months ahead have come to on real series: odds to a power, times a factor that rises with
    the months. First passage alone is a little too sure, and says too little of a year."""
    sure = np.clip(chance, LEAST, 1 - LEAST)
    odds = believed.odds + believed.odds_power * np.log(sure / (1 - sure)) + believed.odds_by_months * np.log(ahead / 3)
    came: Floats = 1 / (1 + np.exp(-odds))
    return came


def line_trust(facts: WeeklyFacts) -> Floats:
    """Chance that growth is steady: near 1 only where a year's weeks lie on a rising line but for their own noise.

    The evidence is the slope in standard errors, and how far weeks are off the line against how far one is from the
    next: about 0.9 where all that moves them is noise, and 2 or more where levels wander.
    """
    line = facts.line
    slope = line.slope / np.sqrt(line.noise * LONG / line.square)
    off = np.sqrt(line.noise) / facts.weekly
    evidence = np.log(np.maximum(slope, TINY)) - OFF_LINE * np.log(np.maximum(off, TINY))
    trust: Floats = 1 / (1 + np.exp(-TRUST * (evidence - HALF)))
    return trust


def spread_of(facts: WeeklyFacts, believed: Prior) -> Floats:
    """Scale of a bill's wander, 1 for one whose weeks and months move as those of the middle one do."""
    scale: Floats = (facts.weekly / WEEKLY) ** believed.by_weekly * (facts.monthly / MONTHLY) ** believed.by_monthly
    return scale


def level_outlook(facts: WeeklyFacts, ahead: float) -> tuple[Floats, Floats]:
    """Expected change of the level's log so many months ahead, and its standard deviation, as real usage behaves.

    The deviation is that of a middle bill: a single one's is off it by `Prior.uncertain_spread`, in logs.

    Args:
        facts: what is known after each week, shape (worlds, weeks), as both results.
        ahead: months.
    """
    outlook = LevelOutlook(facts, prior())
    return outlook.drift(ahead), np.sqrt(outlook.variance(ahead))


@dataclass(frozen=True)
class LevelOutlook:
    """Where levels go, any number of months ahead: `level_outlook` once for all of them."""

    facts: WeeklyFacts
    believed: Prior

    @cached_property
    def _scale(self) -> Floats:
        return spread_of(self.facts, self.believed)

    @cached_property
    def _square(self) -> Floats:
        return self._scale**2

    @cached_property
    def _noise(self) -> Floats:
        """Variance of the mean's own noise."""
        noise: Floats = (self.believed.noise * self.facts.weekly) ** 2
        return noise

    @cached_property
    def _past_drift(self) -> Any:
        """What of the departure from the past goes on."""
        weights = (self.believed.gap_13, self.believed.gap_26, self.believed.gap_52)
        return sum(weight * np.clip(gap, -FAR, FAR) for weight, gap in zip(weights, self.facts.gaps, strict=True))

    @cached_property
    def _shown_drift(self) -> Floats:
        """What the last weeks show already."""
        return self.believed.last_week * self.facts.last + self.believed.last_fortnight * self.facts.fortnight

    def variance(self, ahead: float) -> Floats:
        """Variance of the level's log so many months ahead: growth that changes, jumps, and the noise of the mean."""
        believed, theta = self.believed, np.log(2) / self.believed.half_life_months
        wander = 2 * (believed.sd_per_month / theta) ** 2 * (theta * ahead + np.expm1(-theta * ahead))
        jumps = believed.jumps_per_month * believed.jump_square * ahead
        variance: Floats = self._square * (wander + jumps) - self._noise * np.expm1(-SETTLES * ahead)
        return variance

    def drift(self, ahead: float) -> Floats:
        """Expected change of the level's log so many months ahead."""
        grown = self._scale * (self.believed.growth * ahead)
        drift: Floats = grown - self._shown_drift * np.expm1(-SETTLES * ahead) - self._past_drift * np.expm1(-ahead)
        return drift


# The state that a Monday puts a bill into, by the chance that it reaches its limit -----------------------------------

OPENS, CLOSES, RUNNING = 0.5, 0.4, 4
"""An open warning begins at the first chance, and ends below the second on so many Mondays running."""
WATCHED_MONTHS = 6.0


class MondayState(IntEnum):
    """What a Monday finds, in rising order."""

    CALM = 0
    WATCH = 1
    OPEN = 2
    LATE = 3
    OVER = 4


def open_mondays(chance: Floats) -> Bools:
    """On which Mondays a warning is open: from a chance of one half on, until it was below 0.4 on four running.

    Args:
        chance: chance of reaching the limit within the second of `warn_months`, nan where nothing is said; shape
            (worlds, weeks).

    >>> open_mondays(np.array([[0.2, 0.5, 0.3, 0.3, 0.45, 0.3, 0.3, 0.3, 0.3, 0.45]])).astype(int)
    array([[0, 1, 1, 1, 1, 1, 1, 1, 0, 0]])
    """
    number = np.arange(chance.shape[1])
    low = ~(chance >= CLOSES)
    ends = low.copy()
    for back in range(1, RUNNING):
        ends[:, back:] &= low[:, :-back]
        ends[:, :back] = False
    opened = np.maximum.accumulate(np.where(chance >= OPENS, number, -1), axis=1)
    ended = np.maximum.accumulate(np.where(ends, number, -1), axis=1)
    return opened > ended


def find_states(found: Chances, over: Bools, warn_months: tuple[float, float]) -> Ints:
    """State of each Monday (`MondayState`), shape (worlds, weeks).

    Over at the limit; late where it is reached within the first of `warn_months` with a chance of one half or more;
    open within the second, held as `open_mondays` says; watch within six months; else calm.
    """
    closes, opens = warn_months
    states = np.where(found.within(WATCHED_MONTHS) >= OPENS, MondayState.WATCH, MondayState.CALM)
    states = np.where(open_mondays(found.within(opens)), MondayState.OPEN, states)
    states = np.where(found.within(closes) >= OPENS, MondayState.LATE, states)
    return np.where(over, MondayState.OVER, states).astype(np.int64)


def first_warning(chance: Floats, mondays: Ints) -> Ints:
    """Day number of the first Monday with a chance of one half or more; NEVER where there is none. Shape (worlds,).

    Args:
        chance: chance of reaching the limit within the second of `warn_months`, shape (worlds, weeks).
        mondays: day number of the Monday after each week, shape (weeks,).
    """
    warns = chance >= OPENS
    if not mondays.size:
        return np.full(len(chance), NEVER)
    return np.where(warns.any(axis=1), mondays[warns.argmax(axis=1)], NEVER)
