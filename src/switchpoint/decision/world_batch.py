"""Many worlds simulated at once: those of draws, and base cases that are alike but for numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any, TypeAlias

import numpy as np

from switchpoint.catalog import CatalogError
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import Around, SimulatedWorld, simulate
from switchpoint.decision.many_standings import ManyPlans, ManyStandings
from switchpoint.decision.plan_result import PlanWorld
from switchpoint.decision.policies import policy_start, stated_starts
from switchpoint.decision.start_dates import StartDates
from switchpoint.decision.started_candidate import RunningCost, Strain
from switchpoint.decision.verdict import CandidateFacts, bridge_plan
from switchpoint.errors import CannotCompute
from switchpoint.finance import SAME
from switchpoint.horizon import Bools, Floats, horizon_of
from switchpoint.scenario.candidates import PlanStep, RoutePlan
from switchpoint.scenario.diff import Group, groups, places_of_tables
from switchpoint.scenario.errors import Keys
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.candidate import SimulatedCandidate, World, simulated_candidate
from switchpoint.simulation.chance import Chance, Expected
from switchpoint.simulation.limits import BillLimits
from switchpoint.simulation.rows import OneWorld

FEW = 8
"""A plan that fewer than one of so many worlds asks for is told of each by itself."""
TOGETHER = 64
"""Base cases simulated at once at most: their arrays by start and day then stay in cache."""
HELD_BYTES = 31 << 20
"""Just below what glibc learns from at most."""


@dataclass(frozen=True)
class WorldBatch(Around):
    """Many worlds that were simulated at once: what is around their candidates, and the candidates."""

    count: int
    """Worlds."""
    prospects: tuple[SimulatedCandidate, ...]

    def each(self, value: Any) -> Any:
        """What is said of each world, shape (worlds,); the same in all where the worlds do not differ in it."""
        return np.broadcast_to(value, (self.count, 1))[:, 0]

    def starts(self, value: Any) -> Any:
        """What is said of each start, shape (worlds, starts)."""
        return np.broadcast_to(value, (self.count, np.shape(value)[-1]))

    def strain(self, prospect: SimulatedCandidate) -> Strain:
        """The days on which a candidate, as if live, does not keep the limit; found once."""
        if prospect.name not in self._strains:
            self.hold_strain(prospect, RunningCost.of(prospect, self.limits).strain)
        return self._strains[prospect.name]

    def hold_strain(self, prospect: SimulatedCandidate, strain: Strain) -> None:
        """Keep them where they are known already."""
        self._strains[prospect.name] = strain

    def let_go(self, *names: str) -> None:
        """Hold some of what was found out no longer; it is found anew where it is asked for again."""
        for name in names:
            self.__dict__.pop(name, None)

    @cached_property
    def _strains(self) -> dict[str, Strain]:
        return {}

    @cached_property
    def outlooks(self) -> tuple[CandidateResult, ...]:
        """The candidates on their best starts, of all worlds at once."""
        return tuple(self._outlook(prospect) for prospect in self.prospects)

    def _outlook(self, found: SimulatedCandidate) -> CandidateResult:
        running = RunningCost.of(found, self.limits)
        decision = self.scenario.decision
        start = None if self.in_stages else policy_start(decision, lambda: self.forecast, found)
        return CandidateResult(self._start_dates(found, running.over, start), self.limits, running)

    def _start_dates(self, found: SimulatedCandidate, over: Bools, policy: Any = None) -> StartDates:
        threat = np.broadcast_to(self.threat, (self.count, 1))
        return StartDates(found, self.stay, self.discount, threat, self.above_limit(over), policy)

    @cached_property
    def _standings(self) -> dict[bool, list[ManyStandings]]:
        """How each candidate stands before the verdict: by its start-by days, and at its best starts."""
        return {money: [ManyStandings(each, self.count, money) for each in self.outlooks] for money in (False, True)}

    def _stand(self, place: int, outlooks: Sequence[CandidateResult], money: bool) -> tuple[CandidateFacts, ...]:
        """How the candidates of one of the worlds stand."""
        pairs = zip(self._standings[money], outlooks, strict=True)
        return tuple(each.of(place, outlook) for each, outlook in pairs)

    def most_saved(self, found: SimulatedCandidate) -> Floats:
        """Weighed dollars that the best start of a candidate saves, less what counts as equal, in each world; no start
        beats staying where that is not above 0, and it is without end where it is not possible or never live."""
        priced = np.any(self.scenario.usd_per_month_above)
        starts = self._start_dates(found, RunningCost.of(found, self.limits).over if priced else self.over)
        saved = np.where(starts.counts, starts.saving_by_start - SAME * starts.weighed_stay, -np.inf)
        return np.asarray(self.each(saved.max(axis=-1, keepdims=True)))

    @cached_property
    def _tables(self) -> dict[int, Keys]:
        return places_of_tables(self.scenario)

    def case(self, place: int, scenario: Scenario) -> SimulatedWorld:
        """One of the worlds by itself, with its own scenario and all that has been found out about it so far."""
        row = OneWorld(self._tables, scenario, place)
        case: SimulatedWorld = row.record(SimulatedWorld, self, OF_MANY)
        self._told_cases.append(case)
        outlooks = row.of(self.outlooks)
        if self.in_stages:
            outlooks = tuple(
                outlook.started_on(policy_start(scenario.decision, lambda: case.forecast, outlook.prospect))
                for outlook in outlooks
            )
        case.__dict__.update(
            scenario=scenario,
            outlooks=outlooks,
            stand=partial(self._stand, place, outlooks),
            plan_figures=partial(self.plan_figures, place),
        )
        return case

    @cached_property
    def _told_cases(self) -> list[SimulatedWorld]:
        """The worlds that were taken out so far."""
        return []

    def plan_figures(self, place: int, plan: RoutePlan) -> Mapping[str, Any]:
        """What is known of a plan in one of the worlds, by the names of `PlanResult`; nothing where few ask."""
        if plan.steps not in self._plans:
            self._plans[plan.steps] = self._many_plans(plan) if self._pays(plan) else None
        found = self._plans[plan.steps]
        return {} if found is None else found.of(place)

    @cached_property
    def _plans(self) -> dict[tuple[PlanStep, ...], ManyPlans | None]:
        return {}

    def _pays(self, plan: RoutePlan) -> bool:
        """Whether a plan is told of all worlds at once: where it is stated, or so many worlds are late and bridge."""
        if self.in_stages or any(step.start == "staged" for step in plan.steps):
            return False
        if any(stated.steps == plan.steps for stated in self.scenario.plans.values()):
            return True
        bridged = [each for case in self._told_cases for each in bridge_plan(case.candidate_verdict).values()]
        return FEW * sum(each.steps == plan.steps for each in bridged) >= self.count

    def _many_plans(self, plan: RoutePlan) -> ManyPlans:
        named = {prospect.name: prospect for prospect in self.prospects}
        prospects = tuple(named[step.candidate] for step in plan.steps)
        stated = stated_starts(plan, prospects, self.scenario.decision, lambda: self.forecast)
        return ManyPlans(self._plan_world, self.count, plan, prospects, stated, self.threat)

    @cached_property
    def _plan_world(self) -> PlanWorld:
        price = self.scenario.usd_per_month_above
        return PlanWorld(self.setting, self.limits, self.stay, self.discount, self.over, price)

    @property
    def in_stages(self) -> bool:
        """Whether projects are prepared and committed, which is told of each world by itself."""
        return self.scenario.limited and self.scenario.decision.policy == "staged"


OF_MANY = frozenset(("outlooks", "scenario"))
"""What of many worlds is no part of one of them."""


def simulate_many(
    scenario: Scenario,
    count: int,
    chance: Chance | None = None,
    anchor: Scenario | None = None,
    *,
    apart: bool = False,
) -> WorldBatch:
    """Simulate many worlds of a scenario at once.

    Args:
        scenario: everything assumed, with an array of shape (worlds, 1, 1) for each number that differs between worlds.
        count: how many worlds.
        chance: what settles the open in each of them; as in the base case in all of them when left out.
        anchor, apart: as of `simulate`.

    Raises:
        CatalogError: where the scenario names something that the catalogue lacks.
        CannotCompute: where the numbers of any world cannot be computed.
    """
    _hold_memory()
    days = horizon_of(scenario.start, scenario.months)
    setting = World.of(scenario, days, chance or Expected(), anchor, many=True, apart=apart)
    prospects = tuple(simulated_candidate(name, spec, setting) for name, spec in scenario.candidates.items())
    return WorldBatch(scenario, setting, BillLimits.of(setting), setting.stay.total, count, prospects)


Simulated: TypeAlias = SimulatedWorld | CannotCompute | CatalogError
"""The base case of a scenario, or what is wrong with it."""


@dataclass(frozen=True)
class SimulatedGroup:
    """Base cases that were simulated at once: their places among all scenarios, the batch, None of those that were
    simulated one by one, and each of them."""

    places: list[int]
    batch: WorldBatch | None
    cases: Sequence[Simulated]


def simulate_alike(scenarios: Sequence[Scenario], anchor: Scenario | None = None) -> list[Simulated]:
    """The base cases of scenarios, or what is wrong with them; those alike but for numbers are simulated at once.

    Args:
        scenarios: any number.
        anchor: as of `simulate`.
    """
    found: dict[int, Simulated] = {}
    for group in simulated_groups(scenarios, anchor):
        found |= zip(group.places, group.cases, strict=True)
    return [found[place] for place in range(len(scenarios))]


def simulated_groups(
    scenarios: Sequence[Scenario], anchor: Scenario | None = None, *, apart: bool = True
) -> Iterator[SimulatedGroup]:
    """The same, those that were simulated at once together; `apart` as of `simulate`."""
    for group in groups(scenarios, TOGETHER, anchored=anchor is not None):
        alike = [scenarios[place] for place in group.places]
        try:
            yield SimulatedGroup(group.places, *_cases(group, alike, anchor, apart=apart))
        except (CannotCompute, CatalogError):
            yield SimulatedGroup(group.places, None, [case_or_fault(each, anchor, apart=apart) for each in alike])


def _cases(
    group: Group, alike: Sequence[Scenario], anchor: Scenario | None, *, apart: bool
) -> tuple[WorldBatch | None, list[SimulatedWorld]]:
    if len(alike) == 1:
        return None, [simulate(alike[0], anchor=anchor, apart=apart)]
    batch = simulate_many(group.merge(), len(alike), anchor=anchor, apart=apart)
    return batch, [batch.case(place, scenario) for place, scenario in enumerate(alike)]


def case_or_fault(scenario: Scenario, anchor: Scenario | None = None, *, apart: bool = True) -> Simulated:
    """The base case of a scenario, or what is wrong with it; arguments as of `simulate`."""
    try:
        return simulate(scenario, anchor=anchor, apart=apart)
    except (CannotCompute, CatalogError) as fault:
        return fault


@lru_cache(maxsize=1)
def _hold_memory() -> None:
    """Make the C library keep what is freed instead of giving it back to the system after every array.

    glibc learns from the largest block that was freed how much to keep. Without that, arrays of some hundred kilobytes
    are mapped anew each time, which takes longer than filling them. A block is asked for and freed, never touched.
    """
    np.empty(HELD_BYTES, dtype=np.uint8)
