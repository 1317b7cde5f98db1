"""The monitor's prior, fitted to when limits on real series were reached: the most likely one, from its gradient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from switchpoint.horizon import Floats, Ints
from switchpoint.warning.chances import FAR, SETTLES, Prior
from switchpoint.warning.chances import LEAST as LEAST_SURE
from switchpoint.warning.weeks import MONTHLY, WEEKLY
from tools.real_limits import Watched

EDGES = np.array([0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0])
"""Months between which it is told when a limit was reached."""
SCALES = ("sd_per_month", "noise", "uncertain_spread")
"""Numbers above 0, looked for by their logs."""
DRIFTS = ("growth", "last_week", "last_fortnight", "gap_13", "gap_26", "gap_52")
POWERS = ("by_weekly", "by_monthly")
NAMES = (*SCALES, *POWERS, *DRIFTS)
ODDS = ("odds", "odds_power", "odds_by_months")
"""Found after the others, from the chances that these give."""
CALIBRATED = slice(2, 7)
"""The edges of one to twelve months."""
DRAWN = 1e-4
"""Weight of the squared distance of the odds from those of first passage, against the mean log likelihood."""
SHRINK = 0.001
"""Weight of the squared distance from the start, against the mean log likelihood."""
LEAST = 1e-5
"""Chance below which nothing counts as less likely."""


@dataclass(frozen=True)
class Fitter:
    """Fits the prior to some Mondays."""

    watched: Watched
    start: Prior
    weight: Floats
    """Weight of each Monday."""

    @cached_property
    def _columns(self) -> tuple[Ints, Ints]:
        """Numbers of the edges between which each was reached; the second one, if not reached, past the last."""
        known = np.searchsorted(EDGES, self.watched.known + 1e-9, side="right")
        after = np.searchsorted(EDGES, self.watched.months - 1e-9)
        reached = after < known
        return np.where(reached, after, known), np.where(reached, after + 1, EDGES.size + 1)

    @cached_property
    def _shapes(self) -> tuple[Floats, Floats, Floats]:
        """What each drift adds by horizon, shape (drifts, Mondays, edges) as two factors; and the wander's growth."""
        facts = self.watched.facts
        settled, passed = -np.expm1(-SETTLES * EDGES), -np.expm1(-EDGES)
        ahead = np.array([EDGES, settled, settled, passed, passed, passed])
        seen = np.array([np.ones_like(facts.level), facts.last, facts.fortnight, *np.clip(facts.gaps, -FAR, FAR)])
        theta = np.log(2) / self.start.half_life_months
        wander = 2 / theta**2 * (theta * EDGES + np.expm1(-theta * EDGES))
        return seen, ahead, wander

    def unpack(self, point: Floats) -> Prior:
        """The prior at a point of the search."""
        named = dict(zip(NAMES, (float(each) for each in point), strict=True))
        return replace(self.start, **{name: float(np.exp(x)) if name in SCALES else x for name, x in named.items()})

    def pack(self, prior: Prior) -> Floats:
        """The point of a prior."""
        return np.array([np.log(getattr(prior, n)) if n in SCALES else getattr(prior, n) for n in NAMES])

    def loss(self, point: Floats) -> tuple[float, Floats]:
        """Mean negative log likelihood and its gradient, drawn towards the start."""
        chance, slopes = self._chances(self.unpack(point))
        zero, one = np.zeros((len(chance), 1)), np.ones((len(chance), 1))
        full = np.hstack([zero, chance, one])
        low, high = (column[:, None] for column in self._columns)
        part = (np.take_along_axis(full, high, 1) - np.take_along_axis(full, low, 1))[:, 0]
        weight = self.weight / self.weight.sum()
        off = point - self.pack(self.start)
        gradient = np.empty(len(NAMES))
        for number, slope in enumerate(slopes):
            steep = np.hstack([zero, slope, 0 * one])
            change = (np.take_along_axis(steep, high, 1) - np.take_along_axis(steep, low, 1))[:, 0]
            gradient[number] = -(weight * np.where(part > LEAST, change / np.maximum(part, LEAST), 0.0)).sum()
        loss = -(weight * np.log(np.maximum(part, LEAST))).sum() + SHRINK * off @ off
        return float(loss), gradient + 2 * SHRINK * off

    def _chances(self, prior: Prior) -> tuple[Floats, list[Floats]]:
        """Chances by Monday and edge, and their slopes in each number of NAMES."""
        facts, (seen, ahead, wander) = self.watched.facts, self._shapes
        weekly, monthly = np.log(facts.weekly / WEEKLY), np.log(facts.monthly / MONTHLY)
        scale = np.exp(prior.by_weekly * weekly + prior.by_monthly * monthly)[:, None]
        moved = scale**2 * prior.sd_per_month**2 * wander
        jumped = scale**2 * prior.jumps_per_month * prior.jump_square * EDGES
        noise = (prior.noise * facts.weekly[:, None]) ** 2 * -np.expm1(-SETTLES * EDGES)
        variance = moved + jumped + noise
        deviation = np.sqrt(variance)
        parts = [seen[i][:, None] * ahead[i] * (scale if name == "growth" else 1.0) for i, name in enumerate(DRIFTS)]
        drift = sum(getattr(prior, name) * part for name, part in zip(DRIFTS, parts, strict=True))
        a, d = -facts.level[:, None] / deviation, drift / deviation
        chance, by_a, by_d, by_spread = passage_slopes(a, d, prior.uncertain_spread)
        by_variance = -(by_a * a + by_d * d) / 2 / variance
        of_scale = by_variance * 2 * (moved + jumped) + by_d * prior.growth * parts[0] / deviation
        slopes = [by_variance * 2 * moved, by_variance * 2 * noise, by_spread]
        slopes += [of_scale * weekly[:, None], of_scale * monthly[:, None]]
        slopes += [by_d * part / deviation for part in parts]
        return chance, slopes

    def fit(self, tries: int = 80) -> Prior:
        """The most likely prior."""
        from scipy.optimize import minimize

        found = minimize(
            self.loss, self.pack(self.start), jac=True, method="L-BFGS-B", options={"maxiter": tries, "ftol": 1e-8}
        )
        return self.calibrate(self.unpack(found.x))

    def calibrate(self, prior: Prior) -> Prior:
        """The prior with the odds that came: a logistic regression on its chances one to twelve months ahead."""
        chance = np.clip(self._chances(prior)[0][:, CALIBRATED], LEAST_SURE, 1 - LEAST_SURE)
        ahead = np.broadcast_to(np.log(EDGES[CALIBRATED] / 3), chance.shape)
        reached = self.watched.months[:, None] <= EDGES[CALIBRATED]
        told = reached | (self.watched.known[:, None] >= EDGES[CALIBRATED])
        odds = np.log(chance / (1 - chance))
        columns = np.stack([np.ones(int(told.sum())), odds[told], ahead[told]], axis=1)
        weight = np.broadcast_to(self.weight[:, None], chance.shape)[told]
        found = regress_odds(columns, reached[told].astype(np.float64), weight, np.array([0.0, 1.0, 0.0]))
        return replace(prior, **dict(zip(ODDS, found.tolist(), strict=True)))


def regress_odds(columns: Floats, came: Floats, weight: Floats, start: Floats) -> Floats:
    """Logistic regression by Newton's method, hardly drawn to its start."""
    found, weight = start.copy(), weight / weight.sum()
    for _ in range(30):
        chance = 1 / (1 + np.exp(-columns @ found))
        slope = columns.T @ (weight * (chance - came)) + DRAWN * (found - start)
        curve = (columns * (weight * chance * (1 - chance))[:, None]).T @ columns + DRAWN * np.eye(start.size)
        found = found - np.linalg.solve(curve, slope)
    return found


def passage_slopes(a: Floats, d: Floats, deviation: float) -> tuple[Floats, Floats, Floats, Floats]:
    """The chance of `exact_chance`, and its slopes in distance, drift and the log of the deviation."""
    from scipy.special import log_ndtr, ndtr

    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    totals = [np.zeros_like(a) for _ in range(4)]
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        spread = np.exp(deviation * node)
        x, y = a / spread, d / spread
        back = np.exp(np.minimum(2 * x * y + log_ndtr(-x - y), 0.0))
        by_x = 2 * y * back - 2 * np.exp(-((x - y) ** 2) / 2) / np.sqrt(2 * np.pi)
        by_y = 2 * x * back
        of_spread = -(x * by_x + y * by_y) * deviation * node
        found = (ndtr(y - x) + back, by_x / spread, by_y / spread, of_spread)
        for total, each in zip(totals, found, strict=True):
            total += weight * each
    return np.minimum(totals[0], 1.0), totals[1], totals[2], totals[3]
