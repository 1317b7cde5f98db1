"""Four state-space models of level and trend, as matrices.

All are linear and their gains do not depend on the data, so one matrix for each week carries the states of all models,
and of any number of histories, from that week to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from switchpoint.clock import Bools, Floats, Ints

WEEK_YEAR = 2 * np.pi * 7 / 365.25
"""Radians of the year that a week takes."""
CARRIED = 0.2
"""Correlation of a week's noise with that of the week before it; 0.17 is what days with 0.6 come to."""
SLOPE = 0.15
"""Prior variance of the slope a week, in variances of a week's noise, as all variances of a model."""
DIFFUSE = 1e4
"""Prior variance of the level."""
WINDOW_WEEKS = 4.0
"""Weeks of the trailing mean."""


@dataclass(frozen=True)
class Model:
    """One idea of how the log ratio moves. Variances are in variances of a week's noise."""

    name: str
    weight: float
    """Prior weight, any scale."""
    wander: float = 0.0
    """Variance of the level's own step in a week."""
    turn: float = 0.0
    """Variance of the slope's step in a week."""
    keep: float = 1.0
    """Part of the slope that a week leaves."""
    season: float = 0.0
    """Prior variance of the sine and of the cosine of the year; 0: no season."""


MODELS = (
    Model("steady", 1.0),
    Model("fading", 0.5, turn=1e-4, keep=0.99),
    Model("turning", 0.2, wander=0.1, turn=3e-3),
    Model("seasonal", 0.3, turn=2e-4, season=4.0),
)
"""Tuned on simulated histories; docs/validation-warning.md has the lead times on others."""
PRIOR = tuple(model.weight for model in MODELS)


@dataclass(frozen=True)
class Filters:
    """What the models make of so many weeks. A column is one number of one model's state: level, slope, then season."""

    moves: Floats
    """What a week makes of all columns, noise included, before its log is counted: shape (weeks, all, all), from row to
    column."""
    gains: Floats
    """What each column takes of a week's log, shape (weeks, all)."""
    shown: Ints
    """Which of all columns are not noise."""
    ahead: Floats
    """Columns to each model's expected next log less CARRIED x the last one, shape (columns, models)."""
    innovation: Floats
    """Variance of a log around its expectation, shape (models, weeks)."""
    covariances: tuple[Floats, ...]
    """Of each model's columns after each week, shape (weeks, columns of it, columns of it)."""
    owner: Ints
    """Model of each column."""
    level: Bools
    """Which columns are levels."""


@lru_cache(maxsize=4)
def filters(weeks: int) -> Filters:
    """The Kalman filters of all models over so many weeks, as matrices."""
    parts = [_filter(model, weeks) for model in MODELS]
    ends = np.cumsum([0, *(moves.shape[-1] for moves, *_ in parts)])
    moves, gains = np.zeros((weeks, ends[-1], ends[-1])), np.zeros((weeks, ends[-1]))
    for begin, end, (own, gain, _, _) in zip(ends, ends[1:], parts, strict=False):
        moves[:, begin:end, begin:end], gains[:, begin:end] = own, gain
    owner = np.repeat(np.arange(len(MODELS)), [_columns(model) for model in MODELS])
    ahead = np.zeros((owner.size, len(MODELS)))
    for i, model in enumerate(MODELS):
        move, seen = _dynamics(model)
        ahead[owner == i, i] = (seen @ move - CARRIED * seen)[:-1]
    return Filters(
        moves=moves,
        gains=gains,
        shown=np.setdiff1d(np.arange(ends[-1]), ends[1:] - 1),
        ahead=ahead,
        innovation=np.array([variance for _, _, variance, _ in parts]),
        covariances=tuple(covariance for *_, covariance in parts),
        owner=owner,
        level=np.append(True, np.diff(owner) > 0),
    )


def _columns(model: Model) -> int:
    """Numbers in a model's state without its noise."""
    return 4 if model.season else 2


def _dynamics(model: Model) -> tuple[Floats, Floats]:
    """How a week moves the state (level, slope, season, its quadrature, noise), and what of it a week's log shows."""
    size = _columns(model)
    move = np.zeros((size + 1, size + 1))
    move[:2, :2] = [[1.0, 1.0], [0.0, model.keep]]
    move[-1, -1] = CARRIED
    seen = np.zeros(size + 1)
    seen[[0, -1]] = 1.0
    if model.season:
        cos, sin = np.cos(WEEK_YEAR), np.sin(WEEK_YEAR)
        move[2:4, 2:4] = [[cos, sin], [-sin, cos]]
        seen[2] = 1.0
    return move, seen


def filtered(logs: Floats) -> Floats:
    """Expected columns after each week, shape (…, weeks, columns), from the logs of weeks, shape (…, weeks)."""
    weeks = logs.shape[-1]
    known = filters(weeks)
    seen = np.ascontiguousarray(logs.reshape(-1, weeks).T)[..., None]
    states = seen * known.gains[:, None]
    for week in range(1, weeks):
        states[week] += states[week - 1] @ known.moves[week]
    return np.moveaxis(states, 0, 1)[..., known.shown].reshape(*logs.shape, known.shown.size)


def _filter(model: Model, weeks: int) -> tuple[Floats, Floats, Floats, Floats]:
    """One model's filter: its moves and gains, the variances of innovations, the covariances of states."""
    move, seen = _dynamics(model)
    size = _columns(model)
    steps = np.diag([*[model.wander, model.turn, 0.0, 0.0][:size], 1 - CARRIED**2])
    spread = np.diag([*[DIFFUSE, SLOPE, model.season, model.season][:size], 1.0])
    moves, gains, variances = np.zeros((weeks, size + 1, size + 1)), np.zeros((weeks, size + 1)), np.zeros(weeks)
    covariances = np.zeros((weeks, size, size))
    for week in range(weeks):
        if week:
            spread = move @ spread @ move.T + steps
        variances[week] = seen @ spread @ seen
        gain = spread @ seen / variances[week]
        spread = spread - np.outer(gain, seen @ spread)
        moves[week], gains[week] = (move - np.outer(gain, seen @ move)).T, gain
        covariances[week] = spread[:size, :size]
    return moves, gains, variances, covariances


def basis(ahead: Floats) -> Floats:
    """What each column adds to the log of the trailing mean so many weeks after a week's end, shape (columns, ahead).

    A state belongs to the middle of its week, half a week before its end, and a trailing mean to the middle of its 28
    days, two weeks before theirs.
    """
    middle = ahead + 0.5 - WINDOW_WEEKS / 2
    rows: list[Floats] = []
    for model in MODELS:
        run = middle if model.keep == 1 else (1 - model.keep**middle) / (1 - model.keep)
        rows += [np.ones_like(middle), run]
        if model.season:
            rows += [np.cos(WEEK_YEAR * middle), np.sin(WEEK_YEAR * middle)]
    return np.array(rows)
