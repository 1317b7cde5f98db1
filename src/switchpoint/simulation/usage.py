"""Usage and revenue over the days of a horizon: growth curves, weekday and hour profiles, events, creeping prompts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np

from switchpoint.catalog.usage_behaviour import usage_behaviour
from switchpoint.errors import CannotCompute
from switchpoint.files import read_bytes
from switchpoint.horizon import MONTH_DAYS, MOST, YEAR_DAYS, Amount, Floats, Horizon, compound_factor
from switchpoint.scenario.uncertain import Quantity, amount
from switchpoint.scenario.usage import Growth, Revenue, Usage, Wander
from switchpoint.scenario.usage_files import LARGEST, Daily, daily_of, plan_of
from switchpoint.simulation.chance import Chance, RandomSource
from switchpoint.simulation.growth import wander_variance

FEWEST_REQUESTS = 1e-9
"""Requests a day below which usage counts as none."""

HOURS: dict[str, tuple[float, ...]] = {
    "flat": (1.0,) * 24,
    "office": (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 18, 15, 17, 19, 18, 16, 12, 8, 6, 4, 3, 2, 1),
    "global": (6, 6, 6, 6, 7, 7, 8, 9, 10, 10, 10, 10, 10, 10, 10, 10, 10, 9, 9, 8, 8, 7, 7, 6),
}
"""Requests by hour of day, from midnight. Assumptions: an office day in one time zone; users around the world."""


@dataclass(frozen=True)
class Traffic:
    """Requests a day and tokens per request, each of shape (days,), of many worlds (worlds, 1, days)."""

    requests: Floats
    input_tokens: Floats
    output_tokens: Floats


def compound(level: Amount, rate: Amount, fade: Amount, t: Floats) -> Floats:
    """Level·exp(ln(1+r)·((1-f)^t - 1)/ln(1-f)), with f = 0: level·(1+r)^t; t in months."""
    if not np.any(fade):
        return np.asarray(level * (1 + rate) ** t)
    slowing = np.log1p(-np.where(np.equal(fade, 0), 0.5, fade))
    faded = level * np.exp(np.log1p(rate) * np.expm1(t * slowing) / slowing)
    return faded if np.all(fade) else np.where(np.equal(fade, 0), level * (1 + rate) ** t, faded)


def logistic(level: Amount, rate: Amount, ceiling: Amount, t: Floats) -> Floats:
    """K/(1 + (K/R0 - 1)·e^(-kt)) with ln(1+r) = k·(1 - R0/K); from above the ceiling it falls towards it.

    Computed as K/(K/R0·e^(-kt) + 1 - e^(-kt)), which stays exact far from the ceiling.
    """
    resting = np.equal(level, 0.0) | np.equal(level, ceiling)
    from_there = np.where(resting, 0.5 * np.asarray(ceiling), level)
    k = np.log1p(rate) / (1 - from_there / ceiling)
    k = np.where(from_there > ceiling, abs(k), k)
    decay = np.exp(-k * t)
    moving = ceiling / (ceiling / from_there * decay - np.expm1(-k * t))
    return np.where(resting, level, moving)


def bass(level: Amount, innovation: Amount, imitation: Amount, market: Amount, t: Floats) -> Floats:
    """Solution of dR/dt = (p + q·R/M)(M - R) from R(0) = level; constant where the market is exhausted.

    With A = (p + q·F0)/(1 - F0): R = M·(A - p·E)/(A + q·E), E = e^(-(p+q)t).
    """
    exhausted = np.greater_equal(level, market)
    share = np.where(exhausted, 0.0, np.asarray(level) / market)
    a = (innovation + imitation * share) / (1 - share)
    resting = exhausted | (a == 0)
    a = np.where(resting, 1.0, a)
    decay = np.exp(-(innovation + imitation) * t)
    return np.where(resting, level, market * (a - innovation * decay) / (a + imitation * decay))


def curve(growth: Growth, start_level: Amount, t: Floats, start: date) -> Floats:
    """R(t): requests a day before profiles and events, for months t since the start."""
    rate = amount(growth.per_month)
    match growth.curve:
        case "constant":
            return start_level * np.ones_like(t)
        case "linear":
            return np.maximum(start_level + rate * t, 0.0)
        case "compound":
            return compound(start_level, rate, amount(growth.fade_per_month), t)
        case "logistic":
            return logistic(start_level, rate, _amount_or_zero(growth.ceiling), t)
        case "bass":
            innovation, imitation, market = map(_amount_or_zero, (growth.innovation, growth.imitation, growth.market))
            return bass(start_level, innovation, imitation, market, t)
        case "history":
            return compound(start_level, trend(str(growth.file), start)[1], 0.0, t)
        case "plan":
            return planned_requests(planned_points(growth), t, start)


def read_daily(path: str) -> Daily:
    """Requests by day of a usage file that has no faults; read anew whenever the file has changed."""
    return daily_of(read_bytes(Path(path), LARGEST))


def planned_points(growth: Growth) -> tuple[tuple[date, float], ...]:
    """Days and requests a day of a plan, from its points or its file."""
    return growth.points if growth.points is not None else plan_of(read_bytes(Path(str(growth.file)), LARGEST))


def planned_requests(points: tuple[tuple[date, float], ...], t: Floats, start: date) -> Floats:
    """Requests a day of a plan: straight lines from noon to noon, flat before the first day and after the last."""
    days = [(day - start).days + 0.5 for day, _ in points]
    return np.interp(t * MONTH_DAYS, days, [level for _, level in points])


def _amount_or_zero(quantity: Quantity | None) -> Amount:
    return 0.0 if quantity is None else amount(quantity)


def trend(path: str, start: date) -> tuple[float, float]:
    """Level at `start` (requests a day) and growth a month from a CSV with `date,requests`.

    A straight line through the log of the last 26 whole weeks' daily means, placed at their middles.

    Raises:
        CannotCompute: with fewer than 8 whole weeks of usage.
    """
    return _fit_trend(read_daily(path), path, start)


@lru_cache(maxsize=32)
def _fit_trend(daily: Daily, path: str, start: date) -> tuple[float, float]:
    days = daily.requests
    weeks = [
        (monday, sum(days[monday + timedelta(days=i)] for i in range(7)) / 7)
        for monday in sorted(days)
        if monday.weekday() == 0 and all(monday + timedelta(days=i) in days for i in range(7))
    ]
    weeks = [(monday, mean) for monday, mean in weeks if mean > 0][-26:]
    if len(weeks) < 8:
        needs = f"{path} has {len(weeks)} whole weeks with requests; the history curve needs at least 8"
        raise CannotCompute(("usage", "growth", "file"), needs)
    months = np.array([((monday - start).days + 3.5) / MONTH_DAYS for monday, _ in weeks])
    slope, intercept = np.polyfit(months, np.log([mean for _, mean in weeks]), 1)
    return float(np.exp(intercept)), float(np.expm1(slope))


def level(usage: Usage, clock: Horizon) -> Amount:
    """Requests a day at the start: as stated, else the history's."""
    stated = usage.requests_per_day
    if usage.growth.curve == "plan":
        return float(planned_requests(planned_points(usage.growth), np.zeros(1), clock.start)[0])
    return trend(str(usage.growth.file), clock.start)[0] if stated is None else amount(stated)


def traffic(usage: Usage, clock: Horizon, chance: Chance) -> Traffic:
    """Requests and tokens of each day: R(t) x weekday factor x noise x events in force; tokens x (1 + g)^t.

    Raises:
        CannotCompute: where usage grows out of all bounds within the horizon.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        requests = curve(usage.growth, level(usage, clock), clock.months_since_start, clock.start)
        tokens = compound_factor(amount(usage.token_growth_per_month), clock.months_since_start)
        noise = chance.of(RandomSource.NOISE).noise(clock.days, usage.daily_noise, usage.daily_noise_carryover)
        requests = requests * weekday_factors(usage)[clock.weekday] * noise * wander_factors(usage, clock, chance)
        events = chance.of(RandomSource.USAGE_EVENTS)
        for event in usage.events:
            happens = events.happens(event.probability)
            if np.any(happens):
                requests = _multiply_flow(
                    requests, clock.day_of(event.date), np.where(happens, amount(event.factor), 1.0)
                )
        sizes = amount(usage.input_tokens) * tokens, amount(usage.output_tokens) * tokens
    refuse_absurd(requests, clock, ("usage", "growth"), "requests a day")
    requests[requests < FEWEST_REQUESTS] = 0.0
    refuse_absurd(sizes[0] + sizes[1], clock, ("usage", "token_growth_per_month"), "tokens a request")
    return Traffic(requests, *sizes)


def wander_factors(usage: Usage, clock: Horizon, chance: Chance) -> Amount:
    """What growth that changes makes of each day's requests: a wander with a median of 1, times jumps."""
    wander = wander_of(usage.growth)
    if wander is None:
        return 1.0
    drifted = chance.of(RandomSource.WANDER).wander(clock.days, wander, from_stationary=_starts_anyhow(usage.growth))
    factors: Amount = np.exp(drifted + chance.of(RandomSource.JUMPS).jumps(clock.days, wander))
    return factors


def wander_of(growth: Growth) -> Wander | None:
    """The numbers of growth that changes: those stated, or the catalogue's for the class that is named."""
    if not isinstance(growth.wander, str):
        return growth.wander
    known = usage_behaviour(growth.wander)
    return Wander(**{name: getattr(known, name) for name in Wander.model_fields})


def _starts_anyhow(growth: Growth) -> bool:
    """Whether today's rate may be off the curve's already; what was seen or planned holds it."""
    return growth.curve not in ("history", "plan")


def wander_lift(usage: Usage, clock: Horizon) -> float:
    """Expected usage on the last day over that of the curve, from growth that changes alone; 1 without.

    Expected is above the median, since what grows twofold gains more than what halves loses, and jumps of a calibrated
    class go up more than down.
    """
    wander = wander_of(usage.growth)
    if wander is None:
        return 1.0
    days, rate = clock.days - 1, (wander.sd_per_month, wander.half_life_months)
    variance = wander_variance(days / MONTH_DAYS, *rate, from_stationary=_starts_anyhow(usage.growth))
    jump = math.expm1(wander.jump_mean + wander.jump_sd**2 / 2)
    return math.exp(variance / 2 + wander.jumps_per_year * days / YEAR_DAYS * jump)


def _multiply_flow(flow: Floats, day: int, factor: Amount) -> Floats:
    """A flow with its days from one on times a factor, which may bring worlds of its own."""
    whole = np.array(np.broadcast_to(flow, np.broadcast_shapes(flow.shape, np.shape(factor))))
    whole[..., max(day, 0) :] *= factor
    return whole


@lru_cache(maxsize=64)
def _relative(weights: tuple[float, ...]) -> Floats:
    weight = np.array(weights)
    relative: Floats = weight / weight.mean()
    return relative


def weekday_factors(usage: Usage) -> Floats:
    """Seven factors with a mean of 1, Monday first."""
    return _relative(usage.weekday_profile)


def hour_weights(usage: Usage) -> Floats:
    """Part of what cannot wait of a day's load in each hour, summing to 1; shape (24,)."""
    profile = usage.hourly_profile
    weights: Floats = _relative(HOURS[profile] if isinstance(profile, str) else profile) / 24
    return weights


def paid_hours(usage: Usage) -> tuple[float, ...] | None:
    """Parts of a day's requests in each hour, for prices that depend on it; None where all hours are alike.

    The hours are UTC, as those of the price lists are.
    """
    return None if usage.hourly_profile == "flat" else tuple(map(float, hour_weights(usage)))


def revenue_per_month(revenue: Revenue, traffic: Traffic, clock: Horizon) -> Floats:
    """Revenue, dollars a month, at each day: the part that grows by itself plus the part that follows usage."""
    with np.errstate(over="ignore", under="ignore"):
        own = amount(revenue.usd_per_month) * compound_factor(
            amount(revenue.growth_per_month), clock.months_since_start
        )
    refuse_absurd(own, clock, ("revenue", "growth_per_month"), "$ a month")
    return own + amount(revenue.usd_per_1000_requests) * traffic.requests * MONTH_DAYS / 1000


def refuse_absurd(values: Floats, clock: Horizon, path: tuple[str, ...], unit: str, most: float = MOST) -> None:
    """Refuse a path of values that leaves all bounds within the horizon.

    Raises:
        CannotCompute: with the day on which it does.
    """
    wrong = ~(values <= most)
    if wrong.any():
        when = clock.date_of(np.nonzero(wrong)[-1][0])
        raise CannotCompute(path, f"grows beyond {most:g} {unit} by {when}; a lower rate or a fade would be right")
