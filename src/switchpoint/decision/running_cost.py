"""What a candidate does for the bill and the limit, as if it were live since the first day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.finance import SAME, WINDOW, trailing_mean
from switchpoint.horizon import NEVER, Bools, Days, Floats, Ints, first_day, on_days
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.limits import BillLimits, is_reached, ratio
from switchpoint.simulation.switch_costs import outgrown_with, running_bill, running_cost

SIX_MONTHS = 182
WITHIN = 90
"""Days within which a remedy must have brought the pressure below 1."""


@dataclass(frozen=True)
class Strain:
    """The days on which a candidate, as if live since day 0, does not keep the limit; shape (…, days)."""

    over: Bools
    """Over the limit."""
    outgrown: Bools | None = None
    """With more left on the current route than it can carry; None where it always can."""

    @cached_property
    def _strained_days(self) -> Bools:
        """Days that a remedy must not have: over the limit, or with more left on the current route than it carries."""
        return self.over if self.outgrown is None else self.over | self.outgrown

    @cached_property
    def _lasting(self) -> Ints:
        """How many days before each have pressure below 1 from there on for six months, or to a horizon that is 28 days
        off or more; shape (…, days + 1)."""
        days = self._strained_days.shape[-1]
        day = np.arange(days)
        ahead = np.where(self._strained_days, day, days)
        next_over = np.minimum.accumulate(ahead[..., ::-1], axis=-1)[..., ::-1]
        lasts = (next_over >= np.minimum(day + SIX_MONTHS, days)) & (day <= days - WINDOW)
        before = np.zeros((*lasts.shape[:-1], days + 1), dtype=np.int32)
        np.cumsum(lasts, axis=-1, out=before[..., 1:])
        return before

    def is_remedy(self, cutover: Days, threat: Days) -> Bools:
        """Whether, once live, pressure falls below 1 within 90 days of the threat and stays there.

        With D the later of cutover and threat date: from some day of [D, D + 90] on it is below 1 for 182 days, or to a
        horizon that is at least 28 days off. Where the horizon is nearer than that to D, its last day is judged.

        Args:
            cutover: first day live, shape (…).
            threat: day of the threat, NEVER without one.
        """
        days = self.over.shape[-1]
        since = np.maximum(np.minimum(np.maximum(cutover, np.where(np.less(threat, NEVER), threat, 0)), days - 1), 0)
        until = np.minimum(since + WITHIN, days - WINDOW)
        some = on_days(self._lasting, np.maximum(until, since) + 1) - on_days(self._lasting, since) > 0
        short = days - since < WINDOW
        return np.asarray(
            (np.less(cutover, days)) & np.where(short, ~self._strained_days[..., -1], some & (until >= since))
        )


@dataclass(frozen=True)
class RunningCost:
    """Running cost of a candidate as if live since day 0, against the stay cost; dollars a day, shape (…, days).

    Neither counts what it takes to move to the successor of a retired model: that is a project, not a bill.
    """

    cost: Floats
    bill: Floats
    """The part of it that the limit is about: all but the price of its quality."""
    stay: Floats
    limits: BillLimits
    outgrown: Bools | None = None
    """Days on which the current route cannot carry what is left on it; None where it always can."""

    @classmethod
    def of(cls, prospect: SimulatedCandidate, limits: BillLimits) -> RunningCost:
        """What a candidate does for the bill."""
        bill, outgrown = running_bill(prospect), outgrown_with(prospect)
        return cls(running_cost(prospect, bill), bill, prospect.setting.route_bill, limits, outgrown)

    @cached_property
    def _means(self) -> tuple[Floats, Floats]:
        return self._mean_bill if self.cost is self.bill else trailing_mean(self.cost), trailing_mean(self.stay)

    @cached_property
    def _mean_bill(self) -> Floats:
        return trailing_mean(self.bill)

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
        return not bool(self.over[-1])

    @cached_property
    def reverts(self) -> Days:
        """First day after the crossover on which it costs more than staying again."""
        cost, stay = self._means
        return first_day(cost > stay * (1 + SAME), self.crossover)

    @cached_property
    def pressure(self) -> Floats:
        """Pressure of the running bill; shape (…, days)."""
        return ratio(self._mean_bill, self.limits.trailing)

    @cached_property
    def over(self) -> Bools:
        """Days on which it is over the limit, shape (…, days)."""
        return is_reached(self.pressure)

    def below_from(self, cutover: Days) -> Days:
        """First day at or after cutover with pressure below 1; NEVER where the limit is not kept."""
        return first_day(~self.over, cutover)

    def limit_again(self, cutover: Days) -> Days:
        """First day after cutover with pressure >= 1 again, having been below 1 on or after cutover."""
        return first_day(self.over, self.below_from(cutover))

    @cached_property
    def strain(self) -> Strain:
        """The days that a remedy must not have."""
        return Strain(self.over, self.outgrown)

    def is_remedy(self, cutover: Days, threat: Days) -> Bools:
        """Whether, once live, pressure falls below 1 within 90 days of the threat and stays there; see `Strain`."""
        return self.strain.is_remedy(cutover, threat)
