"""The state that a Monday puts a bill into, by the chance that it reaches its limit."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from switchpoint.horizon import NEVER, Bools, Floats, Ints
from switchpoint.warning.chances import Chances

OPENS, CLOSES, RUNNING = 0.5, 0.4, 4
"""An open warning begins at the first chance, and ends below the second on so many Mondays running."""
WATCHED_MONTHS = 6.0


class MondayState(IntEnum):
    """What a Monday finds, in rising order."""

    CALM = 0
    WATCH = 1
    OPEN = 2
    LATE = 3
    OVER = 4


def open_mondays(chance: Floats) -> Bools:
    """On which Mondays a warning is open: from a chance of one half on, until it was below 0.4 on four running.

    Args:
        chance: chance of reaching the limit within the second of `warn_months`, nan where nothing is said; shape
            (worlds, weeks).

    >>> open_mondays(np.array([[0.2, 0.5, 0.3, 0.3, 0.45, 0.3, 0.3, 0.3, 0.3, 0.45]])).astype(int)
    array([[0, 1, 1, 1, 1, 1, 1, 1, 0, 0]])
    """
    number = np.arange(chance.shape[1])
    low = ~(chance >= CLOSES)
    ends = low.copy()
    for back in range(1, RUNNING):
        ends[:, back:] &= low[:, :-back]
        ends[:, :back] = False
    opened = np.maximum.accumulate(np.where(chance >= OPENS, number, -1), axis=1)
    ended = np.maximum.accumulate(np.where(ends, number, -1), axis=1)
    return opened > ended


def find_states(found: Chances, over: Bools, warn_months: tuple[float, float]) -> Ints:
    """State of each Monday (`MondayState`), shape (worlds, weeks).

    Over at the limit; late where it is reached within the first of `warn_months` with a chance of one half or more;
    open within the second, held as `open_mondays` says; watch within six months; else calm.
    """
    closes, opens = warn_months
    states = np.where(found.within(WATCHED_MONTHS) >= OPENS, MondayState.WATCH, MondayState.CALM)
    states = np.where(open_mondays(found.within(opens)), MondayState.OPEN, states)
    states = np.where(found.within(closes) >= OPENS, MondayState.LATE, states)
    return np.where(over, MondayState.OVER, states).astype(np.int64)


def first_warning(chance: Floats, mondays: Ints) -> Ints:
    """Day number of the first Monday with a chance of one half or more; NEVER where there is none. Shape (worlds,).

    Args:
        chance: chance of reaching the limit within the second of `warn_months`, shape (worlds, weeks).
        mondays: day number of the Monday after each week, shape (weeks,).
    """
    warns = chance >= OPENS
    if not mondays.size:
        return np.full(len(chance), NEVER)
    return np.where(warns.any(axis=1), mondays[warns.argmax(axis=1)], NEVER)
