"""Which replica a request goes to. A router is asked once a request, with the replicas that take any, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeAlias

from switchpoint.serving.replica import Replica

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
