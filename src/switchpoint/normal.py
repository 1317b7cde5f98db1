"""The standard normal distribution: its shares, their inverse, and how likely a wandering path has reached a line.

Importing `scipy.special` takes as long as a hundred and fifty draws, and draws need three functions of it. Here they
come from a table of Taylor series, right to the rounding of a share; tests hold them to scipy's.
"""

from __future__ import annotations

from functools import lru_cache
from math import erfc, exp, pi, sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


FINENESS = 64
"""Points of a table in each standard deviation; from the nearest one six terms are right to 1e-15."""
TERMS = 6
REACH = 9
"""Standard deviations beyond which a share is 0 or 1, to rounding."""
FARTHEST = 100
"""Distance beyond which the tail is the same part of the density; no path that may get there hangs on it."""
SPLIT = 6.0
"""Distance from which the tail comes from a continued fraction."""
FRACTIONS = 60
"""Its depth."""


def normal_quantile(share: Floats) -> Floats:
    """Standard deviations below which given shares lie; infinite for 0 and 1, same shape."""
    from statistics import NormalDist

    inverse = NormalDist().inv_cdf
    found, inside = np.where(share < 0.5, -np.inf, np.inf), (share > 0) & (share < 1)
    found[inside] = [inverse(each) for each in share[inside].tolist()]
    return found


def normal_share(deviations: Floats) -> Floats:
    """Share that lies below so many standard deviations, N(x); same shape."""
    return _from_table(_share_terms(), np.clip(deviations, -REACH, REACH), -REACH)


def reaches(distance: Floats, drift: Floats) -> Floats:
    """Chance that a Brownian path has been at a distance a by the time at which its drift is d and its deviation 1:
    N(d - a) + exp(2·a·d)·N(-a - d) (Cox and Miller 1965, section 5.7).

    Args:
        distance: a, 0 or more.
        drift: d, same shape or one that broadcasts to it.
    """
    ahead, behind = drift - distance, distance + drift
    mirrored = _from_table(_tail_terms(), np.clip(behind, 0.0, FARTHEST), 0) * np.exp(-(ahead**2) / 2)
    falls = behind < 0
    mirrored[falls] = np.exp((2 * distance * drift)[falls]) * normal_share(-behind[falls])
    return np.asarray(np.minimum(normal_share(ahead) + mirrored, 1.0))


def _from_table(terms: Floats, at: Floats, begin: int) -> Floats:
    """A function from its Taylor series at the nearest point of a table.

    Args:
        terms: of each point, shape (TERMS, points).
        at: where it is asked for, any shape, within the table.
        begin: where the table begins.
    """
    place = np.rint(at * FINENESS)
    off = at - place / FINENESS
    place = place.astype(np.int64) - begin * FINENESS
    *rest, last = terms
    value: Floats = last[place]
    for term in reversed(rest):
        value *= off
        value += term[place]
    return value


@lru_cache(maxsize=1)
def _share_terms() -> Floats:
    """Of N: its derivatives are the density times Hermite's polynomials, with changing signs."""
    points = np.arange(-REACH * FINENESS, REACH * FINENESS + 1) / FINENESS
    density = np.exp(-(points**2) / 2) / sqrt(2 * pi)
    derivatives = [np.array([erfc(-each / sqrt(2)) / 2 for each in points.tolist()]), density, -points * density]
    for order in range(3, TERMS):
        derivatives.append(-points * derivatives[-1] - (order - 2) * derivatives[-2])
    return _over_factorials(derivatives)


@lru_cache(maxsize=1)
def _tail_terms() -> Floats:
    """Of R(x) = N(-x)·exp(x²/2), with R'(x) = x·R(x) - 1/sqrt(2·pi), for x from 0 on."""
    points = np.arange(FARTHEST * FINENESS + 1) / FINENESS
    near = [erfc(each / sqrt(2)) / 2 * exp(each**2 / 2) for each in points[points < SPLIT].tolist()]
    far = points[points >= SPLIT]
    below = far.copy()
    for step in range(FRACTIONS, 0, -1):
        below = far + step / below
    derivatives = [np.concatenate((near, 1 / below / sqrt(2 * pi)))]
    derivatives.append(points * derivatives[0] - 1 / sqrt(2 * pi))
    for order in range(2, TERMS):
        derivatives.append(points * derivatives[-1] + (order - 1) * derivatives[-2])
    return _over_factorials(derivatives)


def _over_factorials(derivatives: list[Floats]) -> Floats:
    """Taylor's terms from derivatives."""
    factorials = np.cumprod([1.0, *range(1, len(derivatives))])
    return np.stack(derivatives) / factorials[:, None]
