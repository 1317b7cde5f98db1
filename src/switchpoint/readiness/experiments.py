"""What cheap experiments promise: the odds of a viable prototype, how long it takes, and the best of many tries.

Experiments are taken as independent, each viable with the same odds; one after the other, so many a month.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from switchpoint.decision.gates import ProgrammeGates, experiments_per_month

SURE = 0.8
"""Chance that is told as being sure enough, as for dates."""
Z = 1.959963984540054
"""Normal quantile of a 95 % interval."""


def chance_of_viable(odds: float, experiments: float) -> float:
    """Chance that at least one of n experiments is viable: 1 - (1 - p)^n.

    Args:
        odds: p, chance that one is viable, 0 to 1.
        experiments: n, 0 or more.

    >>> round(chance_of_viable(0.1, 5), 5), round(chance_of_viable(0.1, 20), 4)
    (0.40951, 0.8784)
    """
    return float(1.0 - (1.0 - odds) ** experiments)


def experiments_needed(odds: float, share: float = SURE) -> int | None:
    """Fewest experiments of which one is viable with at least some chance: ceil(ln(1 - s)/ln(1 - p)).

    None where the odds are 0.

    >>> experiments_needed(0.1), experiments_needed(1.0), experiments_needed(0.0)
    (16, 1, None)
    """
    if odds <= 0:
        return None
    return 1 if odds >= 1 else math.ceil(math.log1p(-share) / math.log1p(-odds) - 1e-9)


def expected_experiments(odds: float, most: float = math.inf) -> float:
    """Mean number of experiments until the first viable one, or until `most` of them: (1 - (1 - p)^n)/p.

    1/p without an end; `most` where the odds are 0.

    >>> expected_experiments(0.25), round(expected_experiments(0.1, 20), 4)
    (4.0, 8.7842)
    """
    return most if odds <= 0 else chance_of_viable(odds, most) / odds


def months_to_viable(odds: float, per_month: float) -> float:
    """Expected months to a viable prototype, experiments one after the other: 1/(p·v); endless where either is 0.

    >>> months_to_viable(0.1, 20)
    0.5
    """
    return expected_experiments(odds) / per_month if per_month > 0 else math.inf


def expected_best(scores: Sequence[float], experiments: int) -> float:
    """Expected best score of n more experiments that score as those seen did.

    Of N scores in rising order, each as likely as another: sum of x_i·((i/N)^n - ((i - 1)/N)^n), i from 1 to N.

    >>> expected_best([0.25, 0.75], 1), expected_best([0.25, 0.75], 2)
    (0.5, 0.625)
    """
    rising = np.sort(np.asarray(scores, dtype=float))
    below = (np.arange(len(rising) + 1) / len(rising)) ** experiments
    return float(rising @ np.diff(below))


def measured_odds(viable: int, done: int) -> float:
    """Odds of one experiment from k viable ones of n, by the rule of succession: (k + 1)/(n + 2).

    It is the mean of what is believed of the odds after n tries if before any all odds were as likely.

    >>> measured_odds(1, 8)
    0.2
    """
    return (viable + 1) / (done + 2)


def share_interval(hits: int, tries: int) -> tuple[float, float]:
    """95 % interval of a share of which some hits were seen, by Wilson; 0 to 1 without any tries.

    Centre (k + z²/2)/(n + z²), half width z/(n + z²)·sqrt(k(n - k)/n + z²/4).

    >>> tuple(round(each, 4) for each in share_interval(5, 10))
    (0.2366, 0.7634)
    """
    if not tries:
        return 0.0, 1.0
    centre, scale = (hits + Z * Z / 2) / (tries + Z * Z), Z / (tries + Z * Z)
    half = scale * math.sqrt(hits * (tries - hits) / tries + Z * Z / 4)
    return max(centre - half, 0.0), min(centre + half, 1.0)


@dataclass(frozen=True)
class ExperimentOutlook:
    """What the prototype's experiments have come to, and what they promise."""

    done: int
    viable: int
    wanted: int
    odds: float | None
    """Chance that one is viable: stated, else measured; None where neither is known."""
    odds_from: str
    """Where they are from: "stated", "log", or nothing."""
    odds_interval: tuple[float, float] | None
    """Their 95 % interval, where they are measured."""
    per_month: float
    scores: tuple[float, ...]
    as_of: date

    @classmethod
    def of(cls, gates: ProgrammeGates) -> ExperimentOutlook:
        """The outlook of a programme's experiments."""
        tried, prototype = gates.log.experiments, gates.programme.prototype
        viable = sum(each.viable for each in tried)
        odds, source, interval = prototype.viable_probability, "stated", None
        if odds is None:
            source = "log" if tried else ""
            odds = measured_odds(viable, len(tried)) if tried else None
            interval = share_interval(viable, len(tried)) if tried else None
        return cls(
            done=len(tried),
            viable=viable,
            wanted=prototype.experiments_wanted,
            odds=odds,
            odds_from=source,
            odds_interval=interval,
            per_month=experiments_per_month(gates.programme, gates.log, gates.as_of),
            scores=tuple(each.score for each in tried if each.score is not None),
            as_of=gates.as_of,
        )

    @property
    def left(self) -> int:
        """Experiments that are still wanted."""
        return max(self.wanted - self.done, 0)

    @cached_property
    def curve(self) -> list[tuple[int, float]]:
        """Chance of at least one viable prototype after each number of experiments, up to twice those wanted."""
        if self.odds is None:
            return []
        return [(n, chance_of_viable(self.odds, n)) for n in range(1, 2 * self.wanted + 1)]

    @property
    def months_to_viable(self) -> float | None:
        """Expected months from now on to a viable prototype; 0 where there is one, None where nobody knows."""
        if self.viable:
            return 0.0
        months = months_to_viable(self.odds, self.per_month) if self.odds is not None else math.inf
        return months if math.isfinite(months) else None

    @property
    def best_of_wanted(self) -> float | None:
        """Expected best score of as many experiments as are wanted; None without scores."""
        return expected_best(self.scores, self.wanted) if self.scores else None
