"""Monitors tried on simulated histories: when each first warned, and what no monitor can beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, NEVER, Bools, Floats
from switchpoint.simulation.limits import BillLimits
from switchpoint.warning.chances import first_warning
from switchpoint.warning.monitor import WatchedBills
from switchpoint.warning.plain import forecast, months_to_limit
from tools.histories import CROSSING, DAYS, KNOWN_FUTURE, Histories, simulate

SEED = 2027
EARLY, LATE, FALSE = 3.5, 2.0, 6.0
"""Months ahead between which a warning is in time, and beyond which it is a false alarm."""
OPENS = 3.0
"""Months within which a warning says that the limit is reached."""
LIMIT = BillLimits(np.ones((1, DAYS)))
CUT, KNOWN = "price cut", "price cut, known"
MONITOR, TOLD = "monitor", "told steady"
"""The monitor as it is, and told that growth is steady."""

Said = tuple[Floats, Floats]
"""Mondays, and the months to the limit said on each."""


@dataclass(frozen=True)
class Watching:
    """What the monitor made of the histories of one kind."""

    leads: Floats
    """Months from the first warning to the threat, nan for none."""
    inside: Bools
    """Whether the threat came in the 80 % interval, on each Monday with a median of up to six months."""
    inside_at_warning: Bools
    falls_per_year: float
    """How often a state fell."""


@dataclass(frozen=True)
class Trial:
    """What all made of the histories of one kind."""

    leads: dict[str, Floats]
    """Lead times of the first warning in months, nan for none."""
    crosses: bool
    watching: dict[str, Watching]

    def in_time(self, who: str) -> float:
        """Share of first warnings 2 to 3.5 months ahead."""
        return float(np.mean((self.leads[who] >= LATE) & (self.leads[who] <= EARLY)))

    def false(self, who: str) -> float:
        """Share of first warnings without a threat in six months."""
        return float(np.mean(self.leads[who] > FALSE))

    def missed(self, who: str) -> float:
        """Share without a warning before the threat."""
        return float(np.mean(~(self.leads[who] > 0)))


def plain(weeks: int) -> Callable[[Histories, int], Said]:
    """The line through the last so many weeks, heard above two standard errors on two Mondays."""

    def say(histories: Histories, number: int) -> Said:
        said = forecast(histories.bills[number], LIMIT, histories.clock(number), errors=2.0, most=weeks)
        return said.mondays.astype(np.float64), said.months

    return say


def bound(known: bool) -> Callable[[Histories, int], Said]:
    """What no monitor can beat: it knows the path without noise, and of the future all that is not chance."""

    def say(histories: Histories, number: int) -> Said:
        first = -int(histories.weekdays[number]) % 7
        mondays = np.arange(first + 7, DAYS + 1, 7)
        if known:
            crossing = np.append(trailing_mean(np.exp(histories.clean[number])) >= 1, True).argmax()
            return mondays.astype(np.float64), (crossing - mondays) / MONTH_DAYS
        level, slope = histories.clean[number][mondays - 1], np.diff(histories.trend[number])[mondays - 2]
        return mondays.astype(np.float64), months_to_limit(level + slope / 2, np.maximum(slope, 1e-9))

    return say


def lead(said: Said, threat: float) -> float:
    """Months from the first Monday that says three or fewer to the threat; nan where there is none."""
    mondays, months = said
    near = np.flatnonzero(months <= OPENS)
    return float(threat - mondays[near[0]]) / MONTH_DAYS if near.size else np.nan


def watch(histories: Histories, steady: bool = False, known: bool = False) -> Watching:
    """The monitor on histories, those that begin on one weekday at once; told or not of steady growth and of cuts."""
    found = []
    for weekday in np.unique(histories.weekdays):
        mine = np.flatnonzero(histories.weekdays == weekday)
        factors = np.exp(histories.clean[mine] - histories.trend[mine]) if known else None
        bills = WatchedBills(histories.bills[mine], np.ones((1, 1, DAYS)), int(weekday), factors, steady=steady)
        found.append(_watching(bills, histories.threats[mine].astype(np.float64)))
    columns = zip(*found, strict=True)
    leads, inside, at_warning, falls = (np.concatenate(column) for column in columns)
    return Watching(leads, inside, at_warning, float(falls.mean()) / (DAYS / 365.25))


def _watching(bills: WatchedBills, threats: Floats) -> tuple[Floats, Bools, Bools, Floats]:
    """Leads, whether the interval held while the limit is ahead, the same at the warning, falls of states."""
    first = first_warning(bills.chances.within(OPENS), bills.mondays)
    low, high = bills.chances.interval
    left = (threats[:, None] - bills.mondays) / MONTH_DAYS
    inside = (low <= left) & (left <= high)
    near = (left > 0) & (bills.chances.months_to_limit <= FALSE)
    warned = bills.mondays == first[:, None]
    falls = (np.diff(bills.states, axis=1) < 0).sum(axis=1)
    return np.where(first < NEVER, (threats - first) / MONTH_DAYS, np.nan), inside[near], inside[warned], falls


@lru_cache(maxsize=64)
def tried(kind: str, number: int, carried: tuple[float, float]) -> Trial:
    """All monitors on histories of one kind."""
    source = CUT if kind == KNOWN else kind
    histories = simulate(source, number, SEED, carried)
    others = {"12": plain(12), "20": plain(20)}
    if source in CROSSING:
        others["bound"] = bound(source in KNOWN_FUTURE or kind == KNOWN)
    leads = {who: np.array([lead(say(histories, i), histories.threats[i]) for i in range(number)])
             for who, say in others.items()}  # fmt: skip
    watching = {who: watch(histories, who == TOLD, kind == KNOWN) for who in (MONITOR, TOLD)}
    return Trial(leads | {who: each.leads for who, each in watching.items()}, source in CROSSING, watching)
