"""Levers: what preparing early, and picking interventions from error diagnosis, would buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from switchpoint.clock import NEVER, Floats, Ints
from switchpoint.decision.policies import within
from switchpoint.engine import Batch
from switchpoint.scenario.schema import Scenario
from switchpoint.study.draws.spread import error_of_mean
from switchpoint.timeline.present import PresentCosts
from switchpoint.timeline.prospect import planner

LITTLE, ALL = 0.2, 1.0
"""Shares of diagnosed interventions that are compared."""


@dataclass(frozen=True)
class Lever:
    """What one change of the plan buys on average, over the same draws with and without it."""

    name: str
    text: str
    usd: float
    """Present value of what it saves more."""
    usd_error: float
    days: float
    """Days by which the candidate is live earlier, over draws in which it is live both ways."""
    more_live: float
    """Share of draws in which it goes live within the horizon thanks to it, less those in which it no longer does."""


Plan = Mapping[str, Any]
"""Certain fields of a project that are replaced."""
Plans = tuple[Plan, Plan]
"""The project without and with a change."""


@dataclass(frozen=True)
class Levers:
    """All levers of the advised candidate, and which start they are told for: "advised" or "policy"."""

    start: str = "advised"
    each: tuple[Lever, ...] = ()


NO_LEVERS = Levers()


@dataclass(frozen=True)
class Came:
    """What a candidate came to in each draw under one plan, from the same start; arrays of shape (draws,)."""

    saving: Floats
    cutover: Ints


def pulled(batch: Batch, name: str, start: Ints, pairs: Mapping[str, Plans]) -> dict[str, tuple[Came, Came]]:
    """What one candidate of many worlds comes to without and with each change, started on the same days.

    A change moves nothing but the candidate's own project, so everything else is as simulated.

    Args:
        batch: the worlds.
        name: the candidate.
        start: day on which it starts in each world, shape (worlds,).
        pairs: its changed projects, by name of the lever.
    """
    (prospect,) = (each for each in batch.prospects if each.name == name)
    plans = {id(plan): plan for pair in pairs.values() for plan in pair}
    costs = PresentCosts(prospect, batch.discount)
    came = {key: _under(batch, costs, plan, start[:, None]) for key, plan in plans.items()}
    return {lever: (came[id(before)], came[id(after)]) for lever, (before, after) in pairs.items()}


def _under(batch: Batch, costs: PresentCosts, plan: Plan, start: Ints) -> Came:
    spec = costs.prospect.spec
    project = spec.project.model_copy(update=dict(plan))
    schedule = planner(spec.model_copy(update={"project": project}), batch.setting).schedule(start)
    cost = batch.starts(costs.of(schedule))[:, 0]
    cutover = batch.starts(within(schedule.cutover, batch.clock))[:, 0]
    return Came(batch.each(batch.present_stay) - cost, cutover)


def plans(scenario: Scenario, name: str) -> dict[str, Plans]:
    """The changes that make a difference for one candidate, by name of the lever."""
    project = scenario.candidates[name].project
    found: dict[str, Plans] = {}
    as_stated: Plan = {}
    early: dict[str, Any] = {}
    if project.labelling == "with-project" and project.examples and not project.started:
        early["labelling"] = "from-start"
        found["labelling now"] = as_stated, {"labelling": "from-start"}
    if project.hiring == "with-project" and project.to_hire and not project.started:
        early["hiring"] = "from-start"
        found["hiring now"] = as_stated, {"hiring": "from-start"}
    if len(early) == 2:
        found["labelling and hiring now"] = as_stated, early
    if len(set(project.pass_probability)) > 1 and project.max_iterations > 1:
        found["diagnosis"] = {"diagnosed_share": LITTLE}, {"diagnosed_share": ALL}
    return found


TEXTS = {
    "labelling now": "labelling from today instead of with the project",
    "hiring now": "hiring from today instead of with the project",
    "labelling and hiring now": "labelling and hiring from today instead of with the project",
    "diagnosis": "picking every intervention from error diagnosis instead of one in five",
}


def bought(name: str, before: Came, after: Came) -> Lever:
    """What a change buys, from the same start in the same draws without and with it."""
    usd: Floats = after.saving - before.saving
    old, new = before.cutover, after.cutover
    both = (old < NEVER) & (new < NEVER)
    earlier: Ints = (old - new)[both]
    return Lever(
        name=name,
        text=TEXTS[name],
        usd=float(usd.mean()),
        usd_error=error_of_mean(usd),
        days=float(earlier.mean()) if both.any() else 0.0,
        more_live=float((new < NEVER).mean() - (old < NEVER).mean()),
    )
