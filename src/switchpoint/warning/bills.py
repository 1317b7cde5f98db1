"""Bills of many worlds that are watched every Monday, with all that is known of each beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.finance import SAME, WINDOW
from switchpoint.horizon import MONTH_DAYS, Bools, Floats, Ints
from switchpoint.warning.chances import Added, Chances, chances, collect_chances
from switchpoint.warning.lines import fit_lines, line_chance
from switchpoint.warning.states import find_states
from switchpoint.warning.weeks import FEWEST_WEEKS, MONTH

FARTHEST_LOG = 12.0
"""Log of a week's bill over its limit, in size, beyond which further away says no more: a factor of 160,000."""


def steady_chances(
    logs: Floats, over: Bools, months: Sequence[float] = (2.0, 3.0), added: Added | None = None
) -> Chances:
    """How likely each bill is to reach its limit if its growth goes on as it did; arguments as those of `chances`."""
    line = fit_lines(logs)
    known = np.isfinite(logs) & (line.count >= FEWEST_WEEKS)
    asked = known & ~over
    line = line.at(asked)

    def chance(ahead: float) -> Floats:
        return line_chance(line, ahead, np.broadcast_to(added(ahead), asked.shape)[asked] if added else 0.0)

    return collect_chances(chance, known, over, months)


@dataclass(frozen=True)
class WatchedBills:
    """Bills of many worlds, watched every Monday from the days before it alone."""

    cost: Floats
    """Dollars of each day, shape (worlds, days)."""
    limits: Floats
    """Dollars a day of each limit, shape (limits, worlds or 1, days); the tightest one counts."""
    weekday: int
    """Weekday of day 0, Monday 0."""
    known_factors: Floats | None = None
    """What known changes of price and announced launches multiply the bill by on each day, those ahead included, shape
    (worlds or 1, any number of days from day 0 on); the last day's holds on. None for no change."""
    warn_months: tuple[float, float] = (2.0, 3.0)
    steady: bool = False
    """Whether the monitor is told that growth is steady."""

    @property
    def _first(self) -> int:
        return -self.weekday % 7

    @cached_property
    def mondays(self) -> Ints:
        """Day number of the Monday after each whole week, shape (weeks,)."""
        return self._first + 7 * np.arange(1, (self.cost.shape[1] - self._first) // 7 + 1)

    def _sums(self, daily: Floats) -> Floats:
        whole = daily[..., self._first : self._first + 7 * self.mondays.size]
        sums: Floats = whole.reshape(*whole.shape[:-1], -1, 7).sum(axis=-1)
        return sums

    @cached_property
    def over(self) -> Bools:
        """Whether the bill of the last four whole weeks, of fewer at the start, is at its limit; (worlds, weeks)."""
        bill = _trailing(self._sums(self.cost))
        at_limit: Bools = (bill > 0) & (bill >= _trailing(self._sums(self.limits)).min(axis=0) * (1 - SAME))
        return at_limit

    @cached_property
    def logs(self) -> Floats:
        """Log of each week's bill over its limit without what is known to change, at most FARTHEST_LOG in size: sums
        of weeks lose a small one beside one that is larger by more digits than a number has. Infinite where one is 0.
        """
        cost = self.cost if self.known_factors is None else self.cost / self._factors(self.cost.shape[1])
        bill, limit = self._sums(cost), self._sums(self.limits).min(axis=0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            logs: Floats = np.log(bill / limit)
        return np.where((bill > 0) & (limit > 0), np.clip(logs, -FARTHEST_LOG, FARTHEST_LOG), -np.inf)

    def _factors(self, days: int) -> Floats:
        factors = np.ones((1, 1)) if self.known_factors is None else self.known_factors
        short = max(days - factors.shape[1], 0)
        return np.concatenate([factors[:, :days], np.repeat(factors[:, -1:], short, axis=1)], axis=1)

    def _log_factors(self, months: float) -> Floats:
        """Log of the mean known factor over the 28 days before so many months after each Monday."""
        ends = self.mondays + round(months * MONTH_DAYS)
        total = np.pad(np.cumsum(self._factors(int(ends.max(initial=0))), axis=1), ((0, 0), (1, 0)))
        means = (total[:, ends] - total[:, np.maximum(ends - WINDOW, 0)]) / np.minimum(ends, WINDOW)
        logs: Floats = np.log(means)
        return logs

    @cached_property
    def chances(self) -> Chances:
        """How likely each is to reach its limit, as of each Monday."""
        judge = steady_chances if self.steady else chances
        return judge(self.logs, self.over, self.warn_months, None if self.known_factors is None else self._log_factors)

    @cached_property
    def states(self) -> Ints:
        """State of each Monday, shape (worlds, weeks)."""
        return find_states(self.chances, self.over, self.warn_months)


def _trailing(sums: Floats) -> Floats:
    total = np.cumsum(sums, axis=-1)
    total[..., MONTH:] -= total[..., :-MONTH].copy()
    return total
