"""The warning: what is said each Monday from the days before it alone, and the state that this puts a bill into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from switchpoint.clock import MONTH_DAYS, Amount, Bools, Clock, Floats, Ints
from switchpoint.decision.filters import PRIOR, basis
from switchpoint.decision.monitor import FEWEST_WEEKS, Forecast, weekly_sums
from switchpoint.decision.pressure import Limits, ratio, reached
from switchpoint.decision.trend import Belief, believe, first_crossing, reached_by
from switchpoint.finance import WINDOW

AHEAD = 12.0
"""Months that a forecast looks ahead; what lies beyond is not forecast."""
HOLD = 4
"""Mondays for which a state is kept after the last one that called for it: the weeks of the trailing mean."""
LOW, HIGH = 0.1, 0.9
"""Probabilities of the ends of the 80 % interval."""
WEEK_MONTHS = 7 / MONTH_DAYS

Changes = Sequence[tuple[int, Amount]]
"""Known price changes: day number, and what the price is multiplied by from that day on."""


class State(IntEnum):
    """What a Monday finds, in rising order."""

    CALM = 0
    WATCH = 1
    OPEN = 2
    LATE = 3
    OVER = 4


def watched(
    cost: Floats,
    limits: Limits,
    clock: Clock,
    changes: Changes = (),
    ahead: float = AHEAD,
    enough: float = math.inf,
) -> Forecast:
    """The monitor of the warning, for bills with noise.

    Args:
        cost: dollars a day of the stay route, shape (days,) or (worlds, 1, days).
        limits: its limits.
        clock: the horizon.
        changes: price changes with known dates, past and announced, that `cost` shows from their day on.
        ahead: months that it looks ahead.
        enough: months beyond which nobody asks; what lies further is not computed.

    Returns:
        What is said on the Monday after each whole week: the months until the trailing mean is as likely as not at its
        limit, 0 where it is there, infinite where that is not within `ahead`.
    """
    watch = Watch(cost, limits, clock, tuple(changes), ahead, enough=enough)
    return Forecast(watch.mondays, watch.months)


@lru_cache(maxsize=16)
def grid(months: float, enough: float = math.inf) -> tuple[Floats, Floats]:
    """Every week ahead, the last one at the end of so many months, and the basis of paths there.

    No more of them than it takes to say what lies within `enough` months.
    """
    end = months / WEEK_MONTHS
    ahead = np.append(np.arange(np.ceil(end)), end)
    ahead = ahead[: int(np.searchsorted(ahead, enough / WEEK_MONTHS)) + 1]
    return ahead, basis(ahead)


@dataclass(frozen=True)
class Watch:
    """One bill seen Monday by Monday; the arguments are those of `watched`."""

    cost: Floats
    limits: Limits
    clock: Clock
    changes: Changes = ()
    ahead: float = AHEAD
    prior: Sequence[float] = PRIOR
    """Weights of the models before the first week."""
    enough: float = math.inf

    @cached_property
    def _sums(self) -> tuple[int, Floats, Floats]:
        return weekly_sums(self.cost, self.limits, self.clock)

    @cached_property
    def mondays(self) -> Ints:
        """Day numbers, shape (weeks,)."""
        return self._sums[0] + 7 * np.arange(1, self._sums[1].shape[-1] + 1)

    @cached_property
    def pressure(self) -> Floats:
        """Bill over the tightest limit of the four whole weeks before each Monday, of fewer at the start."""
        _, bills, limit = self._sums
        weeks = WINDOW // 7
        return ratio(_trailing(bills, weeks), self.limits.summed(_trailing(limit, weeks)))

    @cached_property
    def logs(self) -> Floats:
        """Log of each week's bill, at the prices before all changes, over its limit; infinite where either is 0."""
        _, bills, limit = self._sums
        if self.changes:
            bills = weekly_sums(self.cost / self._factors(self.clock.days), self.limits, self.clock)[1]
        with np.errstate(divide="ignore"):
            return np.log(ratio(bills, self.limits.summed(limit)))

    def _factors(self, days: int) -> Floats:
        """What all changes have multiplied the price by on each day, shape (days,) or (worlds, 1, days)."""
        shape = np.broadcast_shapes((days,), *(np.shape(factor) for _, factor in self.changes))
        factors = np.ones(shape)
        for day, factor in self.changes:
            factors[..., max(day, 0) :] *= factor
        return factors

    @property
    def grid(self) -> Floats:
        """Weeks ahead at which paths are looked at."""
        return grid(self.ahead, self.enough)[0]

    @cached_property
    def added(self) -> Floats:
        """Log of the mean price factor over the 28 days before each point of the grid, shape (worlds, weeks, grid).

        One world and one week stand for all where they are the same.
        """
        if not self.changes:
            return np.zeros((1, 1, self.grid.size))
        ends = self.mondays[:, None] + np.round(7 * self.grid).astype(np.int64)
        factors = self._factors(int(ends.max()))
        sums = np.cumsum(factors.reshape(-1, factors.shape[-1]), axis=-1)
        sums = np.concatenate((np.zeros((len(sums), 1)), sums), axis=-1)
        means: Floats = (sums[:, ends] - sums[:, np.maximum(ends - WINDOW, 0)]) / np.minimum(ends, WINDOW)
        return np.log(means)

    @cached_property
    def beliefs(self) -> list[tuple[Ints, slice, Belief]]:
        """What is believed in each run of weeks with a bill and a limit; after a week without, all is learnt anew.

        Worlds with the same runs are looked at together: their places, the run, and what is believed in them.
        """
        weeks = self.logs.shape[-1]
        logs = self.logs.reshape(max(self.logs.size // max(weeks, 1), 1), weeks)
        masks, which = np.unique(np.isfinite(logs), axis=0, return_inverse=True)
        found = []
        for kind, usable in enumerate(masks if weeks else ()):
            rows = np.flatnonzero(which.ravel() == kind)
            runs = [slice(first, end) for first, end in _runs(usable) if end - first >= FEWEST_WEEKS]
            found += [(rows, run, believe(logs[rows, run], self.prior)) for run in runs]
        return found

    def _added(self, rows: Ints, weeks: slice) -> Floats:
        added = self.added if len(self.added) == 1 else self.added[rows]
        return added if added.shape[1] == 1 else added[:, weeks]

    @cached_property
    def months(self) -> Floats:
        """Months to the limit as of each Monday, shape (weeks,), of many worlds (worlds, 1, weeks)."""
        ahead, turned = grid(self.ahead, self.enough)
        crossings = [
            (rows, weeks, first_crossing(belief.path(turned) + self._added(rows, weeks), ahead))
            for rows, weeks, belief in self.beliefs
        ]
        return self._spoken(crossings, np.inf)

    @cached_property
    def interval(self) -> tuple[Floats, Floats]:
        """Months by which the limit is reached with a probability of 10 % and of 90 %, shapes as of `months`.

        They hold the forecast between them. Before there is one, anything is possible: 0 to infinity.
        """
        ahead, turned = grid(self.ahead, self.enough)
        chances = [
            (rows, weeks, reached_by(belief, ahead, turned, self._added(rows, weeks)))
            for rows, weeks, belief in self.beliefs
        ]
        low, high = (
            self._spoken([(*where, first_crossing(chance, ahead, level)) for *where, chance in chances], nothing)
            for level, nothing in ((LOW, 0.0), (HIGH, np.inf))
        )
        return np.minimum(low, self.months), np.maximum(high, self.months)

    def _spoken(self, crossings: list[Any], nothing: float) -> Floats:
        """Weeks of runs as months of all Mondays; `nothing` before the eighth week of a run, 0 at the limit."""
        weeks = self.logs.shape[-1]
        months = np.full((max(self.logs.size // max(weeks, 1), 1), weeks), nothing)
        for rows, run, crossing in crossings:
            months[rows, run.start + FEWEST_WEEKS - 1 : run.stop] = crossing[:, FEWEST_WEEKS - 1 :] * WEEK_MONTHS
        months = months.reshape(self.logs.shape)
        months[reached(np.broadcast_to(self.pressure, months.shape))] = 0.0
        return months

    def states(self, warn_months: tuple[float, float]) -> Ints:
        """State of each Monday (`State`), shape (weeks,).

        Over at pressure 1; else by the months m to the limit late (m below the first of `warn_months`), open (up to
        the second), watch (further), calm (no forecast). A state rises at once, and is kept until four Mondays running
        have called for less: then it falls to the highest that they called for.
        """
        closes, opens = warn_months
        found = np.where(self.months < closes, State.LATE, np.where(self.months <= opens, State.OPEN, State.WATCH))
        found = np.where(np.isfinite(self.months), found, State.CALM)
        found = np.where(reached(self.pressure), State.OVER, found)
        kept: Ints = found.copy()
        for back in range(1, HOLD):
            kept[..., back:] = np.maximum(kept[..., back:], found[..., :-back])
        return kept


def _trailing(sums: Floats, weeks: int) -> Floats:
    """Sums over the last so many weeks along the last axis, of fewer at the start."""
    total = np.cumsum(sums, axis=-1)
    total[..., weeks:] -= total[..., :-weeks].copy()
    return total


def _runs(usable: Bools) -> Sequence[tuple[int, int]]:
    """First and one past the last of each run of usable weeks.

    >>> _runs(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], usable, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]
