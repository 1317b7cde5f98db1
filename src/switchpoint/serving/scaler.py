"""A serverless fleet: how many replicas live, how often one starts, and who waits for that; simulated, found once."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Any

import numpy as np
import simpy

from switchpoint.serving.disk_cache import found_once

ARRIVALS = (10_000, 60_000)
"""Requests of a simulation, at least and at most."""
LIVES = 15
"""Lives of a replica, start, one request and idle end, that a simulation lasts if it may."""
SETTLING = 0.3
"""Part of them that comes before anything is counted."""
SEED = 20_270_101
Process = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Scaler:
    """How replicas start and stop.

    Attributes:
        request_s: seconds of one request alone, from start to end.
        timeout_s: a replica that has been idle for so long stops.
        startup_s: seconds that a start takes; billed.
        concurrency: requests at once on a replica.
        always: replicas that are always there and start nothing.
    """

    request_s: float
    timeout_s: float
    startup_s: float
    concurrency: int = 1
    always: int = 0


@dataclass(frozen=True)
class Lived:
    """Means over time.

    Attributes:
        alive: replicas that are ready.
        starts_per_s: cold starts a second.
        cold_share: part of the requests that wait for a start.
    """

    alive: float
    starts_per_s: float
    cold_share: float


@dataclass(eq=False)
class _Replica:
    permanent: bool = False
    ready: bool = True
    held: int = 0
    emptied: int = 0
    """How often it has run out of requests, so that a later request keeps it from stopping."""


@dataclass
class _Run:
    """What has happened so far in one simulation."""

    env: simpy.Environment
    scaler: Scaler
    replicas: list[_Replica] = field(default_factory=list)
    since: float = 0.0
    changed: float = 0.0
    alive_s: float = 0.0
    starts: int = 0
    cold: int = 0
    asked: int = 0

    def arrive(self, gaps: Any) -> Process:
        """Requests one after the other; the first ones are not counted."""
        for number, gap in enumerate(gaps):
            if number == int(SETTLING * len(gaps)):
                self._tick()
                self.since, self.alive_s, self.starts, self.cold, self.asked = self.env.now, 0.0, 0, 0, 0
            yield self.env.timeout(float(gap))
            self.asked += 1
            self._take()

    def _take(self) -> None:
        most = self.scaler.concurrency
        chosen = next((each for each in self.replicas if each.held < most and each.ready), None)
        chosen = chosen or next((each for each in self.replicas if each.held < most), None)
        if chosen is None:
            chosen = _Replica(ready=False)
            self.replicas.append(chosen)
            self.starts += 1
            self.env.process(self._start(chosen))
        chosen.held += 1
        if chosen.ready:
            self.env.process(self._serve(chosen))
        else:
            self.cold += 1

    def _start(self, replica: _Replica) -> Process:
        yield self.env.timeout(self.scaler.startup_s)
        self._tick()
        replica.ready = True
        for _ in range(replica.held):
            self.env.process(self._serve(replica))

    def _serve(self, replica: _Replica) -> Process:
        yield self.env.timeout(self.scaler.request_s)
        replica.held -= 1
        if replica.held or replica.permanent:
            return
        replica.emptied += 1
        number = replica.emptied
        yield self.env.timeout(self.scaler.timeout_s)
        if not replica.held and replica.emptied == number:
            self._tick()
            self.replicas.remove(replica)

    def _tick(self) -> None:
        """Count the time of those that are ready, before their number changes."""
        self.alive_s += sum(each.ready for each in self.replicas) * (self.env.now - self.changed)
        self.changed = self.env.now

    def mean_life(self) -> Lived:
        """Means over the time that counts."""
        self._tick()
        time = self.env.now - self.since
        return Lived(self.alive_s / time, self.starts / time, self.cold / self.asked)


def simulate_scaler(scaler: Scaler, rate: float, arrivals: int | None = None) -> Lived:
    """What a scaler does with Poisson arrivals, simulated event by event.

    Args:
        scaler: the rules.
        rate: requests a second.
        arrivals: requests that are simulated; left out, those of enough lives of a replica.
    """
    if arrivals is None:
        life = scaler.startup_s + scaler.request_s + scaler.timeout_s
        arrivals = int(np.clip(LIVES * rate * life, *ARRIVALS))
    env = simpy.Environment()
    run = _Run(env, scaler, [_Replica(permanent=True) for _ in range(scaler.always)])
    warm = math.ceil(rate * scaler.request_s / scaler.concurrency) - scaler.always
    for _ in range(max(warm, 0)):
        run.replicas.append(_Replica())
    gaps = np.random.default_rng(SEED).exponential(1 / rate, arrivals)
    env.run(until=env.process(run.arrive(gaps)))
    return run.mean_life()


@lru_cache(maxsize=4096)
def scaler_life(scaler: Scaler, rate: float) -> Lived:
    """What a serverless scaler does with so many requests a second; the same answer as its simulation, found once."""
    return found_once("scaler", (scaler, rate), lambda: simulate_scaler(scaler, rate), _life)


def _life(held: dict[str, Any]) -> Lived:
    """What a scaler does, from plain values.

    Raises:
        TypeError: one of them is no number, or there are others.
        ValueError: they are no answer together.
    """
    found = Lived(**held)
    numbers = (found.alive, found.starts_per_s, found.cold_share)
    if any(type(each) is not float for each in numbers):
        raise TypeError("is no number")
    if not all(isfinite(each) and each >= 0 for each in numbers) or found.cold_share > 1:
        raise ValueError("is no answer")
    return found
