"""Present cost of a plan for many starts of its steps, from cumulative sums and from who answers what on each day.

Only shares of requests are told day by day: what follows them is a known array times a share, and what runs from one
day to another a difference of cumulative sums, as for a single candidate. A rented fleet is sized anew only on the days
on which it carries a part of its share. Bills of whole months, bought or reserved GPUs, what a fleet leaves to the
current route and what that costs beside tokens hang on more; such plans are followed through their ledgers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from switchpoint.horizon import NEVER, Floats, Ints, from_day, per_start, weighed_sum
from switchpoint.simulation.candidate import SimulatedCandidate, World
from switchpoint.simulation.fleet import FleetServing, TokenServing
from switchpoint.simulation.plan_costs import PlanStage, carried_shares, plan_costs
from switchpoint.simulation.present_cost import PresentCosts


@dataclass(frozen=True)
class PresentPlans:
    """Plans in one world or in many, the flows of each candidate summed once for all their starts.

    Args:
        setting: the world around the candidates.
        discount: present value of a dollar on each day, shape (…, days).
    """

    setting: World
    discount: Floats
    _found: dict[str, PresentCosts] = field(default_factory=dict, compare=False)

    def of(self, stages: Sequence[PlanStage]) -> Floats:
        """Discounted dollars of a plan for each start of its steps, the current route included; shape (…, starts).

        In many worlds what hangs on each day is told start by start, what runs between days for all starts at once.
        """
        if not self._told_by_sums(stages):
            return each_start(stages, self._by_ledger)
        values, ends = zip(*map(self._by_day, starts_apart(stages)), strict=True)
        found = np.concatenate(values, axis=-1) + np.zeros(stages[0].schedule.start.shape[-1])
        for stage, end in zip(stages, zip(*ends, strict=True), strict=True):
            found = found + self._by_sums(_once(stage), np.concatenate(end, axis=-1))
        return np.asarray(found)

    def _by_ledger(self, stages: Sequence[PlanStage]) -> Floats:
        return np.asarray(weighed_sum(plan_costs(self.setting, stages).ledger.total, self.discount))

    def _told_by_sums(self, stages: Sequence[PlanStage]) -> bool:
        plain = self.setting.beside_tokens.is_plain and not self.setting.current.commitments
        return plain and all(_is_told_by_sums(stage.prospect) for stage in stages)

    def _current(self, stages: Sequence[PlanStage], covered: Floats) -> Floats:
        """The current route as if it answered everything, but for what is paid only while any request is left on it."""
        beside = self._beside
        if not np.any(beside):
            return self._tokens
        whole = any(np.any(stage.prospect.coverage == 1) for stage in stages)
        return np.asarray(self._tokens + np.where(1 - covered > 0, beside, 0.0).sum(axis=-1) if whole else self._whole)

    @cached_property
    def _tokens(self) -> Floats:
        """Present value of the tokens of the current route for all requests."""
        return np.asarray(weighed_sum(self.setting.current.per_request * self.setting.traffic.requests, self.discount))

    @cached_property
    def _beside(self) -> Floats:
        """Present value of what is paid on each day for the current route while any request is left on it."""
        return np.asarray(self.setting.current.beside_tokens(self.setting.clock.days) * self.discount)

    @cached_property
    def _whole(self) -> Floats:
        """Present value of the current route where it is never left."""
        return np.asarray(self._tokens + self._beside.sum(axis=-1))

    def _costs(self, prospect: SimulatedCandidate) -> PresentCosts:
        return self._found.setdefault(prospect.name, PresentCosts(prospect, self.discount))

    def _by_day(self, stages: Sequence[PlanStage]) -> tuple[Floats, list[Ints]]:
        """What follows the shares of each day: the current route, and what steps cost more for what they take; and when
        steps end."""
        stages = [_once(stage) for stage in stages]
        taken, ends, covered = carried_shares(stages)
        value = self._current(stages, covered)
        for stage, share, end in zip(stages, taken, ends, strict=True):
            value = value + weighed_sum(share, self._costs(stage.prospect).moved_requests.present)
            if isinstance(carrier := stage.prospect.carrier, FleetServing):
                value = value + self._partial(stage, carrier, share, end)
        return np.asarray(value), ends

    def _by_sums(self, stage: PlanStage, ends: Ints) -> Floats:
        """What a step costs besides, from one day to another: in shadow, its fleet or fees, upkeep and project."""
        costs, schedule, carrier = self._costs(stage.prospect), stage.schedule, stage.prospect.carrier
        value = np.zeros(1)
        if np.any(costs.shadow_requests.present):
            over = np.minimum(np.minimum(schedule.ramp, ends), carrier.impossible_from)
            value = value + per_start(stage.prospect.coverage) * costs.shadow_requests.between(schedule.shadow, over)
        if np.any(stage.prospect.upkeep_per_day):
            value = value + per_start(stage.prospect.upkeep_per_day) * costs.dollar.between(schedule.cutover, ends)
        if isinstance(carrier, FleetServing):
            value = value + costs.fleet.between(schedule.shadow, ends)
        elif np.any(costs.fees.present):
            value = value + costs.fees.between(schedule.shadow, ends)
        until = np.maximum(ends, schedule.cutover + 1) if (ends < NEVER).any() else None
        return np.asarray(value + costs.of_project(schedule, until))

    def _partial(self, stage: PlanStage, carrier: FleetServing, taken: Floats, ends: Ints) -> Floats:
        """What a rented fleet costs more than the whole one on days on which it carries a part of its share."""
        carried = taken if stage.possible.all() else np.where(stage.possible, taken, stage.alone.served)
        running = from_day(stage.schedule.ramp, stage.days) & ~from_day(ends, stage.days)
        costs, whole = carrier.costs, self._costs(stage.prospect).fleet.present
        flows = (carrier.requests, carrier.sizing.capacity, costs.rent, self.discount, whole)
        shape = np.broadcast_shapes(carried.shape, running.shape, *(flow.shape for flow in flows))
        partial = np.broadcast_to(running & (carried < carrier.coverage), shape)
        places, found = np.nonzero(partial), np.zeros(shape[:-1])
        share, requests, capacity, rent, discount, full = (
            np.broadcast_to(flow, shape)[places] for flow in (carried, *flows)
        )
        hours = carrier.sizing.sizes(requests * share, capacity).gpu_hours
        beside = np.broadcast_to(costs.other_per_day, shape)[places]
        np.add.at(found, places[:-1], (hours * rent + beside) * discount - full)
        return found


def each_start(stages: Sequence[PlanStage], cost: Callable[[Sequence[PlanStage]], Floats]) -> Floats:
    """What arrays over days say of each start, shape (…, starts)."""
    return np.concatenate([cost(part) for part in starts_apart(stages)], axis=-1)


def starts_apart(stages: Sequence[PlanStage]) -> list[Sequence[PlanStage]]:
    """The steps of many worlds for each start by itself, so that what is at work stays in cache; of one world for all
    starts at once. A step that is the same for all of them is told once."""
    if stages[0].schedule.start.ndim == 1:
        return [stages]
    count = stages[0].schedule.start.shape[-1]
    each = ([_once(stage)] * count if stage.schedule.is_same_throughout else _parts(stage, count) for stage in stages)
    return list(zip(*each, strict=True))


def _parts(stage: PlanStage, count: int) -> list[PlanStage]:
    return [stage.part(slice(place, place + 1)) for place in range(count)]


def _once(stage: PlanStage) -> PlanStage:
    """A step that is the same for all starts for one of them; with one alone the very same, which knows its shares."""
    several = stage.schedule.start.shape[-1] > 1
    return stage.part(slice(1)) if several and stage.schedule.is_same_throughout else stage


def _is_told_by_sums(prospect: SimulatedCandidate) -> bool:
    """Whether what a candidate costs hangs on nothing but who answers what on each day, and on its project."""
    carrier = prospect.carrier
    if isinstance(carrier, TokenServing):
        return not carrier.tariff.commitments
    assert isinstance(carrier, FleetServing)
    costs = carrier.costs
    return carrier.overflow is None and not costs.bought and not np.any(costs.reserved_per_day)
