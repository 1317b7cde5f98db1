"""The chart of docs/validation-usage.md: what a quarter's growth says of the next one's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

from switchpoint.charts.vega import LIGHT, config
from switchpoint.export.pictures import save_chart
from switchpoint.horizon import Floats

FURTHEST = 1.0
"""Log beyond which a quarter is drawn on the edge."""


def quarter_chart(pairs: Floats) -> Any:
    """Each quarter of each series as a point: its growth, and that of the quarter after it.

    Args:
        pairs: log growth of a quarter and of the next, shape (quarters, 2).
    """
    shown = np.clip(pairs, -FURTHEST, FURTHEST)
    rows = [{"this": float(this), "next": float(following)} for this, following in shown]
    scale = alt.Scale(domain=[-FURTHEST, FURTHEST])
    axis = alt.Axis(format="+.1f", tickCount=5)
    points = alt.Chart(alt.Data(values=rows)).mark_circle(size=22, opacity=0.45, color=LIGHT.series[0])
    points = points.encode(
        x=alt.X("this:Q", title="growth of a quarter, log", scale=scale, axis=axis),
        y=alt.Y("next:Q", title="growth of the next quarter, log", scale=scale, axis=axis),
    )
    title = alt.TitleParams(
        text="A quarter's growth says next to nothing of the next one's",
        subtitle=f"{len(rows):,} pairs of quarters of real series; +0.7 is a doubling; what lies beyond is on the edge",
    )
    return points.properties(width=420, height=340, title=title, padding=16).configure(**config(LIGHT))


def save_quarter_chart(pairs: Floats, folder: Path) -> None:
    """Write it into a folder as quarters.png."""
    for file in save_chart(quarter_chart(pairs), folder, "quarters"):
        if file.suffix != ".png":
            file.unlink()
