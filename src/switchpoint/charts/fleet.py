"""The charts of a fleet: how busy it is hour by hour, and how many replicas it takes over the horizon."""

from __future__ import annotations

import numpy as np

from switchpoint.charts.flags import Flag, flag_layers, headroom
from switchpoint.charts.lines import DOTTED, Line, line_layer, pointer_layer, sampled, value_axis
from switchpoint.charts.spec import Drawing, Spec, channel, layer, tip, value
from switchpoint.charts.style import LIGHT, Look, dressed
from switchpoint.charts.words import date_of, short, within
from switchpoint.clock import Floats
from switchpoint.decision.outlook import Outlook
from switchpoint.finance import trailing_mean
from switchpoint.result import Result
from switchpoint.timeline.carriers import FleetCarrier
from switchpoint.words import count, percent

HEIGHT = 260


def carrier_of(outlook: Outlook) -> FleetCarrier:
    """The fleet of a candidate that has one."""
    carrier = outlook.prospect.carrier
    assert isinstance(carrier, FleetCarrier)
    return carrier


def hours_of(outlook: Outlook, day: int) -> tuple[Floats, Floats]:
    """Replicas and utilisation in each hour of a day on which it carries its whole share; shapes (24,)."""
    carrier = carrier_of(outlook)
    return carrier.sizing.by_hour(float(carrier.requests[day] * carrier.coverage), float(carrier.sizing.capacity[day]))


def hours_chart(outlook: Outlook, day: int, look: Look = LIGHT) -> Drawing:
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
    return dressed([bars, *_planned(target, y, look)], look, words, note, titled=False, height=HEIGHT)


def hours_words(outlook: Outlook, day: int) -> str:
    """The takeaway: how busy the fleet is in the day's busiest hour and on the whole."""
    replicas, busy = hours_of(outlook, day)
    used = float((busy * replicas).sum() / replicas.sum()) if replicas.sum() else 0.0
    when = f"{outlook.clock.date_of(day):%B %Y}"
    return (
        f"In {when} the fleet is {percent(float(busy.max()))} busy in its busiest hour and {percent(used)} over the day"
    )


def hours_note(outlook: Outlook) -> str:
    """What is drawn, in one line."""
    rule = carrier_of(outlook).sizing.fleet.scaling
    scaled = {"hourly": "replicas follow the hours", "daily": "replicas for the day's peak", "fixed": "a fixed fleet"}
    scaled["serverless"] = "replicas by the second"
    return f"Load over capacity in each hour, {scaled[rule]}; idle replicas are paid for all the same"


def _planned(target: float, y: Spec, look: Look) -> list[Spec]:
    rows, at = [{"busy": target, "label": f"planned with: {percent(target)}"}], {"y": y}
    place = {"align": "left", "baseline": "bottom", "dx": 4, "dy": -3, "fontSize": 12.5, "fontWeight": 600}
    label = {**at, "x": value(0), "text": channel("label:N")}
    return [
        layer(rows, "rule", at, color=look.ink, strokeDash=[7, 4]),
        layer(rows, "text", label, color=look.ink, **place),
    ]


def replicas_chart(result: Result, outlook: Outlook, look: Look = LIGHT) -> Drawing:
    """Replicas over the horizon, in the busiest hour of the week and on average, as if live since the first day."""
    clock, lines, flags = result.case.clock, _lines(result, outlook, look), _flags(result, outlook)
    days = sampled(clock, [flag.day for flag in flags])
    top = max(float(line.drawn.max()) for line in lines if line.drawn.size)
    axis = value_axis("Replicas", headroom(1.05 * max(top, 1.0), flags, HEIGHT))
    axis["axis"]["tickMinStep"] = 1
    layers = [
        *flag_layers(flags, clock, look),
        line_layer(lines, days, clock, axis),
        pointer_layer(lines, days, clock, look, _told),
    ]
    words, note = replicas_words(result, outlook), REPLICAS_NOTE
    return dressed(layers, look, words, note, titled=False, height=HEIGHT)


REPLICAS_NOTE = "As if the candidate were live since the first day, with its whole share"


def replicas_words(result: Result, outlook: Outlook) -> str:
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


def _lines(result: Result, outlook: Outlook, look: Look) -> list[Line]:
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


def _flags(result: Result, outlook: Outlook) -> list[Flag]:
    flags = []
    if outlook.cutover > 0 and within(result, outlook.cutover):
        flags.append(Flag(outlook.cutover, f"{short(outlook.name)} live {date_of(result, outlook.cutover)}"))
    if not outlook.possible:
        flags.append(Flag(outlook.impossible_from, f"Not possible from {date_of(result, outlook.impossible_from)}"))
    return flags


def _told(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
