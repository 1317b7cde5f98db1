"""Lines over time: what a chart draws of a daily series, and the layers that draw it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.charts.style import Look
from switchpoint.clock import NEVER, Clock, Floats, Ints
from switchpoint.words import usd

POINTS = 160
"""About so many points are drawn of each line, one a week or every few weeks."""
SOLID: tuple[int, ...] = (1, 0)
DASHED: tuple[int, ...] = (7, 4)
DOTTED: tuple[int, ...] = (2, 3)


@dataclass(frozen=True)
class Line:
    """One line: its name in the legend, its daily values and the days from `since` to before `until`."""

    name: str
    values: Floats
    colour: str
    since: int = 0
    until: int = NEVER
    dash: tuple[int, ...] = SOLID

    def at(self, day: int) -> float | None:
        """The value on a day, None where it is not drawn."""
        value = float(self.values[day]) if self.since <= day < self.until else math.nan
        return value if math.isfinite(value) else None

    @property
    def drawn(self) -> Floats:
        """The finite values that are drawn."""
        part = self.values[self.since : min(self.until, self.values.size)]
        return part[np.isfinite(part)]


def sampled(clock: Clock, also: Sequence[int] = ()) -> Ints:
    """Days to draw: whole weeks apart, the last one, and those on which something happens."""
    step = 7 * math.ceil(clock.days / 7 / POINTS)
    kept = [day for day in also if 0 <= day < clock.days]
    return np.unique([*range(0, clock.days, step), *kept, clock.days - 1])


def moment(clock: Clock, day: int) -> str:
    """A day as Vega reads it: midnight of wherever the reader is."""
    return f"{clock.date_of(day).isoformat()}T00:00:00"


def plotted(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A chart of rows, yet without a mark."""
    import altair

    alt: Any = altair
    return alt.Chart({"values": list(rows)})


def line_layer(lines: Sequence[Line], days: Ints, clock: Clock, y: Any) -> Any:
    """The lines with one legend for colour and dash."""
    import altair as alt

    rows = [
        {"day": moment(clock, int(day)), "line": line.name, "value": value}
        for line in lines
        for day in days
        if (value := line.at(int(day))) is not None
    ]
    names = [line.name for line in lines]
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=400, columns=2, columnPadding=24)

    def scale(values: list[Any]) -> dict[str, Any]:
        return {"legend": legend, "scale": alt.Scale(domain=names, range=values)}

    return (
        plotted(rows)
        .mark_line(clip=True, strokeWidth=2.4)
        .encode(
            x=time_axis(clock),
            y=y,
            color=alt.Color("line:N", **scale([line.colour for line in lines])),
            strokeDash=alt.StrokeDash("line:N", **scale([list(line.dash) for line in lines])),
        )
    )


def pointer_layer(
    lines: Sequence[Line], days: Ints, clock: Clock, look: Look, word: Callable[[float], str] = usd
) -> Any:
    """A rule that follows the pointer and says what every line is at that day."""
    import altair as alt

    rows = [_words(lines, int(day), clock, word) for day in days]
    near = alt.selection_point(
        name="near", nearest=True, on="pointermove", fields=["day"], empty=False, clear="mouseout"
    )
    tooltip = [alt.Tooltip("date:N", title="Day")]
    tooltip += [alt.Tooltip(f"v{i}:N", title=line.name) for i, line in enumerate(lines)]
    return (
        plotted(rows)
        .mark_rule(color=look.muted)
        .encode(
            x="day:T",
            opacity=alt.condition(near, alt.value(0.8), alt.value(0)),
            tooltip=tooltip,
        )
        .add_params(near)
    )


def _words(lines: Sequence[Line], day: int, clock: Clock, word: Callable[[float], str]) -> dict[str, str]:
    when = clock.date_of(day)
    row = {"day": moment(clock, day), "date": f"{when.day} {when:%B %Y}"}
    for i, line in enumerate(lines):
        value = line.at(day)
        row[f"v{i}"] = "–" if value is None else word(value)
    return row


def time_axis(clock: Clock) -> Any:
    """The axis of days, the whole horizon wide; stated by one layer of a chart, the others share it."""
    import altair as alt

    ends = [moment(clock, 0), moment(clock, clock.days - 1)]
    axis = alt.Axis(title=None, tickCount={"interval": "month", "step": _step(clock)}, labelOverlap="greedy")
    return alt.X("day:T", axis=axis, scale=alt.Scale(domain=ends))


def _step(clock: Clock) -> int:
    months = len(clock.months)
    return next((step for step in (1, 3, 6, 12, 24) if months / step <= 16), 60)


def money_axis(title: str, top: float, bottom: float = 0.0) -> Any:
    """An axis of dollars between two values, its title above it."""
    import altair as alt

    shape = "$~s" if top - bottom >= 10 else "$.2f"
    axis = alt.Axis(
        title=title,
        labelExpr=f"datum.value === 0 ? '$0' : replace(format(datum.value, '{shape}'), 'G', 'B')",
        tickCount=6,
        titleAngle=0,
        titleAlign="left",
        titleBaseline="bottom",
        titleX=0,
        titleY=-6,
    )
    return alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[bottom, top], nice=False))
