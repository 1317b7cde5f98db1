"""What changes a fleet while it serves: replicas that fail or are taken away, and a number that follows the load."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import Problem


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
                raise Problem(("outages", name), f"got {value!r}; it takes seconds, 0 or more")


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
                raise Problem(("autoscale", name), f"got {value!r}; it takes a number of at least {least}")
        if not (math.isfinite(self.startup_s) and self.startup_s >= 0):
            raise Problem(("autoscale", "startup_s"), f"got {self.startup_s!r}; it takes seconds, 0 or more")
        if not 1 <= self.least <= self.most:
            raise Problem(("autoscale", "least"), f"got {self.least} to {self.most}; it takes 1 <= least <= most")

    def wanted(self, requests: int) -> int:
        """Replicas for so many requests."""
        return min(max(math.ceil(requests / self.target_load), self.least), self.most)


def random_outages(
    replicas: int,
    per_hour: float,
    horizon_s: float,
    notice_s: float = 0.0,
    back_s: float | None = None,
    seed: int | Sequence[int] = 0,
) -> list[Outage]:
    """Outages of each replica as a Poisson process, in order of time.

    Args:
        replicas: how many there are.
        per_hour: outages per hour and replica.
        horizon_s: until when, s.
        notice_s: notice of each.
        back_s: time to replace each; None for never.
        seed: the same seed gives the same outages.
    """
    rng = np.random.default_rng(seed)
    counts = rng.poisson(per_hour * horizon_s / 3600, replicas)
    found = [
        Outage(float(at), number, notice_s, back_s)
        for number, times in enumerate(counts)
        for at in rng.uniform(0, horizon_s, times)
    ]
    return sorted(found, key=lambda outage: (outage.at_s, outage.replica))
