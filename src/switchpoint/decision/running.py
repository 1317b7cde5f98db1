"""What a candidate does for the bill once it is live: crossover, limit again, remedy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.clock import Bools, Days, Floats, first_day
from switchpoint.decision.pressure import Limits, pressure, reached
from switchpoint.finance import SAME, WINDOW, trailing_mean

SIX_MONTHS = 182


@dataclass(frozen=True)
class Running:
    """Running cost of a candidate as if live since day 0, against the stay cost; dollars a day, shape (…, days).

    Neither counts what it takes to move to the successor of a retired model: that is a project, not a bill.
    """

    cost: Floats
    stay: Floats
    limits: Limits

    @cached_property
    def _means(self) -> tuple[Floats, Floats]:
        return trailing_mean(self.cost), trailing_mean(self.stay)

    @cached_property
    def crossover(self) -> Days:
        """First day on which its trailing mean is no more than that of staying."""
        cost, stay = self._means
        return first_day(cost <= stay * (1 + SAME))

    @property
    def cheaper_at_the_end(self) -> bool:
        """Whether it costs less than staying over the last 28 days."""
        cost, stay = self._means
        return bool(cost[-1] < stay[-1] * (1 - SAME))

    @property
    def keeps_at_the_end(self) -> bool:
        """Whether its pressure is below 1 on the last day."""
        return not bool(reached(self.pressure)[-1])

    @cached_property
    def reverts(self) -> Days:
        """First day after the crossover on which it costs more than staying again."""
        cost, stay = self._means
        return first_day(cost > stay * (1 + SAME), self.crossover)

    @cached_property
    def pressure(self) -> Floats:
        """Pressure of the running cost; shape (days,)."""
        return pressure(self.cost, self.limits)

    def below_from(self, cutover: Days) -> Days:
        """First day at or after cutover with pressure below 1; NEVER where the limit is not kept."""
        return first_day(~reached(self.pressure), cutover)

    def limit_again(self, cutover: Days) -> Days:
        """First day after cutover with pressure >= 1 again, having been below 1 on or after cutover."""
        return first_day(reached(self.pressure), self.below_from(cutover))

    def is_remedy(self, cutover: Days) -> Bools:
        """Whether pressure stays below 1 from the 29th day live for six months, or to the horizon.

        Where the horizon ends sooner, its last day is judged, as if the candidate had been live long enough.
        """
        last = self.pressure.shape[-1] - 1
        since = np.maximum(np.minimum(np.add(cutover, WINDOW), last), 0)
        over = first_day(reached(self.pressure), since)
        return np.asarray((cutover <= last) & (over >= since + SIX_MONTHS))
