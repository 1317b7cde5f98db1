"""Plans over many draws: the best days of their steps, what becomes of each, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from switchpoint.decision.clauses import plan_called
from switchpoint.decision.plan_result import PlanResult, PlanWorld
from switchpoint.decision.policies import PlanSearch, StatedStart, prepared_from, within
from switchpoint.decision.started_candidate import beside_staying, one_off_usd, started_days
from switchpoint.decision.verdict import Action, PlanFacts
from switchpoint.decision.world_batch import WorldBatch
from switchpoint.files import Json
from switchpoint.finance import SAME, break_even_moments
from switchpoint.horizon import NEVER, Bools, Floats, Horizon, Ints
from switchpoint.scenario.candidates import AFTER, RoutePlan
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.plan_costs import PlanCosts, PlanStage, first_cutover, last_cutover
from switchpoint.simulation.switch_costs import first_spending
from switchpoint.study.draw_survey import DrawTable
from switchpoint.study.draws import MAJORITY, Days, Money, probability, quantile_day
from switchpoint.text import chance, join_names, usd, usd_range

# Plans over many draws -----------------------------------------------------------------------------------------------

SEARCHED_DRAWS = 64
"""Draws over which the best days of a plan's steps are sought; all draws are followed from those days."""


@dataclass(frozen=True)
class AskedPlan:
    """A plan that is to be followed: how each step starts in each draw."""

    plan: RoutePlan
    starts: Ints
    """Days, of a step prepared first that of its commitment; shape (draws, steps). Of steps that start after the one
    before they are not read."""
    staged: tuple[bool, ...]
    """Which steps are prepared first."""

    def rows(self, rows: slice) -> AskedPlan:
        """That of some of the draws."""
        return AskedPlan(self.plan, self.starts[rows], self.staged)

    def stated_in(self, batch: WorldBatch, sought: Sequence[int] = ()) -> tuple[StatedStart | None, ...]:
        """How each step starts in many worlds; None for those whose best day is sought, and after the one before."""
        begins = prepared_from(batch.scenario.decision, batch.clock)
        return tuple(
            None
            if place in sought or (step.start == AFTER and not self._under_way(batch, place))
            else StatedStart(self.starts[:, [place]], begins if self.staged[place] else None)
            for place, step in enumerate(self.plan.steps)
        )

    def _under_way(self, batch: WorldBatch, place: int) -> bool:
        return batch.scenario.candidates[self.plan.steps[place].candidate].project.started is not None


@dataclass(frozen=True)
class PlanDraws:
    """A plan in each draw. Days are day numbers, NEVER for none; arrays of shape (draws,) but for the steps'."""

    start: Ints
    """Of its first project."""
    live: Ints
    """Cutover of its first step."""
    cutover: Ints
    """That of its last."""
    break_even: Ints
    saving: Floats
    """Net present value, dollars."""
    above: Floats
    """Discounted dollars of days above the limit."""
    one_off: Floats
    remedy: Bools
    possible: Bools
    step_start: Ints
    """Shape (draws, steps)."""
    step_cutover: Ints


def plan_search(batch: WorldBatch, asked: AskedPlan, sought: Sequence[int]) -> PlanSearch:
    """The search for the best days of some steps, by what is expected over many worlds."""
    world, prospects = _world(batch), _prospects(batch, asked.plan)

    def expected_cost(stages: Sequence[PlanStage]) -> Floats:
        expected: Floats = batch.starts(world.weigh(stages)).mean(axis=0)
        return expected

    def is_live(stage: PlanStage) -> Bools:
        possible = batch.each(np.greater_equal(stage.prospect.carrier.impossible_from, batch.clock.days)).mean()
        return np.asarray(((stage.schedule.cutover < stage.days).mean(axis=0) >= MAJORITY) & (possible >= MAJORITY))

    stay = float(np.mean(batch.each(batch.present_stay) + batch.each(batch.above_limit(batch.over).of_staying)))
    stated = asked.stated_in(batch, sought)
    return PlanSearch(asked.plan, prospects, stated, expected_cost, is_live, stay, (batch.count,))


def follow_plans(batch: WorldBatch, asked: Mapping[str, AskedPlan]) -> dict[str, PlanDraws]:
    """What becomes of plans in many worlds, by their names."""
    return {name: _follow(batch, each) for name, each in asked.items()}


def _follow(batch: WorldBatch, asked: AskedPlan) -> PlanDraws:
    world = _world(batch)
    stated = asked.stated_in(batch)
    search = PlanSearch(
        asked.plan, _prospects(batch, asked.plan), stated, world.weigh, lambda _: np.ones(1, bool), 0.0, (batch.count,)
    )
    return _came(batch, world, world.costs(search.stages({})))


def _world(batch: WorldBatch) -> PlanWorld:
    price = batch.scenario.usd_per_month_above
    return PlanWorld(batch.setting, batch.limits, batch.stay, batch.discount, batch.over, price)


def _prospects(batch: WorldBatch, plan: RoutePlan) -> tuple[SimulatedCandidate, ...]:
    named = {prospect.name: prospect for prospect in batch.prospects}
    return tuple(named[step.candidate] for step in plan.steps)


def _came(batch: WorldBatch, world: PlanWorld, costs: PlanCosts) -> PlanDraws:
    stages, ledger, running = costs.stages, costs.ledger, world.running(costs)
    first, starts = first_cutover(stages), _columns(batch, [started_days(path) for path in costs.paths])
    start = starts.min(axis=1)
    spent_from = _columns(batch, [first_spending(path) for path in costs.paths]).min(axis=1)
    paid = beside_staying(ledger, stages[0].prospect, batch.stay)
    moments = batch.each(break_even_moments(*paid, start[:, None], spent_from[:, None]))
    earned = np.isfinite(moments)
    possible = np.all(
        [batch.each(np.greater_equal(s.prospect.carrier.impossible_from, batch.clock.days)) for s in stages], axis=0
    )
    remedy = batch.each(running.is_remedy(within(first, batch.clock), batch.threat)) if batch.scenario.limited else None
    spent = _columns(batch, [one_off_usd(s.prospect, path) for s, path in zip(stages, costs.paths, strict=True)])
    return PlanDraws(
        start=start,
        live=_day(batch, first),
        cutover=_day(batch, last_cutover(stages)),
        break_even=np.where(earned, np.floor(np.where(earned, moments, 0.0)).astype(np.int64), NEVER),
        saving=batch.each((batch.stay - ledger.total) @ batch.discount).copy(),
        above=batch.each(world.above_usd(running.over, first)).copy(),
        one_off=spent.sum(axis=1),
        remedy=np.zeros(batch.count, dtype=bool) if remedy is None else possible & remedy,
        possible=possible,
        step_start=starts,
        step_cutover=_columns(batch, [within(stage.schedule.cutover, batch.clock) for stage in stages]),
    )


def _day(batch: WorldBatch, days: Ints) -> Ints:
    return np.array(batch.each(within(days, batch.clock)))


def _columns(batch: WorldBatch, values: Sequence[Floats | Ints]) -> Ints:
    """What is said of each step in each world, shape (worlds, steps)."""
    return np.stack([batch.each(value) for value in values], axis=1)


# What many draws say of a plan ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlanFindings:
    """A plan over all draws.

    Args:
        result: the plan in the base case, its steps on the days that are best over the draws.
        came: what became of it in each draw.
        world: what was surveyed around it.
    """

    result: PlanResult
    came: PlanDraws
    world: DrawTable

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.result.name

    @cached_property
    def saving(self) -> Money:
        """Net present value of what it saves."""
        return Money.of(self.came.saving)

    @cached_property
    def saves(self) -> tuple[float, float]:
        """Probability that it saves anything, and its standard error."""
        return probability(self.came.saving > 0)

    @cached_property
    def cutover(self) -> Days:
        """When its last step is live."""
        return Days.of(self.came.cutover)

    @cached_property
    def break_even(self) -> Days:
        """When it has paid for itself."""
        return Days.of(self.came.break_even)

    @cached_property
    def in_time(self) -> float | None:
        """Share of draws in which its first step is live by the threat, or there is none; None without any threat."""
        threat = self.world.threat
        return float((self.came.live <= threat).mean()) if (threat < NEVER).any() else None

    def step_days(self, days: Ints) -> list[Days]:
        """A day of each step, shape (draws, steps)."""
        return [Days.of(days[:, place]) for place in range(days.shape[1])]

    @property
    def facts(self) -> PlanFacts:
        """How it stands before the verdict, by what holds in most draws and what is expected."""
        came, world = self.came, self.world
        stay = float(world.weighed_stay.mean())
        cost = float(world.present_stay.mean() - came.saving.mean() + came.above.mean())
        possible = bool(came.possible.mean() >= MAJORITY)
        return PlanFacts(
            plan=self.result,
            started=bool((came.step_start < NEVER).mean(axis=0).min() >= MAJORITY),
            saves=possible and stay - cost > SAME * stay,
            remedy=bool(came.remedy.mean() >= MAJORITY),
            in_time=bool((came.live <= world.threat).mean() >= MAJORITY),
            live=quantile_day(came.live, MAJORITY),
            threatened=quantile_day(world.threat, MAJORITY) < NEVER,
            cost=cost,
            stay=stay,
            start=quantile_day(came.start, MAJORITY),
        )


# What many draws say of plans, in words and as JSON ------------------------------------------------------------------

Dated = Callable[[int], str]


def plan_advice(found: PlanFindings, action: Action, bill: str, behind: str, dated: Dated) -> str:
    """The sentence where a plan is advised over many draws.

    Args:
        found: the plan.
        action: what is advised.
        bill: what becomes of the bill.
        behind: how late the best candidate alone is; nothing where it is not.
        dated: days in words.
    """
    days = found.step_days(found.came.step_start)
    steps = zip(found.result.steps, days, strict=True)
    starts = join_names([f"{step.candidate} {_on(day.p50, dated)}" for step, day in steps])
    late = f"You are about {behind} late with one candidate alone: " if action is Action.LATE else ""
    opening = f"{late}{'start' if late else 'Start'} {starts}, {plan_called(found.result)}"
    in_time = "" if found.in_time is None else f", in time or without a threat in {chance(found.in_time)} of the draws"
    return "; ".join(filter(None, [f"{opening}{in_time}", bill, _live(found, dated), _money(found)]))


def _on(day: int, dated: Dated) -> str:
    if day >= NEVER:
        return "seldom"
    said = dated(max(day, 0))
    return said if said == "today" else f"on {said}"


def _live(found: PlanFindings, dated: Dated) -> str:
    days = found.step_days(found.came.step_cutover)
    told = [
        f"{step.candidate} is live around {dated(day.p50)}" if day.p50 < NEVER else f"{step.candidate} is seldom live"
        for step, day in zip(found.result.steps, days, strict=True)
    ]
    return join_names(told)


def _money(found: PlanFindings) -> str:
    money = found.saving
    verb = "saves" if money.mean >= 0 else "costs more than staying:"
    text = f"together that {verb} {usd(abs(money.mean))} on average in present value"
    if money.p10 == money.p90:
        return text
    span = f"{usd_range(money.p10, money.p90)} in 80 % of the draws"
    return f"{text} ({span}, above zero in {chance(found.saves[0])})"


def plan_spreads(found: PlanFindings, clock: Horizon, spread: Callable[[Days, Horizon], Json]) -> Json:
    """A plan over all draws as JSON.

    Args:
        found: the plan.
        clock: the horizon.
        spread: a date over all draws as JSON.
    """
    started, live = (found.step_days(days) for days in (found.came.step_start, found.came.step_cutover))
    steps = zip(found.result.steps, started, live, strict=True)
    share, error = found.saves
    return {
        "steps": [
            {"candidate": step.candidate, "start": spread(start, clock), "cutover": spread(cutover, clock)}
            for step, start, cutover in steps
        ],
        "start": spread(Days.of(found.came.start), clock),
        "cutover": spread(found.cutover, clock),
        "break_even": spread(found.break_even, clock),
        "npv_saving_usd": asdict(found.saving),
        "probability_saves": share,
        "probability_saves_error": error,
        "in_time": found.in_time,
        "one_off_usd": float(found.came.one_off.mean()),
        "remedy": float(found.came.remedy.mean()) if found.result.has_limit else None,
    }
