"""Replicas, latency against load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from switchpoint.charts.takeaways import date_of, short, within
from switchpoint.charts.time_axis import (
    DOTTED,
    Flag,
    Line,
    days_to_draw,
    flag_layers,
    headroom,
    line_layer,
    pointer_layer,
    value_axis,
)
from switchpoint.charts.vega import (
    LIGHT,
    SCHEMA,
    WIDTH,
    Drawing,
    Look,
    Spec,
    channel,
    config,
    dress_chart,
    layer,
    layer_spec,
    second,
    tip,
    value,
)
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.finance import trailing_mean
from switchpoint.horizon import Floats
from switchpoint.serving.capacity import Capacity
from switchpoint.serving.capacity_cache import LoadPoint
from switchpoint.serving.rate_trial import Promise
from switchpoint.simulation.fleet import FleetServing
from switchpoint.text import count, percent

if TYPE_CHECKING:
    pass


HEIGHT = 260


def carrier_of(outlook: CandidateResult) -> FleetServing:
    """The fleet of a candidate that has one."""
    carrier = outlook.prospect.carrier
    assert isinstance(carrier, FleetServing)
    return carrier


def hours_of(outlook: CandidateResult, day: int) -> tuple[Floats, Floats]:
    """Replicas and utilisation in each hour of a day on which it carries its whole share; shapes (24,)."""
    carrier = carrier_of(outlook)
    return carrier.sizing.by_hour(float(carrier.requests[day] * carrier.coverage), float(carrier.sizing.capacity[day]))


def hours_chart(outlook: CandidateResult, day: int, look: Look = LIGHT) -> Drawing:
    """Utilisation by hour of a day, against what is planned with."""
    replicas, busy = hours_of(outlook, day)
    target = carrier_of(outlook).sizing.fleet.target_utilisation
    rows = [
        {"hour": f"{hour:02}", "busy": float(part), "told": percent(float(part)), "replicas": count(float(kept))}
        for hour, (kept, part) in enumerate(zip(replicas, busy, strict=True))
    ]
    top = 1.08 * max(float(busy.max()), target, 0.1)
    y = value_axis("Part of what its replicas carry", top, label="format(100 * datum.value, '~f') + ' %'")
    y |= {"field": "busy"}
    x = channel("hour:O", axis={"title": "Hour of the day", "labelAngle": 0, "labelOverlap": "greedy"})
    tips = [tip("hour:O", "Hour"), tip("told:N", "Busy"), tip("replicas:N", "Replicas")]
    bars = layer(rows, "bar", {"x": x, "y": y, "tooltip": tips}, color=look.colour(0), cornerRadiusEnd=2)
    words, note = hours_words(outlook, day), hours_note(outlook)
    return dress_chart([bars, *_target_line(target, y, look)], look, words, note, titled=False, height=HEIGHT)


def hours_words(outlook: CandidateResult, day: int) -> str:
    """The takeaway: how busy the fleet is in the day's busiest hour and on the whole."""
    replicas, busy = hours_of(outlook, day)
    used = float((busy * replicas).sum() / replicas.sum()) if replicas.sum() else 0.0
    when = f"{outlook.clock.date_of(day):%B %Y}"
    return (
        f"In {when} the fleet is {percent(float(busy.max()))} busy in its busiest hour and {percent(used)} over the day"
    )


def hours_note(outlook: CandidateResult) -> str:
    """What is drawn, in one line."""
    rule = carrier_of(outlook).sizing.fleet.scaling
    scaled = {"hourly": "replicas follow the hours", "daily": "replicas for the day's peak", "fixed": "a fixed fleet"}
    scaled["serverless"] = "replicas by the second"
    return f"Load over capacity in each hour, {scaled[rule]}; idle replicas are paid for all the same"


def _target_line(target: float, y: Spec, look: Look) -> list[Spec]:
    rows, at = [{"busy": target, "label": f"planned with: {percent(target)}"}], {"y": y}
    place = {"align": "left", "baseline": "bottom", "dx": 4, "dy": -3, "fontSize": 12.5, "fontWeight": 600}
    label = {**at, "x": value(0), "text": channel("label:N")}
    return [
        layer(rows, "rule", at, color=look.ink, strokeDash=[7, 4]),
        layer(rows, "text", label, color=look.ink, **place),
    ]


def replicas_chart(result: JudgedWorld, outlook: CandidateResult, look: Look = LIGHT) -> Drawing:
    """Replicas over the horizon, in the busiest hour of the week and on average, as if live since the first day."""
    clock, lines, flags = result.case.clock, _lines(result, outlook, look), _flags(result, outlook)
    days = days_to_draw(clock, [flag.day for flag in flags])
    top = max(float(line.finite_values.max()) for line in lines if line.finite_values.size)
    axis = value_axis("Replicas", headroom(1.05 * max(top, 1.0), flags, HEIGHT))
    axis["axis"]["tickMinStep"] = 1
    layers = [
        *flag_layers(flags, clock, look),
        line_layer(lines, days, clock, axis),
        pointer_layer(lines, days, clock, look, _short_number),
    ]
    words, note = replicas_words(result, outlook), REPLICAS_NOTE
    return dress_chart(layers, look, words, note, titled=False, height=HEIGHT)


REPLICAS_NOTE = "As if the candidate were live since the first day, with its whole share"


def replicas_words(result: JudgedWorld, outlook: CandidateResult) -> str:
    """The takeaway: how many replicas it takes, first and last, and from when it is not possible."""
    peak = carrier_of(outlook).full.peak
    if not outlook.possible:
        when = date_of(result, outlook.impossible_from)
        return f"{outlook.name} is not possible from {when}: {outlook.prospect.carrier.why_impossible}"
    first, last = (count(float(peak[place : place + 7].max())) for place in (0, max(peak.size - 7, 0)))
    gpus = carrier_of(outlook).sizing.fleet.gpus_per_replica
    each = "" if gpus == 1 else f" of {gpus} GPUs each"
    if first == last:
        return f"{outlook.name} takes {first} replicas{each} at the peak throughout"
    return f"{outlook.name} takes {first} replicas{each} at the peak today and {last} at the end"


def _lines(result: JudgedWorld, outlook: CandidateResult, look: Look) -> list[Line]:
    sizes, place = carrier_of(outlook).full, result.case.outlooks.index(outlook) + 1
    until = outlook.impossible_from
    return [
        Line("Busiest hour of the week", _busiest(sizes.peak), look.colour(place), until=until),
        Line("Mean", trailing_mean(sizes.replica_hours) / 24, look.colour(place), until=until, dash=DOTTED),
    ]


def _busiest(peak: Floats) -> Floats:
    """The most replicas of the last seven days on each day, so that weekends make no teeth."""
    days = np.lib.stride_tricks.sliding_window_view(np.pad(peak, (6, 0), mode="edge"), 7)
    most: Floats = days.max(axis=1)
    return most


def _flags(result: JudgedWorld, outlook: CandidateResult) -> list[Flag]:
    flags = []
    if outlook.cutover > 0 and within(result, outlook.cutover):
        flags.append(Flag(outlook.cutover, f"{short(outlook.name)} live {date_of(result, outlook.cutover)}"))
    if not outlook.possible:
        flags.append(Flag(outlook.impossible_from, f"Not possible from {date_of(result, outlook.impossible_from)}"))
    return flags


def _short_number(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


LOAD_HEIGHT = 300
GAP = 60
PANELS = (("ttft", "Time to first token, ms"), ("tpot", "Time per output token, ms"))
PERCENTILES = ("median", "95th percentile")
NOTE = "shaded: 95 % interval"
SHOWN = 2.5
"""An axis ends at so many times the promise, where there is one."""


def load_chart(
    name: str, found: Capacity, promise: Promise, points: Sequence[LoadPoint], note: str, look: Look = LIGHT
) -> Drawing:
    """Time to first token and time per output token against requests per second.

    Args:
        name: of the candidate.
        found: its capacity.
        promise: drawn as a line across.
        points: latencies by rising rate, at least one.
        note: the line below the title.
        look: its colours.
    """
    panels = [
        {
            **layer_spec(_layers(part, title, found, promise, points, look)),
            "width": (WIDTH - GAP) / 2,
            "height": LOAD_HEIGHT,
        }
        for part, title in PANELS
    ]
    title = {"text": load_takeaway(name, found), "subtitle": f"{note}; {NOTE}"}
    whole = {"$schema": SCHEMA, "hconcat": panels, "spacing": GAP, "title": title, "padding": 16}
    return Drawing(whole | {"config": config(look)})


def latency_chart(
    part: str, found: Capacity, promise: Promise, points: Sequence[LoadPoint], look: Look = LIGHT
) -> Drawing:
    """One of the two alone, as wide as there is room: `part` is "ttft" or "tpot"."""
    title = dict(PANELS)[part]
    return dress_chart(
        _layers(part, title, found, promise, points, look), look, title, NOTE, titled=False, height=LOAD_HEIGHT
    )


def load_takeaway(name: str, found: Capacity) -> str:
    """What one replica carries, in one sentence."""
    if found.requests_per_second <= 0:
        return f"{name} carries nothing: {found.why}"
    what = "the latency promise" if found.binds == "latency" else found.binds
    return f"One replica of {name} carries {found.requests_per_second:.3g} requests a second; {what} binds"


def _layers(
    part: str, title: str, found: Capacity, promise: Promise, points: Sequence[LoadPoint], look: Look
) -> list[Spec]:
    promised = getattr(promise, f"{part}_p95_s")
    rows = [
        {"rate": point.requests_per_second, "ms": 1e3 * getattr(point, f"{part}_p{share}_s"), "line": line}
        for point in points
        for share, line in zip((50, 95), PERCENTILES, strict=True)
    ]
    top = 1.05 * max(row["ms"] for row in rows)
    if promised is not None:
        top = max(min(top, 1e3 * SHOWN * promised), 1.2e3 * promised)
    axis = {"title": title, "titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": 0, "titleY": -6}
    lines = {"domain": list(PERCENTILES), "range": [look.colour(0), look.colour(1)]}
    legend = {"title": None, "orient": "bottom", "symbolType": "stroke"}
    rate = {"axis": {"title": "Requests a second", "tickCount": 6}, "scale": {"domainMin": 0, "nice": False}}
    encoding = {
        "x": channel("rate:Q", **rate),
        "y": channel("ms:Q", axis=axis, scale={"domain": [0, top], "nice": False}),
        "color": channel("line:N", scale=lines, legend=legend),
        "tooltip": [channel("rate:Q", format=".3g"), channel("ms:Q", format=".3g"), channel("line:N")],
    }
    drawn = layer(rows, "line", encoding, clip=True, strokeWidth=2.4, point=True)
    return [_interval(found, look), drawn, *_promise_line(promised, look)]


def _interval(found: Capacity, look: Look) -> Spec:
    """A band over the interval of the capacity."""
    rows = [{"low": found.low, "high": found.high}]
    ends = {"x": channel("low:Q"), "x2": second("high")}
    return layer(rows, "rect", ends, color=look.window, opacity=0.35, clip=True)


def _promise_line(promised: float | None, look: Look) -> list[Spec]:
    """A line across at the promise, with its label."""
    if promised is None:
        return []
    rows, at = [{"ms": 1e3 * promised, "label": f"promised: {1e3 * promised:,.4g} ms"}], {"y": channel("ms:Q")}
    place = {"align": "left", "baseline": "bottom", "dx": 4, "dy": -3, "fontSize": 12.5, "fontWeight": 600}
    label = {**at, "x": value(0), "text": channel("label:N")}
    return [
        layer(rows, "rule", at, color=look.ink, strokeDash=[7, 4]),
        layer(rows, "text", label, color=look.ink, **place),
    ]
