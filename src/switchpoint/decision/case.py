"""From a scenario to every figure of it: one world, the base case above all, or many at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np

from switchpoint.catalog import CatalogError
from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.foreseen import chance_forecast, known_factors
from switchpoint.decision.many_standings import ManyStandings
from switchpoint.decision.plan_result import PlanResult, PlanWorld
from switchpoint.decision.plan_starts import PlanSearch, is_live_step, stated_starts
from switchpoint.decision.plan_verdict import PlanFacts, advise_plan, bridge_plan
from switchpoint.decision.policies import policy_start, warn_start
from switchpoint.decision.running_cost import RunningCost, Strain
from switchpoint.decision.start_dates import StartDates
from switchpoint.decision.verdict import CandidateFacts, Verdict, judge
from switchpoint.errors import CannotCompute
from switchpoint.finance import SAME, discount_factors, per_month, trailing_mean
from switchpoint.horizon import NEVER, Bools, Days, Floats, Horizon, first_day, horizon_of, weighed_sum
from switchpoint.interrupt import pause
from switchpoint.scenario.alike import Group, groups, parts
from switchpoint.scenario.fields import Part
from switchpoint.scenario.plans import RoutePlan
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.candidate import SimulatedCandidate, World, simulated_candidate
from switchpoint.simulation.chance import Chance, Expected
from switchpoint.simulation.limits import AboveLimit, BillLimits, is_reached, ratio
from switchpoint.simulation.rows import OneWorld, with_fields
from switchpoint.simulation.usage import level
from switchpoint.warning.plain import Forecast, forecast

REACHED, OUTGROWN = "Limit reached", "Current route outgrown"
"""What a threat is called."""
TOGETHER = 64
"""Base cases simulated at once at most: their arrays by start and day then stay in cache."""
HELD_BYTES = 31 << 20
"""Just below what glibc learns from at most."""


@dataclass(frozen=True)
class Around:
    """What is around the candidates in one simulated world, or in many at once."""

    scenario: Scenario
    """Everything assumed; with an array in the place of each number that differs between worlds."""
    setting: World
    limits: BillLimits
    stay: Floats
    """Dollars a day of staying, shape (…, days)."""

    @property
    def clock(self) -> Horizon:
        """The horizon."""
        return self.setting.clock

    @cached_property
    def billed_mean(self) -> Floats:
        """Trailing mean of what the current route bills, dollars a day, shape (…, days)."""
        return trailing_mean(self.setting.route_bill)

    @cached_property
    def pressure(self) -> Floats:
        """Monthly bill of staying over its limit, shape (…, days)."""
        return ratio(self.billed_mean, self.limits.trailing)

    @cached_property
    def discount(self) -> Floats:
        """Present value of a dollar on each day, shape (…, days)."""
        return discount_factors(self.clock, self.scenario.decision.discount_rate_per_year)

    @cached_property
    def present_stay(self) -> Any:
        """Discounted dollars of staying."""
        present = weighed_sum(self.stay, self.discount)
        return present if np.ndim(present) else float(present)

    @cached_property
    def over(self) -> Bools:
        """Days on which staying is over the limit, shape (…, days)."""
        return is_reached(self.pressure)

    def above_limit(self, live: Bools) -> AboveLimit:
        """What days above the limit cost, with those on which a candidate, as if live, is above it."""
        return AboveLimit(self.scenario.usd_per_month_above, self.discount, self.over, live)

    @cached_property
    def _threatened_days(self) -> Bools:
        """Days on which the limit is reached, or the current route cannot carry its load, shape (…, days)."""
        outgrown = self.setting.beside_tokens.outgrown_days
        return self.over if outgrown is None else self.over | outgrown

    @cached_property
    def threat(self) -> Days:
        """First day with pressure >= 1, or on which the current route is outgrown."""
        return first_day(self._threatened_days)

    @cached_property
    def outgrown(self) -> Days:
        """First day on which the current route cannot carry its load; NEVER where it always can."""
        outgrown = self.setting.beside_tokens.outgrown_days
        return NEVER if outgrown is None else first_day(outgrown)

    @property
    def is_outgrown_first(self) -> bool:
        """Whether the threat is a current route that is outgrown, before the limit is reached."""
        return bool(self.outgrown < NEVER and self.outgrown < first_day(self.over))

    @property
    def tells_threat(self) -> bool:
        """Whether there is anything to say of a threat: a limit, or a current route that is outgrown."""
        return bool(self.scenario.limited or self.threat < NEVER)

    @property
    def threat_called(self) -> str:
        """What the threat is called on pages and in charts."""
        return OUTGROWN if self.is_outgrown_first else REACHED

    @property
    def threat_cause(self) -> str | None:
        """What the threat is: "limit", or "outgrown" where the current route cannot carry its load before."""
        if self.threat >= NEVER:
            return None
        return "outgrown" if self.is_outgrown_first else "limit"

    @cached_property
    def threat_ends(self) -> Days:
        """First day after the threat without one; NEVER where it lasts."""
        return first_day(~self._threatened_days, self.threat)

    @cached_property
    def forecast(self) -> Forecast:
        """What a monitor says each Monday: the plain one, or where days differ by chance the one of real usage.

        It knows the price changes and launches that are certain, those of a model's known end among them. Without a
        limit there is nothing to forecast, and it never speaks.
        """
        if not self.scenario.limited or not self.setting.chance.noisy(self.scenario.usage.unsteady):
            return forecast(self.setting.route_bill, self.limits, self.clock)
        known, months = known_factors(self.scenario, self.clock), self.scenario.decision.warn_months
        return chance_forecast(self.setting.route_bill, self.limits, self.clock, months, known)

    @cached_property
    def warning(self) -> Days:
        """First Monday on which a monitor warns; NEVER where that is not within the horizon."""
        return warn_start(self.forecast, self.scenario.decision.warn_months[1], self.clock)

    @cached_property
    def bill(self) -> Floats:
        """Monthly bill of staying, dollars a month; shape (…, days)."""
        return per_month(self.billed_mean)

    @cached_property
    def usd_per_1000(self) -> Floats:
        """Trailing cost per 1,000 requests of staying; NaN without requests. Shape (…, days)."""
        requests = trailing_mean(self.setting.traffic.requests)
        with np.errstate(all="ignore"):
            cost: Floats = np.where(requests > 0, 1000 * self.billed_mean / requests, np.nan)
        return cost


@dataclass(frozen=True)
class SimulatedWorld(Around):
    """Everything that one simulated world says about a scenario."""

    outlooks: tuple[CandidateResult, ...]

    def outlook(self, name: str) -> CandidateResult:
        """The outlook of one candidate."""
        return next(each for each in self.outlooks if each.name == name)

    @cached_property
    def standings(self) -> tuple[CandidateFacts, ...]:
        """How the candidates stand before the verdict."""
        return tuple(CandidateFacts.of(outlook, self.threat) for outlook in self.outlooks)

    @cached_property
    def standings_for_money(self) -> tuple[CandidateFacts, ...]:
        """How they stand at their best starts, whatever becomes of the limit."""
        return tuple(CandidateFacts.of(outlook, self.threat, for_money=True) for outlook in self.outlooks)

    @cached_property
    def candidate_verdict(self) -> Verdict:
        """What to do where one candidate is all that may be started."""
        return judge(self.scenario, self.threat, self.standings, self.standings_for_money)

    @cached_property
    def plans(self) -> tuple[PlanResult, ...]:
        """The plans of the scenario, and one made here where a bridge carries until the best candidate is live."""
        named = dict(self.scenario.plans) | bridge_plan(self.candidate_verdict)
        return tuple(self.plan_result(name, plan) for name, plan in named.items())

    def plan_result(self, name: str, plan: RoutePlan) -> PlanResult:
        """A plan of this world's candidates."""
        steps = [self.outlook(step.candidate) for step in plan.steps]
        world = PlanWorld(
            self.setting, self.limits, self.stay, self.discount, self.over, self.scenario.usd_per_month_above
        )
        staying = float(self.present_stay + self.above_limit(self.over).of_staying)
        prospects = tuple(outlook.prospect for outlook in steps)
        search = PlanSearch(
            plan=plan,
            prospects=prospects,
            stated=stated_starts(plan, prospects, self.scenario.decision, lambda: self.forecast),
            weigh=world.weigh,
            is_live=is_live_step,
            weighed_stay=staying,
        )
        in_time = tuple(int(outlook.starts.in_time) for outlook in steps)
        return PlanResult(name, world, search, self.threat, in_time)

    @cached_property
    def verdict(self) -> Verdict:
        """What to do."""
        if not self.plans:
            return self.candidate_verdict
        plans, standings = [PlanFacts.of(plan) for plan in self.plans], (*self.standings, *self.standings_for_money)
        return advise_plan(self.candidate_verdict, plans, self.outlooks, standings)

    def with_outlooks(
        self, outlooks: tuple[CandidateResult, ...], plans: tuple[PlanResult, ...] | None = None
    ) -> SimulatedWorld:
        """The same world with its candidates started otherwise; its plans are what they are, unless given."""
        given = {"outlooks": outlooks, "plans": self.plans if plans is None else plans}
        other: SimulatedWorld = with_fields(self, OF_STARTED, **given)
        for name in ("standings", "standings_for_money"):
            facts = zip(getattr(self, name), outlooks, strict=True)
            other.__dict__[name] = tuple(replace(each, outlook=outlook) for each, outlook in facts)
        return other

    @property
    def level(self) -> float:
        """Requests a day at the start."""
        return float(level(self.scenario.usage, self.clock))


OF_STARTED = frozenset(("outlooks", "standings", "standings_for_money", "candidate_verdict", "plans", "verdict"))
"""What of a world hangs on how its candidates are started."""


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


def simulate(scenario: Scenario, chance: Chance | None = None, anchor: Scenario | None = None) -> SimulatedWorld:
    """Simulate a scenario.

    Args:
        scenario: everything assumed.
        chance: what settles the open; the base case when left out.
        anchor: the scenario at whose tokens capacities are simulated exactly, those at other tokens being interpolated;
            the scenario itself when left out.

    Raises:
        CatalogError: where the scenario names something that the catalogue lacks.
        Problem: where its numbers cannot be computed.
    """
    days = horizon_of(scenario.start, scenario.months)
    setting = World.of(scenario, days, chance or Expected(), anchor)
    limits, stay = BillLimits.of(setting), setting.stay.total
    case = SimulatedWorld(scenario, setting, limits, stay, ())
    outlooks = []
    for name, spec in scenario.candidates.items():
        pause()
        found = simulated_candidate(name, spec, setting)
        start, running = policy_start(scenario.decision, lambda: case.forecast, found), RunningCost.of(found, limits)
        above = case.above_limit(running.over)
        outlooks.append(
            CandidateResult(StartDates(found, stay, case.discount, case.threat, above, start), limits, running)
        )
    return SimulatedWorld(scenario, setting, limits, stay, tuple(outlooks))


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
