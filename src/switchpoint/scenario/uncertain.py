"""Range, Pert, Choice: base value and quantiles.

A *quantity* is either certain, like the price on an invoice, or a stated belief, like "growth between 6 and 14 % a
month". Each belief has a *base value*, its median, which the base case uses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from switchpoint.horizon import Amount, Floats
from switchpoint.normal import normal_quantile


@dataclass(frozen=True)
class Range:
    """A 90 % range: 5 % of the belief lies below `low`, 5 % above `high`.

    Lognormal where both ends are positive, else normal.
    """

    low: float
    high: float

    @property
    def lognormal(self) -> bool:
        """Whether the belief is lognormal rather than normal."""
        return self.low > 0

    @property
    def base(self) -> float:
        """Median: sqrt(low·high) of a lognormal, (low + high)/2 of a normal.

        >>> round(Range(0.06, 0.14).base, 4)
        0.0917
        """
        return math.sqrt(self.low) * math.sqrt(self.high) if self.lognormal else self.low / 2 + self.high / 2


@dataclass(frozen=True)
class Pert:
    """A PERT belief: `low` and `high` are the extremes, `mode` the likeliest value."""

    low: float
    mode: float
    high: float

    @property
    def shape(self) -> tuple[float, float]:
        """The two shape parameters of the underlying beta, 1 + 4·(mode - low)/(high - low) and its mirror."""
        spread = self.high - self.low
        return 1 + 4 * (self.mode - self.low) / spread, 1 + 4 * (self.high - self.mode) / spread

    @property
    def base(self) -> float:
        """Median of the scaled beta.

        >>> Pert(0, 5, 10).base
        5.0
        """
        if self.low == self.high:
            return self.mode
        from scipy.special import betaincinv

        return self.low + (self.high - self.low) * float(betaincinv(*self.shape, 0.5))


@dataclass(frozen=True)
class Choice:
    """A discrete belief: one of `values`, with relative `weights` (equal when left out)."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    @property
    def base(self) -> float:
        """The heaviest value; the first of them in a tie."""
        return self.values[self.weights.index(max(self.weights))]


Quantity: TypeAlias = float | Range | Pert | Choice


def num(quantity: Quantity) -> float:
    """The base value of a quantity: itself when certain, else its median (discrete: the heaviest value)."""
    return quantity if isinstance(quantity, (int, float)) else quantity.base


def amount(quantity: Quantity | Amount) -> Amount:
    """The number that stands for a quantity in a simulation: its base value, or an array where many worlds differ."""
    return quantity if isinstance(quantity, np.ndarray) else num(quantity)


def extremes(quantity: Quantity) -> tuple[float, ...]:
    """The numbers a quantity is stated with, for checking them against the bounds of a field."""
    match quantity:
        case Range(low, high):
            return low, high
        case Pert(low, mode, high):
            return low, mode, high
        case Choice(values, _):
            return values
        case _:
            return (quantity,)


def plain(quantity: Quantity) -> Any:
    """A quantity as it stands in a file: a number or a table."""
    match quantity:
        case Range(low, high):
            return {"low": low, "high": high}
        case Pert(low, mode, high):
            return {"low": low, "mode": mode, "high": high}
        case Choice(values, weights):
            return {"values": list(values), "weights": list(weights)}
        case _:
            return quantity


NINETY = 1.6448536269514722
"""Standard deviations from the middle of a normal to either end of its 90 % range."""


def quantile(quantity: Quantity, share: Floats) -> Floats:
    """Values below which given shares of a belief's probability lie; a certain number is itself.

    Lognormal or normal, with z the standard normal quantile: exp(ln middle + z·ln(high/low)/2/1.645) or
    middle + z·(high - low)/2/1.645. PERT: low + (high - low)·beta quantile. Discrete: values in rising order.

    Args:
        quantity: the belief.
        share: between 0 and 1, any shape.

    Returns:
        The values, same shape. `quantile(belief, 0.5)` is the base value but for discrete choices.
    """
    match quantity:
        case Range():
            return _normal(quantity, share)
        case Pert(low, mode, high) if low < high:
            from scipy.special import betaincinv

            return np.asarray(low + (high - low) * betaincinv(*Pert(low, mode, high).shape, share))
        case Pert():
            return np.full_like(share, quantity.mode)
        case Choice():
            return _discrete(quantity, share)
        case _:
            return np.full_like(share, quantity)


def _normal(belief: Range, share: Floats) -> Floats:
    deviations = normal_quantile(share) / NINETY
    if belief.lognormal:
        spread = (np.log(belief.high) - np.log(belief.low)) / 2
        return np.asarray(belief.base * np.exp(spread * deviations))
    return np.asarray(belief.base + (belief.high / 2 - belief.low / 2) * deviations)


def _discrete(choice: Choice, share: Floats) -> Floats:
    order = np.argsort(choice.values, kind="stable")
    reached = np.cumsum(np.array(choice.weights, dtype=np.float64)[order])
    place = np.searchsorted(reached / reached[-1], share, side="left")
    return np.array(choice.values, dtype=np.float64)[order][np.minimum(place, len(order) - 1)]
