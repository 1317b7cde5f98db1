"""The forecaster of the warning: models of level and trend, weighed by how well each foretold the weeks so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import Floats
from switchpoint.decision.filters import CARRIED, MODELS, PRIOR, WINDOW_WEEKS, Filters, filtered, filters

NOISE, NOISE_WEEKS = 0.05, 3.0
"""Standard deviation of a week's noise that is believed at first, and the weeks that this belief is worth."""
JUMP, LEAST_JUMP = 5.0, 0.1
"""A week whose log differs from the last one's by more than so many usual differences, and by more than this, jumps."""
SETTLED = 4
"""Weeks before jumps are told from the start."""
ROOT_OF_NORMAL = 0.8222
"""Mean of the square root of a standard normal's size."""


@dataclass(frozen=True)
class Belief:
    """What is believed after each week of one or more histories, by column or model."""

    filters: Filters
    states: Floats
    """Shape (…, weeks, columns)."""
    weights: Floats
    """Probability of each model, shape (…, weeks, models)."""
    noise: Floats
    """Variance of a week's noise as each model sees it, shape (…, weeks, models)."""

    def path(self, turned: Floats) -> Floats:
        """Expected log of the trailing 28-day mean at the points ahead of each week for which `turned` is the basis."""
        mixed = self.states * self.weights[..., self.filters.owner]
        expected: Floats = mixed @ turned
        return expected


def jumps(logs: Floats) -> Floats:
    """The sum of all jumps up to each week: changes too large for noise, which are the level's and not the slope's.

    A change is a jump if it is off the mean change so far by more than JUMP times the usual size, the squared mean of
    roots, which a few jumps hardly move. A week that is off and comes back is two jumps that cancel.
    """
    change = np.diff(logs)
    count = np.arange(1, change.shape[-1] + 1)
    off = change - _before(change) / np.maximum(count - 1, 1)
    roots = _before(np.sqrt(np.abs(off)))
    usual = ((roots / ROOT_OF_NORMAL + NOISE_WEEKS * np.sqrt(NOISE)) / (count - 1 + NOISE_WEEKS)) ** 2
    jump = np.where(np.abs(off) > np.maximum(JUMP * usual, LEAST_JUMP), off, 0.0)
    jump[..., : SETTLED - 1] = 0.0
    return np.concatenate((np.zeros((*logs.shape[:-1], 1)), np.cumsum(jump, axis=-1)), axis=-1)


def _before(values: Floats) -> Floats:
    """The sum of what comes before each value, along the last axis."""
    sums = np.cumsum(values, axis=-1)
    sums[..., 1:] = sums[..., :-1].copy()
    sums[..., :1] = 0.0
    return sums


def believe(logs: Floats, prior: Sequence[float] = PRIOR) -> Belief:
    """What is believed after each week.

    Each model's weight is its prior times the probability that it gave to the weeks so far, with a noise whose variance
    it learns (a Student distribution).

    Args:
        logs: log of each week's bill over its limit, finite, shape (…, weeks).
        prior: weights of the models before the first week, any scale; a model with 0 is left out.
    """
    weeks = logs.shape[-1]
    known = filters(weeks)
    shift = logs[..., :1] + jumps(logs)
    steady = logs - shift
    states = filtered(steady)
    surprise = np.zeros((*logs.shape, len(MODELS)))
    new = steady[..., 1:] - CARRIED * steady[..., :-1]
    surprise[..., 1:, :] = new[..., None] - states[..., :-1, :] @ known.ahead
    squares = surprise**2 / known.innovation.T
    squares[..., :2, :] = 0.0
    seen = NOISE_WEEKS + np.maximum(np.arange(weeks) - 1.0, 0.0)[:, None]
    total = NOISE_WEEKS * NOISE**2 + np.cumsum(squares, axis=-2)
    before = total - squares
    likelihood = -0.5 * np.log(known.innovation.T * before) - seen / 2 * np.log1p(squares / before)
    likelihood[..., :2, :] = 0.0
    with np.errstate(divide="ignore"):
        score = np.cumsum(likelihood, axis=-2) + np.log(prior)
    weights = np.exp(score - score.max(axis=-1, keepdims=True))
    states[..., known.level] += shift[..., None]
    return Belief(known, states, weights / weights.sum(axis=-1, keepdims=True), total / seen)


def first_crossing(paths: Floats, ahead: Floats, level: float = 0.0) -> Floats:
    """Where rows first reach a level, between grid points along a line; infinite where they do not.

    Args:
        paths: values, shape (…, len(ahead)).
        ahead: where the columns stand, rising.
        level: what is to be reached.
    """
    above = paths >= level
    found = above.argmax(axis=-1)
    last = np.maximum(found - 1, 0)
    low, high = (np.take_along_axis(paths, place[..., None], axis=-1)[..., 0] for place in (last, found))
    part = np.where(high > low, (level - low) / np.where(high > low, high - low, 1.0), 0.0)
    crossing = ahead[last] + np.where(found > 0, part, 0.0) * (ahead[found] - ahead[last])
    return np.where(high >= level, crossing, np.inf)


def reached_by(belief: Belief, ahead: Floats, turned: Floats, added: Floats) -> Floats:
    """Probability that the trailing mean has reached the limit so many weeks after each week's end.

    Each model's forecast is normal around its own path; what it adds up over the weeks ahead is the uncertainty of its
    state, the steps that level and slope will take, and the noise of a mean of four weeks.

    Args:
        belief: what is believed after each week.
        ahead: weeks after its end, rising.
        turned: their basis.
        added: what known price changes add to the log, shape (…, weeks or 1, len(ahead)).

    Returns:
        Probabilities that do not fall along a row, shape (…, weeks, len(ahead)).
    """
    from scipy.special import ndtr

    of_mean = (1 + CARRIED) / (1 - CARRIED) / WINDOW_WEEKS
    chance = np.zeros((*belief.states.shape[:-1], ahead.size))
    for i, model in enumerate(MODELS):
        own = belief.filters.owner == i
        rows = turned[own]
        state = np.einsum("ih,tij,jh->th", rows, belief.filters.covariances[i], rows)
        variance = state + model.wander * ahead + model.turn * ahead**3 / 3 + of_mean
        deviation = np.sqrt(belief.noise[..., i, None] * variance)
        chance += belief.weights[..., i, None] * ndtr((belief.states[..., own] @ rows + added) / deviation)
    return np.maximum.accumulate(chance, axis=-1)
