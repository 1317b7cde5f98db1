"""The chart of a project's steps, and the one of who carries what over time in a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from switchpoint.charts.takeaways import date_of, lead, path_name, plan_name, short, within
from switchpoint.charts.vega import (
    LIGHT,
    Flag,
    Line,
    Look,
    Spec,
    channel,
    days_to_draw,
    dress_chart,
    flag_layers,
    layer,
    moment,
    second,
    time_axis,
    tip,
    value,
    value_axis,
)
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_result import PlanResult
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import NEVER, Floats
from switchpoint.text import join_names, percent, weeks

# The chart of the project --------------------------------------------------------------------------------------------

ROW = 38


@dataclass(frozen=True)
class Step:
    """One step of a project: its name, its first day and the day after its last."""

    name: str
    first: int
    after: int
    kind: str


def kinds(look: Look) -> dict[str, str]:
    """The kinds of steps and their colours."""
    return {"people and data": look.colour(1), "model": look.colour(2), "traffic": look.colour(0)}


def has_plan(result: JudgedWorld) -> bool:
    """Whether there is a project with steps that becomes live."""
    best = lead(result)
    return best is not None and bool(steps(planned_candidate(result)))


def plan_chart(result: JudgedWorld, look: Look = LIGHT, *, titled: bool = True, start: int | None = None) -> Any:
    """The project of the leading candidate as bars over time.

    Args:
        result: what is shown.
        look: its colours.
        titled: whether the takeaway stands on it.
        start: of the project; left out, the start-by day.
    """
    found = steps(planned_candidate(result, start))
    rows = [_row(result, step) for step in found]
    colours = kinds(look)
    legend = {"title": None, "orient": "top", "symbolType": "square", "columns": 3, "offset": 28}
    names = {"title": None, "ticks": False, "domain": False, "labelColor": look.ink, "labelLimit": 150}
    shared = {
        "y": channel("step:N", sort=None, axis=names),
        "tooltip": [tip("step:N", "Step"), tip("from:N", "From"), tip("to:N", "To")],
    }
    month = {"interval": "month", "step": 1}
    months = {"title": None, "grid": True, "tickCount": month, "labelOverlap": "greedy"}
    scale = {"domain": list(colours), "range": list(colours.values())}
    span = {
        "x": channel("day:T", axis=months),
        "x2": second("end"),
        "color": channel("kind:N", legend=legend, scale=scale),
    }
    after = {"x": channel("end:T", axis=months, scale={"domain": _ends(result, found)}), "text": channel("length:N")}
    layers = [
        layer(rows, "bar", {**shared, **span}, cornerRadius=3, height=18),
        layer(rows, "text", {**shared, **after}, align="left", dx=6, color=look.muted, fontSize=12),
        *_threat_layer(result, found, look),
    ]
    return dress_chart(
        layers, look, plan_words(result, start), plan_note(result), titled=titled, height=ROW * len(found)
    )


def planned_candidate(result: JudgedWorld, start: int | None = None) -> CandidateResult:
    """The leading candidate with its project started on a day; left out, as it is shown, else today."""
    best = lead(result)
    assert best is not None
    if start is not None:
        return best.started_on(start)
    if not result.advised and "policy" not in result.case.scenario.decision.model_fields_set:
        return best.started_on(result.advised_start(best))
    return best if best.project_start < NEVER else best.started_on(best.starts.advised_start)


def plan_words(result: JudgedWorld, start: int | None = None) -> str:
    """The takeaway."""
    best = planned_candidate(result, start)
    start, live = best.project_start, date_of(result, best.cutover)
    if best.starts.under_way is not None:
        return f"{best.name} is under way and live on {live}"
    when = "today" if start == 0 else f"on {date_of(result, start)}"
    if (plan := result.advised_plan) is not None:
        return f"Started {when} as a step of {path_name(plan)}, {best.name} is live on {live}"
    if result.verdict.candidate is None and not result.chooses_start:
        return f"Were it started {when}, {best.name} would be live on {live}"
    return f"Started {when}, {best.name} is live on {live}"


def plan_note(result: JudgedWorld) -> str:
    """What is drawn, in one line."""
    best = lead(result)
    assert best is not None
    rounds = len(best.starts.path.schedule.trainings)
    return f"The project in the base case, with {rounds} training round{'s' * (rounds != 1)} until an evaluation passes"


def steps(best: CandidateResult) -> list[Step]:
    """The steps of its project that take time; none where it never becomes live."""
    start = best.project_start
    if start == NEVER or best.cutover == NEVER:
        return []
    return [step for step in _steps(best, start) if step.after > step.first]


def _steps(best: CandidateResult, start: int) -> Iterator[Step]:
    day = {
        name: best.milestone(name) for name in ("label", "joined", "ready", "hardening", "shadow", "ramp", "cutover")
    }
    planner, project = best.prospect.planner, best.prospect.spec.project
    if project.to_hire and day["joined"] < NEVER:
        yield Step("Hire", max(best.milestone("recruit"), min(start, 0)), day["joined"], "people and data")
    if planner.labelling.needed_examples and day["label"] < NEVER:
        complete = int(planner.labelling.complete(np.array([day["label"]]))[0])
        yield Step("Label examples", day["label"], complete + 1, "people and data")
    yield Step("Learn", start, start + planner.steps.upskilling, "people and data")
    first = min(day["hardening"], day["shadow"], day["ramp"], day["cutover"])
    yield Step("Train and evaluate", max(day["ready"], start), first, "model")
    yield Step("Harden", first, day["shadow"], "model")
    yield Step("Shadow", day["shadow"], day["ramp"], "traffic")
    yield Step("Ramp up", day["ramp"], day["cutover"], "traffic")


def _row(result: JudgedWorld, step: Step) -> dict[str, str]:
    return {
        "step": step.name,
        "kind": step.kind,
        "day": moment(result.case.clock, step.first),
        "end": moment(result.case.clock, step.after),
        "from": date_of(result, step.first),
        "to": date_of(result, step.after - 1),
        "length": weeks(step.after - step.first),
    }


def _ends(result: JudgedWorld, found: list[Step]) -> list[str]:
    first, last = min(step.first for step in found), max(step.after for step in found)
    threat = result.case.threat
    if threat != NEVER and first < threat < last + (last - first):
        last = max(last, threat)
    return [moment(result.case.clock, first), moment(result.case.clock, last + max((last - first) // 6, 7))]


def _threat_layer(result: JudgedWorld, found: list[Step], look: Look) -> list[Spec]:
    threat = result.case.threat
    first, last = min(step.first for step in found), max(step.after for step in found)
    if threat == NEVER or not first <= threat < last + (last - first):
        return []
    label = f"{result.case.threat_called} {date_of(result, threat)}"
    rows = [{"day": moment(result.case.clock, threat), "label": label}]
    rule = {"x": channel("day:T"), "y": value(-18), "y2": value("height")}
    words = {"x": channel("day:T"), "y": value(-5), "text": channel("label:N")}
    place = {"align": "right", "dx": -6, "baseline": "bottom", "fontWeight": 600, "fontSize": 12.5}
    return [
        layer(rows, "rule", rule, color=look.ink, strokeDash=[4, 3]),
        layer(rows, "text", words, **place, color=look.ink),
    ]


# Who carries what over time in a plan --------------------------------------------------------------------------------

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
