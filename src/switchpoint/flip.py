"""How many requests a day it would take for the advice to stay to change."""

from __future__ import annotations

from switchpoint.clock import Problem
from switchpoint.decision.verdict import Action, judge
from switchpoint.engine import Case, simulate
from switchpoint.scenario.schema import Scenario

DOUBLINGS = 24
PRECISION = 1e-7


def flips_at(case: Case) -> float | None:
    """Smallest level of requests a day above today's at which the advice is no longer to stay.

    Found by doubling, then halving to seven digits. None with no usage, or where 2^24 times today's does not change it.
    """
    level, low, high = case.level, 1.0, 2.0
    if not level:
        return None
    for _ in range(DOUBLINGS):
        if changes(case.scenario, level * high):
            break
        low, high = high, high * 2
    else:
        return None
    while high - low > PRECISION * low:
        middle = (low + high) / 2
        low, high = (low, middle) if changes(case.scenario, level * middle) else (middle, high)
    return level * high


def changes(scenario: Scenario, requests_per_day: float) -> bool:
    """Whether the advice at another level of usage is not to stay; usage out of all bounds does not count."""
    usage = scenario.usage.model_copy(update={"requests_per_day": requests_per_day})
    try:
        case = simulate(scenario.model_copy(update={"usage": usage}))
    except Problem:
        return False
    return judge(case.scenario, case.threat, case.outlooks).action is not Action.STAY
