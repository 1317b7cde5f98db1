"""The chart of a replayed trace: load by the minute, and how long the first tokens took on each fleet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
from pandas import DataFrame

from switchpoint.charts.vega import LIGHT, WIDTH, Look, chart_of, config
from switchpoint.horizon import Floats

MINUTE = 60.0
LOAD, LATENCY = 130, 280


def replay_chart(served: Mapping[str, DataFrame], promised_s: float, title: str, note: str, look: Look = LIGHT) -> Any:
    """Load above, 95th percentile of the time to first token below, on a logarithmic axis; as an Altair chart.

    Args:
        served: the requests as `serve` gives them back, by the name of their fleet, at least one.
        promised_s: the promise, drawn as a line across.
        title: the takeaway.
        note: the line below it.
        look: its colours.
    """
    first = next(iter(served.values()))
    arrival = first["arrival_s"].to_numpy()
    load = [{"minute": minute, "rate": rate} for minute, rate in enumerate(_per_minute(arrival) / MINUTE)]
    rows = [
        {"minute": minute, "s": slow, "fleet": name}
        for name, table in served.items()
        for minute, slow in enumerate(p95_by_minute(table["arrival_s"].to_numpy(), table["ttft_s"].to_numpy()))
        if np.isfinite(slow)
    ]
    names = list(served)
    colours = [look.colour(1 + place) for place in range(len(names))]
    colour = alt.Color(
        "fleet:N",
        scale=alt.Scale(domain=names, range=colours),
        legend=alt.Legend(title=None, orient="bottom", symbolType="stroke"),
    )
    above = chart_of(load).mark_area(color=look.colour(0), opacity=0.5, interpolate="step")
    above = above.encode(x=_minutes(False), y=alt.Y("rate:Q", axis=_axis("Requests a second")))
    scale = alt.Scale(type="log", nice=True)
    below = chart_of(rows).mark_line(strokeWidth=2.4)
    below = below.encode(x=_minutes(True), y=alt.Y("s:Q", axis=_axis(FIRST_TOKEN), scale=scale), color=colour)
    promise = chart_of([{"s": promised_s, "label": f"promised: {promised_s:g} s"}]).encode(y="s:Q")
    label = promise.mark_text(align="left", baseline="bottom", dx=4, dy=-3, color=look.ink, fontWeight=600)
    layers = [below, promise.mark_rule(color=look.ink, strokeDash=[7, 4]), label.encode(text="label:N", x={"value": 0})]
    panels = [above.properties(width=WIDTH, height=LOAD), alt.layer(*layers).properties(width=WIDTH, height=LATENCY)]
    heading = alt.TitleParams(text=title, subtitle=note)
    return alt.vconcat(*panels, spacing=30).properties(title=heading, padding=16).configure(**config(look))


FIRST_TOKEN = "Time to first token, 95th percentile of the requests of each minute, s"


def p95_by_minute(arrival_s: Floats, values: Floats) -> Floats:
    """The 95th percentile of the requests that arrived in each minute; NaN in one without; shape (minutes,)."""
    minute = ((arrival_s - arrival_s.min()) // MINUTE).astype(int)
    groups = (values[minute == each] for each in range(int(minute.max()) + 1))
    return np.array([np.percentile(group, 95) if group.size else np.nan for group in groups])


def _per_minute(arrival_s: Floats) -> Floats:
    """Requests of each minute; the last one may be a part of one."""
    return np.bincount(((arrival_s - arrival_s.min()) // MINUTE).astype(int)).astype(float)


def _minutes(titled: bool) -> Any:
    axis = alt.Axis(title="Minutes since the first request" if titled else None, labels=titled, tickCount=7)
    return alt.X("minute:Q", axis=axis, scale=alt.Scale(nice=False))


def _axis(title: str) -> Any:
    return alt.Axis(
        title=title,
        titleAngle=0,
        titleAlign="left",
        titleBaseline="bottom",
        titleX=0,
        titleY=-6,
        tickCount=4,
        format="~g",
    )
