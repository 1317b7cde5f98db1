"""What a plan costs: its projects side by side, its routes while they are in use, and what their ends bring.

Every array has shape (…, starts, days), as for a single candidate. A step that is left without requests for good ends:
its fees, rent, power and upkeep stop that day, bought GPUs are sold, reserved terms are paid to their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from switchpoint.finance import replacements, straight_line
from switchpoint.horizon import MONTH_DAYS, NEVER, Floats, Ints, from_day, per_day
from switchpoint.scenario.uncertain import amount
from switchpoint.simulation.candidate import World
from switchpoint.simulation.fleet import FleetCosts, FleetServing, Overflow, TokenServing
from switchpoint.simulation.ledger import Component, Entries, Ledger
from switchpoint.simulation.plan_shares import PlanShares, PlanStage, StageShares
from switchpoint.simulation.switch_costs import NO_SHADOW, SwitchCosts, left_days


@dataclass(frozen=True)
class PlanCosts:
    """A plan on its way, for several starts."""

    stages: tuple[PlanStage, ...]
    shares: PlanShares
    ledger: Ledger
    paths: tuple[SwitchCosts, ...]
    """What each step costs by itself, the current route left out, and what it answers."""
    overflows: tuple[Overflow | None, ...]
    """What each step leaves to the current route."""

    @property
    def kept_share(self) -> Floats:
        """Share of all requests that the current route answers, overflow included; shape (…, starts, days)."""
        return np.asarray(1 - reduce(np.add, (path.answered for path in self.paths)))


def plan_costs(setting: World, stages: Sequence[PlanStage]) -> PlanCosts:
    """Everything that a plan costs, the current route included.

    Args:
        setting: the world around its candidates.
        stages: its steps in their order, each with a schedule of as many starts.
    """
    share = PlanShares.of(stages)
    each = [_stage_costs(stage, carried) for stage, carried in zip(stages, share.stages, strict=True)]
    paths, overflows = tuple(path for path, _ in each), tuple(left for _, left in each)
    overflow = summed_overflow(overflows)
    current = setting.current_costs(share.kept, overflow, plan_left(stages))
    entries = [current.entries, *(path.ledger.entries for path in paths)]
    if (moving := setting.current.migration) is not None:
        in_use = (share.kept > 0) | (overflow is not None)
        entries.append({Component.MIGRATION: np.where(in_use, moving, 0.0)})
    credit: Any = sum(path.ledger.end_credit for path in paths)
    ledger = Ledger(summed_entries(entries), credit, current.end_credit)
    return PlanCosts(tuple(stages), share, ledger, paths, overflows)


def plan_left(stages: Sequence[PlanStage]) -> Ints:
    """First day on which nothing is on the current route any more, shape (…, starts); NEVER where it is never left.

    It is left when the first step that answers everything, to the end of the horizon, has cut over, where nothing may
    overflow to it.
    """
    days = [left_days(stage.prospect, stage.schedule) for stage in stages]
    left = reduce(np.minimum, days)
    overflows = any(stage.prospect.carrier.overflow is not None for stage in stages)
    return np.full_like(left, NEVER) if overflows else left


def summed_entries(parts: Sequence[Entries]) -> Entries:
    """Dollars a day by component, over several ledgers."""
    found: Entries = {}
    for entries in parts:
        for component, daily in entries.items():
            found[component] = found[component] + daily if component in found else daily
    return found


def summed_overflow(left: Iterable[Overflow | None]) -> Overflow | None:
    """What all steps leave to the current route; None where none may."""
    some = [each for each in left if each is not None]
    if not some:
        return None
    now = reduce(np.add, (each.now for each in some))
    return Overflow(now, reduce(np.add, (each.waiting for each in some)), np.ones(1))


def _stage_costs(stage: PlanStage, carried: StageShares) -> tuple[SwitchCosts, Overflow | None]:
    """What one step costs, and what it leaves to the current route; in shadow nothing overflows."""
    prospect, schedule, spec = stage.prospect, stage.schedule, stage.prospect.spec
    days, requests = stage.days, prospect.setting.traffic.requests
    running, answers = ~from_day(carried.ends, days), carried.answered > 0
    shadow = carried.live & ~from_day(schedule.ramp, days) if prospect.setting.apart else NO_SHADOW
    found = prospect.carrier.serve(carried.served, carried.live, schedule.column("shadow"))
    entries, credit = _wound_up(stage, carried, found.entries, found.end_credit)
    part = np.ones(1) if found.overflow is None else found.overflow.served
    extras = amount(spec.usd_per_1000_requests) / 1000
    if np.any(extras):
        carries = np.where(stage.possible, carried.served, 0.0)
        entries[Component.EXTRAS] = requests * carries * part * extras
    booked = _apart_in_shadow(entries, shadow)
    quality = amount(spec.quality_usd_per_1000_requests) / 1000
    if np.any(quality):
        booked[Component.QUALITY] = requests * carried.answered * part * quality
    if np.any(prospect.upkeep_per_day):
        kept_up = from_day(schedule.cutover, days) & running
        booked[Component.UPKEEP] = np.where(kept_up, prospect.upkeep_per_day, 0.0)
    if isinstance(prospect.carrier, TokenServing) and (moving := prospect.carrier.tariff.migration) is not None:
        booked[Component.MIGRATION] = np.where(carried.live, moving, 0.0)
    project = dict(stage.spend)
    if (
        Component.TRAINING in project
    ):  # the project's own are paid to its cutover, whether it is left with requests or not
        trained = running | ~from_day(schedule.cutover + 1, days)
        project[Component.TRAINING] = np.where(trained, project[Component.TRAINING], 0.0)
    path = SwitchCosts(schedule, Ledger(booked | project, credit), carried.answered * part, found.peak)
    return path, found.overflow and found.overflow.while_(answers)


def _apart_in_shadow(serving: Entries, shadow: Any) -> Entries:
    """Serving by component, that of shadow days under its own name; what is bought then is capital all the same."""
    if not shadow.any():
        return dict(serving)
    found: Entries = {}
    for component, daily in serving.items():
        if component is Component.CAPITAL:
            found[component] = daily
            continue
        found[Component.SHADOW] = found.get(Component.SHADOW, 0.0) + np.where(shadow, daily, 0.0)
        found[component] = np.where(shadow, 0.0, daily)
    return found


def _wound_up(
    stage: PlanStage, carried: StageShares, serving: Entries, credit: Floats | float
) -> tuple[Entries, Floats | float]:
    """Serving of a step with what its end brings: GPUs are sold, reserved terms paid on."""
    entries, carrier = dict(serving), stage.prospect.carrier
    if not isinstance(carrier, FleetServing) or not np.any(carried.ends < NEVER):
        return entries, credit
    costs = carrier.costs
    if costs.bought:
        peak = np.broadcast_to(carrier.sizes(carried.served, carried.live).peak, carried.served.shape)
        entries[Component.POWER] = np.where(carried.live, entries[Component.POWER], 0.0)
        entries[Component.CAPITAL], credit = capital_until(costs, peak, carried.ends)
    elif np.any(costs.reserved_per_day):
        first = stage.schedule.shadow
        ending = np.broadcast_to(carried.ends, np.broadcast_shapes(carried.ends.shape, first.shape))
        owed = per_day(term_end(costs, first, ending))
        on = (costs.clock.day >= per_day(ending)) & (costs.clock.day < owed)
        entries[Component.FLEET] = entries[Component.FLEET] + np.where(on, costs.reserved_per_day, 0.0)
    return entries, credit


def term_end(costs: FleetCosts, first: Ints, ends: Ints) -> Ints:
    """The day after the last one of the reserved term that runs when a fleet is given up; one that ends on that day is
    not renewed. NEVER where it is not given up. Shape (…, starts).

    Args:
        costs: of the fleet.
        first: first day that is paid for.
        ends: day on which it is given up.
    """
    term = costs.fleet.reserved_months * MONTH_DAYS
    terms = np.maximum(np.ceil((np.minimum(ends, costs.clock.days) - first) / term), 1)
    early = first + np.floor((terms - 1) * term)
    found = np.where((terms > 1) & (early >= ends), early, first + np.floor(terms * term))
    return np.where(ends < NEVER, found, NEVER).astype(np.int64)


def capital_until(costs: FleetCosts, peak: Floats, ends: Ints) -> tuple[Floats, Floats]:
    """Purchases and replacements of GPUs that are sold on the day on which they are given up.

    Args:
        costs: of the fleet.
        peak: most replicas of each day, 0 before it runs and from the end on; shape (…, starts, days).
        ends: day of the end, NEVER for none; shape (…, starts).

    Returns:
        Dollars a day, what the sale brings and the credit of the last day included, and that credit alone.
    """
    clock, price, fleet = costs.clock, costs.price, costs.fleet
    new = np.diff(costs.owned_gpus(peak), axis=-1, prepend=0.0)
    spent, end = new * price, per_day(ends)
    ages = replacements(fleet.lifetime_months, clock.days)
    for age in ages:
        again = new[..., : clock.days - age] * (price * (1 - fleet.resale_share))
        spent[..., age:] += np.where(clock.day[age:] < end, again, 0.0)
    last = np.minimum(end, clock.days - 1)
    age = np.maximum(last - clock.day, 0)
    # sold on the very day on which it would be replaced, a GPU is a whole life old; on the last day it is replaced
    side = np.where(end < NEVER, age - 1, age)
    latest = np.array([0, *ages])[np.searchsorted([0, *ages], np.maximum(side, 0), side="right") - 1]
    value = (new * straight_line(price, age - latest, fleet.lifetime_months, fleet.resale_share)).sum(axis=-1)
    place = np.broadcast_to(last, (*value.shape, 1))
    np.put_along_axis(spent, place, np.take_along_axis(spent, place, axis=-1) - per_day(value), axis=-1)
    return spent, np.where(ends < NEVER, 0.0, value)
