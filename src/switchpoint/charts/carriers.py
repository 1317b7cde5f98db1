"""Who carries what over time in a plan: one area for the current route and for each step, stacked to all requests."""

from __future__ import annotations

from typing import Any

import numpy as np

from switchpoint.charts.takeaways import date_of, plan_name, short, within
from switchpoint.charts.time_axis import Flag, Line, days_to_draw, flag_layers, moment, time_axis, value_axis
from switchpoint.charts.vega import LIGHT, Look, Spec, channel, dress_chart, layer, tip
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import Floats
from switchpoint.text import join_names, percent

HEIGHT = 360


def shown_plan(result: JudgedWorld) -> PlanResult | None:
    """The plan that is drawn: the one that is advised, else the one that saves most."""
    if result.verdict.plan is not None:
        return result.verdict.plan
    return max(result.case.plans, key=lambda plan: (plan.possible, plan.npv_saving), default=None)


def has_carriers(result: JudgedWorld) -> bool:
    """Whether there is a plan to draw."""
    return shown_plan(result) is not None


def carriers_chart(result: JudgedWorld, look: Look = LIGHT, *, titled: bool = True) -> Any:
    """Who carries what over time.

    Args:
        result: whose plan is shown.
        look: its colours.
        titled: whether the takeaway stands on it; without, for pages that print it themselves.
    """
    clock, areas, flags = result.case.clock, carrier_areas(result, look), carrier_flags(result)
    edges = [day + beside for flag in flags for day, beside in ((flag.day, 0), (flag.day, -1))]
    days = days_to_draw(clock, edges)
    rows = [
        {"day": moment(clock, int(day)), "line": area.name, "value": share, "said": percent(share), "order": place}
        for place, area in enumerate(areas)
        for day, share in zip(days, area.values_on(days), strict=True)
        if share is not None
    ]
    names, colours = [area.name for area in areas], [area.colour for area in areas]
    legend = {"title": None, "orient": "top", "columns": 4, "columnPadding": 24}
    axis = value_axis("Share of all requests", 1.0, label="format(datum.value, '.0%')")
    encoding: Spec = {
        "x": time_axis(clock),
        "y": {**axis, "stack": "zero"},
        "color": channel("line:N", legend=legend, scale={"domain": names, "range": colours}),
        "order": channel("order:Q"),
        "tooltip": [tip("line:N", "Carried by"), tip("said:N", "Share")],
    }
    drawn = layer(rows, "area", encoding, clip=True, opacity=0.85, line=False)
    return dress_chart(
        [drawn, *flag_layers(flags, clock, look)],
        look,
        carriers_words(result),
        carriers_note(result),
        titled=titled,
        height=HEIGHT,
    )


def carrier_areas(result: JudgedWorld, look: Look) -> list[Line]:
    """Shares of all requests by the day, of the current route and of each step, in the order of the candidates."""
    plan = shown_plan(result)
    assert plan is not None
    places = {outlook.name: place for place, outlook in enumerate(result.case.outlooks, 1)}
    areas = [Line("Current route", plan.path.kept_share[0], look.colour(0))]
    for step, path in zip(plan.steps, plan.path.paths, strict=True):
        answered: Floats = np.broadcast_to(path.answered, plan.path.kept_share.shape)[0]
        areas.append(Line(short(step.candidate), answered, look.colour(places[step.candidate])))
    return areas


def carrier_flags(result: JudgedWorld) -> list[Flag]:
    """When each step is live, and when one ends."""
    plan = shown_plan(result)
    assert plan is not None
    flags = [
        Flag(step.cutover, f"{short(step.candidate)} live {date_of(result, step.cutover)}")
        for step in plan.steps
        if step.cutover >= 0 and within(result, step.cutover)
    ]
    ended = [step for step in plan.steps if within(result, step.ends)]
    return flags + [Flag(step.ends, f"{short(step.candidate)} ends {date_of(result, step.ends)}") for step in ended]


def carriers_words(result: JudgedWorld) -> str:
    """The takeaway: who carries what in the end."""
    plan = shown_plan(result)
    assert plan is not None
    shares = [(area.name, round(float(area.values[-1]), 3)) for area in carrier_areas(result, LIGHT)]
    told = [f"{percent(share)} by {name.replace('Current', 'the current')}" for name, share in shares if share > 0]
    return f"In the end requests are answered {join_names(told)}, under {plan_name(plan)}"


def carriers_note(result: JudgedWorld) -> str:
    """What is drawn, in one line."""
    del result
    return "Share of all requests that each route answers, in the base case"
