"""Many worlds simulated at once: those of draws, and base cases that are alike but for numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np

from switchpoint.catalog import CatalogError
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.case import Around, SimulatedWorld, simulate
from switchpoint.decision.many_standings import ManyStandings
from switchpoint.decision.policies import policy_start
from switchpoint.decision.start_dates import StartDates
from switchpoint.decision.started_candidate import RunningCost, Strain
from switchpoint.decision.verdict import CandidateFacts
from switchpoint.errors import CannotCompute
from switchpoint.finance import SAME
from switchpoint.horizon import Bools, Floats, horizon_of
from switchpoint.scenario.diff import Group, groups, parts
from switchpoint.scenario.fields import Part
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.candidate import SimulatedCandidate, World, simulated_candidate
from switchpoint.simulation.chance import Chance, Expected
from switchpoint.simulation.limits import BillLimits
from switchpoint.simulation.rows import OneWorld

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
    def standings(self) -> tuple[tuple[ManyStandings, ManyStandings], ...]:
        """How each candidate stands before the verdict: by its start-by days, and at its best starts."""
        kinds = (False, True)
        return tuple(tuple(ManyStandings(each, self.count, money) for money in kinds) for each in self.outlooks)  # type: ignore[misc]

    def most_saved(self, found: SimulatedCandidate) -> Floats:
        """Weighed dollars that the best start of a candidate saves, less what counts as equal, in each world; no start
        beats staying where that is not above 0, and it is without end where it is not possible or never live."""
        priced = np.any(self.scenario.usd_per_month_above)
        starts = self._start_dates(found, RunningCost.of(found, self.limits).over if priced else self.over)
        saved = np.where(starts.counts, starts.saving_by_start - SAME * starts.weighed_stay, -np.inf)
        return np.asarray(self.each(saved.max(axis=-1, keepdims=True)))

    @cached_property
    def _parts(self) -> list[Part]:
        return parts(self.scenario)

    def case(self, place: int, scenario: Scenario) -> SimulatedWorld:
        """One of the worlds by itself, with its own scenario and all that has been found out about it so far."""
        row = OneWorld(self._parts, scenario, place)
        case: SimulatedWorld = row.record(SimulatedWorld, self, OF_MANY)
        outlooks = row.of(self.outlooks)
        if self.in_stages:
            outlooks = tuple(
                outlook.started_on(policy_start(scenario.decision, lambda: case.forecast, outlook.prospect))
                for outlook in outlooks
            )
        by_limit, for_money = zip(*self.standings, strict=True) if outlooks else ((), ())
        case.__dict__.update(
            scenario=scenario,
            outlooks=outlooks,
            standings=_stand(by_limit, place, outlooks),
            standings_for_money=_stand(for_money, place, outlooks),
        )
        return case

    @property
    def in_stages(self) -> bool:
        """Whether projects are prepared and committed, which is told of each world by itself."""
        return self.scenario.limited and self.scenario.decision.policy == "staged"


def _stand(
    many: Sequence[ManyStandings], place: int, outlooks: Sequence[CandidateResult]
) -> tuple[CandidateFacts, ...]:
    """How the candidates of one of many worlds stand."""
    return tuple(each.of(place, outlook) for each, outlook in zip(many, outlooks, strict=True))


OF_MANY = frozenset(("count", "prospects", "outlooks", "standings", "scenario", "_parts", "_strains"))
"""What of many worlds is no part of one of them."""


def simulate_many(
    scenario: Scenario, count: int, chance: Chance | None = None, anchor: Scenario | None = None
) -> WorldBatch:
    """Simulate many worlds of a scenario at once.

    Args:
        scenario: everything assumed, with an array of shape (worlds, 1, 1) for each number that differs between worlds.
        count: how many worlds.
        chance: what settles the open in each of them; as in the base case in all of them when left out.
        anchor: as of `simulate`.

    Raises:
        CatalogError: where the scenario names something that the catalogue lacks.
        Problem: where the numbers of any world cannot be computed.
    """
    _hold_memory()
    days = horizon_of(scenario.start, scenario.months)
    setting = World.of(scenario, days, chance or Expected(), anchor, many=True, apart=chance is None)
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


def simulated_groups(scenarios: Sequence[Scenario], anchor: Scenario | None = None) -> Iterator[SimulatedGroup]:
    """The same, those that were simulated at once together."""
    for group in groups(scenarios, TOGETHER, anchored=anchor is not None):
        alike = [scenarios[place] for place in group.places]
        try:
            yield SimulatedGroup(group.places, *_cases(group, alike, anchor))
        except (CannotCompute, CatalogError):
            yield SimulatedGroup(group.places, None, [case_or_fault(each, anchor) for each in alike])


def _cases(
    group: Group, alike: Sequence[Scenario], anchor: Scenario | None
) -> tuple[WorldBatch | None, list[SimulatedWorld]]:
    if len(alike) == 1:
        return None, [simulate(alike[0], anchor=anchor)]
    batch = simulate_many(group.merge(), len(alike), anchor=anchor)
    return batch, [batch.case(place, scenario) for place, scenario in enumerate(alike)]


def case_or_fault(scenario: Scenario, anchor: Scenario | None = None) -> Simulated:
    """The base case of a scenario, or what is wrong with it; arguments as of `simulate`."""
    try:
        return simulate(scenario, anchor=anchor)
    except (CannotCompute, CatalogError) as fault:
        return fault


@lru_cache(maxsize=1)
def _hold_memory() -> None:
    """Make the C library keep what is freed instead of giving it back to the system after every array.

    glibc learns from the largest block that was freed how much to keep. Without that, arrays of some hundred kilobytes
    are mapped anew each time, which takes longer than filling them. A block is asked for and freed, never touched.
    """
    np.empty(HELD_BYTES, dtype=np.uint8)
