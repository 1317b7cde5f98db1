"""The `[usage]` of a scenario from a history: each number with its range and the reason for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np

from switchpoint.catalog.usage_behaviour import usage_constants
from switchpoint.finance import WINDOW
from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.owndata.day_profile import (
    DailyNoise,
    Ranged,
    RatioFit,
    daily_noise_of,
    fit_ratio,
    hour_weights_of,
    ratio_of_days,
    weekday_factors_of,
)
from switchpoint.owndata.growth_curves import MEAN_WEEKS, WEEK_MONTHS, CurveFit
from switchpoint.owndata.growth_study import GrowthStudy, draw_by_weight, wander_outlook
from switchpoint.owndata.usage_history import PER_1000_TOKENS, UsageHistory, fill_missing_days
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.uncertain import Pert, Quantity, Range, plain
from switchpoint.text import count, day, few_days, percent

SKEWED = 0.1
"""From this part on between the middle of a range and its median the likeliest value is stated too."""
WANDERS = 0.5
"""Below this trust in its curve a history wanders as real usage does."""
BEHAVIOUR = "typical"
WANDER_WORDS = "these weeks wander as real usage does, and no curve foretold them better"
CURVE_WORDS = {
    "constant": "no growth",
    "compound": "growth by a rate",
    "linear": "growth along a straight line",
    "fade": "growth by a rate that fades",
    "logistic": "growth towards a ceiling",
}


@dataclass
class UsageNumbers:
    """What a history says of each field, by path: the value as a scenario states it, its range, and why."""

    values: dict[Keys, Any] = field(default_factory=dict)
    ranges: dict[Keys, tuple[float, float]] = field(default_factory=dict)
    reasons: dict[Keys, str] = field(default_factory=dict)

    def put(self, path: Keys, value: Any, reason: str, ends: tuple[float, float] | None = None) -> None:
        """Add one field."""
        self.values[path], self.reasons[path] = value, reason
        if ends is not None:
            self.ranges[path] = ends

    def put_range(self, path: Keys, ranged: Ranged, reason: str, least: float = -np.inf, most: float = np.inf) -> None:
        """Add a field whose value is a range."""
        ends = (ranged.low, ranged.middle, ranged.high)
        low, middle, high = (_four(float(np.clip(each, least, most))) for each in ends)
        self.put(path, plain(belief_of(low, middle, high)), reason, (low, high))

    @property
    def tree(self) -> dict[str, Any]:
        """The fields as nested tables, below `usage`."""
        root: dict[str, Any] = {}
        for path, value in self.values.items():
            inner = root
            for key in path[1:-1]:
                inner = inner.setdefault(str(key), {})
            inner[str(path[-1])] = value
        return root


def belief_of(low: float, middle: float, high: float) -> Quantity:
    """A 90 % range as a scenario states it; with its likeliest value where the range alone would say another median.

    >>> belief_of(900, 1000, 1110), belief_of(0.001, 0.05, 0.1), belief_of(2, 2, 2)
    (Range(low=900, high=1110), Pert(low=0.001, mode=0.05, high=0.1), 2)
    """
    if low == high:
        return middle
    stated = Range(low, high)
    if abs(stated.base - middle) > SKEWED * (high - low):
        return Pert(low, middle, high)
    return stated


def _four(value: float) -> float:
    return float(f"{value:.4g}")


@dataclass(frozen=True, eq=False)
class UsageFit:
    """The usage of a scenario, fitted to a history.

    Args:
        history: the days.
        start: first day of the scenario; the day after the last one, or later.
        retry_share: tries that nobody asked for, over those that were: of the files, else of the scenario.
        counts_retries: whether the files count them as requests; else only their tokens are in the files.
    """

    history: UsageHistory
    start: date
    retry_share: float = 0.0
    counts_retries: bool = True

    @property
    def tries(self) -> float:
        """Requests of the files for each that was asked for."""
        return 1 + self.retry_share if self.counts_retries else 1.0

    @property
    def months_ahead(self) -> float:
        """Months from the end of the history to the start."""
        return ((self.start - self.history.last_day).days - 1) / MONTH_DAYS

    @cached_property
    def study(self) -> GrowthStudy | None:
        """Its weeks of requests; None where the files tell neither requests nor tokens."""
        requests = self.history.requests
        if requests is None:
            return None
        return GrowthStudy.of_weeks(self.history.weekly(requests))

    @cached_property
    def curve(self) -> CurveFit | None:
        """The curve that foretold best, as of the start; None with too few weeks for one."""
        if self.study is None or not self.study.speaks:
            return None
        return self.study.chosen_curve.started_later(self.months_ahead)

    @cached_property
    def pooled_draws(self) -> tuple[Floats, Floats]:
        """Level and growth a month, as a share, at the start: draws of all curves, each as much as it counts, so that
        ranges allow for another curve."""
        assert self.study is not None
        each = {name: fit.started_later(self.months_ahead) for name, fit in self.study.fits.items()}
        weights = self.study.weights
        level = draw_by_weight({name: fit.level for name, fit in each.items()}, weights)
        growth = draw_by_weight({name: fit.growth_share for name, fit in each.items()}, weights)
        if self.wanders:
            level, growth = self._with_wandering(level, growth)
        return level / self.tries, growth

    @cached_property
    def wanders(self) -> bool:
        """Whether the weeks wander as real usage does, more than any curve explains."""
        return self.study is not None and self.study.trust < WANDERS

    def _with_wandering(self, level: Floats, growth: Floats) -> tuple[Floats, Floats]:
        """Draws of level and growth of which the curves have the share that they are trusted with; in the others usage
        goes on from where it is, as in the forecast, and grows as other products do."""
        assert self.study is not None
        first = round(self.months_ahead / WEEK_MONTHS) + MEAN_WEEKS
        goes_on = np.exp(wander_outlook(self.study.logs, np.array([first])).draws[:, 0])
        kept = np.linspace(0, level.size - 1, round(self.study.trust * level.size)).astype(np.int64)
        others = np.arange(level.size - kept.size)
        as_others = believed_draws(goes_on.size)
        return (
            np.concatenate([level[kept], goes_on[others % goes_on.size]]),
            np.concatenate([growth[kept], as_others[others % as_others.size]]),
        )

    @cached_property
    def factors(self) -> tuple[Floats, Floats] | None:
        """Factors of the weekdays and their standard errors."""
        requests = self.history.requests
        return None if requests is None or self.history.of_months else weekday_factors_of(self.history, requests)

    @cached_property
    def noise(self) -> DailyNoise | None:
        """How days differ by chance."""
        requests = self.history.requests
        if requests is None or self.factors is None or (self.factors[0] <= 0).any():
            return None
        return daily_noise_of(self.history, requests, self.factors[0])

    @cached_property
    def numbers(self) -> UsageNumbers:
        """All of it."""
        found = UsageNumbers()
        self._put_level_and_growth(found)
        self._put_tokens(found)
        self._put_days(found)
        return found

    @property
    def _weeks_said(self) -> str:
        weeks = self.study.weeks if self.study else 0
        first = self.history.last_day - timedelta(days=7 * weeks - 1)
        return f"{weeks} whole weeks, {day(first)} to {day(self.history.last_day)}"

    def _put_level_and_growth(self, found: UsageNumbers) -> None:
        path: Keys = ("usage", "requests_per_day")
        if self.study is None:
            return
        unit = "" if self.history.counts_requests else ", counted per 1,000 input tokens"
        if self.curve is None:
            level = self._level_of_few_days()
            found.put_range(path, level, f"mean of the last {few_days(min(self.history.days, WINDOW))}{unit}", 0.0)
            self._put_believed_growth(found)
            return
        words = f"level on {day(self.start)}, from {self._weeks_said}{unit}{self._without_retries}"
        found.put_range(path, Ranged.of(self.pooled_draws[0]), words, 0.0)
        self._put_growth(found, self.curve)

    @property
    def _without_retries(self) -> str:
        return f", less the {percent(self.retry_share)} that are repeated" if self.tries > 1 else ""

    def _level_of_few_days(self) -> Ranged:
        requests = self.history.requests
        assert requests is not None
        recent = fill_missing_days(requests)[-WINDOW:]
        recent = recent[np.isfinite(recent)]
        mean, error = float(recent.mean()), float(recent.std()) / np.sqrt(max(recent.size / 2, 1))
        ends = (max(mean - 1.645 * error, 0.0), mean, mean + 1.645 * error)
        return Ranged(*(each / self.tries for each in ends))

    def _put_believed_growth(self, found: UsageNumbers) -> None:
        """Growth as that of other products, where the weeks do not tell any."""
        at: Keys = ("usage", "growth")
        reason = "too few weeks to tell growth: what real products, packages and services do"
        found.put((*at, "curve"), "compound", reason)
        found.put_range((*at, "per_month"), believed_growth(), reason)

    def _put_growth(self, found: UsageNumbers, curve: CurveFit) -> None:
        at: Keys = ("usage", "growth")
        assert self.study is not None
        words, errors = CURVE_WORDS[curve.name], self.study.errors
        why = f"{words} in {self._weeks_said}"
        if errors:
            rest = min(value for name, value in errors.items() if name != curve.name)
            own = percent(float(np.expm1(errors[curve.name])))
            why = f"{words} foretold unseen weeks to {own}, the next best curve to {percent(float(np.expm1(rest)))}"
        if self.wanders and curve.name != "constant":
            self._put_wandering_growth(found)
            return
        found.put((*at, "curve"), "compound" if curve.name == "fade" else curve.name, why)
        if curve.name != "constant":
            level, growth = self.pooled_draws
            told = f"growth on {day(self.start)}; {self._weeks_said}{self._other_curves}"
            if curve.name == "linear":
                growth = growth * level
            found.put_range((*at, "per_month"), Ranged.of(growth), told)
        if curve.name == "fade":
            found.put_range((*at, "fade_per_month"), Ranged.of(curve.shapes[:, 0]), why, 0.0, 0.99)
        if curve.name == "logistic":
            found.put_range(
                (*at, "ceiling"),
                Ranged.of(curve.ceiling / self.tries),
                "level at which growth bends to a stop",
                0.001,
            )
        if self.wanders:
            found.put((*at, "wander"), BEHAVIOUR, WANDER_WORDS)

    def _put_wandering_growth(self, found: UsageNumbers) -> None:
        """A rate that wanders, whatever the curve of the weeks looks like."""
        at: Keys = ("usage", "growth")
        found.put((*at, "curve"), "compound", WANDER_WORDS)
        told = f"{self._weeks_said}; as they wander, mostly what real products do"
        found.put_range((*at, "per_month"), Ranged.of(self.pooled_draws[1]), told)
        found.put((*at, "wander"), BEHAVIOUR, WANDER_WORDS)

    @property
    def _other_curves(self) -> str:
        assert self.study is not None
        number = len(self.study.others)
        return (
            f", and {number} other curve{'s' * (number != 1)} that explain{'s' * (number == 1)} them" if number else ""
        )

    def _put_tokens(self, found: UsageNumbers) -> None:
        for name, ratio in self.tokens_per_request.items():
            drift, today = 0.0 if ratio.drift is None else ratio.drift.middle, ratio.today
            drifted = (1 + drift) ** self.months_ahead / (1.0 if self.counts_retries else 1 + self.retry_share)
            moved = [value * drifted for value in (today.low, today.middle, today.high)]
            words = f"tokens a request on {day(self.start)}, from whole weeks"
            words = "tokens a request of these days" if ratio.drift is None else words
            if not self.history.counts_requests and name == "input_tokens":
                found.put(("usage", name), PER_1000_TOKENS, "no file counts requests: 1,000 input tokens stand for one")
                continue
            found.put_range(("usage", name), Ranged(*moved), words, 0.0)
        if (drift_of_all := self.token_drift) is not None:
            found.put_range(("usage", "token_growth_per_month"), drift_of_all, "drift of the tokens of a request")
        if (share := self.cached_share) is not None:
            of = "last 13 weeks" if self.history.days >= 13 * 7 else "of these days"
            found.put_range(("usage", "cached_input_share"), share, f"cached part of the input, {of}", 0.0, 1.0)

    @cached_property
    def tokens_per_request(self) -> dict[str, RatioFit]:
        """Input and output tokens a request, those that the files tell."""
        requests = self.history.requests
        if requests is None or not self.history.has_tokens:
            return {}
        pairs = {name: self._ratio(name, requests) for name in ("input_tokens", "output_tokens")}
        return {name: fitted for name, fitted in pairs.items() if fitted is not None}

    def _ratio(self, name: str, below: Floats) -> RatioFit | None:
        if not self.history.has(name):
            return None
        of_weeks = fit_ratio(self.history.weekly_ratio(name, below))
        return ratio_of_days(self.history.daily[name], below) if of_weeks is None else of_weeks

    @cached_property
    def token_drift(self) -> Ranged | None:
        """Drift of all tokens of a request together; None where that cannot be told."""
        requests = self.history.requests
        if not self.history.counts_requests or requests is None or "input_tokens" not in self.tokens_per_request:
            return None
        known = [self.history.daily[name] for name in ("input_tokens", "output_tokens") if self.history.has(name)]
        with_all = UsageHistory(self.history.first_day, {"tokens": np.sum(known, axis=0)}, self.history.table)
        fitted = fit_ratio(with_all.weekly_ratio("tokens", requests))
        return None if fitted is None else fitted.drift

    @cached_property
    def cached_share(self) -> Ranged | None:
        """Cached part of the input in the last 13 weeks; None where the files do not tell it."""
        if "cached_tokens" not in self.history.daily or not self.history.has_tokens:
            return None
        shares = self.history.weekly_ratio("cached_tokens", self.history.daily["input_tokens"])[-13:]
        shares = shares[np.isfinite(shares)]
        if shares.size < FEWEST_SHARES:
            ratio = ratio_of_days(self.history.daily["cached_tokens"], self.history.daily["input_tokens"])
            return None if ratio is None else Ranged(ratio.today.low, ratio.today.middle, min(ratio.today.high, 1.0))
        mean, error = float(shares.mean()), float(shares.std(ddof=1)) / np.sqrt(shares.size) * WIDER
        return Ranged(max(mean - 1.645 * error, 0.0), mean, min(mean + 1.645 * error, 1.0))

    def _put_days(self, found: UsageNumbers) -> None:
        if self.factors is not None:
            factors, errors = self.factors
            words = f"share of each weekday, Monday first, each to {percent(float(errors.max()) * 1.645)}"
            found.put(("usage", "weekday_profile"), [round(float(each), 3) for each in factors], words)
        if self.history.hourly is not None:
            weights = hour_weights_of(self.history.hourly)
            profile = "flat" if weights is None else [round(float(each), 3) for each in weights]
            found.put(("usage", "hourly_profile"), profile, "requests by hour of the day, UTC")
        if self.noise is not None:
            for name, ranged in _noise_fields(self.noise):
                ends = (_four(ranged.low), _four(ranged.high))
                found.put(("usage", name), _four(ranged.middle), NOISE_WORDS[name].format(*map(_in_digits, ends)), ends)


TENTH = NormalDist().inv_cdf(0.9)
"""Standard deviations beyond which a tenth of a normal distribution lies."""
FEWEST_SHARES = 3
WIDER = 1.5
"""What the standard error of weekly shares is widened by, since one week goes with the next."""
NOISE_WORDS = {
    "daily_noise": "how days differ by chance, {} to {}",
    "daily_noise_carryover": "how far that is carried over to the next day, {} to {}",
}


def believed_growth() -> Ranged:
    """Growth a month of real products, packages and services: a tenth of them lie beyond either end."""
    known = next(each for each in usage_constants() if each.behaviour == BEHAVIOUR and each.name == "growth_per_month")
    assert known.low is not None
    assert known.high is not None
    low, middle, high = (float(np.expm1(each)) for each in (known.low, known.value, known.high))
    return Ranged(low, middle, high)


def believed_draws(number: int) -> Floats:
    """Draws of growth a month of real products: normal on either side of the middle; shape (number,)."""
    believed, off = believed_growth(), np.random.default_rng(5).standard_normal(number) / TENTH
    sides = np.where(off < 0, believed.middle - believed.low, believed.high - believed.middle)
    draws: Floats = believed.middle + sides * off
    return draws


def _noise_fields(noise: DailyNoise) -> Iterator[tuple[str, Ranged]]:
    yield "daily_noise", noise.deviation
    yield "daily_noise_carryover", noise.carryover


def _in_digits(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else count(value)
