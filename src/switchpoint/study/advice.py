"""What is advised where numbers are moved: the advice of one world and of many, and what a candidate comes to there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from switchpoint.catalog import CatalogError
from switchpoint.decision.case import SimulatedWorld
from switchpoint.decision.result import JudgedWorld
from switchpoint.decision.verdict import Action
from switchpoint.decision.world_batch import simulate_alike
from switchpoint.errors import CannotCompute
from switchpoint.horizon import NEVER
from switchpoint.scenario.candidates import RoutePlan
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
class ToldMapper:
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
class AdvisedStart:
    """What is advised in one world."""

    action: Action
    candidate: str | None = None
    """What to start, None where nothing is; of a plan the candidate that leads it."""
    plan: str | None = None
    """The plan that is the answer, where one is."""
    start: int = NEVER
    """Its start-by day."""
    span: tuple[int, int] = (NEVER, NEVER)
    """The first and the last start that are as good."""

    def as_good_as(self, other: AdvisedStart) -> bool:
        """Whether the start of one of the two lies among those that are as good in the other."""
        return any(a.span[0] <= b.start <= a.span[1] for a, b in ((self, other), (other, self)))

    @property
    def family(self) -> Family:
        """To stay, to act, or that nothing keeps the limit."""
        kinds = {Action.STAY: Family.STAY, Action.NO_REMEDY: Family.NO_REMEDY}
        return kinds.get(self.action, Family.ACT)

    def is_that_of(self, base: AdvisedStart) -> bool:
        """Whether the same is to be done as in the base case, whenever that is: the plan that is advised there, or else
        the same candidate."""
        same = self.plan == base.plan if base.plan is not None else self.candidate == base.candidate
        return self.family is base.family and same

    @property
    def today(self) -> bool:
        """Whether what is to be done is to be done today."""
        return self.action in (Action.START_NOW, Action.LATE)


@dataclass(frozen=True)
class CandidateOutcome:
    """What one candidate comes to in one world, started by its start-by date there (today where it has none); or what a
    plan comes to, whose steps start as it says."""

    npv_saving_usd: float
    start_by: int
    """Day number, NEVER for none; of a plan that of its first project."""


def advice_of(result: JudgedWorld) -> AdvisedStart:
    """The advice of a simulated scenario. With no remedy nothing is advised, whatever saves all the same."""
    verdict = result.verdict
    acts = verdict.action not in (Action.STAY, Action.NO_REMEDY)
    if not acts or verdict.candidate is None:
        return AdvisedStart(verdict.action)
    start, span = verdict.start_by, verdict.as_good
    ends = (span.first, span.last) if span else (start, start)
    return AdvisedStart(verdict.action, verdict.candidate.name, advised_plan_name(result), start, ends)


def advised_plan_name(result: JudgedWorld) -> str | None:
    """The name of the plan that is advised."""
    plan = result.verdict.plan
    return None if plan is None else plan.name


def advices_on(scenarios: Sequence[Scenario], anchor: Scenario | None = None) -> list[AdvisedStart | None]:
    """The advice on scenarios, of which those that differ in numbers alone are simulated at once; None where the
    numbers of one leave all bounds.

    Args:
        scenarios: everything assumed.
        anchor: the scenario at whose tokens capacities are simulated exactly.

    Raises:
        CatalogError: where the catalogue has no price of a day.
    """
    found: list[AdvisedStart | None] = []
    for case in simulate_alike([_started_today(each) for each in scenarios], anchor=anchor):
        if isinstance(case, CatalogError):
            raise case
        found.append(advice_of(JudgedWorld(case)) if isinstance(case, SimulatedWorld) else None)
    return found


@dataclass(frozen=True)
class Judge:
    """Follows one candidate, or a plan, through many worlds. It can be sent to another process."""

    candidate: str
    anchor: Scenario
    """The scenario at whose tokens capacities are simulated exactly."""
    plan: RoutePlan | None = None
    """The plan that is followed in place of the candidate."""

    @classmethod
    def of(cls, result: JudgedWorld) -> Judge | None:
        """Follows what is advised, else the candidate that studies are about; None without any."""
        main, plan = result.main_candidate, result.verdict.plan
        if main is None:
            return None
        return cls(main.name, result.case.scenario, None if plan is None else plan.search.plan)

    @property
    def candidates(self) -> list[str]:
        """Those whose inputs matter: its own, or those of the plan's steps."""
        if self.plan is None:
            return [self.candidate]
        return list(dict.fromkeys(step.candidate for step in self.plan.steps))

    def __call__(self, scenario: Scenario) -> CandidateOutcome:
        """What it comes to in one world; other candidates, which change nothing about it, are left out.

        Raises:
            CannotCompute: where the numbers of the scenario leave all bounds.
        """
        (outcome,) = self.many([scenario])
        return outcome

    def many(self, scenarios: Sequence[Scenario]) -> list[CandidateOutcome]:
        """What it comes to in many worlds; those that differ in numbers alone are simulated at once.

        Raises:
            CannotCompute: where the numbers of any scenario leave all bounds.
        """
        worlds = [_started_today(alone(each, *self.candidates)) for each in scenarios]
        return [self._outcome(case) for case in simulate_alike(worlds, anchor=self.anchor)]

    def _outcome(self, case: SimulatedWorld | CannotCompute | CatalogError) -> CandidateOutcome:
        if not isinstance(case, SimulatedWorld):
            raise case
        if self.plan is not None:
            planned = case.plan_result("plan", self.plan)
            return CandidateOutcome(planned.npv_saving, planned.project_start)
        result = JudgedWorld(case)
        (outlook,) = case.outlooks
        start_by = outlook.starts.start_by.day if result.verdict.candidate is None else result.verdict.start_by
        return CandidateOutcome(outlook.saving(result.advised_start(outlook)), start_by)

    def through(self, mapper: Mapper, scenarios: Iterable[Scenario]) -> list[CandidateOutcome]:
        """The same by a mapper, some worlds at a time."""
        listed = list(scenarios)
        slices = [listed[begin : begin + AT_ONCE] for begin in range(0, len(listed), AT_ONCE)]
        return [outcome for outcomes in mapper(self.many, slices) for outcome in outcomes]


def alone(scenario: Scenario, *candidates: str) -> Scenario:
    """The scenario with these candidates only. They come to the same: candidates know nothing of each other."""
    kept = {name: scenario.candidates[name] for name in candidates}
    return scenario.model_copy(update={"candidates": kept, "plans": {}})


def _started_today(scenario: Scenario) -> Scenario:
    """The same under the policy that costs least to simulate: advice and start-by dates do not hang on it."""
    return scenario.model_copy(update={"decision": scenario.decision.model_copy(update={"policy": "now"})})
