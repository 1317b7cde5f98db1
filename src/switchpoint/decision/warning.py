"""The warning: what is said each Monday from the days before it alone, and the state that this puts a bill into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache

import numpy as np

from switchpoint.clock import MONTH_DAYS, Bools, Clock, Floats, Ints
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

Changes = Sequence[tuple[int, float]]
"""Known price changes: day number, and what the price is multiplied by from that day on."""


class State(IntEnum):
    """What a Monday finds, in rising order."""

    CALM = 0
    WATCH = 1
    OPEN = 2
    LATE = 3
    OVER = 4


def watched(cost: Floats, limits: Limits, clock: Clock, changes: Changes = (), ahead: float = AHEAD) -> Forecast:
    """The monitor of the warning, for bills with noise.

    Args:
        cost: dollars a day of the stay route.
        limits: its limits.
        clock: the horizon.
        changes: price changes with known dates, past and announced, that `cost` shows from their day on.
        ahead: months that it looks ahead.

    Returns:
        What is said on the Monday after each whole week: the months until the trailing mean is as likely as not at its
        limit, 0 where it is there, infinite where that is not within `ahead`.
    """
    watch = Watch(cost, limits, clock, tuple(changes), ahead)
    return Forecast(watch.mondays, watch.months)


@lru_cache(maxsize=16)
def grid(months: float) -> tuple[Floats, Floats]:
    """Every week ahead, the last one at the end of so many months, and the basis of paths there."""
    end = months / WEEK_MONTHS
    ahead = np.append(np.arange(np.ceil(end)), end)
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

    @cached_property
    def _sums(self) -> tuple[int, Floats, Floats]:
        return weekly_sums(self.cost, self.limits, self.clock)

    @cached_property
    def mondays(self) -> Ints:
        """Day numbers, shape (weeks,)."""
        return self._sums[0] + 7 * np.arange(1, self._sums[1].size + 1)

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
        """What all changes have multiplied the price by on each day, shape (days,)."""
        factors = np.ones(days)
        for day, factor in self.changes:
            factors[max(day, 0) :] *= factor
        return factors

    @property
    def grid(self) -> Floats:
        """Weeks ahead at which paths are looked at."""
        return grid(self.ahead)[0]

    @cached_property
    def added(self) -> Floats:
        """Log of the mean price factor over the 28 days before each point of the grid, shape (weeks or 1, grid)."""
        if not self.changes:
            return np.zeros((1, self.grid.size))
        ends = self.mondays[:, None] + np.round(7 * self.grid).astype(np.int64)
        sums = np.append(0.0, np.cumsum(self._factors(int(ends.max()))))
        means: Floats = (sums[ends] - sums[np.maximum(ends - WINDOW, 0)]) / np.minimum(ends, WINDOW)
        return np.log(means)

    @cached_property
    def beliefs(self) -> list[tuple[slice, Belief]]:
        """What is believed in each run of weeks with a bill and a limit; after a week without, all is learnt anew."""
        found = [slice(first, end) for first, end in _runs(np.isfinite(self.logs)) if end - first >= FEWEST_WEEKS]
        return [(weeks, believe(self.logs[weeks], self.prior)) for weeks in found]

    def _added(self, weeks: slice) -> Floats:
        return self.added[weeks] if self.changes else self.added

    @cached_property
    def months(self) -> Floats:
        """Months to the limit as of each Monday, shape (weeks,)."""
        crossings = [
            (weeks, first_crossing(belief.path(grid(self.ahead)[1]) + self._added(weeks), self.grid))
            for weeks, belief in self.beliefs
        ]
        return self._spoken(crossings, np.inf)

    @cached_property
    def interval(self) -> tuple[Floats, Floats]:
        """Months by which the limit is reached with a probability of 10 % and of 90 %, shapes (weeks,).

        They hold the forecast between them. Before there is one, anything is possible: 0 to infinity.
        """
        chances = [(weeks, reached_by(belief, *grid(self.ahead), self._added(weeks))) for weeks, belief in self.beliefs]
        low, high = (
            self._spoken([(weeks, first_crossing(chance, self.grid, level)) for weeks, chance in chances], nothing)
            for level, nothing in ((LOW, 0.0), (HIGH, np.inf))
        )
        return np.minimum(low, self.months), np.maximum(high, self.months)

    def _spoken(self, crossings: list[tuple[slice, Floats]], nothing: float) -> Floats:
        """Weeks of runs as months of all Mondays; `nothing` before the eighth week of a run, 0 at the limit."""
        months = np.full(self.mondays.size, nothing)
        for weeks, crossing in crossings:
            months[weeks.start + FEWEST_WEEKS - 1 : weeks.stop] = crossing[FEWEST_WEEKS - 1 :] * WEEK_MONTHS
        months[reached(self.pressure)] = 0.0
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
            kept[back:] = np.maximum(kept[back:], found[:-back])
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
