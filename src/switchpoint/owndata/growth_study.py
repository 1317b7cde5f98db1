"""Which curve a history follows, by how well each foretold it, and what is to be expected of the months ahead.

Past weeks are gone through as if the rest were not known yet. Every curve, and the way in which real usage wanders,
says what comes; what came tells the one that says it best, and how far to trust it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from switchpoint.horizon import Floats, Ints
from switchpoint.normal import normal_quantile
from switchpoint.owndata.growth_curves import (
    DRAWS,
    FAMILIES,
    MEAN_WEEKS,
    WEEK_MONTHS,
    CurveFit,
    CurveName,
    LevelStep,
    find_steps,
    fit_curve,
)
from switchpoint.warning.chances import level_outlook, line_trust, prior
from switchpoint.warning.weeks import weekly_facts

FEWEST_WEEKS = 8
"""Whole weeks before growth is told from noise."""
FIRST_LOOK, EVERY = 10, 4
"""Weeks after which the first forecast is tried, and weeks between two of them."""
AHEAD = np.array([4, 8, 13])
"""Weeks ahead at which curves are compared; the last is that of the backtest."""
HORIZON_DAYS = 91
MOST_WEEKS = 156
"""Weeks beyond which a history is no guide."""
WIDE_CEILING = 2.5
"""A ceiling whose 90 % range is wider than this factor is not seen."""
MIXED_DRAWS = 1200
"""Draws of all curves together."""
SPOKEN = 0.05
"""Part of what is said from which on a curve is named as one that does as well."""
LEAST_TRUST = 0.03
FEWEST_TRIES = 3
"""Tries without which curves are not compared."""
ALONE = 0.25
"""What the outcome of one try counts: those after it look at the same weeks in part."""
TAILS = 5.0
"""Degrees of freedom of the distribution by which forecasts are scored, so that one surprise does not decide."""
BAND = (0.1, 0.5, 0.9)
"""Ends and middle of the 80 % band."""


@dataclass(frozen=True)
class Outlook:
    """What one way of looking ahead says of the mean of four weeks, as draws of its log, shape (draws, times)."""

    draws: Floats

    @property
    def middle(self) -> Floats:
        """The median, shape (times,)."""
        return np.quantile(self.draws, 0.5, axis=0)

    def score(self, place: int, came: float) -> float:
        """Log of how likely it held what came, at one time."""
        draws = self.draws[:, place]
        spread = max(float(np.subtract(*np.quantile(draws, [0.84, 0.16]))) / 2, 0.005)
        off = (came - float(np.median(draws))) / spread
        return -math.log(spread) - (TAILS + 1) / 2 * math.log1p(off**2 / TAILS)


@dataclass(frozen=True)
class TriedWeek:
    """What could have been said after some weeks of a history."""

    curves: Mapping[CurveName, Outlook]
    weights: Mapping[CurveName, float]
    """How much each of them counts: see `curve_weights`."""
    wander: Outlook
    trust: float
    """Share that the curve has in what is said before anything is known of how well it foretells."""


@lru_cache(maxsize=2048)
def _try_week(raw: bytes) -> TriedWeek:
    """What is said at the end of the weeks whose logs these bytes are."""
    logs = np.frombuffer(raw)
    steps = [each.week for each in find_steps(logs)]
    t = week_middles(logs.size)
    fits = [fit_curve(family, logs, t, steps) for family in FAMILIES]
    curves = {fit.name: Outlook(fit.draw_means(AHEAD)) for fit in fits}
    return TriedWeek(curves, curve_weights(fits), wander_outlook(logs, AHEAD), line_share(logs))


def curve_weights(fits: Iterable[CurveFit]) -> Mapping[CurveName, float]:
    """How much each curve counts in what is said of all: by how likely it makes the weeks, less what its numbers cost.

    These are the weights of Akaike's criterion: exp(-difference / 2), which add up to 1.
    """
    criteria = {fit.name: fit.criterion for fit in fits}
    best = min(criteria.values())
    likely = {name: math.exp((best - value) / 2) for name, value in criteria.items()}
    return {name: value / sum(likely.values()) for name, value in likely.items()}


def draw_by_weight(draws: Mapping[CurveName, Floats], weights: Mapping[CurveName, float]) -> Floats:
    """Draws of all curves as one, each curve's as often as it counts; draws of a curve are rows in random order."""
    number = {name: round(MIXED_DRAWS * weights[name]) for name in draws}
    return np.concatenate([each[np.arange(number[name]) % len(each)] for name, each in draws.items()])


def week_middles(weeks: int) -> Floats:
    """Months from the end of a history to the middle of each of its weeks, below 0; shape (weeks,)."""
    middles: Floats = np.asarray((np.arange(weeks) - weeks + 0.5) * WEEK_MONTHS, dtype=np.float64)
    return middles


def line_share(logs: Floats) -> float:
    """How far the weeks of a history look like steady growth rather than like usage that wanders."""
    return float(np.clip(line_trust(weekly_facts(logs[None]))[0, -1], LEAST_TRUST, 1 - LEAST_TRUST))


def wander_outlook(logs: Floats, weeks: Ints) -> Outlook:
    """What real usage does from here on: growth that changes and jumps, as the monitor believes it."""
    facts, believed = weekly_facts(logs[None]), prior()
    rng = np.random.default_rng(11)
    spread = np.exp(believed.uncertain_spread * rng.permutation(_normal_nodes()))
    off = rng.permutation(_normal_nodes()) * spread
    columns = []
    for week in weeks:
        drift, deviation = (float(each[0, -1]) for each in level_outlook(facts, float(week) * WEEK_MONTHS))
        columns.append(float(facts.level[0, -1]) + drift + deviation * off)
    return Outlook(np.stack(columns, axis=1))


def _normal_nodes() -> Floats:
    return normal_quantile((np.arange(DRAWS) + 0.5) / DRAWS)


@dataclass(frozen=True, eq=False)
class GrowthStudy:
    """A history of whole weeks, studied.

    Args:
        logs: log of each week's mean a day, the last one ending where the forecast begins; shape (weeks,).
    """

    logs: Floats

    @classmethod
    def of_weeks(cls, weekly: Floats) -> GrowthStudy:
        """That of weekly means, from the last week without usage on."""
        empty = np.flatnonzero(~(np.isfinite(weekly) & (weekly > 0)))
        rest = weekly[empty[-1] + 1 if empty.size else 0 :][-MOST_WEEKS:]
        return cls(np.log(rest))

    @property
    def weeks(self) -> int:
        """How many there are."""
        return int(self.logs.size)

    @property
    def speaks(self) -> bool:
        """Whether there are weeks enough to tell growth from noise."""
        return self.weeks >= FEWEST_WEEKS

    @cached_property
    def steps(self) -> tuple[LevelStep, ...]:
        """Steps of level that are no growth."""
        return find_steps(self.logs)

    @cached_property
    def fits(self) -> Mapping[CurveName, CurveFit]:
        """Every curve, fitted to all weeks."""
        t, steps = week_middles(self.weeks), [each.week for each in self.steps]
        return {family.name: fit_curve(family, self.logs, t, steps) for family in FAMILIES}

    @cached_property
    def tried_weeks(self) -> Ints:
        """Weeks after which forecasts are tried whose nearest outcome is known."""
        return np.arange(FIRST_LOOK, self.weeks - int(AHEAD[0]) + 1, EVERY)

    def go_through(self) -> Iterator[int]:
        """Look at the tried weeks one by one, for who shows progress or may be interrupted."""
        for week in self.tried_weeks:
            _try_week(np.ascontiguousarray(self.logs[:week]).tobytes())
            yield int(week)

    @cached_property
    def _tries(self) -> list[TriedWeek]:
        return [_try_week(np.ascontiguousarray(self.logs[:week]).tobytes()) for week in self.tried_weeks]

    @cached_property
    def _came(self) -> Floats:
        """Log of the mean of the four weeks that came, nan where it is not known; shape (tries, AHEAD)."""
        levels = np.log(np.convolve(np.exp(self.logs), np.full(MEAN_WEEKS, 1 / MEAN_WEEKS), mode="valid"))
        ends = self.tried_weeks[:, None] + AHEAD
        return np.where(ends <= self.weeks, levels[np.minimum(ends, self.weeks) - MEAN_WEEKS], np.nan)

    @cached_property
    def _misses(self) -> Mapping[CurveName, Floats]:
        """How far each curve was off, in logs, on average over what is known ahead; shape (tries,)."""

        def miss(name: CurveName, tried: TriedWeek, came: Floats) -> float:
            return float(np.nanmean(np.abs(tried.curves[name].middle - came)))

        return {
            family.name: np.array([miss(family.name, *pair) for pair in zip(self._tries, self._came, strict=True)])
            for family in FAMILIES
        }

    @cached_property
    def errors(self) -> Mapping[CurveName, float]:
        """How far each curve was off on weeks it had not seen, in logs; empty where nothing could be tried."""
        return {name: float(each.mean()) for name, each in self._misses.items()} if len(self.tried_weeks) else {}

    def chosen_at(self, tries: int) -> CurveName:
        """The curve that foretold best on so many first tries; of those as good within their noise the simplest.

        With too few tries to compare it is the compound curve.
        """
        if tries < FEWEST_TRIES:
            return "compound"
        misses = {name: each[:tries] for name, each in self._misses.items()}
        best = min(misses.values(), key=lambda each: float(each.mean()))
        worse = {name: each - best for name, each in misses.items()}
        good = (name for name, each in worse.items() if each.mean() <= each.std(ddof=1) / math.sqrt(tries))
        return next(good)

    @cached_property
    def best_curve(self) -> CurveName:
        """The curve that foretold this history best, whether or not its ceiling can be seen yet."""
        return self.chosen_at(len(self.tried_weeks))

    @cached_property
    def bend_is_unseen(self) -> bool:
        """Whether a ceiling foretold best, but lies anywhere above."""
        if self.best_curve != "logistic":
            return False
        low, high = np.quantile(self.fits["logistic"].ceiling, (0.05, 0.95))
        return bool(high > WIDE_CEILING * low)

    @cached_property
    def chosen_curve(self) -> CurveFit:
        """The curve that foretold this history best; without a ceiling where the weeks do not show its bend."""
        if not self.bend_is_unseen:
            return self.fits[self.best_curve]
        others = [name for name in self.fits if name != "logistic"]
        return self.fits[min(others, key=lambda name: self.errors[name])]

    @cached_property
    def weights(self) -> Mapping[CurveName, float]:
        """How much each curve counts in ranges and in what is said of the months ahead; they add up to 1."""
        return curve_weights(self.fits.values())

    @property
    def others(self) -> list[CurveName]:
        """Curves beside the chosen one that ranges allow for."""
        return [name for name, weight in self.weights.items() if weight >= SPOKEN and name != self.chosen_curve.name]

    def _trust_at(self, tries: int, share: float) -> float:
        """Share of the curve in what is said, after so many tries whose outcome at the last horizon is known."""
        gains = 0.0
        for number in range(tries):
            tried, came = self._tries[number], float(self._came[number, -1])
            gains += ALONE * (self._pooled_at(number).score(-1, came) - tried.wander.score(-1, came))
        odds = math.log(share / (1 - share)) + gains
        return float(1 / (1 + math.exp(-np.clip(odds, -30, 30))))

    def _pooled_at(self, number: int) -> Outlook:
        """What was said at one try by all curves, as much as each of them counted then."""
        tried = self._tries[number]
        return Outlook(draw_by_weight({name: each.draws for name, each in tried.curves.items()}, tried.weights))

    @cached_property
    def trust(self) -> float:
        """Share of the chosen curve in what is said of the months ahead; the rest is how real usage wanders."""
        return self._trust_at(self._known_outcomes(self.weeks), line_share(self.logs))

    def _known_outcomes(self, weeks: int) -> int:
        """Tries whose last outcome is known after so many weeks."""
        return int((self.tried_weeks + AHEAD[-1] <= weeks).sum())

    def bands(self, weeks: Ints, shares: Sequence[float] = BAND) -> Floats:
        """Quantiles of the mean of the four weeks that end so many weeks ahead; shape (shares, times)."""
        curves = draw_by_weight({name: fit.draw_means(weeks) for name, fit in self.fits.items()}, self.weights)
        return mixed_quantiles(curves, wander_outlook(self.logs, weeks).draws, self.trust, shares)

    @cached_property
    def backtest(self) -> Backtest | None:
        """How forecasts of a quarter came out on weeks they had not seen; None where there is no such week yet."""
        number = self._known_outcomes(self.weeks)
        if not number:
            return None
        bands = np.stack([self._tried_band(each) for each in range(number)])
        came = self._came[:number, -1]
        ends = self.tried_weeks[:number]
        levels = np.log(np.convolve(np.exp(self.logs), np.full(MEAN_WEEKS, 1 / MEAN_WEEKS), mode="valid"))
        now, before = levels[ends - MEAN_WEEKS], levels[np.maximum(ends - 2 * MEAN_WEEKS, 0)]
        last_growth = now + (now - before) * AHEAD[-1] / MEAN_WEEKS
        return Backtest(came, bands, last_growth, now)

    def _tried_band(self, number: int) -> Floats:
        """Low, middle and high of the log foretold at one try, from nothing but what was known then."""
        tried = self._tries[number]
        known = self._known_outcomes(int(self.tried_weeks[number]))
        curve = self._pooled_at(number).draws[:, -1:]
        trust = self._trust_at(known, tried.trust)
        return np.log(mixed_quantiles(curve, tried.wander.draws[:, -1:], trust, BAND))[:, 0]


@dataclass(frozen=True)
class Backtest:
    """Forecasts of a quarter ahead and what came; logs of the mean of four weeks, shape (tries,)."""

    came: Floats
    bands: Floats
    """Low, middle and high, shape (tries, 3)."""
    last_growth: Floats
    """What the growth of the last four weeks, carried on, would have said."""
    flat: Floats
    """What no change would have said."""

    @property
    def mape(self) -> float:
        """Median distance of the forecast from what came, as a share of that."""
        return _median_off(self.bands[:, 1], self.came)

    @property
    def naive_mape(self) -> float:
        """The same of the last growth rate, carried on."""
        return _median_off(self.last_growth, self.came)

    @property
    def coverage(self) -> float:
        """Share of what came that lay in the 80 % band."""
        inside = (self.came >= self.bands[:, 0]) & (self.came <= self.bands[:, 2])
        return float(inside.mean())


def _median_off(said: Floats, came: Floats) -> float:
    return float(np.median(np.abs(np.expm1(np.clip(said - came, -20, 20)))))


def mixed_quantiles(curve: Floats, wander: Floats, trust: float, shares: Sequence[float]) -> Floats:
    """Quantiles of draws of which a share is of the curve; logs in, levels out, shape (shares, times)."""
    weights = np.concatenate([np.full(len(curve), trust / len(curve)), np.full(len(wander), (1 - trust) / len(wander))])
    both = np.concatenate([curve, wander])
    order = np.argsort(both, axis=0)
    reached = np.cumsum(weights[order], axis=0) - weights[order] / 2
    sorted_ = np.take_along_axis(both, order, axis=0)
    columns = [np.interp(shares, reached[:, each], sorted_[:, each]) for each in range(both.shape[1])]
    levels: Floats = np.exp(np.stack(columns, axis=1))
    return levels
