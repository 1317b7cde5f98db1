"""Plans over many draws: the best days of their steps, and what becomes of a plan in each draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.decision.plan_result import PlanWorld
from switchpoint.decision.plan_starts import PlanSearch, StatedStart
from switchpoint.decision.policies import prepared_from, within
from switchpoint.decision.started_candidate import beside_staying, one_off_usd, started_days
from switchpoint.decision.world_batch import WorldBatch
from switchpoint.finance import break_even_moments
from switchpoint.horizon import NEVER, Bools, Floats, Ints
from switchpoint.scenario.plans import AFTER, RoutePlan
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.plan_costs import PlanCosts
from switchpoint.simulation.plan_running import first_cutover, last_cutover
from switchpoint.simulation.plan_shares import PlanStage
from switchpoint.simulation.switch_costs import first_spending

SEARCHED_DRAWS = 64
"""Draws over which the best days of a plan's steps are sought; all draws are followed from those days."""
MAJORITY = 0.5
"""What holds in this part of the draws is taken to hold."""


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
        each = zip(*map(_by_start, stages), strict=True)
        return np.array([float(batch.each(world.weigh(part)).mean()) for part in each])

    def is_live(stage: PlanStage) -> Bools:
        possible = batch.each(np.greater_equal(stage.prospect.carrier.impossible_from, batch.clock.days)).mean()
        return np.asarray(((stage.schedule.cutover < stage.days).mean(axis=0) >= MAJORITY) & (possible >= MAJORITY))

    stay = float(np.mean(batch.each(batch.present_stay) + batch.each(batch.above_limit(batch.over).of_staying)))
    stated = asked.stated_in(batch, sought)
    return PlanSearch(asked.plan, prospects, stated, expected_cost, is_live, stay, (batch.count,))


def _by_start(stage: PlanStage) -> list[PlanStage]:
    """A step for each of its starts by itself; the same one where they do not differ, so that it is told once."""
    count = stage.schedule.start.shape[-1]
    if stage.schedule.is_same_throughout:
        return [stage.part(slice(1))] * count
    return [stage.part(slice(k, k + 1)) for k in range(count)]


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
