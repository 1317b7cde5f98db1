"""Simulated histories of bills to try warnings on: kinds of growth, a week's pattern, noise that carries over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, NEVER, Floats, Horizon, Ints

DAYS = 1096
MONTHS: Floats = (np.arange(DAYS) + 0.5) / MONTH_DAYS
EARLIEST = 5.0
"""Months before which no history may reach its limit: eight weeks are needed to speak, and three months to warn."""
MONDAY = date(2027, 1, 4)

Path = tuple[Floats, Floats]
"""Log of the bill over its limit, and its part that goes on as it did: both without noise, shape (number, days)."""


@dataclass(frozen=True)
class Draw:
    """Draws for so many histories at once."""

    rng: np.random.Generator
    number: int

    def __call__(self, low: float, high: float) -> Floats:
        """A number of each history between two, shape (number, 1)."""
        return self.rng.uniform(low, high, (self.number, 1))


@dataclass(frozen=True)
class Histories:
    """Many histories of one kind, with a limit of $1 a day."""

    bills: Floats
    """Dollars a day, shape (number, days)."""
    weekdays: Ints
    """Weekday of day 0 of each."""
    threats: Ints
    """Day on which each reaches its limit, NEVER where it does not."""
    clean: Floats
    """Log of the bill without week and noise, shape (number, days)."""
    trend: Floats
    """That without steps, shape (number, days)."""

    def clock(self, number: int) -> Horizon:
        """The clock of one."""
        return Horizon(MONDAY + timedelta(days=int(self.weekdays[number])), DAYS)

    def change(self, number: int) -> list[tuple[int, float]]:
        """The steps of one as price changes: day, factor."""
        steps = np.diff(self.clean[number] - self.trend[number])
        return [(int(day) + 1, float(np.exp(steps[day]))) for day in np.flatnonzero(np.abs(steps) > 1e-9)]


def _growing(rate: Floats) -> Floats:
    path: Floats = np.log1p(rate) * MONTHS
    return path


def steady(draw: Draw) -> Path:
    """4 to 15 % a month."""
    path = _growing(draw(0.04, 0.15))
    return path, path


def fading(draw: Draw) -> Path:
    """6 to 15 % a month, of which 2 to 8 % are lost each month."""
    rate, fade = draw(0.06, 0.15), draw(0.02, 0.08)
    path = np.log1p(rate) * ((1 - fade) ** MONTHS - 1) / np.log(1 - fade)
    return path, path


def turning(draw: Draw) -> Path:
    """A new growth of 0 to 15 % a month every eight months on average, after two months at least."""
    path = np.empty((draw.number, DAYS))
    for row in path:
        day = 0
        while day < DAYS:
            length = max(int(draw.rng.exponential(8 * MONTH_DAYS)), 60)
            row[day : day + length] = np.log1p(draw.rng.uniform(0, 0.15)) / MONTH_DAYS
            day += length
    path = np.cumsum(path, axis=1)
    return path, path


def launches(draw: Draw) -> Path:
    """3 to 10 % a month, and a launch every six months on average that adds 10 to 40 % at once."""
    path = _growing(draw(0.03, 0.10))
    launched = draw.rng.random(path.shape) < 1 / (6 * MONTH_DAYS)
    steps = np.cumsum(launched * np.log(draw.rng.uniform(1.1, 1.4, path.shape)), axis=1)
    return path + steps, path


def seasonal(draw: Draw) -> Path:
    """3 to 10 % a month, and a yearly wave of 5 to 20 % up and down."""
    path = _growing(draw(0.03, 0.10)) + draw(0.05, 0.20) * np.sin(2 * np.pi * (MONTHS / 12 + draw(0, 1)))
    return path, path


def cut(draw: Draw) -> Path:
    """5 to 15 % a month, and once, in months 3 to 18, a price that falls by 15 to 50 %."""
    path = _growing(draw(0.05, 0.15))
    return path + np.log(draw(0.5, 0.85)) * (draw(3, 18) < MONTHS), path


def flat(pressure: float) -> Callable[[Draw], Path]:
    """No growth."""

    def path(draw: Draw) -> Path:
        level = np.log(pressure) + 0 * _growing(draw(0, 1))
        return level, level

    return path


def slow(draw: Draw) -> Path:
    """0.5 to 1 % a month, ending at a pressure of 0.7 to 0.9."""
    path = _growing(draw(0.005, 0.01))
    path = path - path[:, -1:] + np.log(draw(0.7, 0.9))
    return path, path


def saturating(draw: Draw) -> Path:
    """Growth that ends below the limit, at a pressure of 0.75 to 0.92."""
    path = -draw(0.8, 2.0) * (1 - draw(0.05, 0.12)) ** MONTHS + np.log(draw(0.75, 0.92))
    return path, path


STEADY = {"steady": steady}
HARD = {"fading": fading, "turning": turning, "launches": launches, "seasonal": seasonal, "price cut": cut}
CROSSING = STEADY | HARD
NEVER_CROSSING = {"flat at 0.8": flat(0.8), "flat at 0.9": flat(0.9), "slow": slow, "saturating": saturating}
KINDS = CROSSING | NEVER_CROSSING
KNOWN_FUTURE = ("steady", "fading", "seasonal")
"""Kinds whose path has no chance in it."""


def simulate(kind: str, number: int, seed: int, carried: tuple[float, float]) -> Histories:
    """So many histories of a kind over 36 months.

    Weekends are at 0.3 to 1 of a weekday. The log of a day's noise has shocks with a standard deviation of 3 to 12 %,
    and a part `carried` of the noise of the day before. Those that are to cross start at a pressure of 0.2 to 0.6, and
    those that do not cross between month 5 and 36 are drawn again.

    Args:
        kind: one of KINDS.
        number: how many.
        seed: of the draws.
        carried: range of the noise's correlation from day to day.
    """
    rng = np.random.default_rng([seed, sorted(KINDS).index(kind)])
    found: list[Histories] = []
    while sum(each.threats.size for each in found) < number:
        found.append(_kept(_batch(kind, Draw(rng, number), carried), kind))
    names = ("bills", "weekdays", "threats", "clean", "trend")
    return Histories(*(np.concatenate([getattr(each, name) for each in found])[:number] for name in names))


def _batch(kind: str, draw: Draw, carried: tuple[float, float]) -> Histories:
    number, rng = draw.number, draw.rng
    clean, trend = KINDS[kind](draw)
    if kind in CROSSING:
        level = np.log(draw(0.2, 0.6))
        clean, trend = clean + level, trend + level
    weekdays = rng.integers(0, 7, number)
    week = np.concatenate([np.ones((number, 5)), rng.uniform(0.3, 1.0, (number, 2))], axis=1)
    week /= week.mean(axis=1, keepdims=True)
    pattern = np.take_along_axis(week, (np.arange(DAYS) + weekdays[:, None]) % 7, axis=1)
    bills = np.exp(clean + _noise(draw, carried)) * pattern
    over = trailing_mean(bills) >= 1
    threats = np.where(over.any(axis=1), over.argmax(axis=1), NEVER)
    return Histories(bills, weekdays, threats, clean, trend)


def _noise(draw: Draw, carried: tuple[float, float]) -> Floats:
    size, kept = draw(0.03, 0.12), draw(*carried)[:, 0]
    shocks = size * draw.rng.normal(size=(draw.number, DAYS))
    noise = np.empty_like(shocks)
    noise[:, 0] = shocks[:, 0] / np.sqrt(1 - kept**2)
    for day in range(1, DAYS):
        noise[:, day] = kept * noise[:, day - 1] + shocks[:, day]
    return noise


def _kept(batch: Histories, kind: str) -> Histories:
    if kind not in CROSSING:
        return batch
    good = (batch.threats >= EARLIEST * MONTH_DAYS) & (batch.threats < DAYS)
    return Histories(batch.bills[good], batch.weekdays[good], batch.threats[good], batch.clean[good], batch.trend[good])
