"""The chart of cumulative savings: what each candidate has saved, or cost, against staying so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from switchpoint.charts.flags import Flag, flag_layers, headroom
from switchpoint.charts.lines import Line, line_layer, money_axis, pointer_layer, sampled
from switchpoint.charts.spec import layer
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import date_of, lead, saving_takeaway, short, within
from switchpoint.clock import NEVER, Floats
from switchpoint.decision.outlook import Outlook
from switchpoint.result import Result

HEIGHT = 380


def has_saving(result: Result) -> bool:
    """Whether there is a candidate to draw."""
    return bool(result.case.outlooks)


def saving_chart(result: Result, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Cumulative savings against staying over time."""
    clock, lines, flags = result.case.clock, _lines(result, look), _flags(result)
    jumps = [
        int(d) for o in result.case.outlooks for day in np.nonzero(o.ledger.capital > 0)[0] for d in (day - 1, day)
    ]
    days = sampled(clock, [flag.day for flag in flags] + jumps + [clock.days - 2])
    top = max(max(float(line.values.max()) for line in lines), 0.0)
    bottom = min(min(float(line.values.min()) for line in lines), 0.0)
    bottom -= 0.04 * (top - bottom)
    axis = money_axis("Dollars saved so far", headroom(top, flags, HEIGHT, bottom), bottom)
    zero = layer([{"value": 0}], "rule", {"y": axis}, color=look.ink, strokeWidth=1)
    layers = [
        *flag_layers(flags, clock, look),
        zero,
        line_layer(lines, days, clock, axis),
        pointer_layer(lines, days, clock, look),
    ]
    return dressed(layers, look, saving_words(result), saving_note(result), titled=titled, height=HEIGHT)


def saving_words(result: Result) -> str:
    """The takeaway."""
    best = lead(result)
    assert best is not None
    return saving_takeaway(result, best, float(saved(best)[-1]))


def saving_note(result: Result) -> str:
    """What is drawn, in one line."""
    value = (
        ", and the value left of GPUs on the last day" if any(o.ledger.end_credit for o in result.case.outlooks) else ""
    )
    return f"Everything in it: project, both routes in shadow, serving, upkeep{value}. Not discounted"


def saved(outlook: Outlook) -> Floats:
    """Dollars saved against staying up to each day; under a policy that never starts it, of a start today."""
    start = outlook.starts.judged if outlook.project_start == NEVER else outlook.project_start
    cost = outlook.starts.path.ledger.row(outlook.starts.row(start)).total
    total: Floats = np.cumsum(outlook.starts.stay - cost)
    return total


def _lines(result: Result, look: Look) -> list[Line]:
    return [Line(short(o.name), saved(o), look.colour(place)) for place, o in enumerate(result.case.outlooks, 1)]


def _flags(result: Result) -> list[Flag]:
    best = lead(result)
    flags = []
    if best is not None and best.cutover >= 0 and within(result, best.cutover):
        flags.append(Flag(best.cutover, f"{short(best.name)} live {date_of(result, best.cutover)}"))
    if best is not None and within(result, best.break_even.day):
        flags.append(Flag(best.break_even.day, f"Break-even {date_of(result, best.break_even.day)}"))
    return flags
