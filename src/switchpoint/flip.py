"""How many requests a day it would take for the advice to stay to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from switchpoint.clock import NEVER, Problem
from switchpoint.decision.sentence import Flip
from switchpoint.engine import Case, simulate
from switchpoint.scenario.schema import Scenario

STEP = 1.25
STEPS = 75
PRECISION = 1e-7
SMALLEST = 1e-6
"""Values closer to 0 than this are told apart no further."""

Found = TypeVar("Found")


def find_flip(case: Case) -> Flip | None:
    """Smallest level of requests a day above today's at which the advice is no longer to stay.

    Found in steps of a quarter, then by halving to seven digits. None with no usage, or where some 18 million times
    today's does not change it.
    """
    level, low, high = case.level, 1.0, STEP
    if not level:
        return None
    for _ in range(STEPS):
        found = advice(case.scenario, level * high)
        if found is not None:
            break
        low, high = high, high * STEP
    else:
        return None
    seen: tuple[bool, str | None] = found
    times, change = narrowed(lambda factor: advice(case.scenario, level * factor), low, high, seen, PRECISION)
    return Flip(level * times, times, *change)


def usage_counts(case: Case) -> bool:
    """Whether more requests a day at the start can be simulated, and are more usage: a history or a plan of usage may
    not follow them."""
    if not case.level:
        return False
    more = case.scenario.usage.model_copy(update={"requests_per_day": case.level * STEP})
    try:
        found = simulate(case.scenario.model_copy(update={"usage": more}))
    except Problem:
        return False
    return found.level > case.level


def narrowed(
    changed: Callable[[float], Found | None], same: float, other: float, found: Found, precision: float
) -> tuple[float, Found]:
    """Halve what lies between a value that changes nothing and one that does, until they are close.

    Args:
        changed: what a value changes, None where nothing.
        same: a value that changes nothing.
        other: a value that does, on either side.
        found: what it changes.
        precision: of the result, relative.

    Returns:
        The nearest value seen that changes something, and what it changes.
    """
    while abs(other - same) > precision * max(abs(same), abs(other), SMALLEST):
        middle = (same + other) / 2
        between = changed(middle)
        if between is None:
            same = middle
        else:
            other, found = middle, between
    return other, found


def advice(scenario: Scenario, requests_per_day: float) -> tuple[bool, str | None] | None:
    """Whether the limit is reached at another level of usage, and the candidate advised; None where it is to stay.

    Usage out of all bounds does not count.
    """
    usage = scenario.usage.model_copy(update={"requests_per_day": requests_per_day})
    try:
        case = simulate(scenario.model_copy(update={"usage": usage}))
    except Problem:
        return None
    if case.threat != NEVER:
        return True, None
    best = case.verdict.candidate
    return None if best is None else (False, best.name)
