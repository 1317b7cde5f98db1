"""Channels, layers, colours and fonts of charts; lines over days, flags, pointer.

Channels, layers, colours, fonts.

The charts of the app are put together anew at every change of a number, so they are not built from Altair's objects,
which check and copy themselves many times over.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from switchpoint.horizon import NEVER, Floats, Horizon, Ints
from switchpoint.text import day as day_words
from switchpoint.text import usd

# Channels, layers, colours, fonts ------------------------------------------------------------------------------------

Spec = dict[str, Any]
TYPES = {"T": "temporal", "Q": "quantitative", "N": "nominal", "O": "ordinal"}
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


class Drawing:
    """A chart that is done. It hands over its specification as a chart of Altair does."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def to_dict(self, **_: Any) -> Spec:
        """The specification."""
        return dict(self._spec)


def channel(field: str, **more: Any) -> Spec:
    """What is encoded: "day:T" is the field `day`, a time.

    >>> channel("value:Q", scale=None)
    {'field': 'value', 'type': 'quantitative', 'scale': None}
    """
    name, _, kind = field.rpartition(":")
    return {"field": name, "type": TYPES[kind], **more}


def second(field: str) -> Spec:
    """The other end of a bar, band or rule."""
    return {"field": field}


def value(what: Any) -> Spec:
    """A constant in place of a field."""
    return {"value": what}


def tip(field: str, title: str) -> Spec:
    """A line of a tooltip."""
    return channel(field, title=title)


def expr(text: str) -> Spec:
    """An expression that Vega computes."""
    return {"expr": text}


def layer(rows: Iterable[Mapping[str, Any]], mark: str, encoding: Mapping[str, Any], **style: Any) -> Spec:
    """One layer: its rows, the kind of its marks with their style, and what they encode."""
    return {"data": {"values": list(rows)}, "mark": {"type": mark, **style}, "encoding": dict(encoding)}


def layer_spec(layers: Iterable[Spec]) -> Spec:
    """Layers as one specification."""
    return {"$schema": SCHEMA, "layer": list(layers)}


FONT = "'Source Sans', 'Source Sans Pro', 'Liberation Sans', Arial, sans-serif"
"""The app's font, then what a machine without it has; without a generic name at the end, exports lose their text."""
WIDTH = 960
WRAP = 104
"""Letters of a title before it goes on in a second line."""


@dataclass(frozen=True)
class Look:
    """Colours of one ground. `series` holds the current route first, then the candidates in their order."""

    name: str
    ground: str
    ink: str
    muted: str
    grid: str
    window: str
    series: tuple[str, ...]

    def colour(self, place: int) -> str:
        """Colour of the current route (0) or of the n-th candidate; they repeat when there are many."""
        return self.series[0] if place == 0 else self.series[1 + (place - 1) % (len(self.series) - 2)]


LIGHT = Look(
    name="light",
    ground="#ffffff",
    ink="#1b2430",
    muted="#5a6675",
    grid="#e6eaf0",
    window="#f5c542",
    series=("#1f5fc4", "#a33a08", "#0b8f78", "#a8328f", "#958d13", "#37424e"),
)
DARK = Look(
    name="dark",
    ground="#12161c",
    ink="#e6eaf0",
    muted="#a3aebc",
    grid="#2a323d",
    window="#d9a520",
    series=("#5b93f5", "#f0843f", "#7be0c3", "#f0a3ea", "#f2d544", "#8a94a1"),
)


def config(look: Look) -> dict[str, Any]:
    """The Vega-Lite configuration of a look."""
    axis = {
        "labelColor": look.muted,
        "titleColor": look.muted,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": look.grid,
        "domainColor": look.muted,
        "tickColor": look.muted,
        "labelFlush": False,
    }
    return {
        "font": FONT,
        "background": look.ground,
        "view": {"stroke": None},
        "axis": axis,
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
        "axisX": {"grid": False},
        "legend": {"labelColor": look.ink, "labelFontSize": 13, "labelLimit": 260, "rowPadding": 4, "offset": 28},
        "title": {
            "color": look.ink,
            "subtitleColor": look.muted,
            "fontSize": 17,
            "subtitleFontSize": 13,
            "anchor": "start",
            "frame": "group",
            "offset": 14,
        },
    }


def dress_chart(
    layers: Sequence[Spec], look: Look, title: str, subtitle: str, *, titled: bool, height: int, wrap: int = WRAP
) -> Drawing:
    """A chart with its look and height; `titled`, with its words and width too, for where nothing else states them.

    Args:
        layers: what is drawn.
        look: its colours.
        title: the takeaway.
        subtitle: what is drawn, in one line.
        titled: whether both stand on it.
        height: of the plot, pixels.
        wrap: letters of the title's line.
    """
    spec = layer_spec(layers) | {"height": height, "autosize": {"type": "fit-x", "contains": "padding"}}
    if titled:
        words = {"text": textwrap.wrap(title, wrap), "subtitle": textwrap.wrap(subtitle, wrap + 30)}
        spec |= {"width": WIDTH, "title": words, "padding": 16, "description": f"{title}. {subtitle}."}
    return Drawing(spec | {"config": config(look)})


# Lines over days, flags, pointer -------------------------------------------------------------------------------------

POINTS = 160
"""About so many points are drawn of each line, one a week or every few weeks."""
SOLID: tuple[int, ...] = (1, 0)
DASHED: tuple[int, ...] = (7, 4)
DOTTED: tuple[int, ...] = (2, 3)
DASH_DOTTED: tuple[int, ...] = (9, 3, 2, 3)
AGAIN: tuple[tuple[int, ...], ...] = (SOLID, (12, 3, 2, 3), (12, 3, 2, 3, 2, 3))
"""Strokes of candidates in a first, second and further round of the colours."""


def stroke_of(place: int, look: Look) -> tuple[int, ...]:
    """The stroke of the n-th candidate (from 1), which tells it from the one whose colour it shares."""
    turn = sum(look.colour(each) == look.colour(place) for each in range(1, place))
    return AGAIN[min(turn, len(AGAIN) - 1)]


FAR = 4
"""A limit that lies so many times above everything else is left out of the picture."""


@dataclass(frozen=True)
class Line:
    """One line: its name in the legend, its daily values and the days from `since` to before `until`."""

    name: str
    values: Floats
    colour: str
    since: int = 0
    until: int = NEVER
    dash: tuple[int, ...] = SOLID

    def values_on(self, days: Ints) -> list[float | None]:
        """The values on some days, None where it is not drawn."""
        values = self.values[days]
        shown = (days >= self.since) & (days < self.until) & np.isfinite(values)
        return [value if is_shown else None for value, is_shown in zip(values.tolist(), shown.tolist(), strict=True)]

    @property
    def finite_values(self) -> Floats:
        """The finite values that are drawn."""
        part = self.values[self.since : min(self.until, self.values.size)]
        return part[np.isfinite(part)]


def days_to_draw(clock: Horizon, also: Sequence[int] = ()) -> Ints:
    """Days to draw: whole weeks apart, the last one, and those on which something happens."""
    step = 7 * math.ceil(clock.days / 7 / POINTS)
    kept = [day for day in also if 0 <= day < clock.days]
    return np.unique([*range(0, clock.days, step), *kept, clock.days - 1])


@lru_cache(maxsize=8192)
def moment(clock: Horizon, day: int) -> str:
    """A day as Vega reads it: midnight of wherever the reader is."""
    return f"{clock.date_of(day).isoformat()}T00:00:00"


def chart_of(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A chart of rows, yet without a mark."""
    import altair

    alt: Any = altair
    return alt.Chart({"values": list(rows)})


def line_layer(lines: Sequence[Line], days: Ints, clock: Horizon, y: Spec) -> Spec:
    """The lines with one legend for colour and dash."""
    moments = [moment(clock, day) for day in days.tolist()]
    rows = [
        {"day": when, "line": line.name, "value": value}
        for line in lines
        for when, value in zip(moments, line.values_on(days), strict=True)
        if value is not None
    ]
    names = [line.name for line in lines]
    legend = {"title": None, "orient": "top", "symbolType": "stroke", "symbolSize": 400}
    legend |= {"columns": 2, "columnPadding": 24}

    def by_name(values: list[Any]) -> Spec:
        return channel("line:N", legend=legend, scale={"domain": names, "range": values})

    encoding = {
        "x": time_axis(clock),
        "y": y,
        "color": by_name([line.colour for line in lines]),
        "strokeDash": by_name([list(line.dash) for line in lines]),
    }
    return layer(rows, "line", encoding, clip=True, strokeWidth=2.4)


def pointer_layer(
    lines: Sequence[Line], days: Ints, clock: Horizon, look: Look, word: Callable[[float], str] = usd
) -> Spec:
    """A rule that follows the pointer and says what every line is at that day."""
    columns = {f"v{i}": line.values_on(days) for i, line in enumerate(lines)}
    rows = [
        {"day": moment(clock, day), "date": _day_name(clock, day)}
        | {name: "–" if (at := column[place]) is None else word(at) for name, column in columns.items()}
        for place, day in enumerate(days.tolist())
    ]
    encoding = {
        "x": channel("day:T"),
        "opacity": {"condition": {"param": "near", "empty": False, "value": 0.8}, "value": 0},
        "tooltip": [tip("date:N", "Day"), *(tip(f"v{i}:N", line.name) for i, line in enumerate(lines))],
    }
    near = {"type": "point", "nearest": True, "on": "pointermove", "fields": ["day"], "clear": "mouseout"}
    return {**layer(rows, "rule", encoding, color=look.muted), "params": [{"name": "near", "select": near}]}


@lru_cache(maxsize=8192)
def _day_name(clock: Horizon, day: int) -> str:
    return day_words(clock.date_of(day))


def time_axis(clock: Horizon) -> Spec:
    """The axis of days, the whole horizon wide; stated by one layer of a chart, the others share it."""
    ends = [moment(clock, 0), moment(clock, clock.days - 1)]
    months = {"interval": "month", "step": _step(clock)}
    return channel("day:T", axis={"title": None, "tickCount": months, "labelOverlap": "greedy"}, scale={"domain": ends})


def _step(clock: Horizon) -> int:
    months = len(clock.months)
    return next((step for step in (1, 3, 6, 12, 24) if months / step <= 16), 60)


def money_axis(title: str, top: float, bottom: float = 0.0) -> Spec:
    """An axis of dollars between two values, its title above it."""
    shape = "$~s" if top - bottom >= 10 else "$.2f"
    return value_axis(
        title, top, bottom, f"datum.value === 0 ? '$0' : replace(format(datum.value, '{shape}'), 'G', 'B')"
    )


def value_axis(title: str, top: float, bottom: float = 0.0, label: str = "") -> Spec:
    """An axis between two values, its title above it.

    Args:
        title: in words, with the unit.
        top: upper end.
        bottom: lower end.
        label: expression that makes a tick's label; left out, the number.
    """
    axis: Spec = {"title": title, "tickCount": 6, "titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom"}
    axis |= {"titleX": 0, "titleY": -6} | ({"labelExpr": label} if label else {})
    return channel("value:Q", axis=axis, scale={"domain": [bottom, top], "nice": False})


ROW = 19
"""Height of a row of labels, pixels."""
TURN = 0.5
"""Part of the width from which a label stands left of its rule."""


@dataclass(frozen=True)
class Flag:
    """A label at a day."""

    day: int
    label: str


def band(flags: Sequence[Flag]) -> int:
    """Height that the labels take at the top of a chart, pixels."""
    return ROW * len(flags) + 4 if flags else 0


def headroom(top: float, flags: Sequence[Flag], height: int, bottom: float = 0.0) -> float:
    """Upper end of an axis whose highest value stays below the labels."""
    return bottom + (top - bottom) * height / (height - band(flags)) if top > bottom else bottom + 1.0


def flag_layers(flags: Sequence[Flag], clock: Horizon, look: Look) -> list[Spec]:
    """Rules and labels; earlier dates stand higher."""
    if not flags:
        return []
    rows = [
        {
            "day": moment(clock, flag.day),
            "label": flag.label,
            "y": row * ROW + ROW / 2,
            "left": flag.day > TURN * clock.days,
            "room": max(flag.day / clock.days, 1 - flag.day / clock.days),
        }
        for row, flag in enumerate(sorted(flags, key=lambda flag: flag.day))
    ]
    at = {"x": channel("day:T"), "y": channel("y:Q", scale=None, axis=None)}
    place = {
        "align": expr("datum.left ? 'right' : 'left'"),
        "dx": expr("datum.left ? -6 : 6"),
        "baseline": "middle",
        "fontSize": 12.5,
        "fontWeight": 600,
        "limit": expr("datum.room * width - 6"),
    }
    words = {**at, "text": channel("label:N")}
    halo = {"color": look.ground, "stroke": look.ground, "strokeWidth": 5, "strokeJoin": "round", "aria": False}
    rule = {"color": look.muted, "strokeWidth": 1.2, "strokeDash": [3, 2], "yOffset": -7}
    return [
        layer(rows, "rule", {**at, "y2": value("height")}, **rule),
        layer(rows, "text", words, **place, **halo),
        layer(rows, "text", words, **place, color=look.ink),
    ]


def window_layer(window: tuple[int, int] | None, clock: Horizon, look: Look, flags: Sequence[Flag]) -> list[Spec]:
    """The warning window as a shaded band below the labels."""
    first, last = (max(window[0], 0), min(window[1], clock.days - 1)) if window else (0, 0)
    if last <= first:
        return []
    ends = {"x": channel("day:T"), "x2": second("end"), "y": value(band(flags)), "y2": value("height")}
    rows = [{"day": moment(clock, first), "end": moment(clock, last)}]
    return [layer(rows, "rect", ends, color=look.window, opacity=0.28)]
