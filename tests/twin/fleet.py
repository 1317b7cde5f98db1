"""How many replicas run in each hour of a day, and what they cost."""

from __future__ import annotations

import math

from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import GpuCandidate, Scenario
from tests.twin.clock import DAILY, MONTH, Clock
from tests.twin.usage import Demand


class FleetOfADay:
    """The fleet of one candidate, day by day."""

    def __init__(self, scenario: Scenario, candidate: GpuCandidate, demand: Demand, clock: Clock) -> None:
        self.scenario, self.candidate, self.demand, self.clock = scenario, candidate, demand, clock
        self.fleet = candidate.fleet
        self.capacity = num(self.fleet.requests_per_second_per_replica)
        self._needs: dict[tuple[int, float], list[int]] = {}
        self._replicas: dict[tuple[int, float], list[int]] = {}

    def needs(self, day: int, share: float) -> list[int]:
        """Replicas that the load of each hour needs."""
        if (day, share) in self._needs:
            return self._needs[day, share]
        usage, current = self.scenario.usage, self.scenario.current
        weights = (1.0,) * 24 if usage.hourly_profile == "flat" else usage.hourly_profile
        assert not isinstance(weights, str), "named profiles are not the twin's business"
        retry = current.retry_share if self.candidate.retry_share is None else self.candidate.retry_share
        waiting = max(usage.batch_share, current.batch_share)
        served = self.demand.requests[day] * (1 + num(retry)) * share
        needs = []
        for hour in range(24):
            w = weights[hour] / sum(weights)
            load = served * ((1 - waiting) * w + waiting / 24) / 3600
            needs.append(math.ceil(load / (self.capacity * self.fleet.target_utilisation) * (1 - 1e-9)))
        self._needs[day, share] = needs
        return needs

    def replicas(self, day: int, share: float) -> list[int]:
        """Replicas in each hour, spare ones included."""
        if (day, share) in self._replicas:
            return self._replicas[day, share]
        fleet = self.fleet
        needs = self.needs(day, share)
        counts = []
        for hour in range(24):
            need = max(needs[hour], needs[(hour + 1) % 24]) if fleet.scaling == "hourly" else max(needs)
            count = max(fleet.min_replicas * fleet.regions, need) + fleet.spare_replicas * fleet.regions
            if fleet.scaling == "fixed":
                count = fleet.fixed_replicas
            if fleet.max_replicas is not None:
                count = min(count, fleet.max_replicas)
            counts.append(count)
        self._replicas[day, share] = counts
        return counts

    def too_small(self, day: int) -> bool:
        """Whether a fixed or capped fleet, all its replicas at work, cannot carry the candidate's whole share."""
        fleet = self.fleet
        have = math.inf
        if fleet.scaling == "fixed":
            have = fleet.fixed_replicas
        if fleet.max_replicas is not None:
            have = min(have, fleet.max_replicas)
        return have < max(self.needs(day, num(self.candidate.coverage)))

    def gpus(self, replicas: int) -> int:
        """GPUs of the nodes that hold so many replicas, filled one after the other; a node is one GPU if not said."""
        node, each = self.fleet.gpus_per_node or 1, self.fleet.gpus_per_replica
        nodes = room = 0
        for _ in range(replicas):
            if each > node:
                nodes += math.ceil(each / node)
                continue
            if room < each:
                nodes, room = nodes + 1, node
            room -= each
        return nodes * node

    @property
    def bought(self) -> bool:
        return self.fleet.purchase_usd_per_gpu is not None

    def running_usd(self, day: int, share: float, gpus_bought: int) -> float:
        """Rent, or power where GPUs are bought, with overhead, and whatever else runs with the fleet."""
        fleet = self.fleet
        if self.bought:
            usd = gpus_bought * fleet.power_kw_per_gpu * 24 * fleet.pue * num(fleet.usd_per_kwh)
        else:
            price = num(fleet.usd_per_gpu_hour)
            price *= (1 + num(fleet.usd_per_gpu_hour_change_per_year)) ** (self.clock.t(day) / 12)
            usd = sum(self.gpus(replicas) for replicas in self.replicas(day, share)) * price
        return usd * (1 + num(fleet.overhead_share)) + num(fleet.usd_per_month) * DAILY


class Purchases:
    """The GPUs bought so far, each batch with the day of its latest purchase."""

    def __init__(self, daily: FleetOfADay) -> None:
        self.daily = daily
        self.fleet = daily.fleet
        self.batches: list[dict[str, int]] = []
        self.gpus = 0

    def tick(self, day: int, share: float) -> float:
        """Capital of a day: old GPUs replaced, missing ones bought."""
        price = num(self.fleet.purchase_usd_per_gpu)
        usd = 0.0
        for batch in self.batches:
            due = batch["first"] + math.floor((batch["lives"] + 1) * self.fleet.lifetime_months * MONTH)
            if day == due:
                usd += batch["gpus"] * price * (1 - self.fleet.resale_share)
                batch["lives"] += 1
                batch["latest"] = day
        missing = self.daily.gpus(max(self.daily.replicas(day, share))) - self.gpus
        if missing > 0:
            usd += missing * price
            self.gpus += missing
            self.batches.append({"gpus": missing, "first": day, "latest": day, "lives": 0})
        return usd

    def wear(self) -> float:
        """What the GPUs lose in value in a day."""
        price = num(self.fleet.purchase_usd_per_gpu)
        return self.gpus * price * (1 - self.fleet.resale_share) / (self.fleet.lifetime_months * MONTH)

    def credit(self, last: int) -> float:
        """What they are worth on the last day of the horizon."""
        price = num(self.fleet.purchase_usd_per_gpu)
        usd = 0.0
        for batch in self.batches:
            age = (last - batch["latest"]) / MONTH
            usd += batch["gpus"] * price * max(self.fleet.resale_share, 1 - age / self.fleet.lifetime_months)
        return usd
