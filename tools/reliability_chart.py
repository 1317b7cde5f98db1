"""The chart of docs/validation-warning.md: what the monitor said of real series, against what came true."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from switchpoint.charts.vega import LIGHT, config
from switchpoint.export.pictures import save_chart

NEAR = 0.07
"""Points around what was said within which a fifth should come true."""
Fifths = Sequence[tuple[float, float]]
"""Mean chance that was said, and share that came true."""


def reliability_chart(fifths: Fifths) -> Any:
    """Fifths of the Mondays as points, with the line on which a perfect monitor stands and a band around it."""
    line = [{"said": x, "low": max(x - NEAR, 0.0), "high": min(x + NEAR, 1.0)} for x in (0.0, NEAR, 1 - NEAR, 1.0)]
    points = [{"said": said, "came": came, "words": f"{100 * said:.0f} % said, {100 * came:.0f} % came"}
              for said, came in fifths]  # fmt: skip
    axis = alt.Axis(format="%", tickCount=5)
    x = alt.X("said:Q", title="chance that was said", axis=axis, scale=alt.Scale(domain=[0, 1]))
    band = alt.Chart(alt.Data(values=line)).mark_area(opacity=0.15, color=LIGHT.series[0])
    y = alt.Y("low:Q", title="share that came true", axis=axis, scale=alt.Scale(domain=[0, 1]))
    diagonal = alt.Chart(alt.Data(values=line)).mark_line(strokeDash=[4, 4], color=LIGHT.ink, strokeWidth=1)
    dots = alt.Chart(alt.Data(values=points)).mark_circle(size=110, opacity=1, color=LIGHT.series[0])
    text = alt.Chart(alt.Data(values=points)).mark_text(align="left", dx=40, dy=8, color=LIGHT.ink)
    layers = alt.layer(
        band.encode(x=x, y=y, y2="high:Q"),
        diagonal.encode(x=x, y=alt.Y("said:Q")),
        dots.encode(x=x, y=alt.Y("came:Q")),
        text.encode(x=x, y=alt.Y("came:Q"), text="words:N"),
    )
    title = alt.TitleParams(
        text="What the monitor says of real series comes true about as often",
        subtitle="fifths of the Mondays; chance of the limit within three months; band: seven points",
    )
    return layers.properties(width=420, height=340, title=title, padding=16).configure(**config(LIGHT))


def save_reliability_chart(fifths: Fifths, folder: Path) -> None:
    """Write it into a folder as reliability.png."""
    for file in save_chart(reliability_chart(fifths), folder, "reliability"):
        if file.suffix != ".png":
            file.unlink()
