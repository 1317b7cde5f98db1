"""Monitors tried on simulated histories: when each first warned, and what no monitor can beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from switchpoint.clock import MONTH_DAYS, Bools, Floats
from switchpoint.decision.filters import MODELS
from switchpoint.decision.monitor import forecast, months_to_limit
from switchpoint.decision.pressure import Limits
from switchpoint.decision.warning import Watch
from switchpoint.finance import trailing_mean
from tools.histories import CROSSING, DAYS, KNOWN_FUTURE, Histories, simulate

SEED = 2027
EARLY, LATE, FALSE = 3.5, 2.0, 6.0
"""Months ahead between which a warning is in time, and beyond which it is a false alarm."""
LIMIT = Limits(np.ones((1, DAYS)))
CUT, KNOWN = "price cut", "price cut, known"

Said = tuple[Floats, Floats]
"""Mondays, and the months to the limit said on each."""


@dataclass(frozen=True)
class Trial:
    """What monitors made of the histories of one kind: lead times of the first warning in months, nan for none."""

    leads: dict[str, Floats]
    crosses: bool
    inside: Bools
    """Whether the threat came in the 80 % interval, on each Monday with a forecast of up to six months."""
    inside_at_warning: Bools
    falls_per_year: float
    """How often a state fell."""

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


def told(kind: str) -> Callable[[Histories, int], Said]:
    """The monitor that has only the model of a kind, and still has to learn its rates."""
    prior = [float(model.name == kind) for model in MODELS]

    def say(histories: Histories, number: int) -> Said:
        watch = Watch(histories.bills[number], LIMIT, histories.clock(number), prior=prior)
        return watch.mondays.astype(np.float64), watch.months

    return say


def lead(said: Said, threat: float) -> float:
    """Months from the first Monday that says three or fewer to the threat; nan where there is none."""
    mondays, months = said
    near = np.flatnonzero(months <= 3)
    return float(threat - mondays[near[0]]) / MONTH_DAYS if near.size else np.nan


@lru_cache(maxsize=64)
def tried(kind: str, number: int, carried: tuple[float, float]) -> Trial:
    """All monitors on histories of one kind."""
    source = CUT if kind == KNOWN else kind
    histories = simulate(source, number, SEED, carried)
    watches = [
        Watch(bill, LIMIT, histories.clock(i), tuple(histories.change(i)) if kind == KNOWN else ())
        for i, bill in enumerate(histories.bills)
    ]
    others = {"12": plain(12), "20": plain(20)}
    if kind in [model.name for model in MODELS]:
        others["told"] = told(kind)
    if source in CROSSING:
        others["bound"] = bound(source in KNOWN_FUTURE or kind == KNOWN)
    leads = {who: np.array([lead(say(histories, i), histories.threats[i]) for i in range(number)])
             for who, say in others.items()}  # fmt: skip
    said = [(watch.mondays.astype(np.float64), watch.months) for watch in watches]
    leads["monitor"] = np.array([lead(each, threat) for each, threat in zip(said, histories.threats, strict=True)])
    covers = [covered(watch, int(threat)) for watch, threat in zip(watches, histories.threats, strict=True)]
    falls = sum(int((np.diff(watch.states((2, 3))) < 0).sum()) for watch in watches)
    return Trial(
        leads,
        source in CROSSING,
        np.concatenate([all_ for all_, _ in covers]),
        np.concatenate([first for _, first in covers]),
        falls / number / (DAYS / 365.25),
    )


def covered(watch: Watch, threat: int) -> tuple[Bools, Bools]:
    """Whether the interval held the threat: on Mondays before it with up to six months to go, and at the warning."""
    low, high = watch.interval
    left = (threat - watch.mondays) / MONTH_DAYS
    inside = (low <= left) & (left <= high)
    return inside[(left > 0) & (watch.months <= FALSE)], inside[np.flatnonzero(watch.months <= 3)[:1]]
