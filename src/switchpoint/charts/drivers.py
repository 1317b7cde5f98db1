"""The chart of what drives a sweep: the part of the variance that each input explains by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from switchpoint.charts.spec import Drawing, channel, expr, layer, tip, value
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.study.sweep.influence import Influence
from switchpoint.study.sweep.results import Input
from switchpoint.words import percent

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
    def inputs(self) -> list[Input]:
        """The inputs, the one that explains most first."""
        most: dict[str, tuple[float, Input]] = {}
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
        names.append({"y": place * pitch + TEXT / 2, "name": _begun(each.name)})
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
    return dressed(layers, look, drivers_words(found), drivers_note(found), titled=titled, height=height)


def drivers_words(found: Driven) -> str:
    """What drives most, in one sentence."""
    first = {what: max(shares, key=lambda column: shares[column]) for what, shares in found.shares.items()}
    names = {each.column: each.name for each in found.inputs}
    told = {what: (names[column], percent(found.shares[what][column])) for what, column in first.items()}
    said = {DATE: "the start-by date", SAVING: "the saving"}
    (what, (name, share)), *more = told.items()
    text = f"{_begun(name)} drives {said[what]} most, {share} of its variance"
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


def _first(pair: tuple[float, Input]) -> float:
    return pair[0]


def _begun(name: str) -> str:
    return name[:1].upper() + name[1:]
