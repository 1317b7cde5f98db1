"""What one candidate costs: at any load, today, when the limit is reached, at the end; how full its replicas are.

What a candidate costs at any load: the staircase of its replicas, at the prices and tokens of the first day.

A week of each load is priced, hour by hour, with the scenario's profiles. What depends on the date, such as growth,
price changes and creeping prompts, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.decision.started_candidate import RunningCost
from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, NEVER, Floats, Horizon
from switchpoint.ranking.offers import CandidateOffer
from switchpoint.scenario.uncertain import amount, num
from switchpoint.simulation.candidate import SimulatedCandidate, World
from switchpoint.simulation.deferrable import Offers
from switchpoint.simulation.fleet import FleetServing, TokenServing

# What a candidate costs at any load ----------------------------------------------------------------------------------

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


# What one candidate costs --------------------------------------------------------------------------------------------

YEAR_MONTHS = 12


@dataclass(frozen=True)
class Moments:
    """The three days that a ranking tells of."""

    today: int
    then: int
    """Day on which the limit is reached if nothing changes; without one a year on, or the last day."""
    end: int
    is_threat: bool

    @classmethod
    def of(cls, threat: int, clock: Horizon) -> Moments:
        """Those of a scenario."""
        last = clock.days - 1
        if threat < NEVER:
            return cls(0, int(threat), last, True)
        return cls(0, min(round(YEAR_MONTHS * MONTH_DAYS), last), last, False)

    @property
    def days(self) -> tuple[int, int, int]:
        """In order."""
        return self.today, self.then, self.end


@dataclass(frozen=True)
class ThreeMoments:
    """A figure today, then, and at the end."""

    today: float
    then: float
    end: float

    @classmethod
    def of(cls, daily: Floats, moments: Moments) -> ThreeMoments:
        """The values of those days."""
        return cls(*(float(np.asarray(daily)[day]) for day in moments.days))


@dataclass(frozen=True)
class OfferFigures:
    """What an offer comes to, live and in full since day 0; dollars of all requests, wherever they are answered."""

    offer: CandidateOffer
    found: SimulatedCandidate
    running: RunningCost
    moments: Moments

    @property
    def possible(self) -> bool:
        """Whether it carries its share through the whole horizon."""
        return bool(np.all(np.greater_equal(self.found.carrier.impossible_from, self.running.cost.shape[-1])))

    @property
    def why_not(self) -> str:
        """Why it is not possible; nothing where it is."""
        return "" if self.possible else self.found.carrier.why_impossible

    @cached_property
    def usd_per_month(self) -> ThreeMoments:
        """Running cost: serving, the rest on the current route, upkeep; the trailing mean of 28 days."""
        return ThreeMoments.of(trailing_mean(self.running.cost) * MONTH_DAYS, self.moments)

    @cached_property
    def usd_per_1000_requests(self) -> ThreeMoments:
        """The same for 1,000 requests."""
        requests = np.maximum(trailing_mean(self.found.setting.traffic.requests), 1e-12)
        return ThreeMoments.of(trailing_mean(self.running.cost) / requests * 1000, self.moments)

    @property
    def total_usd(self) -> float:
        """Running cost of the whole horizon."""
        return float(self.running.cost.sum())

    @cached_property
    def replicas(self) -> ThreeMoments | None:
        """Most replicas of the day; None where it has none."""
        fleet = self.fleet
        return None if fleet is None else ThreeMoments.of(fleet.full.peak, self.moments)

    @property
    def fleet(self) -> FleetServing | None:
        """Its replicas, where it has some."""
        return self.found.carrier if isinstance(self.found.carrier, FleetServing) else None

    @cached_property
    def utilisation(self) -> float | None:
        """Part of what its replicas could carry that they are asked for, in the 28 days up to then."""
        fleet = self.fleet
        if fleet is None:
            return None
        served = 1.0 if fleet.overflow is None else fleet.overflow.served
        load = fleet.requests * np.asarray(fleet.coverage) * served
        hours = 24 * fleet.full.peak if fleet.costs.bought else fleet.full.replica_hours
        carried = hours * 3600 * fleet.sizing.capacity
        means = trailing_mean(load)[self.moments.then], trailing_mean(carried)[self.moments.then]
        return float(means[0] / means[1]) if means[1] > 0 else 0.0

    @cached_property
    def set_by_minimum(self) -> bool:
        """Whether the fewest replicas that may be kept, and not the load, set the fleet then."""
        fleet = self.fleet
        if fleet is None:
            return False
        spec = fleet.costs.fleet
        least = (spec.min_replicas + spec.spare_replicas) * spec.regions
        return bool(fleet.full.peak[self.moments.then] <= least)

    @property
    def overflow_share(self) -> float | None:
        """Part of what it may take that goes to the current route instead, over the horizon; None without overflow."""
        fleet = self.fleet
        if fleet is None or fleet.overflow is None:
            return None
        asked = fleet.requests * np.asarray(fleet.coverage)
        return float(1 - (asked * fleet.overflow.served).sum() / max(asked.sum(), 1e-12))

    @cached_property
    def cheaper_from(self) -> float | None:
        """Requests a day from which on it costs no more than the current route, at the prices of the first day."""
        return LoadCurve(self.found).cheaper_from()

    @property
    def coverage(self) -> float:
        """Share of requests that it is assumed to take over."""
        return num(self.offer.spec.coverage)
