"""Flags: dated rules, each with its label in a row of its own, so that no two labels meet at any width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from switchpoint.charts.lines import moment
from switchpoint.charts.spec import Spec, channel, expr, layer, second, value
from switchpoint.charts.style import Look
from switchpoint.clock import Clock

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


def flag_layers(flags: Sequence[Flag], clock: Clock, look: Look) -> list[Spec]:
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


def window_layer(window: tuple[int, int] | None, clock: Clock, look: Look, flags: Sequence[Flag]) -> list[Spec]:
    """The warning window as a shaded band below the labels."""
    first, last = (max(window[0], 0), min(window[1], clock.days - 1)) if window else (0, 0)
    if last <= first:
        return []
    ends = {"x": channel("day:T"), "x2": second("end"), "y": value(band(flags)), "y2": value("height")}
    rows = [{"day": moment(clock, first), "end": moment(clock, last)}]
    return [layer(rows, "rect", ends, color=look.window, opacity=0.28)]
