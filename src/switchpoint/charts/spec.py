"""Vega-Lite as plain values: channels, layers, and the drawing that is made of them.

The charts of the app are put together anew at every change of a number, so they are not built from Altair's objects,
which check and copy themselves many times over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def layered(layers: Iterable[Spec]) -> Spec:
    """Layers as one specification."""
    return {"$schema": SCHEMA, "layer": list(layers)}
