"""What a study asks of one world: the advice, and what one candidate saves and when it has to start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

import numpy as np

from switchpoint.chance import BLOCK
from switchpoint.clock import NEVER, Problem, clock
from switchpoint.decision.verdict import Action
from switchpoint.engine import Batch, simulate, simulate_many
from switchpoint.result import Result
from switchpoint.scenario.alike import groups
from switchpoint.scenario.schema import Scenario
from switchpoint.timeline.present import present_costs

AT_ONCE = 64
"""Worlds that a mapper is given at a time."""
Item = TypeVar("Item")
Found = TypeVar("Found")


class Mapper(Protocol):
    """Applies a function to many items, in their order: the built-in `map`, or the `map` of a pool of workers."""

    def __call__(self, function: Callable[[Item], Found], items: Iterable[Item], /) -> Iterator[Found]:
        """One result for each item."""


@dataclass
class Told:
    """A mapper in this process that tells the share done, 0 to 1, before each item; it never falls back."""

    tell: Callable[[float], object]
    done: float = 0.0

    def __call__(self, function: Callable[[Item], Found], items: Iterable[Item], /) -> Iterator[Found]:
        """One result for each item."""
        listed = list(items)
        for place, item in enumerate(listed):
            self.done = max(self.done, place / len(listed))
            self.tell(self.done)
            yield function(item)


class Family(StrEnum):
    """The kinds of advice that differ in what is to be done."""

    STAY = "stay"
    ACT = "act"
    NO_REMEDY = "no-remedy"


@dataclass(frozen=True)
class Advice:
    """What is advised in one world."""

    action: Action
    candidate: str | None = None
    """What to start, None where nothing is."""

    @property
    def family(self) -> Family:
        """To stay, to act, or that nothing keeps the limit."""
        kinds = {Action.STAY: Family.STAY, Action.NO_REMEDY: Family.NO_REMEDY}
        return kinds.get(self.action, Family.ACT)

    @property
    def what(self) -> tuple[Family, str | None]:
        """What is to be done, whenever that is. Two worlds have the same advice where this is the same."""
        return self.family, self.candidate

    @property
    def today(self) -> bool:
        """Whether what is to be done is to be done today."""
        return self.action in (Action.START_NOW, Action.LATE)


@dataclass(frozen=True)
class Outcome:
    """What one candidate comes to in one world, started by its start-by date there (today where it has none)."""

    npv_saving_usd: float
    start_by: int
    """Day number, NEVER for none."""


def advice_of(result: Result) -> Advice:
    """The advice of a simulated scenario. With no remedy nothing is advised, whatever saves all the same."""
    verdict = result.verdict
    acts = verdict.action not in (Action.STAY, Action.NO_REMEDY)
    return Advice(verdict.action, verdict.candidate.name if acts and verdict.candidate else None)


def advised(scenario: Scenario, anchor: Scenario | None = None) -> Advice | None:
    """The advice on a scenario; None where its numbers leave all bounds.

    Args:
        scenario: everything assumed.
        anchor: the scenario at whose tokens capacities are simulated exactly.
    """
    try:
        return advice_of(Result(simulate(_started_today(scenario), anchor=anchor)))
    except Problem:
        return None


@dataclass(frozen=True)
class Judge:
    """Follows one candidate through many worlds. It can be sent to another process."""

    candidate: str
    anchor: Scenario
    """The scenario at whose tokens capacities are simulated exactly."""

    def __call__(self, scenario: Scenario) -> Outcome:
        """What the candidate comes to in one world; the others, which change nothing about it, are left out.

        Raises:
            Problem: where the numbers of the scenario leave all bounds.
        """
        world = _started_today(alone(scenario, self.candidate))
        outlook = simulate(world, anchor=self.anchor).outlooks[0]
        starts = outlook.starts
        return Outcome(outlook.saving(starts.judged), starts.start_by.day)

    def many(self, scenarios: Sequence[Scenario]) -> list[Outcome]:
        """What the candidate comes to in many worlds; those that differ in numbers alone are simulated at once.

        Raises:
            Problem: where the numbers of any scenario leave all bounds.
        """
        worlds = [_started_today(alone(each, self.candidate)) for each in scenarios]
        found: dict[int, Outcome] = {}
        for group in groups(worlds, BLOCK, anchored=True):
            try:
                batch = simulate_many(group.merged(), len(group.places), anchor=self.anchor)
                outcomes = _judged(batch)
            except Problem:
                outcomes = [self(scenarios[place]) for place in group.places]
            found |= zip(group.places, outcomes, strict=True)
        return [found[place] for place in range(len(worlds))]

    def through(self, mapper: Mapper, scenarios: Iterable[Scenario]) -> list[Outcome]:
        """The same by a mapper, some worlds at a time."""
        listed = list(scenarios)
        slices = [listed[begin : begin + AT_ONCE] for begin in range(0, len(listed), AT_ONCE)]
        return [outcome for outcomes in mapper(self.many, slices) for outcome in outcomes]


def _judged(batch: Batch) -> list[Outcome]:
    """What the one candidate of many worlds comes to, started by its start-by date in each, today where it has none."""
    starts = batch.outlooks[0].starts
    start_by = np.minimum(starts.in_time, starts.best)
    start = np.where(start_by == NEVER, starts.under_way or 0, start_by)
    cost = batch.each(present_costs(starts.prospect, starts.prospect.planner.schedule(start), batch.discount))
    saving = batch.each(batch.present_stay) - cost
    return [Outcome(*each) for each in zip(saving.tolist(), start_by[:, 0].tolist(), strict=True)]


def alone(scenario: Scenario, candidate: str) -> Scenario:
    """The scenario with one candidate only. It comes to the same: candidates know nothing of each other."""
    return scenario.model_copy(update={"candidates": {candidate: scenario.candidates[candidate]}})


def date_of(scenario: Scenario, day: int) -> date | None:
    """Date of a day number, None beyond the horizon."""
    return clock(scenario.start, scenario.months).date_or_none(day)


def _started_today(scenario: Scenario) -> Scenario:
    """The same under the policy that costs least to simulate: advice and start-by dates do not hang on it."""
    return scenario.model_copy(update={"decision": scenario.decision.model_copy(update={"policy": "now"})})
