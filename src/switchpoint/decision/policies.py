"""Policies: the rules that start the project."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from switchpoint.clock import NEVER, Clock, Days
from switchpoint.scenario.schema import Policy


def policy_start(policy: Policy, warning: Callable[[], Days], clock: Clock) -> Days | None:
    """Day on which a policy starts the project.

    Args:
        policy: never, now, warn, best or a date.
        warning: says on which Monday the warning fires, NEVER where it does not; asked by "warn" alone.
        clock: the horizon.

    Returns:
        The day, NEVER where it does not fire within the horizon; None for "best", which each candidate finds itself.
    """
    if policy == "best":
        return None
    if isinstance(policy, date):
        day = max(clock.day_of(policy), 0)
    else:
        day = warning() if policy == "warn" else {"never": NEVER, "now": 0}[policy]
    return within(day, clock)


def within(day: Days, clock: Clock) -> Days:
    """A day within the horizon, else NEVER."""
    return np.where(day < clock.days, day, NEVER) if np.ndim(day) else day if day < clock.days else NEVER
