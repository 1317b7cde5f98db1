"""Steps of level in a history: a week from which on usage is higher or lower for good, told from growth and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.horizon import Floats
from switchpoint.owndata.growth_curves import CARRIED, fit_lines_of_shapes, with_steps

EDGE = 3
"""Weeks on either side without which no step is told from noise."""
GAIN = 10.0
"""How much better, in logs, the weeks must be explained with a step than without."""
LEAST = 0.1
"""Log of the smallest step that is told."""
MOST = 4
CALM = 0.9
"""Correlation of weekly noise from which on weeks wander, so that a step is no news."""


@dataclass(frozen=True)
class LevelStep:
    """A lasting change of level."""

    week: int
    """First week of the new level."""
    log: float
    """Log of what the level was multiplied by."""


def find_steps(logs: Floats) -> tuple[LevelStep, ...]:
    """The steps of a history, by week; none in one of under ten weeks.

    A smooth bend through all weeks is fitted with and without one more step, wherever it may lie, for each correlation
    of the weekly noise. A step is there where it explains the weeks better by far.
    """
    found: list[LevelStep] = []
    while len(found) < MOST and logs.size >= 10 + EDGE * len(found):
        step = _next_step(logs, [each.week for each in found])
        if step is None:
            break
        found.append(step)
    return tuple(sorted(found, key=lambda each: each.week))


def _next_step(logs: Floats, known: list[int]) -> LevelStep | None:
    weeks = np.arange(EDGE, logs.size - EDGE + 1)
    near = [min((abs(int(week) - each) for each in known), default=EDGE) < EDGE for week in weeks]
    weeks = weeks[~np.array(near, dtype=bool)]
    if not weeks.size:
        return None
    t = np.linspace(-1, 1, logs.size)
    smooth = with_steps(np.stack([np.ones_like(t), t, t**2], axis=-1)[None], known)
    without = fit_lines_of_shapes(logs, smooth, np.zeros((1, logs.size)))
    before = (np.arange(logs.size) < weeks[:, None])[..., None]
    columns = np.concatenate([np.repeat(smooth, weeks.size, axis=0), before], axis=2)
    tried = fit_lines_of_shapes(logs, columns, np.zeros((weeks.size, logs.size)))
    likely = _likelihood(tried.squares, tried.freedom)
    place, carried = np.unravel_index(likely.argmax(), likely.shape)
    size = -float(tried.numbers[place, carried, -1])
    gain = likely[place, carried] - _likelihood(without.squares, without.freedom + 1).max()
    if gain < GAIN or abs(size) < LEAST or CARRIED[carried] > CALM:
        return None
    return LevelStep(int(weeks[place]), size)


def _likelihood(squares: Floats, freedom: float) -> Floats:
    """Log likelihood up to a constant, for each correlation."""
    likely: Floats = 0.5 * np.log1p(-(CARRIED**2)) - freedom / 2 * np.log(squares)
    return likely
