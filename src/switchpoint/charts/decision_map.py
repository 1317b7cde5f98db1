"""The decision map of a sweep: which answer is right over the two inputs that decide it, with the border drawn."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from math import ceil
from typing import Any

from switchpoint.charts.spec import Spec, channel, layer, second
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.study.sweep.regions import AGREE, Axis, Cell, Regions, in_words

CELL, MOST_HIGH, LEAST_HIGH = 44, 560, 200
"""Pixels of a cell upwards, and of the whole map at most and at least."""
MOST_LABELS = 10
ACROSS_LETTERS, LABEL_LETTERS, LEAST_LETTERS = 110, 22, 8
"""Letters of all labels across, of one upwards, and of one at least before it goes on in a second line."""
LONGEST_TITLES = {"x": 600, "y": 240}
"""Pixels that the title of an axis takes at most."""
ACTION_COLOURS = {"stay": 0, "start-by": 2, "start-now": 4, "late": 1, "no-remedy": 5}
"""Places in the colours of a look."""
MORE_COLOURS = {
    "light": ("#6b4fd8", "#c2185b", "#4f7a28", "#7a5c3e", "#0f7f9c", "#8a3ffc"),
    "dark": ("#a99bf5", "#ff8fab", "#a6d96a", "#c9a27e", "#5fd0e8", "#c792ea"),
}
"""For candidates of several scenarios, whose places in their own charts may be the same."""


def decision_map(regions: Regions, candidates: Sequence[str], look: Look = LIGHT, *, titled: bool = True) -> Any:
    """The decision map; candidates in the order of the scenario have the colours of its charts."""
    rows = 1 if regions.y is None else len(regions.y.labels)
    colours = {in_words(answer): ink for answer, ink in answer_colours(regions, candidates, look).items()}
    x, y = _encoding("x:Q", regions.x, len(regions.x.labels)), _encoding("y:Q", regions.y, rows)
    ends = {"x2": second("x2"), "y2": second("y2")}
    cells = [_drawn(cell) for cell in regions.cells]
    colour = channel("answer:N", scale={"domain": list(colours), "range": list(colours.values())}, title=None)
    layers = [layer(cells, "rect", {"x": x, "y": y, **ends, "color": colour}, stroke=look.ground, strokeWidth=1)]
    if borders := _borders(regions):
        for ink, width in ((look.ground, 5.0), (look.ink, 2.5)):
            layers.append(layer(borders, "rule", {"x": x, "y": y, **ends}, color=ink, strokeWidth=width))
    if dots := [{"x": c.x + 0.5, "y": c.y + 0.5} for c in regions.cells if c.agree < AGREE]:
        layers.append(layer(dots, "circle", {"x": x, "y": y}, color=look.ground, size=50, opacity=1))
    height = min(max(rows * CELL, LEAST_HIGH), MOST_HIGH)
    return dressed(layers, look, regions.takeaway, map_note(regions), titled=titled, height=height)


def _drawn(cell: Cell) -> dict[str, Any]:
    ends = {"x": cell.x, "x2": cell.x + 1, "y": cell.y, "y2": cell.y + 1}
    return {**ends, "answer": in_words(cell.answer), "agree": cell.agree, "points": cell.points}


def map_note(regions: Regions) -> str:
    """What is drawn, in one line."""
    note = f"The answer that most points of a cell get, {sum(cell.points for cell in regions.cells):,} points"
    mixed = any(cell.agree < AGREE for cell in regions.cells)
    dot = f". A dot: other inputs change it in more than {100 * (1 - AGREE):.0f} % of them"
    return note + (dot if mixed else "")


def answer_colours(regions: Regions, candidates: Sequence[str], look: Look) -> dict[str, str]:
    """The colour of each answer that the map shows: that of the scenario's charts where no other answer has it."""
    answers = {cell.answer for cell in regions.cells}
    found = {action: look.series[place] for action, place in ACTION_COLOURS.items() if action in answers}
    for place, name in enumerate(candidates, 1):
        if name in answers:
            inks = (look.colour(place), *MORE_COLOURS[look.name])
            found[name] = next((ink for ink in inks if ink not in found.values()), inks[0])
    return found


def _encoding(name: str, axis: Axis | None, places: int) -> Spec:
    """Places side by side, each of the same width, with its label in the middle."""
    scale = {"domain": [0, places], "nice": False, "zero": False}
    if axis is None:
        return channel(name, scale=scale, axis=None)
    every = ceil(places / MOST_LABELS)
    ticks = [place + 0.5 for place in range(0, places, every)]
    letters = LABEL_LETTERS if name.startswith("y") else ACROSS_LETTERS // len(ticks)
    lines = [textwrap.wrap(label, max(letters, LEAST_LETTERS)) for label in axis.labels]
    drawn: dict[str, Any] = {"values": ticks, "labelExpr": f"{json.dumps(lines)}[floor(datum.value)]"}
    drawn |= {"ticks": False, "grid": False, "labelAngle": 0, "labelLimit": 160, "labelOverlap": False}
    drawn |= {"title": axis.input.title, "titleLimit": LONGEST_TITLES[name[0]]}
    return channel(name, scale=scale, axis=drawn)


def _borders(regions: Regions) -> list[dict[str, int]]:
    """Lines between neighbouring cells whose answers differ."""
    found = []
    for cell, other in regions.borders():
        if other.x > cell.x:
            found.append({"x": other.x, "x2": other.x, "y": cell.y, "y2": cell.y + 1})
        else:
            found.append({"x": cell.x, "x2": cell.x + 1, "y": other.y, "y2": other.y})
    return found
