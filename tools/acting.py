"""What acting on a warning costs on real series, by a plain model of costs, against hindsight.

Every limit set along a series is a case of one year. Its unit is a month at the limit. A project costs ONE_OFF when it
starts, and ends all trouble some weeks later; each month above the limit without it costs ABOVE. Whoever is over the
limit starts at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.horizon import MONTH_DAYS, Floats
from tools.real_limits import Watched

ONE_OFF, ABOVE, PREPARED = 1.0, 1.0, 0.25
"""Cost of a project and of a month above the limit, in bills of a month at it; the part that preparing takes."""
POLICIES = ("warn", "lead", "staged")
YEAR = 12.0
LEADS = (4, 12, 29)
"""Weeks that projects take."""
WARNS = 3.0
"""Months ahead at which the policy `warn` starts, and the least at which the others do."""
COMMITS, READY = 2.0, 0.5
"""Months ahead at which `staged` commits at the latest, and the part of the lead that preparing takes."""
WEEK = 7 / MONTH_DAYS


@dataclass(frozen=True)
class Cases:
    """Cases whose whole year is known: months until each limit was reached, from the day on which it was set."""

    first: Floats
    """Row of the first Monday of each."""
    crossing: Floats
    owner: Floats
    """Case of each row, -1 for those left out."""
    since: Floats
    """Months since the limit was set, by row."""


def find_cases(watched: Watched) -> Cases:
    """The cases of some Mondays in order."""
    cases, first = np.unique(watched.case, return_index=True)
    whole = watched.known[first] >= YEAR
    number = np.full(int(cases.max()) + 1, -1)
    number[cases[whole]] = np.arange(int(whole.sum()))
    start = np.zeros(int(cases.max()) + 1)
    start[cases] = watched.week[first]
    since = (watched.week - start[watched.case]) * WEEK
    return Cases(first[whole], watched.months[first[whole]], number[watched.case], since)


def starts(cases: Cases, calls: Floats) -> Floats:
    """Months from each case's beginning to the first row that calls for a start; infinite for none."""
    found = np.full(cases.first.size, np.inf)
    here = (cases.owner >= 0) & calls.astype(bool)
    np.minimum.at(found, cases.owner[here], cases.since[here])
    return found


def cost(cases: Cases, begun: Floats, lead: float) -> Floats:
    """Cost of each case for a project that begins at some month, or at the limit, and takes so many."""
    begun = np.minimum(begun, cases.crossing)
    acted = begun < YEAR
    live = np.where(acted, begun + lead, np.inf)
    above = np.maximum(np.minimum(live, YEAR) - np.minimum(cases.crossing, YEAR), 0.0)
    total: Floats = ONE_OFF * acted + ABOVE * above
    return total


def never(cases: Cases) -> Floats:
    """Cost without any project."""
    above: Floats = ABOVE * np.maximum(YEAR - cases.crossing, 0.0)
    return above


def hindsight(cases: Cases, lead: float) -> Floats:
    """The least that any start could have cost."""
    just = np.maximum(cases.crossing - lead, 0.0)
    best: Floats = np.minimum(never(cases), cost(cases, np.where(cases.crossing < YEAR, just, np.inf), lead))
    return best


def policy_costs(cases: Cases, chance: Floats, middle: Floats, weeks: int) -> dict[str, float]:
    """Mean cost of a case by policy, for a project of so many weeks.

    Args:
        cases: the cases.
        chance: chance of three months, by row.
        middle: months to the limit, by row.
        weeks: of the project.
    """
    lead = weeks * WEEK
    staged = starts(cases, (middle <= max(COMMITS, lead * (1 - READY))) & (cases.since >= lead * READY))
    begun = np.minimum(np.maximum(cases.crossing, lead * READY), staged)
    split = PREPARED * ONE_OFF + cost_of_rest(cases, begun, lead * (1 - READY))
    return {
        "warn": float(cost(cases, starts(cases, chance >= 0.5), lead).mean()),
        "lead": float(cost(cases, starts(cases, middle <= max(WARNS, lead)), lead).mean()),
        "staged": float(split.mean()),
    }


def cost_of_rest(cases: Cases, begun: Floats, lead: float) -> Floats:
    """Cost after preparing: what is left of a project, begun at some month."""
    acted = begun < YEAR
    live = np.where(acted, begun + lead, np.inf)
    above = np.maximum(np.minimum(live, YEAR) - np.minimum(cases.crossing, YEAR), 0.0)
    total: Floats = (1 - PREPARED) * ONE_OFF * acted + ABOVE * above
    return total
