"""Plans: several candidates, one after the other or side by side, and what is wrong with how one is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from switchpoint.scenario.errors import Keys, did_you_mean, show
from switchpoint.scenario.fields import Day, Part, word_or_day

AFTER = "after"
"""Starts a step on the day after the one before it has cut over."""
MADE_HERE = "auto:"
"""What the names of plans begin with that nobody wrote."""
STEP_STARTS = ("now", "best", AFTER, "warn", "lead", "staged", "never")


def _step_start(raw: Any) -> Any:
    return word_or_day(raw, STEP_STARTS)


StepStart: TypeAlias = Annotated[
    Literal["now", "best", "after", "warn", "lead", "staged", "never"] | Day, BeforeValidator(_step_start)
]


class PlanStep(Part):
    """One candidate of a plan, and when its project starts."""

    candidate: Annotated[str, Field(min_length=1, max_length=80)]
    """The name of a candidate of this file."""
    start: StepStart
    """What starts its project: a policy (now, best, warn, lead, staged, never), a date, or after: the day after the
    step before it has cut over."""


class RoutePlan(Part):
    """Several candidates, one after the other or side by side, from those that answer the easiest requests to those
    that answer more. Each request goes to the last step that is live and can answer it, else to the one before, else to
    the current route; a step that is left without requests for good ends."""

    steps: Annotated[tuple[PlanStep, ...], Field(min_length=1, max_length=10)]
    """The candidates and their starts, in that order."""


def plan_faults(
    plans: Mapping[str, RoutePlan], candidates: Collection[str], columns: Collection[str], first_day: date | None
) -> Iterator[tuple[Keys, str]]:
    """Path and sentence of everything in plans that does not fit the rest of the scenario.

    Args:
        plans: by name.
        candidates: the names of all candidates.
        columns: names that the monthly table has for other things.
        first_day: of the horizon, None where that could not be read.
    """
    for name, plan in plans.items():
        path = ("plans", name)
        if name in candidates or name in columns or any(name == f"{each}_per_1000" for each in (*candidates, *plans)):
            yield path, "is the name of a candidate or of a column of the monthly table; choose another name"
        elif name.startswith(MADE_HERE):
            yield path, f"must not begin with {MADE_HERE}, as the plans do that are made here; choose another name"
        elif name != name.strip() or not name.isprintable():
            yield path, "must be a name without line breaks and without space around it"
        yield from _step_faults(plan, path, candidates, first_day)


def _step_faults(
    plan: RoutePlan, path: Keys, candidates: Collection[str], first_day: date | None
) -> Iterator[tuple[Keys, str]]:
    seen: set[str] = set()
    for place, step in enumerate(plan.steps):
        here = (*path, "steps", place)
        if step.candidate not in candidates:
            known = f"the names are {', '.join(candidates)}" if candidates else "the file has none"
            near = did_you_mean(step.candidate, candidates) or f"; {known}"
            yield (*here, "candidate"), f"must name a candidate of this file; got {show(step.candidate)}{near}"
        elif step.candidate in seen:
            yield (*here, "candidate"), f"{show(step.candidate)} is a step of this plan already; a step each"
        seen.add(step.candidate)
        if step.start == AFTER and not place:
            yield (*here, "start"), 'is the first step, with none before it; "now", "best" or a date would be right'
        if isinstance(step.start, date) and first_day is not None and step.start < first_day:
            yield (*here, "start"), f"must not be before start ({first_day}); got {show(step.start)}"
