"""How many replicas run in each hour of a day, what they serve, and what they cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from switchpoint.scenario.candidates import Fleet
from switchpoint.scenario.routes import Endpoint
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import Quantity, num
from tests.twin.clock import DAILY, MONTH, Clock
from tests.twin.route import batch_share
from tests.twin.usage import Demand

FORGIVEN = 1e-9


class Units:
    """Dedicated endpoints in the words of a fleet: each is a replica of one GPU, and `step` more come at a time."""

    regions = gpus_per_replica = 1
    spare_replicas = 0
    overhead_share = 0.0
    gpus_per_node = purchase_usd_per_gpu = None

    def __init__(self, endpoint: Endpoint, usd_per_month: Quantity) -> None:
        self.endpoint, self.usd_per_month = endpoint, usd_per_month
        self.step, self.scaling, self.fixed_replicas = endpoint.step, endpoint.scaling, endpoint.fixed
        self.min_replicas, self.max_replicas = endpoint.min, endpoint.max
        if endpoint.max is not None:  # as many as there can be in whole steps
            self.max_replicas = max(
                n for n in range(endpoint.min, endpoint.max + 1) if not (n - endpoint.min) % self.step
            )
        self.target_utilisation, self.overflow = endpoint.target_utilisation, endpoint.overflow
        self.billing_minutes, self.startup_minutes = endpoint.billing_minutes, endpoint.startup_minutes
        self.usd_per_gpu_hour = endpoint.usd_per_hour
        self.usd_per_gpu_hour_change_per_year = endpoint.usd_per_hour_change_per_year
        self.reserved_replicas, self.reserved_months = endpoint.reserved, endpoint.reserved_months
        self.reserved_usd_per_gpu_hour = endpoint.reserved_usd_per_hour

    def capacity(self, input_tokens: float, output_tokens: float) -> float:
        """Requests a second of one endpoint."""
        if self.endpoint.requests_per_second is not None:
            return num(self.endpoint.requests_per_second)
        weighed = input_tokens + self.endpoint.output_weight * output_tokens
        return num(self.endpoint.tokens_per_minute) / weighed / 60


@dataclass
class Route:
    """What a fleet serves: its share of the requests, with retries, and its tokens against those of the scenario."""

    fleet: Fleet | Units
    retry: float
    coverage: float
    factors: tuple[float, float] = (1.0, 1.0)


@dataclass
class DayOfFleet:
    """One day of a fleet."""

    replicas: list[float]
    """Kept in each hour, spare ones included."""
    extra_hours: float
    startup_hours: float
    peak: int
    served: float
    """Requests with retries that it serves."""
    overflow_now: float
    """Requests with retries that go to the current route and cannot wait."""
    overflow_waiting: float
    fits: bool
    """Whether all that it is asked for is served by it."""


class FleetOfADay:
    """A fleet, day by day."""

    def __init__(self, scenario: Scenario, route: Route, demand: Demand, clock: Clock) -> None:
        self.scenario, self.route, self.demand, self.clock = scenario, route, demand, clock
        self.fleet = route.fleet
        self.capacity = self.capacity_on(0)
        self.waiting_price: list[float] | None = None
        """What the current route charges for a request that can wait, by the day; where work may overflow to it."""
        self._days: dict[tuple[int, float], DayOfFleet] = {}
        self._rents: dict[tuple[int, float], float] = {}
        self._filled = [(0, 0)]
        """Nodes, and GPUs free in the last of them, for each number of replicas that was asked for so far."""

    def capacity_on(self, day: int) -> float:
        """Requests a second of one replica on a day."""
        if not isinstance(self.fleet, Units):
            return num(self.fleet.requests_per_second_per_replica)
        tokens = self.demand.input_tokens[day], self.demand.output_tokens[day]
        return self.fleet.capacity(*(each * factor for each, factor in zip(tokens, self.route.factors, strict=True)))

    @property
    def rate(self) -> float:
        """Requests of a replica-hour."""
        return self.capacity * 3600

    @property
    def plan(self) -> float:
        """The same as planned with."""
        return self.rate * self.fleet.target_utilisation

    @property
    def at_a_time(self) -> int:
        """How many more replicas come at once."""
        return self.fleet.step if isinstance(self.fleet, Units) else 1

    @cached_property
    def weights(self) -> list[float]:
        """The part of a day's requests that comes in each hour."""
        usage = self.scenario.usage
        weights = (1.0,) * 24 if usage.hourly_profile == "flat" else usage.hourly_profile
        assert not isinstance(weights, str), "named profiles are not the twin's business"
        total = sum(weights)
        return [w / total for w in weights]

    def asked(self, day: int, share: float) -> float:
        """Requests a day with retries."""
        return self.demand.requests[day] * (1 + self.route.retry) * share

    def interactive(self, day: int, share: float) -> list[float]:
        """Requests of each hour that cannot wait."""
        now = self.asked(day, share) * (1 - batch_share(self.scenario))
        return [now * w for w in self.weights]

    def day(self, day: int, share: float) -> DayOfFleet:
        if (day, share) not in self._days:
            self.capacity = self.capacity_on(day)
            loads = self.interactive(day, share)
            waiting = self.asked(day, share) * batch_share(self.scenario)
            serve = self._serverless if self.fleet.scaling == "serverless" else self._replicas
            self._days[day, share] = serve(day, loads, waiting)
        return self._days[day, share]

    # Replicas that are kept

    def _kept(self, loads: list[float]) -> list[float]:
        fleet = self.fleet
        plan = self.plan
        needs = [math.ceil(load / plan - FORGIVEN * max(1.0, load / plan)) for load in loads]
        daily, found = max(needs), {}
        counts: list[float] = []
        for hour in range(24):
            need = max(needs[hour], needs[(hour + 1) % 24]) if fleet.scaling == "hourly" else daily
            if need not in found:
                found[need] = self._kept_for(need)
            counts.append(found[need])
        return counts

    def _kept_for(self, need: int) -> float:
        """Replicas of an hour that needs so many."""
        fleet = self.fleet
        count = max(fleet.min_replicas * fleet.regions, need) + fleet.spare_replicas * fleet.regions
        if fleet.min_replicas == 0 and need == 0:
            count = 0
        if fleet.scaling == "fixed":
            count = fleet.fixed_replicas
        count = max(count, fleet.reserved_replicas)
        while fleet.scaling != "fixed" and (count - fleet.min_replicas) % self.at_a_time:
            count += 1
        if fleet.max_replicas is not None:
            count = min(count, fleet.max_replicas)
        return count

    def _replicas(self, day: int, loads: list[float], waiting: float) -> DayOfFleet:
        kept = self._kept(loads)
        if self.fleet.overflow == "current":
            return self._with_overflow(day, self._all_day(kept, loads, waiting), loads, waiting)
        spare = self.fleet.spare_replicas * self.fleet.regions
        plan = self.plan
        room = sum(max(0.0, (n - spare) * plan - load) for n, load in zip(kept, loads, strict=True))
        left = self._left(waiting, room)
        carries = all(load <= n * plan * (1 + FORGIVEN) for n, load in zip(kept, loads, strict=True))
        served = sum(loads) + waiting
        if self.bought and self.fleet.scaling != "fixed":
            peak = self._bought_for(kept, loads, waiting)
            fits = carries and (self.fleet.max_replicas is None or peak <= self.fleet.max_replicas)
            return DayOfFleet(kept, 0.0, 0.0, peak, served, 0.0, 0.0, fits)
        extra = 0.0 if self.fleet.scaling == "fixed" else self._steps_up(left)
        fits = carries and extra <= self._free_hours(kept) + FORGIVEN
        if self.fleet.scaling == "fixed":
            fits = carries and left == 0
        return DayOfFleet(kept, extra, self._startup(extra), self._peak(kept, extra), served, 0.0, 0.0, fits)

    @staticmethod
    def _left(waiting: float, room: float) -> float:
        left = waiting - room
        return left if left > FORGIVEN * max(waiting, 1.0) else 0.0

    @property
    def step(self) -> float:
        """Replica-hours in which extra work is billed."""
        return self.fleet.billing_minutes / 60 * self.at_a_time

    def _steps_up(self, work: float) -> float:
        steps = work / self.plan / self.step
        return math.ceil(steps - FORGIVEN * max(1.0, steps)) * self.step

    def _free_hours(self, kept: list[float]) -> float:
        if self.fleet.scaling == "fixed":
            return 0.0
        if self.fleet.max_replicas is None:
            return math.inf
        return sum(self.fleet.max_replicas - n for n in kept)

    def _startup(self, extra: float) -> float:
        return math.ceil(extra / 24 - FORGIVEN) * self.fleet.startup_minutes / 60 if extra > 0 else 0.0

    @staticmethod
    def _peak(kept: list[float], extra: float) -> int:
        peak = math.ceil(max(kept))
        while sum(peak - n for n in kept) < extra - FORGIVEN:
            peak += 1
        return int(peak)

    def _bought_for(self, kept: list[float], loads: list[float], waiting: float) -> int:
        spare = self.fleet.spare_replicas * self.fleet.regions
        peak = max(kept)
        while sum(max(0.0, (peak - spare) * self.plan - load) for load in loads) < waiting * (1 - FORGIVEN):
            peak += 1
        return int(peak)

    def _all_day(self, kept: list[float], loads: list[float], waiting: float) -> list[float]:
        """A bought fleet that may leave work runs all day, as large as it must be or may be; its spare ones work."""
        if not self.bought or self.fleet.scaling == "fixed":
            return kept
        peak = max(kept)
        while sum(max(0.0, peak * self.plan - load) for load in loads) < waiting * (1 - FORGIVEN):
            peak += 1
        return [min(peak, self.fleet.max_replicas)] * 24

    # What the current route takes

    def _with_overflow(self, day: int, kept: list[float], loads: list[float], waiting: float) -> DayOfFleet:
        """Hour by hour what fits, then waiting work in what is left, then extra hours where they cost less."""
        now = [min(load, n * self.plan) for n, load in zip(kept, loads, strict=True)]
        room = sum(n * self.plan - load for n, load in zip(kept, now, strict=True))
        left = self._left(waiting, room)
        extra = 0.0 if self.bought else self._worthwhile_extra(day, left, self._free_hours(kept))
        left = self._left(left, extra * self.plan)
        over = sum(loads) - sum(now)
        over = over if over > FORGIVEN * max(sum(loads), 1.0) else 0.0
        served = sum(loads) + waiting - over - left
        return DayOfFleet(kept, extra, self._startup(extra), self._peak(kept, extra), served, over, left, True)

    def _worthwhile_extra(self, day: int, left: float, free: float) -> float:
        """None, the whole steps or one step more: what costs least together with what then overflows."""
        whole = math.floor(left / self.plan / self.step + FORGIVEN)
        options = []
        for steps in (0, whole, whole + 1):
            hours = min(steps * self.step, self._in_steps(free))
            over = max(0.0, left - hours * self.plan)
            usd = self._extra_gpu_hours(hours) * self.gpu_hour(day) + over * self.waiting_price[day]
            options.append((usd, hours))
        least = min(usd for usd, _ in options)
        return min(hours for usd, hours in options if usd <= least * (1 + FORGIVEN))

    def _in_steps(self, hours: float) -> float:
        """The whole steps that fit into some hours."""
        return hours if hours == math.inf else math.floor(hours / self.step + FORGIVEN) * self.step

    # Serverless

    def _serverless(self, day: int, loads: list[float], waiting: float) -> DayOfFleet:
        """While one replica is enough: how long it lives and how often it starts, for Poisson arrivals."""
        fleet = self.fleet
        s, timeout, u = fleet.request_seconds, fleet.idle_timeout_s, fleet.startup_s
        hours = []
        for load in loads:
            assert load <= self.plan / 6, "the scaler beyond one replica is simulated, not ticked"
            arrivals = load / 3600
            ends = math.exp(-arrivals * (s + timeout))
            k = 1 + arrivals * u * ends
            alive, starts = (1 - ends) / k, arrivals * ends / k
            hours.append(fleet.min_replicas * fleet.regions or alive + starts * u)
        apart = waiting / self.plan + (u + timeout) / 3600 if waiting > 0 else 0.0
        return DayOfFleet(hours, apart, 0.0, self._peak(hours, apart), sum(loads) + waiting, 0.0, 0.0, True)

    # Money

    def gpus(self, replicas: int) -> int:
        """GPUs of the nodes that hold so many replicas, filled one after the other; a node is one GPU if not said."""
        node, each = self.fleet.gpus_per_node or 1, self.fleet.gpus_per_replica
        while len(self._filled) <= replicas:
            nodes, room = self._filled[-1]
            if each > node:
                nodes += math.ceil(each / node)
            elif room < each:
                nodes, room = nodes + 1, node - each
            else:
                room -= each
            self._filled.append((nodes, room))
        return self._filled[replicas][0] * node

    @property
    def bought(self) -> bool:
        return self.fleet.purchase_usd_per_gpu is not None

    def _extra_gpu_hours(self, hours: float) -> float:
        """GPU-hours of extra work: whole nodes for whole steps of billing, and for starting its replicas."""
        steps, starting = round(hours / self.step), math.ceil(hours / 24 - FORGIVEN)
        return self.gpus(steps) * self.step + self.gpus(starting) * self.fleet.startup_minutes / 60

    def gpu_hour(self, day: int) -> float:
        """Rent of a GPU-hour on demand, overhead included."""
        price = num(self.fleet.usd_per_gpu_hour) * (1 + num(self.fleet.usd_per_gpu_hour_change_per_year)) ** (
            self.clock.t(day) / 12
        )
        return price * (1 + num(self.fleet.overhead_share))

    def reserved_usd(self) -> float:
        """A day of the reserved replicas, overhead included."""
        fleet = self.fleet
        if not fleet.reserved_replicas:
            return 0.0
        gpus = self.gpus(fleet.reserved_replicas)
        return 24 * gpus * num(fleet.reserved_usd_per_gpu_hour) * (1 + num(fleet.overhead_share))

    def owed_after(self, first: int) -> float:
        """What is left to pay of the term that runs on the last day of the horizon."""
        if first >= self.clock.days or not self.fleet.reserved_replicas:
            return 0.0
        k = 1
        while first + math.floor(k * self.fleet.reserved_months * MONTH) < self.clock.days:
            k += 1
        ends = first + math.floor(k * self.fleet.reserved_months * MONTH)
        return (ends - self.clock.days) * self.reserved_usd()

    def running_usd(self, day: int, share: float, gpus_bought: int) -> float:
        """Rent, or power where GPUs are bought, with overhead, and whatever else runs with the fleet."""
        usd = self._power(day, share, gpus_bought) if self.bought else self._rent(day, share)
        return usd + num(self.fleet.usd_per_month) * DAILY

    def _rent(self, day: int, share: float) -> float:
        """Rent of a day, reserved replicas included."""
        if (day, share) not in self._rents:
            fleet, it = self.fleet, self.day(day, share)
            reserved = self.gpus(fleet.reserved_replicas)
            on_demand = sum(self._gpus_kept(n) - reserved for n in it.replicas)
            if fleet.scaling == "serverless":
                on_demand += it.extra_hours * fleet.gpus_per_replica
            else:
                on_demand += self._extra_gpu_hours(it.extra_hours)
            self._rents[day, share] = on_demand * self.gpu_hour(day) + self.reserved_usd()
        return self._rents[day, share]

    def _gpus_kept(self, replicas: float) -> float:
        """GPUs of the replicas of an hour; a serverless fleet has parts of one."""
        return self.gpus(int(replicas)) if replicas == int(replicas) else replicas * self.fleet.gpus_per_replica

    def _power(self, day: int, share: float, gpus: int) -> float:
        """Power of the bought GPUs: in full while busy, in part while idle."""
        fleet = self.fleet
        if gpus == 0:
            return 0.0
        busy = min(24.0, self.day(day, share).served / self.rate * fleet.gpus_per_replica / gpus)
        idle = fleet.idle_power_share
        kwh = gpus * fleet.power_kw_per_gpu * fleet.pue * (24 * idle + (1 - idle) * busy)
        return kwh * num(fleet.usd_per_kwh) * (1 + num(fleet.overhead_share))

    def too_small(self, day: int) -> bool:
        """Whether a fixed or capped fleet, all its replicas at work, cannot carry the whole share."""
        return not self.day(day, self.route.coverage).fits


class Purchases:
    """The GPUs bought so far, each batch with the day of its latest purchase."""

    def __init__(self, daily: FleetOfADay) -> None:
        self.daily = daily
        self.fleet = daily.fleet
        self.batches: list[dict[str, int]] = []
        self.gpus = 0

    def tick(self, day: int, share: float) -> float:
        """Capital of a day: old GPUs replaced, missing ones bought."""
        price, usd = num(self.fleet.purchase_usd_per_gpu), self.replace(day)
        missing = self.daily.gpus(self.daily.day(day, share).peak) - self.gpus
        if missing > 0:
            usd += missing * price
            self.gpus += missing
            self.batches.append({"gpus": missing, "first": day, "latest": day, "lives": 0})
        return usd

    def replace(self, day: int) -> float:
        """What replacing old GPUs costs on a day."""
        price, usd = num(self.fleet.purchase_usd_per_gpu), 0.0
        for batch in self.batches:
            due = batch["first"] + math.floor((batch["lives"] + 1) * self.fleet.lifetime_months * MONTH)
            if day == due:
                usd += batch["gpus"] * price * (1 - self.fleet.resale_share)
                batch["lives"] += 1
                batch["latest"] = day
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
