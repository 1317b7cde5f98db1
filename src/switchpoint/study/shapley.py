"""Sharing a change among its causes so that nothing is left over: Shapley values.

Like a restaurant bill for friends who share dishes: each pays what the bill rises by when they join, averaged over all
orders in which they could have come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import factorial
from typing import TypeAlias

import numpy as np

from switchpoint.horizon import Floats

Worth: TypeAlias = Callable[[int], Floats]
"""Figures, shape (figures,), of a set of causes; bit i of the number says whether cause i is in it."""


def exact(causes: int, worth: Worth) -> Floats:
    """Shapley values: phi_i = sum over sets S without i of |S|!·(n - |S| - 1)!/n! · (v(S with i) - v(S)).

    They sum to v(all) - v(none). A cause that changes nothing gets 0, causes that can stand for each other the same.

    Args:
        causes: how many there are, n; 2^n worths are looked at.
        worth: v.

    Returns:
        Shape (n, figures).
    """
    worths = [worth(members) for members in range(1 << causes)]
    shares = np.zeros((causes, len(worths[0])))
    for members, before in enumerate(worths):
        size = members.bit_count()
        for cause in range(causes):
            if not members >> cause & 1:
                weight = factorial(size) * factorial(causes - size - 1) / factorial(causes)
                shares[cause] += weight * (worths[members | 1 << cause] - before)
    return shares


def in_orders(orders: Sequence[Sequence[int]], worth: Worth) -> Floats:
    """What each cause adds when it joins those before it, order by order; the mean estimates the Shapley values.

    In every order the parts sum to v(all) - v(none), and a cause that changes nothing gets 0.

    Args:
        orders: of all causes, each a permutation of 0 … n - 1.
        worth: v.

    Returns:
        Shape (orders, n, figures).
    """
    shares = np.zeros((len(orders), len(orders[0]), len(worth(0))))
    for row, order in enumerate(orders):
        members, before = 0, worth(0)
        for cause in order:
            members |= 1 << cause
            after = worth(members)
            shares[row, cause] = after - before
            before = after
    return shares


def standard_errors(in_pairs: Floats) -> Floats | None:
    """Standard errors of the mean over orders that come in pairs, such as `some_orders` gives.

    Args:
        in_pairs: what each cause adds, shape (orders, n, figures), orders even.

    Returns:
        Shape (n, figures); None of a single pair.
    """
    pairs = (in_pairs[::2] + in_pairs[1::2]) / 2
    if len(pairs) < 2:
        return None
    return np.asarray(pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)))


def some_orders(causes: int, count: int, seed: int = 0) -> list[list[int]]:
    """So many orders: the given one and its reverse, then shuffled ones, each with its reverse."""
    shuffle = np.random.default_rng(seed)
    orders: list[list[int]] = []
    order = np.arange(causes)
    while len(orders) < count:
        orders += [order.tolist(), order[::-1].tolist()]
        order = shuffle.permutation(causes)
    return orders[:count]
