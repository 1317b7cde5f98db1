"""Real bills with what was foretold of them: a fan ahead of a history, and fans of the past over what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from switchpoint.charts.vega import (
    DASHED,
    LIGHT,
    Flag,
    Line,
    Look,
    Spec,
    channel,
    days_to_draw,
    dress_chart,
    flag_layers,
    headroom,
    layer,
    line_layer,
    moment,
    money_axis,
    pointer_layer,
    second,
    window_layer,
)
from switchpoint.finance import per_month, trailing_mean
from switchpoint.horizon import MONTH_DAYS, Floats, Horizon
from switchpoint.owndata.growth_study import BAND
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.replaying import Replay
from switchpoint.owndata.watched_bill import RealBill
from switchpoint.text import day, usd

HEIGHT = 420
AHEAD_DAYS = 364
FANS = 6
"""Fans that are drawn over a history at most."""
AFTER_DAYS = 183
"""Days after the limit that a replay shows."""
OVER_LIMIT = 2.5
"""How many times the limit a replay shows at most."""
TALL = 1.6
"""A limit or band that is higher than so many times the rest ends at the top of the picture."""


@dataclass(frozen=True)
class Fan80:
    """An 80 % band from one day on: days, low, middle and high of the bill, dollars a month; shape (times,)."""

    days: Floats
    low: Floats
    middle: Floats
    high: Floats


def fan_of_fit(fit: OwnFit, first: date, ahead: int = AHEAD_DAYS) -> Fan80 | None:
    """The fan of a fit, its days counted from another; None where the bill is not known."""
    if fit.bill_study is None:
        return None
    bands = per_month(fit.band_by_day(ahead, BAND))
    now = float(per_month(np.exp(fit.bill_study.logs[-4:]).mean()))
    since = (fit.history.last_day - first).days
    low, middle, high = (np.concatenate([[now], band]) for band in bands)
    days: Floats = np.asarray(since + 7.0 * np.arange(low.size), dtype=np.float64)
    return Fan80(days, low, middle, high)


def forecast_chart(fit: OwnFit, bill: RealBill | None = None, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """The bill so far, and the band of the year ahead; with the limit and the warning window where there is a limit.

    Raises:
        ValueError: where the bill is not known.
    """
    first = fit.history.first_day
    fan, daily = fan_of_fit(fit, first), fit.price.daily_bill
    if fan is None or daily is None:
        raise ValueError("the bill is not known, so there is nothing to draw")
    clock = Horizon(first, fit.history.days + AHEAD_DAYS)
    limit = None if bill is None or bill.limit is None else float(per_month(bill.limit[-28:].mean()))
    flags = [Flag(fit.history.days - 1, f"Last day, {day(fit.history.last_day)}")]
    lines = [Line("Bill, mean of 28 days", _so_far(daily, clock), look.colour(0))]
    lines.append(Line("Forecast, middle", _along(fan, clock), look.colour(1), since=fit.history.days - 1))
    window = None
    if limit is not None:
        lines.append(Line("Limit today", np.full(clock.days, limit), look.ink, dash=DASHED))
        window = _window(fan, limit, bill)
    top = _top([line.finite_values for line in lines], fan.high)
    axis = money_axis("Dollars a month", headroom(top, flags, HEIGHT))
    layers = [
        *window_layer(window, clock, look, flags),
        *flag_layers(flags, clock, look),
        _band(fan, clock, look.colour(1), axis),
        line_layer(lines, days_to_draw(clock), clock, axis),
        pointer_layer(lines, days_to_draw(clock), clock, look),
    ]
    return dress_chart(layers, look, forecast_words(fit), forecast_note(window), titled=titled, height=HEIGHT)


def forecast_words(fit: OwnFit) -> str:
    """The takeaway: the bill now, and in a year."""
    last, now = fit.forecast[-1], fit.price.usd_per_month or 0.0
    return (
        f"The bill is {usd(now)} a month; in a year it is {usd(last.low)} to {usd(last.high)} "
        f"with a chance of 80 %, {usd(last.mid)} in the middle"
    )


def forecast_note(window: tuple[int, int] | None) -> str:
    """What is drawn, in one line."""
    note = "Bill of the last 28 days, in dollars a month; shaded: where it lies with a chance of 80 %"
    return f"{note}; yellow: the warning window before the middle line reaches the limit" if window else note


def _window(fan: Fan80, limit: float, bill: RealBill | None) -> tuple[int, int] | None:
    """The warning window before the middle line reaches the limit."""
    reached = np.flatnonzero(fan.middle >= limit)
    if bill is None or not reached.size:
        return None
    closes, opens = bill.scenario.decision.warn_months
    threat = float(fan.days[reached[0]])
    return round(threat - opens * MONTH_DAYS), round(threat - closes * MONTH_DAYS)


def replayed_chart(replay: Replay, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """The bill as it came until half a year after the limit, the limit, and the fans that were foretold on the way."""
    bill = replay.bill
    assert bill.limit is not None
    clock = Horizon(bill.history.first_day, _days_shown(replay))
    fans = replayed_fans(replay)
    limit = per_month(trailing_mean(bill.limit))[: clock.days]
    came, highest = _so_far(bill.daily, clock), OVER_LIMIT * float(limit.max())
    lines = [
        Line("Bill, mean of 28 days", np.where(came > highest, np.nan, came), look.colour(0)),
        Line("Limit", limit, look.ink, dash=DASHED),
    ]
    flags = _flags(replay, clock)
    top = _top([line.finite_values for line in lines], np.concatenate([fan.high for fan in fans] or [np.zeros(1)]))
    axis = money_axis("Dollars a month", headroom(min(top, 1.03 * highest), flags, HEIGHT))
    layers = [
        *flag_layers(flags, clock, look),
        *(_band(fan, clock, look.colour(1), axis) for fan in fans),
        line_layer(lines, days_to_draw(clock), clock, axis),
        pointer_layer(lines, days_to_draw(clock), clock, look),
    ]
    note = "Bill of the last 28 days as it came, in dollars a month; shaded: what was foretold, with a chance of 80 %"
    note += f"; nothing above {OVER_LIMIT:g} times the limit is shown" if (came > highest).any() else ""
    return dress_chart(layers, look, replay.sentence.rstrip("."), note, titled=titled, height=HEIGHT)


def _days_shown(replay: Replay) -> int:
    """Days of the history up to half a year after the limit, or as long as it was away; what came later is no part of
    the question."""
    history = replay.bill.history
    if replay.threat is None:
        return history.days
    until = (replay.threat - history.first_day).days
    return min(history.days, until + min(until, AFTER_DAYS))


def replayed_fans(replay: Replay) -> list[Fan80]:
    """Some fans of the past, evenly over what is shown, cut where it ends or the next but one begins."""
    first = replay.bill.history.first_day
    last = first + timedelta(days=_days_shown(replay) - 1)
    mondays = [week.monday for week in replay.weeks if week.monday <= last]
    step = max(len(mondays) // FANS, 8)
    found = []
    for monday in mondays[::step][:FANS]:
        ahead = min((last - monday).days, 7 * step)
        fan = fan_of_fit(replay.fit_as_of(monday), first, ahead) if ahead >= 14 else None
        found += [] if fan is None else [fan]
    return found


def _flags(replay: Replay, clock: Horizon) -> list[Flag]:
    named: Sequence[tuple[str, date | None]] = (
        ("First warning", replay.first_warning.monday if replay.first_warning else None),
        ("First call to start", replay.first_call.monday if replay.first_call else None),
        ("Limit reached", replay.threat),
    )
    return [Flag(clock.day_of(when), f"{label}, {day(when)}") for label, when in named if when is not None]


def _so_far(daily: Floats, clock: Horizon) -> Floats:
    means = per_month(trailing_mean(np.nan_to_num(daily)))[: clock.days]
    return np.concatenate([means, np.full(clock.days - means.size, np.nan)])


def _along(fan: Fan80, clock: Horizon) -> Floats:
    every = np.arange(clock.days, dtype=np.float64)
    return np.where((every >= fan.days[0]) & (every <= fan.days[-1]), np.interp(every, fan.days, fan.middle), np.nan)


def _top(lines: Sequence[Floats], high: Floats) -> float:
    tallest = max((float(values.max()) for values in lines if values.size), default=1.0)
    return 1.03 * min(max(tallest, float(high.max())), TALL * tallest)


def _band(fan: Fan80, clock: Horizon, colour: str, axis: Spec) -> Spec:
    rows = [
        {"day": moment(clock, int(at)), "value": float(low), "high": float(high)}
        for at, low, high in zip(fan.days, fan.low, fan.high, strict=True)
        if at < clock.days
    ]
    encoding = {"x": channel("day:T"), "y": axis, "y2": second("high")}
    return layer(rows, "area", encoding, color=colour, opacity=0.25, clip=True)
