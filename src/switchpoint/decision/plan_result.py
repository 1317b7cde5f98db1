"""Every figure of a plan: what its steps come to together, for one start of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.decision.policies import Deadlines, PlanSearch, deadlines_of
from switchpoint.decision.start_search import StartBy, earlier
from switchpoint.decision.started_candidate import (
    NOT_TOLD,
    LimitKept,
    RunningCost,
    beside_staying,
    limit_kept_by,
    one_off_usd,
    started_days,
)
from switchpoint.finance import SAME, BreakEven, break_even, internal_rate, peak_cash
from switchpoint.horizon import NEVER, PER_DAY, Amount, Bools, Floats, Horizon, Ints, per_day, weighed_sum
from switchpoint.simulation.candidate import World
from switchpoint.simulation.current_route import LeavingCosts
from switchpoint.simulation.ledger import Component, Ledger
from switchpoint.simulation.limits import BillLimits
from switchpoint.simulation.plan_costs import (
    PlanCosts,
    PlanStage,
    first_cutover,
    last_cutover,
    plan_costs,
    plan_left,
    running_plan,
)
from switchpoint.simulation.present_plan import PresentPlans, start_by_start
from switchpoint.simulation.rows import with_fields
from switchpoint.simulation.switch_costs import billed_per_day, first_spending


@dataclass(frozen=True)
class StartedStep:
    """One step of a plan as it is started. Days are day numbers, NEVER for none."""

    candidate: str
    start: int
    cutover: int
    ends: int
    """The day from which on no request is left to it."""
    deadlines: Deadlines


@dataclass(frozen=True)
class PlanWorld:
    """What is around a plan in one world, or in many at once."""

    setting: World
    limits: BillLimits
    stay: Floats
    """Dollars a day of staying, shape (…, days)."""
    discount: Floats
    """Present value of a dollar on each day, shape (…, days)."""
    over: Bools
    """Days on which staying is over the limit, shape (…, days)."""
    usd_per_month_above: Amount

    def costs(self, stages: Sequence[PlanStage]) -> PlanCosts:
        """What steps come to."""
        return plan_costs(self.setting, stages)

    def running(self, costs: PlanCosts) -> RunningCost:
        """What a plan does for the bill, shape (…, starts, days)."""
        found = running_plan(self.setting, costs)
        return RunningCost(found.cost, found.bill, self.setting.route_bill, self.limits, found.outgrown)

    def weigh(self, stages: Sequence[PlanStage]) -> Floats:
        """Weighed dollars of a plan for each start of its steps, shape (…, starts)."""
        if not np.any(self.usd_per_month_above):
            return self._present.of(stages)
        each = [self.costs(part) for part in start_by_start(stages)]
        return np.concatenate([self.weighed_usd(costs, self.running(costs)) for costs in each], axis=-1)

    def weighed_usd(self, costs: PlanCosts, running: RunningCost) -> Floats:
        """The same of a plan whose ledger is told, with what it does for the bill."""
        cost = weighed_sum(costs.ledger.total, self.discount)
        return np.asarray(cost + self.above_usd(running.over, first_cutover(costs.stages)))

    @cached_property
    def _present(self) -> PresentPlans:
        return PresentPlans(self.setting, self.discount)

    def above_usd(self, over: Bools, cutover: Ints) -> Floats:
        """Discounted dollars for the days above the limit: before cutover those of staying, then those of the plan.

        Args:
            over: days on which the plan in use is over it, shape (…, starts, days).
            cutover: of its first step, shape (…, starts).
        """
        if not np.any(self.usd_per_month_above):
            return np.zeros(np.shape(cutover))
        live = self.setting.clock.day >= per_day(cutover)
        paid = np.where(live, over, self.over) * (self.usd_per_month_above * PER_DAY)
        return np.asarray(weighed_sum(paid, self.discount))


@dataclass(frozen=True)
class PlanResult:
    """A plan whose steps start as it says. Days are day numbers, NEVER for none."""

    name: str
    world: PlanWorld
    search: PlanSearch
    threat: int
    in_time: tuple[int, ...]
    """Latest start of each of its candidates that is live by the threat, whatever the plan says."""
    given: Mapping[int, int] | None = None
    """Days of the steps whose best day is sought, by their places, where they are known already."""

    def by_name(self, name: str) -> PlanResult:
        """The same under another name; what both come to is told once."""
        parts = () if "steps" in self.__dict__ else ("path", "ledger", "steps", "running")
        told = {part: getattr(self, part) for part in parts}
        other: PlanResult = with_fields(self, frozenset(), name=name, **told)
        return other

    @cached_property
    def _best(self) -> Mapping[int, int]:
        return self.search.find_best() if self.given is None else self.given

    @cached_property
    def path(self) -> PlanCosts:
        """What it costs, for its one start."""
        return self.world.costs(self._stages)

    @cached_property
    def _stages(self) -> list[PlanStage]:
        return self.search.stages({place: np.array([day]) for place, day in self._best.items()})

    @property
    def clock(self) -> Horizon:
        """The horizon."""
        return self.world.setting.clock

    @property
    def has_limit(self) -> bool:
        """Whether there is a limit to keep."""
        return self.world.setting.scenario.limited

    @cached_property
    def ledger(self) -> Ledger:
        """Dollars a day."""
        return self.path.ledger.row(0)

    @cached_property
    def daily_bill(self) -> Floats:
        """Dollars a day of what the limit is about; shape (days,)."""
        left = int(plan_left(self.path.stages)[0])
        return billed_per_day(self.world.setting, self.ledger, self.path.kept_share[0], left)

    @property
    def cost_per_day(self) -> Floats:
        """Dollars a day."""
        return self.ledger.total

    @cached_property
    def steps(self) -> tuple[StartedStep, ...]:
        """Its steps with their days."""
        parts = zip(self.path.paths, self.path.shares.stages, self.path.stages, strict=True)
        return tuple(
            StartedStep(
                candidate=stage.prospect.name,
                start=int(started_days(path)[0]),
                cutover=int(stage.schedule.cutover[0]),
                ends=int(share.ends[0]),
                deadlines=deadlines_of(stage.prospect.planner, stage.schedule),
            )
            for path, share, stage in parts
        )

    def step_of(self, candidate: str) -> StartedStep | None:
        """The step of a candidate, None where it has none."""
        return next((step for step in self.steps if step.candidate == candidate), None)

    # Days

    @property
    def project_start(self) -> int:
        """First day of the first of its projects."""
        return min(step.start for step in self.steps)

    @cached_property
    def cutover(self) -> int:
        """The day on which its last step carries its whole share."""
        return int(last_cutover(self.path.stages)[0])

    @cached_property
    def first_cutover(self) -> int:
        """The day on which its first step does; by it the limit is judged."""
        return int(first_cutover(self.path.stages)[0])

    @cached_property
    def break_even(self) -> BreakEven:
        """When savings have paid for its projects."""
        start = self.project_start
        if start >= NEVER:
            return BreakEven()
        spent = min(int(first_spending(path)[0]) for path in self.path.paths)
        return break_even(*self._beside_staying, start, spent)

    @property
    def payback_months(self) -> float | None:
        """Months from its first start to break-even."""
        return self.break_even.payback_months(self.project_start)

    @cached_property
    def impossible_from(self) -> int:
        """First day on which one of its steps could not carry its share."""
        return min(int(stage.prospect.carrier.impossible_from) for stage in self.path.stages)

    @property
    def possible(self) -> bool:
        """Whether all steps can carry their share throughout the horizon."""
        return self.impossible_from >= self.clock.days

    @property
    def in_time_for_threat(self) -> bool:
        """Whether its first step is live by the threat."""
        return self.first_cutover <= self.threat

    @cached_property
    def best_start(self) -> int:
        """The start of its first step with which the plan costs least while the others start as they do; NEVER where
        none beats staying."""
        return int(self.search.best_of(self._first, self._best))

    @property
    def start_by(self) -> StartBy:
        """The earlier of the latest start of its first step that is in time, and the best one."""
        price = np.greater(self.world.usd_per_month_above, 0)
        return earlier(self.in_time[self._first], self.best_start, limit_is_a_price=bool(price))

    @property
    def _first(self) -> int:
        """Place of the step that is live first."""
        return min(range(len(self.steps)), key=lambda place: self.steps[place].cutover)

    # The limit

    @cached_property
    def running(self) -> RunningCost:
        """What it does for the bill, its first step as if live since day 0; shape (days,)."""
        found = self.world.running(self.path)
        outgrown = None if found.outgrown is None else np.atleast_2d(found.outgrown)[0]
        return RunningCost(found.cost[0], found.bill[0], found.stay, found.limits, outgrown)

    @property
    def leaving(self) -> LeavingCosts | None:
        """What leaving the current route comes to; None where there is nothing beside tokens."""
        route, entries = self.world.setting.beside_tokens, self.ledger.entries
        if route.is_plain:
            return None
        left = int(plan_left(self.path.stages)[0])
        owed = entries.get(Component.CURRENT_LEAVING, np.zeros(1)).sum() if left < NEVER else 0.0
        capital = entries.get(Component.CURRENT_CAPITAL)
        sold = 0.0 if capital is None or left >= self.clock.days else abs(float(capital[left]))
        return LeavingCosts(left, sold, float(owed), float(route.owed_after(left)), route.owed_for)

    @property
    def _beside_staying(self) -> tuple[Floats, Floats, Floats]:
        """Flow and capital, and flow of staying, dollars a day, credits of the last day left out."""
        return beside_staying(self.ledger, self.path.stages[0].prospect, self.world.stay)

    @property
    def limit_again(self) -> int:
        """When the limit is reached again after its first step is live."""
        return int(self.running.limit_again(self.first_cutover))

    @cached_property
    def remedy(self) -> bool | None:
        """Whether it keeps the pressure below 1 from its first step on; None without a limit."""
        if not self.has_limit:
            return None
        return self.possible and bool(self.running.is_remedy(self.first_cutover, self.threat))

    @property
    def above_limit(self) -> tuple[float, float]:
        """Discounted dollars for days above the limit: of staying, and of the plan."""
        since = np.array([[NEVER], [self.first_cutover]])
        staying, switched = (float(self.world.above_usd(self.running.over[None], day)[0]) for day in since)
        return staying, switched

    @cached_property
    def limit_kept(self) -> LimitKept:
        """From when until when it keeps the limit, and on what part of the days from the threat on."""
        if not self.has_limit:
            return NOT_TOLD
        return limit_kept_by(self.running, self.world.over, self.threat, self.first_cutover)

    # Money

    @cached_property
    def total(self) -> float:
        """Undiscounted dollars, the current route included."""
        return float(self.ledger.total.sum())

    @cached_property
    def npv_saving(self) -> float:
        """Net present value of what it saves against staying, dollars."""
        return float(weighed_sum(self.world.stay - self.ledger.total, self.world.discount))

    @cached_property
    def weighed_cost(self) -> float:
        """Discounted dollars, days above the limit with their price."""
        return float(weighed_sum(self.ledger.total, self.world.discount)) + self.above_limit[1]

    @cached_property
    def weighed_stay(self) -> float:
        """The same of staying."""
        return float(weighed_sum(self.world.stay, self.world.discount)) + self.above_limit[0]

    @property
    def saves(self) -> bool:
        """Whether it costs less than staying, and is possible."""
        return self.possible and self.weighed_stay - self.weighed_cost > SAME * self.weighed_stay

    @cached_property
    def one_off(self) -> float:
        """What its projects spend, each until its own cutover, capital up to and on that day included, dollars."""
        steps = zip(self.path.stages, self.path.paths, strict=True)
        return sum(float(one_off_usd(stage.prospect, path)[0]) for stage, path in steps)

    @property
    def end_credit(self) -> float:
        """What bought GPUs are worth on the last day, less what they would be when staying, undiscounted dollars."""
        return float(self.ledger.credits - self.world.setting.stay.credits)

    @cached_property
    def peak_cash(self) -> tuple[float, int]:
        """The most by which it is behind staying at the end of a day, dollars, and that day; NEVER with 0."""
        most, day = peak_cash(*self._beside_staying)
        return float(most), int(day)

    @cached_property
    def internal_rate(self) -> tuple[float | None, str]:
        """The yearly rate of return, or None and why there is none."""
        return internal_rate(self.world.stay - self.ledger.total, self.world.stay)
