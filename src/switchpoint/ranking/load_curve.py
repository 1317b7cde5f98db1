"""What a candidate costs at any load: the staircase of its replicas, at the prices and tokens of the first day.

A week of each load is priced, hour by hour, with the scenario's profiles. What depends on the date, such as growth,
price changes and creeping prompts, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.scenario.uncertain import amount
from switchpoint.simulation.candidate import SimulatedCandidate, World
from switchpoint.simulation.deferrable import Offers
from switchpoint.simulation.fleet import FleetServing, TokenServing

LEVELS: Floats = 10.0 ** np.arange(0, 9.001, 0.025)
"""Requests a day at which a crossing is looked for."""
HALVINGS = 40


@dataclass(frozen=True)
class LoadCurve:
    """What staying and a candidate cost a month at a load, in dollars, live and in full."""

    found: SimulatedCandidate

    @property
    def setting(self) -> World:
        """What is around it."""
        return self.found.setting

    def stay(self, levels: Floats) -> Floats:
        """Dollars a month of the current route, shape of `levels`, requests a day averaged over a week."""
        return self._current(levels * MONTH_DAYS * self._first(self.setting.current.per_request))

    def candidate(self, levels: Floats) -> Floats:
        """Dollars a month of the candidate, with the rest of the requests on the current route and its upkeep."""
        spec, carrier = self.found.spec, self.found.carrier
        coverage = float(self.found.coverage)
        own, answered, over = self._serving(carrier, levels, coverage)
        left = levels * (1 - coverage) * MONTH_DAYS * self._first(self.setting.current.per_request) + over
        rest = self._current(left) if coverage < 1 or np.any(over) else np.zeros_like(levels)
        beside = amount(spec.usd_per_1000_requests) + amount(spec.quality_usd_per_1000_requests)
        per_month = float(self.found.upkeep_per_day) * MONTH_DAYS
        total: Floats = own + rest + answered * MONTH_DAYS * beside / 1000 + per_month
        return total

    def cheaper_from(self) -> float | None:
        """Requests a day from which on it costs no more than staying; None where no load makes it so."""
        cheaper = self.candidate(LEVELS) <= self.stay(LEVELS) * (1 + 1e-9)
        if not cheaper[-1]:
            return None
        dearer = np.flatnonzero(~cheaper)
        if not dearer.size:
            return 0.0
        low, high = LEVELS[dearer[-1]], LEVELS[dearer[-1] + 1]
        for _ in range(HALVINGS):
            middle = np.array([(low + high) / 2])
            holds = bool((self.candidate(middle) <= self.stay(middle) * (1 + 1e-9))[0])
            low, high = (low, float(middle[0])) if holds else (float(middle[0]), high)
        return float(high)

    def _current(self, usd: Floats) -> Floats:
        """A bill of the current route: its discounts by size, what it owes at least, and its flat fee."""
        tariff = self.setting.current
        discount, owed = np.zeros_like(usd), 0.0
        for commitment in tariff.commitments:
            discount = np.where(usd >= commitment.usd_per_month, commitment.discount, discount)
            if commitment.until is not None and commitment.until > self.setting.clock.start:
                owed = max(owed, commitment.usd_per_month)
        return np.maximum(usd * (1 - discount), owed) + float(tariff.usd_per_day) * MONTH_DAYS

    def _serving(self, carrier: Any, levels: Floats, coverage: float) -> tuple[Floats, Floats, Floats]:
        """Dollars a month of serving, requests a day that it answers, dollars a month that overflow comes to."""
        if isinstance(carrier, TokenServing):
            own = levels * coverage * MONTH_DAYS * self._first(carrier.tariff.per_request)
            return own + float(carrier.tariff.usd_per_day) * MONTH_DAYS, levels * coverage, np.zeros_like(levels)
        assert isinstance(carrier, FleetServing)
        return self._fleet(carrier, levels, coverage)

    def _fleet(self, carrier: FleetServing, levels: Floats, coverage: float) -> tuple[Floats, Floats, Floats]:
        week = np.array(self.setting.scenario.usage.weekday_profile, dtype=float)
        days = np.multiply.outer(levels, week / week.mean()).reshape(-1)
        asked = days * coverage * float(np.max(carrier.tries))
        first = np.zeros(days.size, dtype=np.int64)
        sizing = carrier.sizing
        offers = sizing.offers and Offers(*(self._first(each) * np.ones(days.size) for each in _both(sizing.offers)))
        sizes = sizing.sizes(asked, self._first(sizing.capacity) * np.ones(days.size), offers)
        costs = carrier.costs
        if costs.bought:
            peak = sizes.peak.reshape(-1, week.size).max(axis=1)
            owned = costs.owned_gpus(peak[:, None])[:, 0]
            life = costs.fleet.lifetime_months * MONTH_DAYS
            each = float(costs.price) * (1 - costs.fleet.resale_share) / life + float(costs.power_per_day)
            own = (owned * each + float(costs.other_per_day)) * MONTH_DAYS
        else:
            own = costs.rent_of_days(sizes, first).reshape(-1, week.size).mean(axis=1) * MONTH_DAYS
        over = carrier.overflow_of(sizes, asked)
        if over is None:
            return own, levels * coverage, np.zeros_like(levels)
        now = over.now * self._first(self.setting.current_now.per_request)
        waiting = over.waiting * self._first(self.setting.current_waiting.per_request)
        usd = (now + waiting).reshape(-1, week.size).mean(axis=1) * MONTH_DAYS
        return own, (days * coverage * over.served).reshape(-1, week.size).mean(axis=1), usd

    @staticmethod
    def _first(daily: Any) -> float:
        """What holds on the first day."""
        return float(np.asarray(daily).reshape(-1)[0])


def _both(offers: Offers) -> tuple[Floats, Floats]:
    return offers.gpu_hour, offers.elsewhere
