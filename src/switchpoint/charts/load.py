"""The chart of latency against load: one replica, from idle to more than it can carry."""

from __future__ import annotations

from collections.abc import Sequence

from switchpoint.charts.spec import SCHEMA, Drawing, Spec, channel, layer, layered, second, value
from switchpoint.charts.style import LIGHT, WIDTH, Look, config, dressed
from switchpoint.serving.capacity import Capacity
from switchpoint.serving.load import LoadPoint
from switchpoint.serving.trial import Promise

HEIGHT = 300
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
        {**layered(_layers(part, title, found, promise, points, look)), "width": (WIDTH - GAP) / 2, "height": HEIGHT}
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
    return dressed(_layers(part, title, found, promise, points, look), look, title, NOTE, titled=False, height=HEIGHT)


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
    return [_interval(found, look), drawn, *_promised(promised, look)]


def _interval(found: Capacity, look: Look) -> Spec:
    """A band over the interval of the capacity."""
    rows = [{"low": found.low, "high": found.high}]
    ends = {"x": channel("low:Q"), "x2": second("high")}
    return layer(rows, "rect", ends, color=look.window, opacity=0.35, clip=True)


def _promised(promised: float | None, look: Look) -> list[Spec]:
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
