"""The chart of latency against load: one replica, from idle to more than it can carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from switchpoint.charts.lines import plotted
from switchpoint.charts.style import LIGHT, WIDTH, Look, config
from switchpoint.serving.capacity import Capacity
from switchpoint.serving.load import LoadPoint
from switchpoint.serving.trial import Promise

HEIGHT = 300
GAP = 60
PANELS = (("ttft", "Time to first token, ms"), ("tpot", "Time per output token, ms"))
PERCENTILES = ("median", "95th percentile")
SHOWN = 2.5
"""An axis ends at so many times the promise, where there is one."""


def load_chart(
    name: str, found: Capacity, promise: Promise, points: Sequence[LoadPoint], note: str, look: Look = LIGHT
) -> Any:
    """Time to first token and time per output token against requests per second, as an Altair chart.

    Args:
        name: of the candidate.
        found: its capacity.
        promise: drawn as a line across.
        points: latencies by rising rate, at least one.
        note: the line below the title.
        look: its colours.
    """
    import altair as alt

    panels = [_panel(part, title, found, promise, points, look) for part, title in PANELS]
    title = alt.TitleParams(text=load_takeaway(name, found), subtitle=f"{note}; shaded: 95 % interval")
    return alt.hconcat(*panels, spacing=GAP).properties(title=title, padding=16).configure(**config(look))


def load_takeaway(name: str, found: Capacity) -> str:
    """What one replica carries, in one sentence."""
    if found.requests_per_second <= 0:
        return f"{name} carries nothing: {found.why}"
    what = "the latency promise" if found.binds == "latency" else found.binds
    return f"One replica of {name} carries {found.requests_per_second:.3g} requests a second; {what} binds"


def _panel(part: str, title: str, found: Capacity, promise: Promise, points: Sequence[LoadPoint], look: Look) -> Any:
    import altair as alt

    promised = getattr(promise, f"{part}_p95_s")
    rows = [
        {"rate": point.requests_per_second, "ms": 1e3 * getattr(point, f"{part}_p{share}_s"), "line": line}
        for point in points
        for share, line in zip((50, 95), PERCENTILES, strict=True)
    ]
    top = 1.05 * max(row["ms"] for row in rows)
    if promised is not None:
        top = max(min(top, 1e3 * SHOWN * promised), 1.2e3 * promised)
    colour = alt.Color(
        "line:N",
        scale=alt.Scale(domain=list(PERCENTILES), range=[look.colour(0), look.colour(1)]),
        legend=alt.Legend(title=None, orient="bottom", symbolType="stroke"),
    )
    axis = alt.Axis(title=title, titleAngle=0, titleAlign="left", titleBaseline="bottom", titleX=0, titleY=-6)
    x = alt.X("rate:Q", axis=alt.Axis(title="Requests a second", tickCount=6), scale=alt.Scale(domainMin=0, nice=False))
    y = alt.Y("ms:Q", axis=axis, scale=alt.Scale(domain=[0, top], nice=False))
    tips = [alt.Tooltip("rate:Q", format=".3g"), alt.Tooltip("ms:Q", format=".3g"), "line:N"]
    drawn = plotted(rows).mark_line(clip=True, strokeWidth=2.4, point=True).encode(x=x, y=y, color=colour, tooltip=tips)
    layers = [_interval(found, look), drawn, *_promised(promised, look)]
    return alt.layer(*layers).properties(width=(WIDTH - GAP) / 2, height=HEIGHT)


def _interval(found: Capacity, look: Look) -> Any:
    """A band over the interval of the capacity."""
    row = {"low": found.low, "high": found.high}
    return plotted([row]).mark_rect(color=look.window, opacity=0.35, clip=True).encode(x="low:Q", x2="high:Q")


def _promised(promised: float | None, look: Look) -> list[Any]:
    """A line across at the promise, with its label."""
    if promised is None:
        return []
    row = {"ms": 1e3 * promised, "label": f"promised: {1e3 * promised:,.4g} ms"}
    data = plotted([row]).encode(y="ms:Q")
    label = data.mark_text(align="left", baseline="bottom", dx=4, dy=-3, color=look.ink, fontSize=12.5, fontWeight=600)
    return [data.mark_rule(color=look.ink, strokeDash=[7, 4]), label.encode(text="label:N", x={"value": 0})]
