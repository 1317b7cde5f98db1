"""Following starts: what becomes of a candidate in each draw when its project starts on a given day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from switchpoint.clock import NEVER, Bools, Floats, Ints
from switchpoint.decision.course import one_off_usd
from switchpoint.decision.policies import within
from switchpoint.decision.running import Running
from switchpoint.engine import Batch
from switchpoint.finance import break_even_moments
from switchpoint.timeline.path import begun_days, running_cost, travel
from switchpoint.timeline.prospect import Prospect


@dataclass(frozen=True)
class Followed:
    """One candidate in each draw for each of some starts; arrays of shape (draws, starts)."""

    start: Ints
    cutover: Ints
    break_even: Ints
    saving: Floats
    """Net present value, dollars."""
    remedy: Bools
    one_off: Floats


def follow(batch: Batch, starts: Mapping[str, Ints]) -> dict[str, Followed]:
    """What becomes of some candidates of many worlds, by name, for starts of shape (worlds, starts)."""
    return {each.name: _candidate(each, batch, starts[each.name]) for each in batch.prospects if each.name in starts}


def _candidate(prospect: Prospect, batch: Batch, starts: Ints) -> Followed:
    running = Running(running_cost(prospect), batch.setting.billed, batch.limits)
    possible = batch.each(np.greater_equal(prospect.carrier.impossible_from, batch.clock.days))
    return joined_starts([_one_start(prospect, batch, start[:, None], running, possible) for start in starts.T])


def joined_starts(parts: Sequence[Followed]) -> Followed:
    """Starts side by side."""
    names = [field.name for field in fields(Followed)]
    return Followed(**{name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in names})


def _one_start(prospect: Prospect, batch: Batch, start: Ints, running: Running, possible: Bools) -> Followed:
    path = travel(prospect, start)
    ledger, cutover = path.ledger, batch.starts(within(path.schedule.cutover, batch.clock))
    begun = begun_days(path.schedule)
    moments = batch.starts(break_even_moments(ledger.flow, ledger.capital, batch.stay, start, begun))
    earned = np.isfinite(moments)
    return Followed(
        start=start,
        cutover=cutover,
        break_even=np.where(earned, np.floor(np.where(earned, moments, 0.0)).astype(np.int64), NEVER),
        saving=batch.starts((batch.stay - ledger.total) @ batch.discount),
        remedy=possible[:, None] & batch.starts(running.is_remedy(cutover)),
        one_off=batch.starts(one_off_usd(prospect, path)),
    )
