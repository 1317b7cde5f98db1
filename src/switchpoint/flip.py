"""How many requests a day it would take for the advice to stay to change."""

from __future__ import annotations

from switchpoint.clock import NEVER, Problem
from switchpoint.decision.sentence import Flip
from switchpoint.decision.standing import Standing
from switchpoint.decision.verdict import pick
from switchpoint.engine import Case, simulate
from switchpoint.scenario.schema import Scenario

STEP = 1.25
STEPS = 75
PRECISION = 1e-7


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
    while high - low > PRECISION * low:
        middle = (low + high) / 2
        between = advice(case.scenario, level * middle)
        if between is None:
            low = middle
        else:
            high, found = middle, between
    return Flip(level * high, high, *found)


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
    savers = [Standing.of(outlook, NEVER) for outlook in case.outlooks if outlook.possible and outlook.saves]
    return (False, pick(savers)[0].outlook.name) if savers else None
