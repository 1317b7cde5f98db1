"""Levers: what preparing early, and picking interventions from error diagnosis, would buy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from switchpoint.clock import NEVER, Floats, Ints
from switchpoint.scenario.schema import Candidate, Scenario
from switchpoint.study.draws.follow import Followed
from switchpoint.study.draws.spread import error_of_mean

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


Plans = tuple[Scenario, Scenario]
"""The scenario without and with a change."""


@dataclass(frozen=True)
class Levers:
    """All levers of the advised candidate, and which start they are told for: "advised" or "policy"."""

    start: str = "advised"
    each: tuple[Lever, ...] = ()


NO_LEVERS = Levers()


def pulled(
    scenario: Scenario, name: str, follow: Callable[[Sequence[Scenario]], Sequence[Followed]]
) -> tuple[Lever, ...]:
    """What each lever buys a candidate; `follow` says what becomes of it in changed scenarios, started alike."""
    pairs = plans(scenario, name)
    changed = {id(plan): plan for pair in pairs.values() for plan in pair}
    came = dict(zip(changed, follow(list(changed.values())) if changed else (), strict=True))
    return tuple(bought(lever, came[id(before)], came[id(after)]) for lever, (before, after) in pairs.items())


def plans(scenario: Scenario, name: str) -> dict[str, Plans]:
    """The changes that make a difference for one candidate, by name of the lever."""
    project = scenario.candidates[name].project
    found: dict[str, Plans] = {}
    early: dict[str, Any] = {}
    if project.labelling == "with-project" and project.examples and not project.started:
        early["labelling"] = "from-start"
        found["labelling now"] = scenario, changed(scenario, name, {"labelling": "from-start"})
    if project.hiring == "with-project" and project.to_hire and not project.started:
        early["hiring"] = "from-start"
        found["hiring now"] = scenario, changed(scenario, name, {"hiring": "from-start"})
    if len(early) == 2:
        found["labelling and hiring now"] = scenario, changed(scenario, name, early)
    if len(set(project.pass_probability)) > 1 and project.max_iterations > 1:
        little, whole = (changed(scenario, name, {"diagnosed_share": share}) for share in (LITTLE, ALL))
        found["diagnosis"] = little, whole
    return found


TEXTS = {
    "labelling now": "labelling from today instead of with the project",
    "hiring now": "hiring from today instead of with the project",
    "labelling and hiring now": "labelling and hiring from today instead of with the project",
    "diagnosis": "picking every intervention from error diagnosis instead of one in five",
}


def changed(scenario: Scenario, name: str, update: Mapping[str, Any]) -> Scenario:
    """The scenario with some certain fields of one candidate's project replaced."""
    spec: Candidate = scenario.candidates[name]
    other = spec.model_copy(update={"project": spec.project.model_copy(update=dict(update))})
    return scenario.model_copy(update={"candidates": {**scenario.candidates, name: other}})


def bought(name: str, before: Followed, after: Followed) -> Lever:
    """What a change buys, from the same start in the same draws without and with it."""
    usd: Floats = after.saving[:, 0] - before.saving[:, 0]
    old, new = before.cutover[:, 0], after.cutover[:, 0]
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
