"""What days above the limit cost beside the bill: a lost margin, a cut feature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.clock import PER_DAY, Amount, Bools, Floats, Ints
from switchpoint.timeline.present import Sums


@dataclass(frozen=True)
class AboveLimit:
    """The cost of being above the limit, weighed where starts, candidates and policies are, and no part of any bill.

    12/365.25 of `usd_per_month` for each day with pressure >= 1, discounted: before cutover by the pressure of staying,
    from cutover on by the candidate's as if live.

    Args:
        usd_per_month: of a month above it; where worlds differ in it shape (worlds, 1, 1).
        discount: present value of a dollar on each day, shape (days,).
        staying: days on which staying is above it, shape (…, days).
        live: days on which the candidate, as if live, is.
    """

    usd_per_month: Amount
    discount: Floats
    staying: Bools
    live: Bools

    @cached_property
    def _sums(self) -> tuple[Sums, Sums]:
        usd: Floats = self.discount * (self.usd_per_month * PER_DAY)
        return Sums(np.where(self.staying, usd, 0.0)), Sums(np.where(self.live, usd, 0.0))

    @property
    def of_staying(self) -> Floats | float:
        """Discounted dollars where nothing is switched."""
        return self._sums[0].plain[..., -1] if np.any(self.usd_per_month) else 0.0

    def of_switch(self, cutover: Ints) -> Floats:
        """Discounted dollars with these days of cutover, shape (…, starts)."""
        if not np.any(self.usd_per_month):
            return np.zeros(np.shape(cutover))
        staying, live = self._sums
        whole: Floats = staying.between(np.zeros_like(cutover), cutover)
        return whole + live.between(np.maximum(cutover, 0), np.full_like(cutover, self.discount.size))
