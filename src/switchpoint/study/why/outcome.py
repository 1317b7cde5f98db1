"""What a study asks of one world: the advice, and what one candidate saves and when it has to start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from switchpoint.catalog import CatalogError
from switchpoint.clock import NEVER, Problem, clock
from switchpoint.decision.verdict import Action
from switchpoint.engine import Case, simulate, simulate_alike
from switchpoint.result import Result
from switchpoint.scenario.schema import Scenario

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
    start: int = NEVER
    """Its start-by day."""
    span: tuple[int, int] = (NEVER, NEVER)
    """The first and the last start that are as good."""

    def as_good_as(self, other: Advice) -> bool:
        """Whether the start of one of the two lies among those that are as good in the other."""
        return any(a.span[0] <= b.start <= a.span[1] for a, b in ((self, other), (other, self)))

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
    if not acts or verdict.candidate is None:
        return Advice(verdict.action)
    start, span = verdict.start_by, verdict.as_good
    return Advice(verdict.action, verdict.candidate.name, start, (span.first, span.last) if span else (start, start))


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
        (outcome,) = self.many([scenario])
        return outcome

    def many(self, scenarios: Sequence[Scenario]) -> list[Outcome]:
        """What the candidate comes to in many worlds; those that differ in numbers alone are simulated at once.

        Raises:
            Problem: where the numbers of any scenario leave all bounds.
        """
        worlds = [_started_today(alone(each, self.candidate)) for each in scenarios]
        return [_outcome(case) for case in simulate_alike(worlds, anchor=self.anchor)]

    def through(self, mapper: Mapper, scenarios: Iterable[Scenario]) -> list[Outcome]:
        """The same by a mapper, some worlds at a time."""
        listed = list(scenarios)
        slices = [listed[begin : begin + AT_ONCE] for begin in range(0, len(listed), AT_ONCE)]
        return [outcome for outcomes in mapper(self.many, slices) for outcome in outcomes]


def _outcome(case: Case | Problem | CatalogError) -> Outcome:
    if not isinstance(case, Case):
        raise case
    result = Result(case)
    (outlook,) = case.outlooks
    start_by = outlook.starts.start_by.day if result.verdict.candidate is None else result.verdict.start_by
    return Outcome(outlook.saving(result.advised_start(outlook)), start_by)


def alone(scenario: Scenario, candidate: str) -> Scenario:
    """The scenario with one candidate only. It comes to the same: candidates know nothing of each other."""
    return scenario.model_copy(update={"candidates": {candidate: scenario.candidates[candidate]}})


def date_of(scenario: Scenario, day: int) -> date | None:
    """Date of a day number, None beyond the horizon."""
    return clock(scenario.start, scenario.months).date_or_none(day)


def _started_today(scenario: Scenario) -> Scenario:
    """The same under the policy that costs least to simulate: advice and start-by dates do not hang on it."""
    return scenario.model_copy(update={"decision": scenario.decision.model_copy(update={"policy": "now"})})
