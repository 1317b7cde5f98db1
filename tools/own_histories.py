"""Simulated histories of usage whose truth is known: every curve, a week's pattern, noise that carries over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from pandas import DataFrame, date_range

from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.owndata.growth_curves import CurveName
from switchpoint.owndata.usage_history import UsageHistory

WEEK = np.array([1.15, 1.2, 1.2, 1.15, 1.1, 0.65, 0.55])
"""Factors of the weekdays, Monday first; their mean is 1."""
LAST = date(2026, 9, 27)
AHEAD = 366
CURVES: tuple[CurveName, ...] = ("constant", "linear", "compound", "fade", "logistic")
NOISES = (0.05, 0.15, 0.3)
WEEKS = 65


@dataclass(frozen=True)
class TrueHistory:
    """One history, and what it was made of."""

    curve: CurveName
    level: float
    """Requests a day on the day after the last."""
    per_month: float
    """Growth there, a share a month."""
    noise: float
    carryover: float
    requests: Floats
    """Shape (days,)."""
    future: Floats
    """Requests a day to come, without noise and week; shape (AHEAD,)."""

    @property
    def history(self) -> UsageHistory:
        """The days, as files would have told them."""
        first = LAST - timedelta(days=self.requests.size - 1)
        days = date_range(first, periods=self.requests.size, freq="D")
        table = DataFrame({"date": days, "model": "", "requests": self.requests})
        return UsageHistory(first, {"requests": self.requests}, table)


def draw_history(curve: CurveName, noise: float, seed: int, weeks: int = WEEKS) -> TrueHistory:
    """One history of a curve.

    Args:
        curve: its growth.
        noise: standard deviation of the log of a day.
        seed: of the draw.
        weeks: its length.
    """
    rng = np.random.default_rng([seed, CURVES.index(curve), round(100 * noise)])
    level, carried = float(np.exp(rng.uniform(np.log(500), np.log(200_000)))), float(rng.uniform(0.0, 0.6))
    months = (np.arange(-7 * weeks, AHEAD) + 0.5) / MONTH_DAYS
    shape, growth = _shape(curve, months, rng)
    path = level * shape
    days = 7 * weeks
    weekday = (np.arange(days) + (LAST - timedelta(days=days - 1)).weekday()) % 7
    made = path[:days] * WEEK[weekday] / WEEK.mean() * _noise(rng, days, noise, carried)
    return TrueHistory(curve, level, growth, noise, carried, np.round(made), path[days:])


def _shape(curve: CurveName, months: Floats, rng: np.random.Generator) -> tuple[Floats, float]:
    """Level over today's, and today's growth a month."""
    rate = float(rng.uniform(0.02, 0.12))
    match curve:
        case "compound":
            return (1 + rate) ** months, rate
        case "linear":
            slope = float(rng.uniform(0.01, 0.9)) / -float(months[0])
            return 1 + slope * months, slope
        case "fade":
            slowing = np.log1p(-float(rng.uniform(0.03, 0.12)))
            return np.exp(np.log1p(rate) * np.expm1(months * slowing) / slowing), rate
        case "logistic":
            room, speed = float(rng.uniform(0.1, 1.0)), float(rng.uniform(0.2, 0.5))
            return (1 + room) / (1 + room * np.exp(-speed * months)), float(np.expm1(speed * room / (1 + room)))
    return np.ones_like(months), 0.0


def _noise(rng: np.random.Generator, days: int, size: float, carried: float) -> Floats:
    """Factors with a mean of 1."""
    shocks = size * np.sqrt(1 - carried**2) * rng.standard_normal(days)
    noise = np.empty(days)
    noise[0] = size * rng.standard_normal()
    for day in range(1, days):
        noise[day] = carried * noise[day - 1] + shocks[day]
    factors: Floats = np.exp(noise - size**2 / 2)
    return factors
