"""Cost per 1,000 requests against load: the staircase of each candidate, and the current route as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from switchpoint.charts.vega import LIGHT, Drawing, Look, Spec, channel, dress_chart, layer, tip, value
from switchpoint.horizon import MONTH_DAYS, Floats
from switchpoint.ranking.load_curve import LoadCurve
from switchpoint.ranking.offer import current_name
from switchpoint.ranking.rank import RankedCandidate, Ranking
from switchpoint.text import about, usd

POINTS = 400
BELOW, ABOVE = 8.0, 2.0
"""Loads that are drawn: from an eighth of today's to twice the horizon's most."""
SERIES = 4
HEIGHT = 340
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
    return dress_chart(layers, look, words, LOAD_NOTE, titled=titled, height=HEIGHT)


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
