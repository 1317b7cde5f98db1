"""Replicas over time and by the hour of a day; latency and cost per 1,000 requests against load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from switchpoint.charts.takeaways import date_of, short, within
from switchpoint.charts.vega import (
    DASHED,
    DOTTED,
    LIGHT,
    SCHEMA,
    WIDTH,
    Drawing,
    Flag,
    Line,
    Look,
    Spec,
    channel,
    config,
    days_to_draw,
    dress_chart,
    flag_layers,
    headroom,
    layer,
    layer_spec,
    line_layer,
    pointer_layer,
    second,
    tip,
    value,
    value_axis,
)
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.finance import trailing_mean
from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.ranking.offer_figures import LoadCurve
from switchpoint.ranking.offers import current_name
from switchpoint.ranking.rank import RankedCandidate, Ranking
from switchpoint.serving.capacity import Capacity
from switchpoint.serving.capacity_cache import LoadPoint
from switchpoint.serving.serve import Promise
from switchpoint.simulation.current_route import Endpoints
from switchpoint.simulation.fleet import FleetServing
from switchpoint.simulation.hour_by_hour import HoursOfDay, hours_of_day
from switchpoint.text import about, count, percent, usd
from switchpoint.text import day as day_words

# Replicas over time and by the hour of a day, latency against load ---------------------------------------------------

HEIGHT = 260


def carrier_of(outlook: CandidateResult) -> FleetServing:
    """The fleet of a candidate that has one."""
    carrier = outlook.prospect.carrier
    assert isinstance(carrier, FleetServing)
    return carrier


def unit_of(outlook: CandidateResult) -> str:
    """What one of its fleet is called."""
    return "endpoint" if isinstance(carrier_of(outlook).costs.fleet, Endpoints) else "replica"


def hours_of(outlook: CandidateResult, day: int) -> HoursOfDay:
    """A day of its fleet, hour by hour, as if it were live and carried its whole share."""
    carrier = carrier_of(outlook)
    return hours_of_day(carrier.sizing, float(carrier.requests[day] * carrier.coverage), day)


NOW, CAN_WAIT, IDLE, ELSEWHERE = "Requests", "Requests that can wait", "Idle", "Go to the current route"
LEAST = 0.002
"""Parts of a day below this share of it are not drawn."""


def hours_chart(outlook: CandidateResult, place: int, day: int, look: Look = LIGHT) -> Drawing:
    """A day by the hour: what the replicas do, what is idle, and what goes to the current route.

    Args:
        outlook: of the candidate.
        place: of the candidate among all, from 1 on.
        day: of the horizon.
        look: its colours.
    """
    hours, unit = hours_of(outlook, day), unit_of(outlook)
    parts = {NOW: hours.now, CAN_WAIT: hours.waiting, IDLE: hours.idle * hours.full, ELSEWHERE: hours.over}
    colours = dict(zip(parts, (look.colour(place), look.window, look.muted, look.colour(0)), strict=True))
    sums = {name: float(requests.sum()) for name, requests in parts.items()}
    drawn = [name for name, total in sums.items() if total > LEAST * sum(sums.values())] or [NOW]
    said = _said_by_hour(hours)
    rows = [
        {"hour": f"{hour:02}", "part": name, "order": order, "value": float(worth), **said[hour]}
        for order, name in enumerate(drawn)
        for hour, worth in enumerate(hours.replicas_for(parts[name]))
    ]
    y = value_axis(
        f"{unit.capitalize()}s", 1.05 * max(float((hours.replicas + hours.replicas_for(hours.over)).max()), 1)
    )
    x = channel("hour:O", axis={"title": "Hour of the day", "labelAngle": 0, "labelOverlap": "greedy"})
    legend = {"title": None, "orient": "top", "columns": 4, "columnPadding": 24}
    y["axis"]["tickMinStep"] = 1
    scale = {"domain": drawn, "range": [colours[name] for name in drawn]}
    faint = {"condition": {"test": f"datum.part === '{IDLE}'", "value": 0.3}, "value": 1}
    tips = {"hour:O": "Hour", "replicas:N": f"{unit.capitalize()}s", "load:N": "Requests an hour"}
    tips |= {"busy:N": "Busy, of what is planned with", "gone:N": ELSEWHERE}
    encoding: Spec = {"x": x, "y": {**y, "stack": "zero"}, "color": channel("part:N", legend=legend, scale=scale)}
    encoding |= {"order": channel("order:Q"), "opacity": faint}
    encoding["tooltip"] = [tip(field, title) for field, title in tips.items()]
    words, note = hours_words(outlook, day), hours_note(outlook)
    return dress_chart([layer(rows, "bar", encoding)], look, words, note, titled=False, height=HEIGHT)


def _said_by_hour(hours: HoursOfDay) -> list[dict[str, str]]:
    """What is said of each hour under the pointer."""
    served = hours.now + hours.waiting
    busy = np.divide(hours.replicas_for(served), hours.replicas, out=np.zeros(24), where=hours.replicas > 0)
    columns = (hours.replicas, served + hours.over, np.minimum(busy, 1.0), hours.over)
    return [
        {"replicas": _short_number(kept), "load": count(load), "busy": percent(part), "gone": count(gone)}
        for kept, load, part, gone in zip(*(each.tolist() for each in columns), strict=True)
    ]


def hours_words(outlook: CandidateResult, day: int) -> str:
    """The takeaway: how many run, how much of their time is idle, and how many requests go elsewhere."""
    hours, unit = hours_of(outlook, day), unit_of(outlook)
    when = outlook.clock.date_of(day)
    few, many = (_short_number(float(each)) for each in (hours.replicas.min(), hours.replicas.max()))
    if many == "0":
        return f"On {when:%A}, {day_words(when)} nothing runs"
    number = f"{many} {unit}{'s' * (many != '1')}"
    number = number if few == many else f"{few} to {number}"
    idle = percent(float(hours.idle.sum() / hours.replicas.sum()))
    gone = f", and {percent(hours.elsewhere)} of the requests go to the current route" if hours.elsewhere else ""
    return f"On {when:%A}, {day_words(when)} it runs {number}, idle for {idle} of their hours{gone}"


def hours_note(outlook: CandidateResult) -> str:
    """What is drawn, in one line."""
    sizing, unit = carrier_of(outlook).sizing, unit_of(outlook)
    rules = {"hourly": f"{unit}s follow the hours", "daily": f"{unit}s for the day's peak", "fixed": "a fixed number"}
    full = percent(sizing.fleet.target_utilisation if sizing.serverless is None else 1.0)
    rules["serverless"] = "by the second, means over each hour"
    spare = ", spare ones included" if sizing.spare else ""
    told = f"{rules[sizing.fleet.scaling]}{spare}; one counts as busy at {full} of what it can carry"
    return f"{REPLICAS_NOTE}: {told}; what is idle is paid all the same"


def replicas_chart(result: JudgedWorld, outlook: CandidateResult, look: Look = LIGHT) -> Drawing:
    """Replicas over the horizon, in the busiest hour of the week and on average, as if live since the first day."""
    clock, lines, flags = result.case.clock, _lines(result, outlook, look), _flags(result, outlook)
    days = days_to_draw(clock, [flag.day for flag in flags])
    top = max(float(line.finite_values.max()) for line in lines if line.finite_values.size)
    axis = value_axis(f"{unit_of(outlook).capitalize()}s", headroom(1.05 * max(top, 1.0), flags, HEIGHT))
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
    each = "" if gpus == 1 else f" of {gpus} GPUs" + " each" * (first != "1" or first != last)
    over = outlook.overflow_share
    gone = f"; {percent(over)} of the requests that it may take go to the current route" if over else ""
    if first == last:
        units = f"{first} {unit_of(outlook)}{'s' * (first != '1')}{each}"
        return f"{outlook.name} takes {units} at the peak throughout{gone}"
    return f"{outlook.name} takes {first} {unit_of(outlook)}s{each} at the peak today and {last} at the end{gone}"


def _lines(result: JudgedWorld, outlook: CandidateResult, look: Look) -> list[Line]:
    carrier, place = carrier_of(outlook), result.case.outlooks.index(outlook) + 1
    sizes, until = carrier.full, outlook.impossible_from
    lines = [
        Line("Busiest hour of the week", _busiest(sizes.peak), look.colour(place), until=until),
        Line("Mean", trailing_mean(sizes.replica_hours) / 24, look.colour(place), until=until, dash=DOTTED),
    ]
    if carrier.sizing.overflows:
        asked = carrier.sizing.busiest(carrier.requests * carrier.coverage)
        lines.append(Line("What the load would take", _busiest(asked), look.colour(0), until=until, dash=DASHED))
    if reserved := carrier.sizing.fleet.reserved_replicas:
        lines.append(Line("Reserved", np.full(sizes.peak.shape, float(reserved)), look.muted, until=until, dash=DASHED))
    return lines


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


# Cost per 1,000 requests against load --------------------------------------------------------------------------------

POINTS = 400
BELOW, ABOVE = 8.0, 2.0
"""Loads that are drawn: from an eighth of today's to twice the horizon's most."""
SERIES = 4
COST_HEIGHT = 340
DASHES = {"own": [8, 3], "base-load": [2, 3]}
"""Lines of GPUs of one's own, for all requests and for the base load."""
LOAD_NOTE = "All requests at the prices and tokens of the first day: serving, what stays on the current route, upkeep"


def loads_to_draw(ranking: Ranking) -> Floats:
    """Requests a day, rising evenly in their logarithm; shape (POINTS,)."""
    days = ranking.requests_per_day
    low, high = max(days.today, 1.0) / BELOW, max(days.today, days.then, days.end, 1.0) * ABOVE
    loads: Floats = np.geomspace(max(low, 1.0), high, POINTS)
    return loads


def drawn_candidates(ranking: Ranking) -> list[RankedCandidate]:
    """Those whose lines are drawn: the first of each way, then the cheapest of the rest."""
    first: dict[str, RankedCandidate] = {}
    for each in ranking.candidates:
        first.setdefault(each.offer.way, each)
    rest = [each for each in ranking.candidates if each not in first.values()]
    chosen = [*first.values(), *rest[: SERIES - len(first)]]
    return sorted(chosen, key=lambda each: each.rank)


def load_cost_chart(ranking: Ranking, look: Look = LIGHT, *, titled: bool = True) -> Drawing:
    """Dollars per 1,000 requests against requests a day, both on logarithmic scales."""
    loads, shown = loads_to_draw(ranking), drawn_candidates(ranking)
    names = [current_name(ranking.scenario), *(_label(each) for each in shown)]
    curves = [LoadCurve(each.figures.found) for each in shown]
    costs = [_stay(ranking, loads), *(curve.candidate(loads) for curve in curves)]
    told = [
        {"load": load, "usd": each, "line": name, "told": usd(each), "at": about(load)}
        for name, cost in zip(names, costs, strict=True)
        for load, each in zip(loads.tolist(), (cost / (loads * MONTH_DAYS / 1000)).tolist(), strict=True)
    ]
    layers = [layer(told, "line", _encoding(names, shown, look), strokeWidth=2.4)]
    layers += _markers(ranking, look)
    words = load_cost_words(ranking)
    return dress_chart(layers, look, words, LOAD_NOTE, titled=titled, height=COST_HEIGHT)


def load_cost_words(ranking: Ranking) -> str:
    """The takeaway: what is cheapest at the load of today, and from which load own GPUs are."""
    if not ranking.candidates:
        return "Nothing in the catalogue is cheaper or can carry this usage"
    by_now = min(ranking.candidates, key=lambda each: each.figures.usd_per_month.today)
    said = f"Today {by_now.offer.title} would be the cheapest"
    own = [each for each in ranking.candidates if each.figures.cheaper_from and not each.offer.in_tokens]
    if not own:
        return said
    first = min(own, key=lambda each: each.figures.cheaper_from or 0.0)
    since = about(first.figures.cheaper_from or 0.0)
    return f"{said}; GPUs of your own beat {current_name(ranking.scenario)} from {since} requests a day"


def _stay(ranking: Ranking, loads: Floats) -> Floats:
    known = ranking.candidates[:1]
    return LoadCurve(known[0].figures.found).stay(loads) if known else np.full(loads.shape, np.nan)


def _label(each: RankedCandidate) -> str:
    """Short enough for the legend."""
    offer = each.offer
    if offer.in_tokens:
        return f"{each.rank}. {offer.title}"
    part = "base load, " if offer.way == "base-load" else ""
    return f"{each.rank}. {offer.model} on {offer.tree['fleet']['gpu']}, {part}{offer.terms}"


def _encoding(names: Sequence[str], shown: Sequence[RankedCandidate], look: Look) -> dict[str, Any]:
    legend = {
        "title": None,
        "orient": "top",
        "symbolType": "stroke",
        "symbolSize": 400,
        "columns": 2,
        "labelLimit": 380,
    }
    colours = [look.colour(place) for place in range(len(names))]
    dashes = [[1, 0], *([1, 0] if each.offer.in_tokens else DASHES[each.offer.way] for each in shown)]
    money: Spec = {"title": "Dollars per 1,000 requests", "titleAngle": 0, "titleAlign": "left", "titleX": 0}
    money |= {"titleBaseline": "bottom", "titleY": -6, "labelExpr": "'$' + format(datum.value, '~g')", "tickCount": 6}
    at = {"title": "Requests a day", "labelExpr": "format(datum.value, ',')", "tickCount": 6, "labelOverlap": True}
    return {
        "x": channel("load:Q", axis=at, scale={"type": "log", "nice": False}),
        "y": channel("usd:Q", axis=money, scale={"type": "log", "nice": False}),
        "color": channel("line:N", legend=legend, scale={"domain": list(names), "range": colours}),
        "strokeDash": channel("line:N", legend=legend, scale={"domain": list(names), "range": dashes}),
        "tooltip": [tip("line:N", "Route"), tip("at:N", "Requests a day"), tip("told:N", "Per 1,000")],
    }


def _markers(ranking: Ranking, look: Look) -> list[Spec]:
    days = ranking.requests_per_day
    then = "at the limit" if ranking.moments.is_threat else "in a year"
    marks = [(days.today, "today"), (days.then, then), (days.end, "at the end")]
    rows = [{"load": load, "label": label} for load, label in marks if load > 0]
    x = channel("load:Q", scale={"type": "log", "nice": False})
    label = {"x": x, "y": value(0), "text": channel("label:N")}
    return [
        layer(rows, "rule", {"x": x}, color=look.muted, strokeDash=[4, 4]),
        layer(rows, "text", label, color=look.ink, align="left", dx=4, dy=10, fontSize=12),
    ]
