"""Levers: what preparing early, and picking interventions from error diagnosis, would buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.decision.policies import within
from switchpoint.decision.start_search import EQUAL_USD, searched_starts
from switchpoint.decision.world_batch import WorldBatch
from switchpoint.horizon import NEVER, Floats, Ints
from switchpoint.scenario.project import Project
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.candidate import planner
from switchpoint.simulation.limits import AboveLimit
from switchpoint.simulation.present_cost import PresentCosts
from switchpoint.study.draws import Worlds, error_of_mean, join_records
from switchpoint.text import percent

ALL = 1.0
"""Share of diagnosed interventions that the stated one is compared with."""


@dataclass(frozen=True)
class PreparationGain:
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
class PreparationGains:
    """All levers of the advised candidate, and which start they are told for: "best", each plan at its own."""

    start: str = "best"
    each: tuple[PreparationGain, ...] = ()


LEVER_DRAWS = 128
"""Draws from which it is told what a lever buys; differences within draws are known far better than levels."""


@dataclass(frozen=True)
class PlanOverDraws:
    """What a candidate comes to under one plan, for each searched start; arrays of shape (draws, starts)."""

    saving: Floats
    """Net present value, dollars."""
    weighed: Floats
    """The same with days above the limit at their price."""
    cutover: Ints

    @cached_property
    def best(self) -> int:
        """Place of the start that saves most on average, days above the limit counted; of equals the latest."""
        mean = self.weighed.mean(axis=0)
        return int(np.flatnonzero(mean >= mean.max() - EQUAL_USD)[-1])


def preparation_gains(
    batch: WorldBatch, name: str, pairs: Mapping[str, Plans]
) -> dict[str, tuple[PlanOverDraws, PlanOverDraws]]:
    """What one candidate of many worlds comes to without and with each change, for each searched start.

    A change moves nothing but the candidate's own project, so everything else is as simulated.

    Args:
        batch: the worlds.
        name: the candidate.
        pairs: its changed projects, by name of the lever.
    """
    (prospect,) = (each for each in batch.prospects if each.name == name)
    plans = {id(plan): plan for pair in pairs.values() for plan in pair}
    costs, above = PresentCosts(prospect, batch.discount), batch.above_limit(batch.strain(prospect).over)
    found = {key: _under(batch, costs, plan, above) for key, plan in plans.items()}
    return {lever: (found[id(before)], found[id(after)]) for lever, (before, after) in pairs.items()}


def _under(batch: WorldBatch, costs: PresentCosts, plan: Plan, above: AboveLimit) -> PlanOverDraws:
    prospect = costs.prospect
    spec = prospect.spec.model_copy(update={"project": prospect.spec.project.model_copy(update=dict(plan))})
    schedule = planner(prospect.name, spec, batch.setting).schedule(searched_starts(prospect)[None])
    saving = batch.each(batch.present_stay)[:, None] - batch.starts(costs.of(schedule))
    cutover = batch.starts(within(schedule.cutover, batch.clock))
    spared = batch.each(above.of_staying)[:, None] - batch.starts(above.of_switch(schedule.cutover))
    return PlanOverDraws(saving, saving + spared, cutover)


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
    odds_hang_on_it = len(set(project.pass_probability)) > 1 and project.max_iterations > 1
    if odds_hang_on_it and project.diagnosed_share < ALL:
        found["diagnosis"] = as_stated, {"diagnosed_share": ALL}
    return found


TEXTS = {
    "labelling now": "labelling from today instead of with the project",
    "hiring now": "hiring from today instead of with the project",
    "labelling and hiring now": "labelling and hiring from today instead of with the project",
    "diagnosis": "picking every intervention from error diagnosis instead of {}",
}


def text_of(lever: str, project: Project) -> str:
    """What a lever changes, against what is stated of a project."""
    stated = project.diagnosed_share
    return TEXTS[lever].format(f"{percent(stated)} of them" if stated else "none")


def bought(name: str, text: str, before: PlanOverDraws, after: PlanOverDraws) -> PreparationGain:
    """What a change, so named and told, buys in the same draws, each plan started on its own best day."""
    usd: Floats = after.saving[:, after.best] - before.saving[:, before.best]
    old, new = before.cutover[:, before.best], after.cutover[:, after.best]
    both = (old < NEVER) & (new < NEVER)
    earlier: Ints = (old - new)[both]
    return PreparationGain(
        name=name,
        text=text,
        usd=float(usd.mean()),
        usd_error=error_of_mean(usd),
        days=float(earlier.mean()) if both.any() else 0.0,
        more_live=float((new < NEVER).mean() - (old < NEVER).mean()),
    )


def levers_of(worlds: Worlds, name: str, draws: int) -> PreparationGains:
    """What preparing early and diagnosis would buy a candidate, from the first draws.

    Raises:
        CannotCompute: where a draw cannot be computed.
    """
    pairs, first = plans(worlds.scenario, name), min(draws, LEVER_DRAWS)
    batches = worlds.of_candidate(name).batches(0, worlds.values(first)) if pairs else ()
    came = join_records([preparation_gains(batch, name, pairs) for _, batch in batches]) if pairs else {}
    project = worlds.scenario.candidates[name].project
    return PreparationGains(each=tuple(bought(lever, text_of(lever, project), *both) for lever, both in came.items()))
