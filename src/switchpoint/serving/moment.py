"""The clock of the serving simulation, and its one kind of event: a moment at which something is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from simpy import Environment, Event
from simpy.events import EventPriority

from switchpoint.clock import Floats

TICKS_PER_NS = 1 << 16
"""The clock counts nanoseconds with 16 binary places: whole ones would drift by half a nanosecond a step."""
TICKS_PER_S = TICKS_PER_NS * 10**9

CHANGE, ARRIVAL, STEP = EventPriority(0), EventPriority(1), EventPriority(2)
"""What comes first at one tick: changes of the fleet, then arrivals, then the ends of steps, replica by replica."""


class TickClock(Environment):
    """SimPy's environment on whole ticks."""

    @property
    def now(self) -> int:
        """Ticks."""
        return self._now  # type: ignore[return-value]  # only whole delays are scheduled


class Moment(Event):
    """A timeout with one callback, which gets the moment itself; one that is out of date is simply not heeded."""

    _ok = True
    _value = None

    def __init__(self, env: TickClock, delay: int, order: EventPriority, call: Callable[[Any], None]) -> None:
        self.env = env
        self.callbacks = [call]
        env.schedule(self, order, delay)


def ticks(seconds: float) -> int:
    """Seconds as whole ticks of the clock."""
    return round(seconds * TICKS_PER_S)


def in_seconds(moments: Iterable[int]) -> Floats:
    """Ticks as seconds."""
    return np.array([moment / TICKS_PER_S for moment in moments], dtype=np.float64)
