"""Several replicas behind a router: arrivals, outages, and a number of replicas that follows the load."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from switchpoint.clock import Problem
from switchpoint.serving.changes import Autoscale, Outage
from switchpoint.serving.limits import Limits
from switchpoint.serving.moment import ARRIVAL, CHANGE, Moment, TickClock, ticks
from switchpoint.serving.pace import Pace
from switchpoint.serving.replica import Replica
from switchpoint.serving.request import UNSET, Request
from switchpoint.serving.routing import ROUTERS


@dataclass
class Stay:
    """The time that a replica was there and paid for, from when it took requests; ticks."""

    replica: Replica
    began: int
    ended: int | None = None

    def length(self, now: int) -> int:
        """Ticks up to now."""
        return (now if self.ended is None else self.ended) - self.began


@dataclass(frozen=True)
class Plan:
    """How a fleet is run.

    Attributes:
        limits: of each replica.
        replicas: how many there are at first.
        router: "least-loaded", "round-robin" or "shared-queue".
        autoscale: how their number follows the load; None where it stays.
        outages: failures and spot instances taken back.
    """

    limits: Limits = field(default_factory=Limits)
    replicas: int = 1
    router: str = "least-loaded"
    autoscale: Autoscale | None = None
    outages: tuple[Outage, ...] = ()

    def __post_init__(self) -> None:
        if not (isinstance(self.replicas, int) and 1 <= self.replicas <= 100_000):
            raise Problem(("replicas",), f"got {self.replicas!r}; it takes a whole number from 1 to 100,000")
        if self.router not in ROUTERS:
            raise Problem(("router",), f"got {self.router!r}; known are {', '.join(ROUTERS)}")


class Fleet:
    """Replicas, their router, and the requests that no replica has."""

    def __init__(self, env: TickClock, plan: Plan, pace: Pace) -> None:
        self.env, self.plan, self.pace = env, plan, pace
        self.route = ROUTERS[plan.router]()
        self.open: list[Replica] = []
        """Replicas that take requests, by number."""
        self.stays: list[Stay] = []
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
            Problem: requests are left that no replica will ever take.
        """
        self.coming, self.next = requests, 0
        if requests:
            Moment(self.env, requests[0].arrival - self.env.now, ARRIVAL, self._arrive)
        self.env.run()
        if left := sum(request.finish == UNSET for request in requests):
            raise Problem(("outages",), f"{left} of {len(requests)} requests are left when the last replica is gone")

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
        stay = Stay(replica, self.env.now)
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
        wanted = scale.wanted(load)
        for _ in range(wanted - there):
            self.starting += 1
            self._later(ticks(scale.startup_s), lambda: self._ready(next(self.fresh)))
        if wanted < there and len(self.open) > scale.least:
            self._retire(min(self.open, key=lambda replica: (replica.load, -replica.number)))
        self._later(ticks(scale.every_s), self._adapt)

    def _later(self, delay: int, call: Callable[[], None]) -> None:
        Moment(self.env, delay, CHANGE, lambda _: call())
