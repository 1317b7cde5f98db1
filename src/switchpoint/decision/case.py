"""From a scenario to every figure of it: one world, the base case above all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.plan_result import PlanResult, PlanWorld
from switchpoint.decision.policies import (
    PlanSearch,
    chance_forecast,
    is_live_step,
    known_factors,
    policy_start,
    stated_starts,
    warn_start,
)
from switchpoint.decision.start_dates import StartDates
from switchpoint.decision.started_candidate import RunningCost
from switchpoint.decision.verdict import CandidateFacts, PlanFacts, Verdict, advise_plan, bridge_plan, judge
from switchpoint.finance import discount_factors, per_month, trailing_mean
from switchpoint.horizon import MONTH_DAYS, NEVER, Bools, Days, Floats, Horizon, first_day, horizon_of, weighed_sum
from switchpoint.interrupt import pause
from switchpoint.scenario.candidates import RoutePlan
from switchpoint.scenario.schema import Scenario
from switchpoint.simulation.candidate import World, simulated_candidate
from switchpoint.simulation.chance import Chance, Expected
from switchpoint.simulation.limits import AboveLimit, BillLimits, is_reached, ratio
from switchpoint.simulation.rows import with_fields
from switchpoint.simulation.usage import level, revenue_per_month
from switchpoint.warning.plain import Forecast, forecast

REACHED, OUTGROWN = "Limit reached", "Current route outgrown"
"""What a threat is called."""


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
        return self.per_1000(self.billed_mean)

    def usd_per_1000_of(self, daily: Floats) -> Floats:
        """That of another cost, dollars a day."""
        return self.per_1000(trailing_mean(daily))

    def per_1000(self, trailing: Floats) -> Floats:
        """The same of a trailing mean, dollars a day."""
        requests = trailing_mean(self.setting.traffic.requests)
        with np.errstate(all="ignore"):
            cost: Floats = np.where(requests > 0, 1000 * trailing / requests, np.nan)
        return cost

    @cached_property
    def revenue(self) -> Floats:
        """Revenue, dollars a month, at each day; shape (…, days)."""
        return revenue_per_month(self.scenario.revenue, self.setting.traffic, self.clock)

    def margin_of(self, daily: Floats) -> Floats:
        """Part of the revenue that a cost leaves, 1 - cost/revenue over the trailing 28 days; NaN without revenue.

        Args:
            daily: dollars a day, shape (…, days).
        """
        earned = trailing_mean(self.revenue / MONTH_DAYS)
        with np.errstate(divide="ignore", invalid="ignore"):
            left: Floats = np.where(earned > 0, 1 - trailing_mean(daily) / earned, np.nan)
        return left


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
        return self.stand(False)

    @cached_property
    def standings_for_money(self) -> tuple[CandidateFacts, ...]:
        """How they stand at their best starts, whatever becomes of the limit."""
        return self.stand(True)

    @cached_property
    def stand(self) -> Callable[[bool], tuple[CandidateFacts, ...]]:
        """Says how the candidates stand, for money alone or not; of a world out of many all are told at once."""
        return lambda money: tuple(CandidateFacts.of(each, self.threat, for_money=money) for each in self.outlooks)

    @cached_property
    def candidate_verdict(self) -> Verdict:
        """What to do where one candidate is all that may be started."""
        return judge(self.scenario, self.threat, self.standings, lambda: self.standings_for_money)

    @cached_property
    def plans(self) -> tuple[PlanResult, ...]:
        """The plans of the scenario, and one made here where a bridge carries until the best candidate is live."""
        found = [self.plan_result(name, plan) for name, plan in self.scenario.plans.items()]
        for name, plan in bridge_plan(self.candidate_verdict).items():
            same = next((each for each in found if each.search.plan.steps == plan.steps), None)
            found.append(self.plan_result(name, plan) if same is None else same.by_name(name))
        return tuple(found)

    @cached_property
    def plan_figures(self) -> Callable[[RoutePlan], Mapping[str, Any]]:
        """What is known of a plan beforehand, by the names of `PlanResult`: found of many worlds at once."""
        return lambda _: {}

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
        found = PlanResult(name, world, search, self.threat, in_time)
        found.__dict__.update(self.plan_figures(plan))
        return found

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


def simulate(
    scenario: Scenario, chance: Chance | None = None, anchor: Scenario | None = None, *, apart: bool = True
) -> SimulatedWorld:
    """Simulate a scenario.

    Args:
        scenario: everything assumed.
        chance: what settles the open; the base case when left out.
        anchor: the scenario at whose tokens capacities are simulated exactly, those at other tokens being interpolated;
            the scenario itself when left out.
        apart: whether anybody asks for the kinds of tokens and of dollars.

    Raises:
        CatalogError: where the scenario names something that the catalogue lacks.
        CannotCompute: where its numbers cannot be computed.
    """
    days = horizon_of(scenario.start, scenario.months)
    setting = World.of(scenario, days, chance or Expected(), anchor, apart=apart)
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
