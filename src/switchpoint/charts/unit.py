"""The chart of cost per 1,000 requests: every route as if it carried its share."""

from __future__ import annotations

from typing import Any

import numpy as np

from switchpoint.charts.flags import Flag, flag_layers, headroom
from switchpoint.charts.lines import DASHED, Line, line_layer, money_axis, pointer_layer, sampled
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import date_of, lead, short, unit_takeaway, within
from switchpoint.clock import Floats
from switchpoint.finance import trailing_mean
from switchpoint.result import Result

HEIGHT = 380
NOTE = (
    "Mean of the last 28 days, each candidate as if it were live: serving, upkeep and what stays on the current route"
)


def unit_chart(result: Result, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Dollars per 1,000 requests over time."""
    clock, lines, flags = result.case.clock, unit_lines(result, look), unit_flags(result)
    days = sampled(clock, [flag.day for flag in flags])
    top = max((float(line.drawn.max()) for line in lines if line.drawn.size), default=0.0)
    axis = money_axis("Dollars per 1,000 requests", headroom(1.05 * top, flags, HEIGHT))
    layers = [
        *flag_layers(flags, clock, look),
        line_layer(lines, days, clock, axis),
        pointer_layer(lines, days, clock, look),
    ]
    return dressed(layers, look, unit_takeaway(result), NOTE, titled=titled, height=HEIGHT)


def unit_lines(result: Result, look: Look) -> list[Line]:
    """The current route, the candidates, and the limit where there is one that does not dwarf them."""
    case = result.case
    requests = trailing_mean(case.setting.traffic.requests)
    lines = [Line("Current route", case.usd_per_1000, look.colour(0))]
    for place, outlook in enumerate(case.outlooks, 1):
        cost = per_1000(trailing_mean(outlook.running.cost), requests)
        lines.append(Line(short(outlook.name), cost, look.colour(place)))
    if not case.scenario.limited:
        return lines
    limit = Line("Limit", per_1000(case.limits.trailing, requests), look.ink, dash=DASHED)
    highest = max((float(line.drawn.max()) for line in lines if line.drawn.size), default=0.0)
    return [*lines, limit] if limit.drawn.size and limit.drawn.max() <= 2 * highest else lines


def per_1000(daily: Floats, requests: Floats) -> Floats:
    """Dollars per 1,000 requests; NaN without requests."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cost: Floats = np.where(requests > 0, 1000 * daily / requests, np.nan)
    return cost


def unit_flags(result: Result) -> list[Flag]:
    """From when the leading candidate is cheaper, and from when no longer."""
    best = lead(result)
    if best is None or not 0 < best.running.crossover < result.case.clock.days:
        return []
    flags = [Flag(best.running.crossover, f"{short(best.name)} cheaper from {date_of(result, best.running.crossover)}")]
    if within(result, best.running.reverts):
        flags.append(Flag(best.running.reverts, f"Dearer again {date_of(result, best.running.reverts)}"))
    return flags
