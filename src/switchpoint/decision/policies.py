"""Policies: the rules that start the project."""

from __future__ import annotations

from datetime import date

from switchpoint.clock import NEVER, Clock
from switchpoint.scenario.schema import Policy


def policy_start(policy: Policy, warning: int, clock: Clock) -> int | None:
    """Day on which a policy starts the project.

    Args:
        policy: never, now, warn, best or a date.
        warning: Monday on which the warning fires, NEVER where it does not.
        clock: the horizon.

    Returns:
        The day, NEVER where it does not fire within the horizon; None for "best", which each candidate finds itself.
    """
    if isinstance(policy, date):
        day = max(clock.day_of(policy), 0)
    else:
        day = {"never": NEVER, "now": 0, "warn": warning}.get(policy, -1)
    if day < 0:
        return None
    return day if day < clock.days else NEVER
