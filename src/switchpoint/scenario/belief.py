"""Beliefs as distributions: where in a belief a given share of its probability lies."""

from __future__ import annotations

import numpy as np

from switchpoint.clock import Floats
from switchpoint.scenario.quantity import Choice, Pert, Quantity, Range

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
    from scipy.special import ndtri

    deviations = ndtri(share) / NINETY
    if belief.lognormal:
        spread = (np.log(belief.high) - np.log(belief.low)) / 2
        return np.asarray(belief.base * np.exp(spread * deviations))
    return np.asarray(belief.base + (belief.high / 2 - belief.low / 2) * deviations)


def _discrete(choice: Choice, share: Floats) -> Floats:
    order = np.argsort(choice.values, kind="stable")
    reached = np.cumsum(np.array(choice.weights, dtype=np.float64)[order])
    place = np.searchsorted(reached / reached[-1], share, side="left")
    return np.array(choice.values, dtype=np.float64)[order][np.minimum(place, len(order) - 1)]
