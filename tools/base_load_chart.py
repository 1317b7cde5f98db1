"""`python -m tools.base_load_chart` draws docs/images/base-load-size.png: what each size of a base-load fleet costs.

The points are those of scenarios/sweeps/base-load-size.toml, with staying as a fleet of none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from switchpoint.charts.vega import LIGHT, config
from switchpoint.decision.case import simulate
from switchpoint.export.pictures import save_chart
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.simulation.ledger import Component
from tools.published import ROOT

STUDY = ROOT / "scenarios" / "sweeps" / "base-load-size.toml"
CANDIDATE = "base-load"
API = {Component.API_INPUT, Component.API_CACHED, Component.API_OUTPUT, Component.API_FLAT, Component.MIGRATION}
RENT, LEFT, PEOPLE = "rent of the fleet", "what is left to the API", "project, upkeep and worse answers"
COLOURS = {LEFT: LIGHT.series[0], RENT: LIGHT.series[1], PEOPLE: LIGHT.muted}
Costs = dict[str, float]


def costs_by_size() -> dict[int, Costs]:
    """Dollars over the horizon by part, of the project started today, for each size of the study; 0 is staying."""
    study = tomllib.loads(STUDY.read_text(encoding="utf-8"))
    (varied,), (file,) = study["vary"], study["scenarios"]
    found: dict[int, Costs] = {}
    for size in varied["values"]:
        case = simulate(load_checked(STUDY.parent / file, [f"{varied['path']}={size}"]).scenario)
        entries = case.outlook(CANDIDATE).started_on(0).ledger.entries
        found.setdefault(0, {LEFT: float(case.stay.sum()), RENT: 0.0, PEOPLE: 0.0})
        parts: Costs = dict.fromkeys((LEFT, RENT, PEOPLE), 0.0)
        for component, usd in entries.items():
            part = LEFT if component in API else RENT if component is Component.FLEET else PEOPLE
            parts[part] += float(usd.sum())
        found[size] = parts
    return found


def cheapest(costs: dict[int, Costs]) -> int:
    """The size that costs least."""
    return min(costs, key=lambda size: sum(costs[size].values()))


def base_load_chart(costs: dict[int, Costs]) -> Any:
    """A bar for each size, of its parts, with the total in it; the cheapest in bold, and a line at staying."""
    best = cheapest(costs)
    rows = [
        {"size": size, "part": part, "order": place, "usd": usd}
        for size, parts in costs.items()
        for place, (part, usd) in enumerate(parts.items())
    ]
    totals = [
        {"size": size, "usd": sum(parts.values()), "told": f"${sum(parts.values()) / 1e6:.2f}M", "best": size == best}
        for size, parts in costs.items()
    ]
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    x = alt.X("size:O", title="replicas that carry the base load; 0 is staying", axis=alt.Axis(labelAngle=0))
    axis = alt.Axis(format="$~s", tickCount=5, labelExpr="datum.value ? datum.label : '$0'")
    y, y_of_stay = alt.Y("sum(usd):Q", title=None, axis=axis), alt.Y("usd:Q", title=None, axis=axis)
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=x,
            y=y,
            color=alt.Color("part:N", scale=scale, legend=alt.Legend(title=None, orient="top")),
            order=alt.Order("order:Q"),
        )
    )
    over = alt.Chart(alt.Data(values=totals))
    at = {"x": x, "y": "usd:Q", "text": "told:N"}
    others = over.transform_filter("!datum.best").mark_text(dy=13, fontSize=12, color="white").encode(**at)
    bold = (
        over.transform_filter("datum.best").mark_text(dy=13, fontSize=14, fontWeight="bold", color="white").encode(**at)
    )
    stay = alt.Chart(alt.Data(values=totals[:1])).mark_rule(strokeDash=[6, 4], color=LIGHT.ink).encode(y=y_of_stay)
    title = alt.TitleParams(
        text=f"{best} replicas cost least: fewer leave too much to the API, more are idle at night",
        subtitle="Dollars over 24 months of the story, by the size of the fleet; dashed: staying with the API alone",
    )
    drawn = stay + bars + others + bold
    return drawn.properties(width=640, height=340, title=title, padding=16).configure(**config(LIGHT))


def save_base_load_chart(folder: Path) -> Sequence[Path]:
    """Write it into a folder as base-load-size.png."""
    files = save_chart(base_load_chart(costs_by_size()), folder, "base-load-size")
    for file in files:
        if file.suffix != ".png":
            file.unlink()
    return files


if __name__ == "__main__":
    save_base_load_chart(ROOT / "docs" / "images")
