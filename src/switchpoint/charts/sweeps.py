"""Decision map, drivers."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

from switchpoint.charts.vega import LIGHT, Drawing, Look, Spec, channel, dress_chart, expr, layer, second, tip, value
from switchpoint.study.sweep.drivers_and_map import AGREE, Axis, Cell, Influence, Regions, in_words
from switchpoint.study.sweep.results import VariedInput
from switchpoint.text import percent

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
    cells = [_cell_row(cell) for cell in regions.cells]
    colour = channel("answer:N", scale={"domain": list(colours), "range": list(colours.values())}, title=None)
    layers = [layer(cells, "rect", {"x": x, "y": y, **ends, "color": colour}, stroke=look.ground, strokeWidth=1)]
    if borders := _borders(regions):
        for ink, width in ((look.ground, 5.0), (look.ink, 2.5)):
            layers.append(layer(borders, "rule", {"x": x, "y": y, **ends}, color=ink, strokeWidth=width))
    if dots := [{"x": c.x + 0.5, "y": c.y + 0.5} for c in regions.cells if c.agree < AGREE]:
        layers.append(layer(dots, "circle", {"x": x, "y": y}, color=look.ground, size=50, opacity=1))
    height = min(max(rows * CELL, LEAST_HIGH), MOST_HIGH)
    return dress_chart(layers, look, regions.takeaway, map_note(regions), titled=titled, height=height)


def _cell_row(cell: Cell) -> dict[str, Any]:
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


LITTLE = 0.01
"""Shares of the variance below this are not drawn."""
MOST_BARS = 8
DATE, SAVING = "Start-by date", "Saving"
TEXT, BAR, SPACE = 20, 16, 12
"""Heights of an input's words, of a bar, and of the space below an input, pixels."""


@dataclass(frozen=True)
class Driven:
    """What drives the start-by date and the saving; one of the two may be empty."""

    on_start: Sequence[Influence]
    on_saving: Sequence[Influence]
    left: int
    """Inputs that are left out because others drive more."""

    @cached_property
    def inputs(self) -> list[VariedInput]:
        """The inputs, the one that explains most first."""
        most: dict[str, tuple[float, VariedInput]] = {}
        for each in (*self.on_start, *self.on_saving):
            most[each.input.column] = max(
                most.get(each.input.column, (0.0, each.input)), (each.share, each.input), key=_first
            )
        return [each for _, each in sorted(most.values(), key=_first, reverse=True)]

    @cached_property
    def shares(self) -> Mapping[str, Mapping[str, float]]:
        """Shares of the variance by what is driven, then by the input's column."""
        sides = {DATE: self.on_start, SAVING: self.on_saving}
        return {name: {each.input.column: each.share for each in side} for name, side in sides.items() if side}


def driven(on_start: Sequence[Influence], on_saving: Sequence[Influence]) -> Driven | None:
    """The inputs that explain something by themselves, at most `MOST_BARS`; None where none does."""
    every = Driven(on_start, on_saving, 0).inputs
    share = {
        each.column: max(i.share for i in (*on_start, *on_saving) if i.input.column == each.column) for each in every
    }
    listed = [each.column for each in every if share[each.column] >= LITTLE]
    if not listed:
        return None
    kept = set(listed[:MOST_BARS])
    start, saving = ([each for each in side if each.input.column in kept] for side in (on_start, on_saving))
    return Driven(start, saving, len(listed) - len(kept))


def drivers_chart(found: Driven, look: Look = LIGHT, *, titled: bool = True) -> Drawing:
    """Bars of shares below the name of each input, so that they fit any width.

    Args:
        found: what drives what.
        look: its colours.
        titled: whether the takeaway stands on it.
    """
    pitch = TEXT + BAR * len(found.shares) + SPACE
    colours = {name: look.colour(place) for place, name in enumerate((DATE, SAVING)) if name in found.shares}
    rows: list[dict[str, Any]] = []
    names = []
    for place, each in enumerate(found.inputs):
        names.append({"y": place * pitch + TEXT / 2, "name": _capitalize(each.name)})
        for beside, (what, shares) in enumerate(found.shares.items()):
            top, share = place * pitch + TEXT + beside * BAR, shares.get(each.column, 0.0)
            row = {"y": top, "y2": top + BAR - 2, "share": share, "what": what, "zero": 0}
            rows.append({**row, "input": each.name, "told": percent(share)})
    height = pitch * len(found.inputs)
    pixels = channel("y:Q", scale={"domain": [0, height], "range": [0, {"expr": "height"}]}, axis=None)
    axis = {"title": "Share of the variance", "format": ".0%", "grid": True, "tickCount": 5}
    across = channel("share:Q", axis=axis, scale={"domainMin": 0, "nice": True})
    colour = channel("what:N", scale={"domain": [*colours], "range": [*colours.values()]}, legend=_legend(colours))
    tips = [tip("input:N", "Input"), tip("what:N", "Of"), tip("told:N", "Share")]
    bars = {"x": across, "x2": {"field": "zero"}, "y": pixels, "y2": {"field": "y2"}, "color": colour, "tooltip": tips}
    ends = {"x": across, "y": channel("middle:Q", scale=pixels["scale"], axis=None), "text": channel("told:N")}
    words = {"x": value(0), "y": pixels, "text": channel("name:N")}
    layers = [
        layer(rows, "rect", bars),
        layer(
            [{**row, "middle": row["y"] + BAR / 2 - 1} for row in rows],
            "text",
            ends,
            align="left",
            dx=5,
            color=look.muted,
        ),
        layer(
            names, "text", words, align="left", baseline="middle", fontSize=12.5, limit=expr("width"), color=look.ink
        ),
    ]
    return dress_chart(layers, look, drivers_words(found), drivers_note(found), titled=titled, height=height)


def drivers_words(found: Driven) -> str:
    """What drives most, in one sentence."""
    first = {what: max(shares, key=lambda column: shares[column]) for what, shares in found.shares.items()}
    names = {each.column: each.name for each in found.inputs}
    told = {what: (names[column], percent(found.shares[what][column])) for what, column in first.items()}
    said = {DATE: "the start-by date", SAVING: "the saving"}
    (what, (name, share)), *more = told.items()
    text = f"{_capitalize(name)} drives {said[what]} most, {share} of its variance"
    for other, (its, part) in more:
        also = f", and {said[other]}, {part}" if its == name else f"; {its} drives {said[other]}, {part}"
        text += also
    return text


def drivers_note(found: Driven) -> str:
    """What is drawn, in one line."""
    left = f"; {found.left} smaller left out" if found.left else ""
    dates = "; dates count where there is one" if DATE in found.shares else ""
    return (
        f"Part of the variance over the points that each input explains by itself, the others as they come{dates}{left}"
    )


def _legend(colours: Mapping[str, str]) -> dict[str, object] | None:
    return {"title": None, "orient": "top", "symbolType": "square", "offset": 8} if len(colours) > 1 else None


def _first(pair: tuple[float, VariedInput]) -> float:
    return pair[0]


def _capitalize(name: str) -> str:
    return name[:1].upper() + name[1:]
