"""How likely each bill is to reach its limit within some months, as of every Monday, and what follows from it.

One distribution of the time to the limit gives everything: the probabilities, the median and the interval agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.horizon import Bools, Floats
from switchpoint.warning.first_passage import passage_chance
from switchpoint.warning.lines import LONG, line_chance
from switchpoint.warning.prior import Prior, prior
from switchpoint.warning.weeks import MONTHLY, WEEKLY, WeeklyFacts, weekly_facts

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
        months = np.full(self.reached.shape[1:], np.inf)
        told = self.reached[-1] >= share
        reached = self.reached[:, told]
        place = (reached >= share).argmax(axis=0)
        high, low = (np.take_along_axis(reached, np.maximum(at, 0)[None], axis=0)[0] for at in (place, place - 1))
        low, start = np.where(place > 0, low, np.floor(high)), np.append(0.0, self.horizons)[place]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            part = np.clip((share - low) / (high - low), 0.0, 1.0)
        months[told] = start + np.nan_to_num(part) * (self.horizons[place] - start)
        return months

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
    scale = spread_of(facts, believed)

    trusted = line_trust(facts)

    def chance(ahead: float) -> Floats:
        known = np.broadcast_to(added(ahead), asked.shape)[asked] if added else 0.0
        deviation = np.sqrt(_variance(facts, believed, scale, ahead))
        drift = _drift(facts, believed, scale, ahead) + known
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
    horizons, asked = np.unique([*HORIZONS, *(each for each in months if each > 0)]), speaks & ~over
    reached = np.empty((horizons.size, *over.shape))
    reached[:] = np.where(over, 1.0, np.nan)
    before: Floats = np.zeros(np.count_nonzero(asked))
    for number, ahead in enumerate(horizons):
        before = np.maximum(before, chance(float(ahead)))
        reached[number, asked] = before
    return Chances(horizons, reached)


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


def level_outlook(facts: WeeklyFacts, ahead: float, believed: Prior | None = None) -> tuple[Floats, Floats]:
    """Expected change of the level's log so many months ahead, and its standard deviation, as real usage behaves.

    The deviation is that of a middle bill: a single one's is off it by `Prior.uncertain_spread`, in logs.

    Args:
        facts: what is known after each week, shape (worlds, weeks), as both results.
        ahead: months.
        believed: the prior, the catalogue's unless another is given.
    """
    believed = believed or prior()
    scale = spread_of(facts, believed)
    return _drift(facts, believed, scale, ahead), np.sqrt(_variance(facts, believed, scale, ahead))


def _variance(facts: WeeklyFacts, believed: Prior, scale: Floats, ahead: float) -> Floats:
    """Variance of the level's log so many months ahead: growth that changes, jumps, and the noise of the mean."""
    theta = np.log(2) / believed.half_life_months
    wander = 2 * (believed.sd_per_month / theta) ** 2 * (theta * ahead + np.expm1(-theta * ahead))
    jumps = believed.jumps_per_month * believed.jump_square * ahead
    noise = (believed.noise * facts.weekly) ** 2 * -np.expm1(-SETTLES * ahead)
    variance: Floats = scale**2 * (wander + jumps) + noise
    return variance


def _drift(facts: WeeklyFacts, believed: Prior, scale: Floats, ahead: float) -> Floats:
    """Expected change of the level's log so many months ahead."""
    weights = (believed.gap_13, believed.gap_26, believed.gap_52)
    gone = sum(weight * np.clip(gap, -FAR, FAR) for weight, gap in zip(weights, facts.gaps, strict=True))
    shown = believed.last_week * facts.last + believed.last_fortnight * facts.fortnight
    drift: Floats = believed.growth * scale * ahead - shown * np.expm1(-SETTLES * ahead) - gone * np.expm1(-ahead)
    return drift
