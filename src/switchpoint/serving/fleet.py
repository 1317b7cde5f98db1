"""Several replicas: routing, autoscaling, outages."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TypeAlias

from switchpoint.errors import CannotCompute
from switchpoint.serving.batch import ARRIVAL, CHANGE, UNSET, EngineLimits, Moment, Pace, Request, TickClock, ticks
from switchpoint.serving.replica import Replica

# Several replicas ----------------------------------------------------------------------------------------------------

Router: TypeAlias = Callable[[Sequence[Replica]], Replica | None]
"""None leaves the request in the fleet's own queue, until a replica has a place."""


def round_robin() -> Router:
    """Each in its turn."""
    turns = count()
    return lambda replicas: replicas[next(turns) % len(replicas)]


def least_loaded() -> Router:
    """The one with the fewest requests, waiting or running; the first of several."""
    return _least


def shared_queue() -> Router:
    """Requests wait in one queue, and go to the least loaded replica once one has a place for a running sequence."""

    def route(replicas: Sequence[Replica]) -> Replica | None:
        replica = _least(replicas)
        return replica if replica.load < replica.limits.max_running else None

    return route


def _least(replicas: Sequence[Replica]) -> Replica:
    best = replicas[0]
    if len(replicas) > 1:
        least = best.load
        for replica in replicas:
            if (load := replica.load) < least:
                best, least = replica, load
    return best


ROUTERS: dict[str, Callable[[], Router]] = {
    "least-loaded": least_loaded,
    "round-robin": round_robin,
    "shared-queue": shared_queue,
}


@dataclass(frozen=True)
class Outage:
    """A replica goes: a failure, or a spot instance taken back after a notice.

    Attributes:
        at_s: when it fails or gets notice, s; with the first arrival at the earliest.
        replica: its number, from 0.
        notice_s: it finishes what it can in this time, and gets nothing new.
        back_s: after this time another stands in its place; None for never.
    """

    at_s: float
    replica: int = 0
    notice_s: float = 0.0
    back_s: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("at_s", self.at_s), ("notice_s", self.notice_s), ("back_s", self.back_s or 0.0)):
            if not (math.isfinite(value) and value >= 0):
                raise CannotCompute(("outages", name), f"got {value!r}; it takes seconds, 0 or more")


@dataclass(frozen=True)
class Autoscale:
    """Replicas follow the requests in the fleet: one for every `target_load` of them.

    Attributes:
        target_load: requests per replica, waiting or running.
        least: replicas that stay in any case.
        most: replicas at most.
        every_s: how often it looks; it starts any number at a time, but retires one, which ends when it is empty.
        startup_s: from the start of a replica until it takes requests.
    """

    target_load: float
    least: int = 1
    most: int = 64
    every_s: float = 15.0
    startup_s: float = 120.0

    def __post_init__(self) -> None:
        for name, least in (("target_load", 0.01), ("every_s", 0.1)):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= least):
                raise CannotCompute(("autoscale", name), f"got {value!r}; it takes a number of at least {least}")
        if not (math.isfinite(self.startup_s) and self.startup_s >= 0):
            raise CannotCompute(("autoscale", "startup_s"), f"got {self.startup_s!r}; it takes seconds, 0 or more")
        if not 1 <= self.least <= self.most:
            raise CannotCompute(("autoscale", "least"), f"got {self.least} to {self.most}; it takes 1 <= least <= most")

    def replicas_for(self, requests: int) -> int:
        """Replicas for so many requests."""
        return min(max(math.ceil(requests / self.target_load), self.least), self.most)


@dataclass
class ReplicaStay:
    """The time that a replica was there and paid for, from when it took requests; ticks."""

    replica: Replica
    began: int
    ended: int | None = None

    def length(self, now: int) -> int:
        """Ticks up to now."""
        return (now if self.ended is None else self.ended) - self.began


@dataclass(frozen=True)
class FleetPlan:
    """How a fleet is run.

    Attributes:
        limits: of each replica.
        replicas: how many there are at first.
        router: "least-loaded", "round-robin" or "shared-queue".
        autoscale: how their number follows the load; None where it stays.
        outages: failures and spot instances taken back.
    """

    limits: EngineLimits = field(default_factory=EngineLimits)
    replicas: int = 1
    router: str = "least-loaded"
    autoscale: Autoscale | None = None
    outages: tuple[Outage, ...] = ()

    def __post_init__(self) -> None:
        if not (isinstance(self.replicas, int) and 1 <= self.replicas <= 100_000):
            raise CannotCompute(("replicas",), f"got {self.replicas!r}; it takes a whole number from 1 to 100,000")
        if self.router not in ROUTERS:
            raise CannotCompute(("router",), f"got {self.router!r}; known are {', '.join(ROUTERS)}")


class ServingFleet:
    """Replicas, their router, and the requests that no replica has."""

    def __init__(self, env: TickClock, plan: FleetPlan, pace: Pace) -> None:
        self.env, self.plan, self.pace = env, plan, pace
        self.route = ROUTERS[plan.router]()
        self.open: list[Replica] = []
        """Replicas that take requests, by number."""
        self.stays: list[ReplicaStay] = []
        self.waiting: deque[Request] = deque()
        """Requests without a replica."""
        self.starting = 0
        """Replicas that were ordered and do not take requests yet."""
        self.coming: Sequence[Request] = ()
        self.next = 0
        self.fresh = count(plan.replicas)
        """Numbers that no replica has had."""
        for number in range(plan.replicas):
            self._open(number)
        for outage in plan.outages:
            self._later(max(0, ticks(outage.at_s) - env.now), partial(self._notice, outage))
        if plan.autoscale:
            self._later(ticks(plan.autoscale.every_s), self._adapt)

    @property
    def load(self) -> int:
        """Requests that arrived and are not complete."""
        return len(self.waiting) + sum(stay.replica.load for stay in self.stays if stay.ended is None)

    def serve(self, requests: Sequence[Request]) -> None:
        """Run until every request is complete.

        Args:
            requests: in the order of arrival.

        Raises:
            CannotCompute: requests are left that no replica will ever take.
        """
        self.coming, self.next = requests, 0
        if requests:
            Moment(self.env, requests[0].arrival - self.env.now, ARRIVAL, self._arrive)
        self.env.run_out()
        if left := sum(request.finish == UNSET for request in requests):
            raise CannotCompute(
                ("outages",), f"{left} of {len(requests)} requests are left when the last replica is gone"
            )

    def _arrive(self, _: Moment) -> None:
        """Take the requests that arrive now, and wait for the next."""
        coming, now = self.coming, self.env.now
        while self.next < len(coming) and coming[self.next].arrival <= now:
            self._place(coming[self.next])
            self.next += 1
        if self.next < len(coming):
            Moment(self.env, coming[self.next].arrival - now, ARRIVAL, self._arrive)

    def _place(self, request: Request) -> None:
        replica = self.route(self.open) if self.open and not self.waiting else None
        if replica is None:
            self.waiting.append(request)
        else:
            replica.submit(request)

    def _place_waiting(self) -> None:
        """Place requests of the fleet's own queue, in order, as long as there is a place."""
        waiting = self.waiting
        while waiting and self.open and (replica := self.route(self.open)):
            replica.submit(waiting.popleft())

    def _open(self, number: int) -> None:
        replica = Replica(self.env, self.plan.limits, self.pace, number)
        stay = ReplicaStay(replica, self.env.now)
        replica.free_place = self._place_waiting if self.plan.router == "shared-queue" else None
        self.stays.append(stay)
        self.open.append(replica)
        self.open.sort(key=lambda held: held.number)
        self._place_waiting()

    def _retire(self, replica: Replica) -> None:
        """Give a replica nothing new."""
        self.open.remove(replica)
        replica.free_place = lambda: self._end(replica) if not replica.load else None
        if not replica.load:
            self._end(replica)

    def _end(self, replica: Replica) -> None:
        for stay in self.stays:
            if stay.replica is replica and stay.ended is None:
                stay.ended = self.env.now

    def _notice(self, outage: Outage) -> None:
        """An outage begins; one of a replica that is not there is none."""
        replica = next((held for held in self.open if held.number == outage.replica), None)
        if replica:
            self._retire(replica)
            self._later(ticks(outage.notice_s), lambda: self._lose(replica, outage))

    def _lose(self, replica: Replica, outage: Outage) -> None:
        self._end(replica)
        replica.free_place = None
        if outage.back_s is not None:
            self.starting += 1
            self._later(ticks(outage.back_s), lambda: self._ready(replica.number))
        for request in replica.vacate():
            self._place(request)

    def _ready(self, number: int) -> None:
        self.starting -= 1
        self._open(number)

    def _adapt(self) -> None:
        """Look at the load, and order or retire replicas."""
        scale = self.plan.autoscale
        load = self.load
        if scale is None or (self.next == len(self.coming) and not load):
            return
        there = len(self.open) + self.starting
        wanted = scale.replicas_for(load)
        for _ in range(wanted - there):
            self.starting += 1
            self._later(ticks(scale.startup_s), lambda: self._ready(next(self.fresh)))
        if wanted < there and len(self.open) > scale.least:
            self._retire(min(self.open, key=lambda replica: (replica.load, -replica.number)))
        self._later(ticks(scale.every_s), self._adapt)

    def _later(self, delay: int, call: Callable[[], None]) -> None:
        Moment(self.env, delay, CHANGE, lambda _: call())
