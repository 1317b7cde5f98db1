"""What one candidate costs: today, when the limit is reached, at the end; replicas, what binds, how full they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.decision.running_cost import RunningCost
from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, NEVER, Floats, Horizon
from switchpoint.ranking.load_curve import LoadCurve
from switchpoint.ranking.offer import CandidateOffer
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.fleet import FleetServing

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
