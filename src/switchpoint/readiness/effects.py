"""What a change of the project does to its length and to its cost, over the same draws with and without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from switchpoint.horizon import NEVER, Floats
from switchpoint.study.draws import Worlds, error_of_mean, join_records, quantile_day
from switchpoint.study.preparation import Plan, PlanOverDraws, preparation_gains

IN_TIME = 0.8
"""Share of the draws in which a project is to be as long at most, as for start-by dates."""
DRAWS = 128


@dataclass(frozen=True)
class ProjectEffect:
    """What a change does, both ways started on the same day."""

    usd: float
    """Weighed dollars that the switch costs more with it, on average; below 0 it costs less."""
    usd_error: float
    """Standard error of that."""
    days: int | None
    """Days by which a project must start earlier to be as surely in time: the difference of the 80th percentiles of its
    length. None where one of them is not live within the horizon in 80 % of the draws."""
    mean_days: float
    """Days by which it is live later on average, over draws in which it is live both ways."""
    mean_days_error: float
    lost: float
    """Share of draws in which it is live within the horizon without it, less those with it."""
    draws: int


def effects_of(
    worlds: Worlds, name: str, start: int, pairs: Mapping[str, tuple[Plan, Plan]], draws: int = DRAWS
) -> dict[str, ProjectEffect]:
    """What each change of a candidate's project does.

    Args:
        worlds: the scenario and the seed.
        name: the candidate.
        start: the day on which the project is started, both ways; the latest searched start up to it is taken.
        pairs: certain fields of the project before and after each change.
        draws: how many worlds.

    Raises:
        Problem: where a draw cannot be computed.
    """
    if not pairs:
        return {}
    batches = replace(worlds, only=name).batches(0, worlds.values(draws))
    found = [(batch, preparation_gains(batch, name, pairs)) for _, batch in batches]
    searched = found[0][0].outlooks[0].starts.searched_starts
    place = max(int(np.searchsorted(searched, start, side="right")) - 1, 0)
    came: Mapping[str, tuple[PlanOverDraws, PlanOverDraws]] = join_records([each for _, each in found])
    return {key: project_effect(*both, place) for key, both in came.items()}


def project_effect(before: PlanOverDraws, after: PlanOverDraws, place: int) -> ProjectEffect:
    """What a change does to a project started on one of the searched days, in the same draws."""
    usd: Floats = before.weighed[:, place] - after.weighed[:, place]
    old, new = before.cutover[:, place], after.cutover[:, place]
    both = (old < NEVER) & (new < NEVER)
    later = (new - old)[both].astype(float)
    ends = [quantile_day(each, IN_TIME) for each in (old, new)]
    return ProjectEffect(
        usd=float(usd.mean()),
        usd_error=error_of_mean(usd),
        days=None if NEVER in ends else ends[1] - ends[0],
        mean_days=float(later.mean()) if later.size else 0.0,
        mean_days_error=error_of_mean(later) if later.size else 0.0,
        lost=float((old < NEVER).mean() - (new < NEVER).mean()),
        draws=len(usd),
    )
