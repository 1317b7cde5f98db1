"""Channels, layers, colours, fonts.

The charts of the app are put together anew at every change of a number, so they are not built from Altair's objects,
which check and copy themselves many times over.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
