"""The chart of docs/validation-warning.md: how far ahead the first warning came, monitor by monitor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

from switchpoint.charts.vega import LIGHT, config
from switchpoint.export.pictures import save_chart
from switchpoint.horizon import Floats

FURTHEST, BIN = 8.0, 0.5
"""Months at which the axis ends (what lies beyond is in its last bar), and those of a bar."""
IN_TIME, ELSE = "2 to 3.5 months ahead", "earlier or later"
Leads = Mapping[tuple[str, str], Floats]
"""Lead times in months, by kind of history and by monitor."""


def lead_chart(leads: Leads, title: str, subtitle: str) -> Any:
    """Shares of first warnings by lead time: a row for each kind of history, a column for each monitor."""
    kinds, monitors = (list(dict.fromkeys(names)) for names in zip(*leads, strict=True))
    data = alt.Data(values=[row for (kind, who), months in leads.items() for row in _bars(kind, who, months)])
    colour = alt.Scale(domain=[IN_TIME, ELSE], range=[LIGHT.series[0], LIGHT.series[3]])
    bars = (
        alt.Chart(data, width=250, height=120)
        .mark_bar(stroke=LIGHT.ground, strokeWidth=1)
        .encode(
            x=alt.X("from:Q", bin="binned", title="months ahead of the limit", scale=alt.Scale(domain=[0, FURTHEST])),
            x2="to:Q",
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%", tickCount=3)),
            color=alt.Color("when:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
            row=alt.Row("kind:N", title=None, sort=kinds, header=alt.Header(labelAngle=0, labelAlign="left")),
            column=alt.Column("monitor:N", title=None, sort=monitors),
        )
    )
    titled = bars.properties(title=alt.TitleParams(text=title, subtitle=subtitle), padding=16)
    return titled.configure(**config(LIGHT)).configure_header(labelColor=LIGHT.ink, labelFontSize=13)


def _bars(kind: str, who: str, months: Floats) -> list[dict[str, Any]]:
    edges = np.arange(0, FURTHEST + BIN / 2, BIN)
    counts = np.histogram(np.clip(np.nan_to_num(months), 0, FURTHEST), edges)[0] / months.size
    bars = zip(edges[:-1].tolist(), counts.tolist(), strict=True)
    return [
        {"kind": kind, "monitor": who, "from": low, "to": low + BIN, "share": share,
         "when": IN_TIME if 2 <= low < 3.5 else ELSE}
        for low, share in bars
    ]  # fmt: skip


def save_lead_chart(leads: Leads, folder: Path, title: str, subtitle: str) -> None:
    """Write it into a folder as warning.png."""
    for file in save_chart(lead_chart(leads, title, subtitle), folder, "warning"):
        if file.suffix != ".png":
            file.unlink()
