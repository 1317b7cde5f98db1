"""Growth curves fitted to weeks, with ranges for level and growth, and steps of level told from both.

Growth curves fitted to the weeks of a history: every curve a scenario knows, with ranges for level and growth.

A curve is a line in the logs of weekly means once its shape (how fast it fades, how near its ceiling is) is given. So
all shapes of a grid are fitted at once by generalised least squares, their noise carried over from week to week by a
correlation that is uncertain too. What is said is drawn from all shapes and correlations by how well they fit: with
noise that hardly carries over the range is that of a line, with weeks that wander it is as wide as a walk's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from switchpoint.horizon import MONTH_DAYS, Floats, Ints

# Growth curves fitted to the weeks of a history ----------------------------------------------------------------------

CurveName: TypeAlias = Literal["constant", "compound", "linear", "fade", "logistic"]

WEEK_MONTHS = 7 / MONTH_DAYS
MEAN_WEEKS = 4
"""Weeks of the trailing mean that forecasts are of."""
CARRIED = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.88, 0.96, 0.99])
"""Correlations of a week's noise with that of the week before that are weighed."""
NOISE, NOISE_WEEKS = 0.02, 2.0
"""Standard deviation of a week's noise that is believed at first, and the weeks that this belief is worth."""
DRAWS = 400
AXIS = 15
"""Values of each number of a shape that are tried at a time."""
FADES = (0.004, 0.35)
"""Part of itself by which growth shrinks each month."""
RATES = (0.004, 0.5)
"""Growth a month today of a logistic curve, in logs."""
HEADROOMS = (0.01, 40.0)
"""Ceiling over today's level, less 1."""
REACH = 3.3
"""Standard deviations around what fits over which a closer grid reaches."""
PASSES = 5
"""Times that the grid is laid, each closer around what fits."""

Ends: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class CurveFamily:
    """One curve: its shapes, and the line in logs that each of them makes of it.

    `axes(first)` gives the ends of each number of its shape for a history that began `first` months ago (below 0).
    `line(shapes, t)` gives what multiplies the numbers that are fitted, (shapes, times, numbers), and what is added,
    (shapes, times), for shapes (shapes, numbers of a shape) and times `t` in months from the start.
    """

    name: CurveName
    axes: Callable[[float], Sequence[Ends]]
    line: Callable[[Floats, Floats], tuple[Floats, Floats]]


def _level_alone(shapes: Floats, t: Floats) -> tuple[Floats, Floats]:
    return np.ones((len(shapes), t.size, 1)), np.zeros((len(shapes), t.size))


def _compound(_: Floats, t: Floats) -> tuple[Floats, Floats]:
    """log R = log L + ln(1+r)·t."""
    return np.stack([np.ones_like(t), t], axis=-1)[None], np.zeros((1, t.size))


def _fading(shapes: Floats, t: Floats) -> tuple[Floats, Floats]:
    """log R = log L + ln(1+r)·((1-f)^t - 1)/ln(1-f)."""
    slowing = np.log1p(-shapes)
    gone = np.expm1(slowing * t[None]) / slowing
    return np.stack([np.ones_like(gone), gone], axis=-1), np.zeros(gone.shape)


def _straight(shapes: Floats, t: Floats) -> tuple[Floats, Floats]:
    """log R = log L + log(1 + c·t), c the slope a month in levels of today."""
    ones, _ = _level_alone(shapes, t)
    return ones, np.log(np.maximum(1 + shapes * t[None], 1e-6))


def _logistic(shapes: Floats, t: Floats) -> tuple[Floats, Floats]:
    """log R = log L + log((1 + A)/(1 + A·e^(-kt))), A the ceiling over today's level less 1, k = growth·(1 + A)/A."""
    ones, _ = _level_alone(shapes, t)
    growth, room = shapes[:, :1], shapes[:, 1:]
    return ones, np.log1p(room) - np.logaddexp(0.0, np.log(room) - growth * (1 + room) / room * t[None])


FAMILIES: tuple[CurveFamily, ...] = (
    CurveFamily("constant", lambda _: (), _level_alone),
    CurveFamily("compound", lambda _: (), _compound),
    CurveFamily("linear", lambda first: ((-0.04, 0.985 / max(-first, 0.5)),), _straight),
    CurveFamily("fade", lambda _: (FADES,), _fading),
    CurveFamily("logistic", lambda _: (RATES, HEADROOMS), _logistic),
)
"""The curves, the simplest first."""


@dataclass(frozen=True)
class ShapeGrid:
    """A grid of shapes in the coordinates in which it is laid: logs of numbers whose ends are both above 0."""

    ends: Sequence[Ends]
    centre: Floats
    """Shape (numbers,)."""
    root: Floats
    """Root of the covariance around it, shape (numbers, numbers)."""

    @classmethod
    def whole(cls, ends: Sequence[Ends]) -> ShapeGrid:
        """The grid over everything between the ends."""
        low, high = _coordinates(np.array(ends, dtype=np.float64).reshape(-1, 2).T, ends)
        return cls(ends, (low + high) / 2, np.diag((high - low) / 2 / REACH))

    @property
    def places(self) -> Floats:
        """The coordinates of all shapes between the ends, shape (shapes, numbers)."""
        if not self.ends:
            return np.zeros((1, 0))
        axes = np.meshgrid(*[np.linspace(-REACH, REACH, AXIS)] * len(self.ends), indexing="ij")
        places = self.centre + np.stack([each.ravel() for each in axes], axis=-1) @ self.root.T
        low, high = _coordinates(np.array(self.ends, dtype=np.float64).T, self.ends)
        inside = ((places >= low - 1e-9) & (places <= high + 1e-9)).all(axis=1)
        return places[inside] if inside.any() else self.centre[None]

    def shapes_of(self, places: Floats) -> Floats:
        """The shapes at coordinates."""
        logs = np.array([low > 0 for low, _ in self.ends], dtype=bool)
        return np.where(logs, np.exp(np.where(logs, places, 0.0)), places)

    def closer(self, places: Floats, fit: Floats) -> ShapeGrid:
        """A grid around what fits, at least as wide as the step between two shapes of this one."""
        weight = np.exp(fit - fit.max())
        weight /= weight.sum()
        centre = weight @ places
        apart = places - centre
        step = self.root * (2 * REACH / (AXIS - 1)) / 2
        covariance = apart.T @ (apart * weight[:, None]) + step @ step.T
        return ShapeGrid(self.ends, centre, np.linalg.cholesky(covariance))


def _coordinates(shapes: Floats, ends: Sequence[Ends]) -> Floats:
    logs = np.array([low > 0 for low, _ in ends], dtype=bool)
    return np.where(logs, np.log(np.where(logs, shapes, 1.0)), shapes)


@dataclass(frozen=True)
class FittedLines:
    """Lines fitted for each shape (rows) and carried-over correlation (columns)."""

    fit: Floats
    """Log of how well each fits, with all that is estimated counted; shape (shapes, correlations)."""
    numbers: Floats
    """What is estimated, shape (shapes, correlations, numbers)."""
    roots: Floats
    """Root of their covariance in units of the noise, shape (shapes, correlations, numbers, numbers)."""
    squares: Floats
    """Sum of the squared innovations, shape (shapes, correlations)."""
    freedom: float


def fit_lines_of_shapes(logs: Floats, columns: Floats, added: Floats) -> FittedLines:
    """Generalised least squares of many shapes at once, for every correlation of the weekly noise.

    Args:
        logs: log of each week's mean, shape (weeks,).
        columns: shape (shapes, weeks, numbers).
        added: what is known of each week, shape (shapes, weeks).
    """
    left = np.broadcast_to(logs - added, columns.shape[:2])
    x, y = _innovations(columns), _innovations(left[..., None])
    turned = np.swapaxes(x, -1, -2)
    root = np.linalg.inv(np.linalg.cholesky(turned @ x + 1e-12 * np.eye(x.shape[-1])))
    across = np.swapaxes(root, -1, -2)
    numbers = across @ root @ (turned @ y)
    squares = ((y - x @ numbers) ** 2).sum(axis=(-2, -1)) + NOISE_WEEKS * NOISE**2
    freedom = logs.size - columns.shape[2] + NOISE_WEEKS
    sizes = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    fit = 0.5 * np.log1p(-(CARRIED**2)) + sizes - freedom / 2 * np.log(squares)
    return FittedLines(fit, numbers[..., 0], across, squares, freedom)


def _innovations(rows: Floats) -> Floats:
    """What of each week's value is not carried over from the week before, for each correlation.

    Args:
        rows: shape (shapes, weeks, columns).

    Returns:
        Shape (shapes, correlations, weeks, columns).
    """
    carried = CARRIED[:, None, None]
    new = np.repeat(rows[:, None], CARRIED.size, axis=1)
    new[:, :, 1:] -= carried * rows[:, None, :-1]
    new[:, :, :1] *= np.sqrt(1 - carried**2)
    return new


@dataclass(frozen=True)
class CurveFit:
    """One curve fitted to a history, as draws from all that it may be. Arrays of shape (draws,) but where stated."""

    family: CurveFamily
    shapes: Floats
    """Shape (draws, numbers of the shape)."""
    numbers: Floats
    """Log of the level at the start, then what else the curve has; shape (draws, numbers)."""
    carried: Floats
    spread: Floats
    """Standard deviation of a week's noise."""
    last: Floats
    """What the last week is off the curve, in logs."""
    criterion: float
    """Akaike's criterion of the likeliest shape: a curve is as good in hindsight as another up to 2 below it."""

    @property
    def name(self) -> CurveName:
        """Which curve."""
        return self.family.name

    @property
    def level(self) -> Floats:
        """Level at the start."""
        return np.exp(self.numbers[:, 0])

    @property
    def per_month(self) -> Floats:
        """Growth a month at the start, as a scenario states it: a share, of a straight line what each month adds."""
        match self.name:
            case "compound" | "fade":
                return np.expm1(self.numbers[:, 1])
            case "linear":
                return self.shapes[:, 0] * self.level
            case "logistic":
                return np.expm1(self.shapes[:, 0])
        return np.zeros_like(self.level)

    @property
    def growth_share(self) -> Floats:
        """Growth a month at the start as a share of the level."""
        return self.shapes[:, 0] if self.name == "linear" else self.per_month

    @property
    def ceiling(self) -> Floats:
        """Level that a logistic curve approaches."""
        return self.level * (1 + self.shapes[:, -1]) if self.name == "logistic" else np.full_like(self.level, np.inf)

    def started_later(self, months: float) -> CurveFit:
        """The same curve told from a start that lies so many months later."""
        numbers, shapes = self.numbers.copy(), self.shapes.copy()
        numbers[:, 0] = self.logs_at(np.array([months]))[:, 0]
        match self.name:
            case "fade":
                numbers[:, 1] *= (1 - shapes[:, 0]) ** months
            case "linear":
                shapes[:, 0] /= np.maximum(1 + shapes[:, 0] * months, 1e-6)
            case "logistic":
                rate = shapes[:, 0] * (1 + shapes[:, 1]) / shapes[:, 1]
                shapes[:, 1] = np.maximum(shapes[:, 1] * np.exp(-rate * months), 1e-9)
                shapes[:, 0] = rate * shapes[:, 1] / (1 + shapes[:, 1])
        return replace(self, numbers=numbers, shapes=shapes)

    def logs_at(self, t: Floats) -> Floats:
        """Log of the curve so many months after the start, shape (draws, times)."""
        columns, added = self.family.line(self.shapes, t)
        used = np.broadcast_to(columns, (len(self.shapes), *columns.shape[1:]))
        logs: Floats = (used @ self.numbers[:, : columns.shape[2], None])[..., 0] + added
        return logs

    def draw_means(self, weeks: Ints, seed: int = 0) -> Floats:
        """Draws of the log of the mean of four weeks that ends so many weeks after the history; (draws, times)."""
        t: Floats = np.asarray((weeks - MEAN_WEEKS / 2) * WEEK_MONTHS, dtype=np.float64)
        kept = self.carried[:, None] ** weeks
        apart = np.arange(1, MEAN_WEEKS)
        together = 1 + 2 * ((1 - apart / MEAN_WEEKS) * self.carried[:, None] ** apart).sum(axis=1, keepdims=True)
        variance = self.spread[:, None] ** 2 / (1 - self.carried[:, None] ** 2) * (1 - kept**2) * together / MEAN_WEEKS
        off = np.random.default_rng([seed, 7]).standard_normal((len(kept), 1))
        means: Floats = self.logs_at(t) + kept * self.last[:, None] + np.sqrt(variance) * off
        return means


def fit_curve(family: CurveFamily, logs: Floats, t: Floats, steps: Sequence[int] = (), seed: int = 0) -> CurveFit:
    """One curve, fitted to a history with steps of level that are no part of its growth.

    Args:
        family: the curve.
        logs: log of each week's mean, shape (weeks,).
        t: months from the start to the middle of each week, below 0; same shape.
        steps: first weeks of a new level.
        seed: of the draws.
    """
    shapes, columns, fitted = _fit_closer(family, logs, t, steps)
    own, added = columns.shape[2], family.line(shapes, t[-1:])[1][:, 0]
    weight = np.exp(fitted.fit - fitted.fit.max())
    rng = np.random.default_rng([seed, len(logs)])
    place = _systematic(weight.ravel() / weight.sum(), rng)
    row, column = np.unravel_index(place, weight.shape)
    spread = np.sqrt(fitted.squares[row, column] / rng.chisquare(fitted.freedom, DRAWS))
    off = rng.standard_normal((DRAWS, fitted.numbers.shape[2], 1))
    numbers = fitted.numbers[row, column] + spread[:, None] * (fitted.roots[row, column] @ off)[..., 0]
    ends = np.broadcast_to(columns[:, -1], (len(shapes), own))
    last = logs[-1] - (ends[row] * numbers[:, :own]).sum(axis=1) - added[row]
    likelihood = 0.5 * np.log1p(-(CARRIED**2)) - logs.size / 2 * np.log(fitted.squares)
    criterion = 2 * (own + shapes.shape[1]) - 2 * float(likelihood.max())
    return CurveFit(family, shapes[row], numbers[:, :own], CARRIED[column], spread, last, criterion)


def _fit_closer(
    family: CurveFamily, logs: Floats, t: Floats, steps: Sequence[int]
) -> tuple[Floats, Floats, FittedLines]:
    """Shapes, columns of each and their fit, on a grid that is drawn closer around what fits."""
    grid = ShapeGrid.whole(family.axes(float(t[0])))
    for number in range(PASSES if grid.ends else 1):
        places = grid.places
        shapes = grid.shapes_of(places)
        columns, added = family.line(shapes, t)
        fitted = fit_lines_of_shapes(logs, with_steps(columns, steps), added)
        if number < PASSES - 1 and grid.ends:
            grid = grid.closer(places, np.logaddexp.reduce(fitted.fit, axis=1))
    return shapes, columns, fitted


def with_steps(columns: Floats, steps: Sequence[int]) -> Floats:
    """Columns with one more for each step: 1 before it, 0 from it on."""
    week = np.arange(columns.shape[1])
    before = [np.broadcast_to((week < step)[None, :, None], (*columns.shape[:2], 1)) for step in steps]
    return np.concatenate([columns, *before], axis=2)


def _systematic(weights: Floats, rng: np.random.Generator) -> Ints:
    """Places drawn by weight, evenly."""
    at = (np.arange(DRAWS) + rng.random()) / DRAWS
    places = np.searchsorted(np.cumsum(weights), at).clip(max=weights.size - 1)
    return rng.permutation(places)


# Steps of level in a history -----------------------------------------------------------------------------------------

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
