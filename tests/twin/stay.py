"""The current route of any kind, day by day: what a share of the requests costs on it, and what leaving it does."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from tests.twin.clock import DAILY, MONTH, Clock
from tests.twin.fleet import FleetOfADay, Purchases, Route
from tests.twin.route import Overflow, current_route
from tests.twin.usage import Demand


@dataclass
class RouteDays:
    """What the current route costs by the day."""

    flow: list[float]
    """All that flows, migrations left out."""
    billed: list[float]
    """The part of it that presses against the limit, and the wear of its GPUs."""
    capital: list[float]
    """GPUs bought, replaced and sold."""
    credit: float = 0.0
    """What they are worth on the last day."""
    sold: float = 0.0
    owed: float = 0.0
    """For reserved terms and notice, once it is left."""
    owed_after: float = 0.0


@dataclass
class CurrentRoute:
    """The current route of a scenario."""

    scenario: Scenario
    demand: Demand
    clock: Clock
    fleet: FleetOfADay | None = field(init=False)

    def __post_init__(self) -> None:
        route = self.scenario.current
        self.fleet = None
        if route.kind == "gpu":
            self.fleet = FleetOfADay(
                self.scenario, Route(route.fleet, num(route.retry_share), 1.0), self.demand, self.clock
            )

    @property
    def has_more_than_tokens(self) -> bool:
        upkeep = self.scenario.current.upkeep
        beside = upkeep.engineers or num(upkeep.usd_per_month) or upkeep.retrain_every_months
        return self.fleet is not None or bool(beside)

    def outgrown(self, share: float) -> list[bool]:
        """Whether it cannot carry a share of the requests, by the day."""
        if self.fleet is None or share <= 0:
            return [False] * self.clock.days
        return [not self.fleet.day(day, share).fits for day in range(self.clock.days)]

    def days(self, shares: list[float], left: int | None, overflow: list[Overflow] | None = None) -> RouteDays:
        """Every day with these shares of the requests on it, left for good on a day or never."""
        days = self.clock.days
        if self.fleet is None:
            tokens = current_route(self.scenario, self.demand, self.clock, shares, overflow)
        else:
            tokens = [0.0] * days
        found = RouteDays(list(tokens), list(tokens), [0.0] * days)
        gpus = _Gpus(self) if self.fleet is not None and self.fleet.bought else None
        for day in range(days):
            in_use = shares[day] > 0 or overflow is not None
            if gpus is not None:
                self._own(found, gpus, day, shares[day], left, in_use)
            if in_use:
                self._use(found, gpus, day, shares[day])
            else:
                self._after(found, day, left)
        if gpus is not None and left is None:
            found.credit = gpus.credit(days - 1)
        found.owed_after = self._owed_after(left)
        return found

    def _use(self, found: RouteDays, gpus: _Gpus | None, day: int, share: float) -> None:
        """A day on which any request is on it."""
        usd = self.daily_upkeep
        if self.fleet is not None:
            usd += self.fleet.running_usd(day, share, 0 if gpus is None else gpus.gpus)
        found.flow[day] += usd
        found.billed[day] += usd + (0.0 if gpus is None else gpus.wear())
        if day in self.retrainings:
            found.flow[day] += self.retrainings[day] * num(self.scenario.current.project.usd_per_iteration)

    def _after(self, found: RouteDays, day: int, left: int | None) -> None:
        """A day on which none is."""
        usd = 0.0
        if self.fleet is not None and day < self._term_end(left):
            usd += self.fleet.reserved_usd()
        notice = math.floor(self.scenario.current.upkeep.notice_months * MONTH)
        if left is not None and left <= day < left + notice:
            usd += self.engineers
        found.flow[day] += usd
        if left is not None:
            found.owed += usd

    def _own(self, found: RouteDays, gpus: _Gpus, day: int, share: float, left: int | None, in_use: bool) -> None:
        if left is not None and day >= left:
            if day == left:
                found.sold = gpus.credit(day)
                found.capital[day] = -found.sold
            return
        found.capital[day] = gpus.tick(day, share) if in_use else gpus.replace(day)

    @cached_property
    def engineers(self) -> float:
        """A day of those who keep it running."""
        route = self.scenario.current
        return route.upkeep.engineers * num(route.project.usd_per_engineer_month) * DAILY

    @cached_property
    def daily_upkeep(self) -> float:
        """A day of what keeps it running."""
        return self.engineers + num(self.scenario.current.upkeep.usd_per_month) * DAILY

    @cached_property
    def retrainings(self) -> Counter[int]:
        """How often its model is trained again, by the day."""
        months, k, found = self.scenario.current.upkeep.retrain_every_months, 1, Counter[int]()
        while months > 0 and math.floor(k * months * MONTH) < self.clock.days:
            found[math.floor(k * months * MONTH)] += 1
            k += 1
        return found

    def _term_end(self, left: int | None) -> float:
        """The first end of a term on or after the day on which it is left; the first day is one."""
        if left is None:
            return math.inf
        k = 0
        while math.floor(k * self.fleet.fleet.reserved_months * MONTH) < left:
            k += 1
        return math.floor(k * self.fleet.fleet.reserved_months * MONTH)

    def _owed_after(self, left: int | None) -> float:
        """For terms that still run after the last day."""
        if self.fleet is None or not self.fleet.fleet.reserved_replicas:
            return 0.0
        if left is None:
            return self.fleet.owed_after(0)
        return max(0.0, self._term_end(left) - self.clock.days) * self.fleet.reserved_usd()


class _Gpus(Purchases):
    """The GPUs of the current route; those that were there have been replaced before, if they are so old."""

    def __init__(self, route: CurrentRoute) -> None:
        assert route.fleet is not None
        super().__init__(route.fleet)
        if self.fleet.owned_gpus is None:
            return
        since = 0 if self.fleet.owned_since is None else route.clock.day(self.fleet.owned_since)
        batch = {"gpus": self.fleet.owned_gpus, "first": since, "latest": since, "lives": 0}
        while (due := since + math.floor((batch["lives"] + 1) * self.fleet.lifetime_months * MONTH)) < 0:
            batch["lives"] += 1
            batch["latest"] = due
        self.batches.append(batch)
        self.gpus = self.fleet.owned_gpus
