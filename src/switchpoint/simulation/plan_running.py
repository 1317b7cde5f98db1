"""The running bill of a plan, which its pressure is about: its first step as if live since day 0, the others as they
come; without projects, shadow and incidents, and with the wear of bought GPUs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from switchpoint.horizon import Bools, Floats, Ints, from_day, per_day
from switchpoint.scenario.uncertain import amount
from switchpoint.simulation.candidate import World
from switchpoint.simulation.fleet import FleetServing, Overflow
from switchpoint.simulation.ledger import Component
from switchpoint.simulation.plan_costs import PlanCosts, summed_overflow
from switchpoint.simulation.plan_shares import PlanStage, covered_share, nest_shares


@dataclass(frozen=True)
class RunningPlan:
    """Dollars a day of a plan that is in use, shape (…, starts, days)."""

    bill: Floats
    """What is billed, which the limit is about."""
    cost: Floats
    """The same with the price of its quality."""
    outgrown: Bools | None
    """Days on which the current route cannot carry what is left on it; None where it always can."""


def first_cutover(stages: tuple[PlanStage, ...]) -> Ints:
    """The day on which the first step to be live carries its whole share, shape (…, starts)."""
    return reduce(np.minimum, (stage.schedule.cutover for stage in stages))


def last_cutover(stages: tuple[PlanStage, ...]) -> Ints:
    """The day on which the last step does, NEVER where one never does; shape (…, starts)."""
    return reduce(np.maximum, (stage.schedule.cutover for stage in stages))


def running_plan(setting: World, plan: PlanCosts) -> RunningPlan:
    """The running bill of a plan.

    Args:
        setting: the world around its candidates.
        plan: what it costs.
    """
    firsts = _first_flags(plan.stages)
    able = [_able(stage, first) for stage, first in zip(plan.stages, firsts, strict=True)]
    steps = zip(plan.stages, firsts, nest_shares(able), plan.shares.stages, strict=True)
    found = [_stage_bill(stage, first, answered, share.ends) for stage, first, answered, share in steps]
    left = 1 - covered_share(able)
    current = setting.current_costs(left, summed_overflow(each.overflow for each in found)).running
    bill = sum((each.bill for each in found), current)
    return RunningPlan(bill, sum((each.quality for each in found), bill), setting.beside_tokens.outgrown_with(left))


@dataclass(frozen=True)
class _StageBill:
    """Dollars a day of one step in use, and what it leaves to the current route."""

    bill: Floats
    quality: Floats
    overflow: Overflow | None


def _first_flags(stages: tuple[PlanStage, ...]) -> list[Bools]:
    """Which step is live first, the first of equals; shape (…, starts, 1) each, one of them true."""
    cutovers = np.stack(np.broadcast_arrays(*(stage.schedule.cutover for stage in stages)))
    first = cutovers.argmin(axis=0)
    return [per_day(first == place) for place in range(len(stages))]


def _able(stage: PlanStage, first: Bools) -> Floats:
    """Share of all requests that a step can answer: the first one always, the others from their ramp on."""
    return np.where(stage.possible, np.where(first, stage.prospect.coverage, stage.as_planned.answered), 0.0)


def _stage_bill(stage: PlanStage, first: Bools, answered: Floats, ends: Ints) -> _StageBill:
    prospect, schedule, spec = stage.prospect, stage.schedule, stage.prospect.spec
    days, requests = stage.days, prospect.setting.traffic.requests
    before_end = ~from_day(ends, days)
    live = np.broadcast_to((first | from_day(schedule.ramp, days)) & before_end, answered.shape)
    served = np.where(live, np.where(stage.possible, answered, prospect.coverage), 0.0)
    carrier, since = prospect.carrier, np.where(first, 0, schedule.column("ramp"))
    found = carrier.serve(served, live, since)
    daily = {name: usd for name, usd in found.entries.items() if name is not Component.CAPITAL}
    if Component.POWER in daily:
        daily[Component.POWER] = np.where(live, daily[Component.POWER], 0.0)
    bill = sum(daily.values(), np.zeros(1))
    if isinstance(carrier, FleetServing) and found.peak is not None and carrier.costs.bought:
        bill = bill + np.where(live, carrier.costs.amortisation(found.peak), 0.0)
    carries = answered if found.overflow is None else answered * found.overflow.served
    kept_up = (first | from_day(schedule.cutover, days)) & before_end
    bill = bill + requests * carries * (amount(spec.usd_per_1000_requests) / 1000)
    bill = bill + np.where(kept_up, prospect.upkeep_per_day, 0.0)
    quality = requests * carries * (amount(spec.quality_usd_per_1000_requests) / 1000)
    overflow = found.overflow and found.overflow.while_(answered > 0)
    return _StageBill(np.asarray(bill), np.asarray(quality), overflow)
