"""What a plan costs: who answers what, projects side by side, what their ends bring, and the running bill.

Who answers what in a plan: shares of all requests that nest, from the easiest to the hardest, and when steps end.

Requests are thought of as sorted from easy to hard; a candidate can answer the easiest `coverage` of them. Each goes to
the last step that is live and can answer it, else to the one before, else to the current route.

What a plan costs: its projects side by side, its routes while they are in use, and what their ends bring.

Every array has shape (…, starts, days), as for a single candidate. A step that is left without requests for good ends:
its fees, rent, power and upkeep stop that day, bought GPUs are sold, reserved terms are paid to their end.

The running bill of a plan, which its pressure is about: its first step as if live since day 0, the others as they
come; without projects, shadow and incidents, and with the wear of bought GPUs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np

from switchpoint.finance import replacements, straight_line
from switchpoint.horizon import MONTH_DAYS, NEVER, Bools, Floats, Ints, first_day, from_day, per_day
from switchpoint.scenario.uncertain import amount
from switchpoint.simulation.candidate import SimulatedCandidate, World
from switchpoint.simulation.fleet import FleetCosts, FleetServing, Overflow, TokenServing
from switchpoint.simulation.ledger import Component, Entries, Ledger
from switchpoint.simulation.schedule import Schedule
from switchpoint.simulation.switch_costs import (
    NO_SHADOW,
    SwitchCosts,
    TrafficShares,
    left_days,
    planned_answers,
    project_spend,
    send_back,
    shares,
)

# Who answers what in a plan ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlanStage:
    """One step of a plan with its project's days, for several starts."""

    prospect: SimulatedCandidate
    schedule: Schedule

    @property
    def days(self) -> int:
        """Of the horizon."""
        return self.prospect.setting.clock.days

    @cached_property
    def possible(self) -> Bools:
        """Days on which it can carry its share, shape (days,) or (worlds, 1, days)."""
        return ~from_day(self.prospect.carrier.impossible_from, self.days)

    @cached_property
    def alone(self) -> TrafficShares:
        """What it would carry alone."""
        return shares(self.prospect, self.schedule)

    @cached_property
    def able_as_planned(self) -> Floats:
        """Share of all requests that it could answer, incidents left out: coverage x ramp, 0 when not possible."""
        answered = planned_answers(self.prospect, self.schedule)
        return answered if self.possible.all() else np.where(self.possible, answered, 0.0)

    @cached_property
    def able(self) -> Floats:
        """Share of all requests that it could answer."""
        if not self.prospect.outages:
            return self.able_as_planned
        able = self.able_as_planned.copy()
        send_back(self.prospect, self.schedule, able)
        return able

    @cached_property
    def spend(self) -> Entries:
        """Dollars a day of its project."""
        return project_spend(self.prospect, self.schedule)

    def part(self, starts: slice | Bools) -> PlanStage:
        """The step for some of its starts."""
        return PlanStage(self.prospect, self.schedule.part(starts))


@dataclass(frozen=True)
class StageShares:
    """What one step of a plan carries; shares of all requests, shape (…, starts, days)."""

    answered: Floats
    """What it takes of the requests."""
    served: Floats
    """What it serves, in shadow its whole coverage."""
    live: Bools
    """Whether it runs, idle or not."""
    ends: Ints
    """First day on which it runs no more since no request is left to it for good; NEVER for none, (…, starts)."""


def nest_shares(able: Sequence[Floats]) -> list[Floats]:
    """What each of some steps takes of what it could answer: from the last one down, only what those behind leave.

    Args:
        able: share of all requests that each step could answer, shape (…, days) each.
    """
    *before, covered = able
    taken = [covered]
    for share in reversed(before):
        taken.append(np.maximum(share - covered, 0.0))
        covered = np.maximum(covered, share)
    return taken[::-1]


def covered_share(able: Sequence[Floats]) -> Floats:
    """Share of all requests that some step answers, shape (…, days)."""
    return reduce(np.maximum, able)


def ends_for_good(able: Floats, taken: Floats) -> Ints:
    """First day from which on a step that could answer is left without requests for good; NEVER for none, (…)."""
    if (taken[..., -1] > 0).all():
        return np.full(taken.shape[:-1], NEVER)
    days, used = able.shape[-1], taken > 0
    last = days - 1 - used[..., ::-1].argmax(axis=-1)
    end = np.where(used.any(axis=-1), last + 1, first_day(able > 0))
    return np.where(end < days, end, NEVER)


@dataclass(frozen=True)
class PlanShares:
    """Who answers what on the way of a plan."""

    stages: tuple[StageShares, ...]
    kept: Floats
    """Share of all requests that the current route keeps, overflow left out; shape (…, starts, days)."""

    @classmethod
    def of(cls, stages: Sequence[PlanStage]) -> PlanShares:
        """As projects bring it about. Incidents send requests to the step before, while that runs, but end no step."""
        taken, ends, covered = carried_shares(stages)
        carried = [_stage(*each) for each in zip(stages, taken, ends, strict=True)]
        return cls(tuple(carried), 1 - covered)


def carried_shares(stages: Sequence[PlanStage]) -> tuple[list[Floats], list[Ints], Floats]:
    """What each step takes of the requests, when it ends, and what all take together.

    A step that has ended takes nothing that those behind it could not answer as well; only while one of them is down
    does it matter that it runs no more.
    """
    able = [stage.able_as_planned for stage in stages]
    taken = nest_shares(able)
    ends = [ends_for_good(*each) for each in zip(able, taken, strict=True)]
    if any(stage.prospect.outages for stage in stages):
        able = [
            np.where(from_day(end, stage.days), 0.0, stage.able) if (end < NEVER).any() else stage.able
            for stage, end in zip(stages, ends, strict=True)
        ]
        taken = nest_shares(able)
    return taken, ends, covered_share(able)


def _stage(stage: PlanStage, taken: Floats, ends: Ints) -> StageShares:
    """What a step carries: before the ramp as alone; where it is not possible its fleet is kept as alone."""
    share = stage.alone
    live = share.live & ~from_day(ends, stage.days)
    own = ~from_day(stage.schedule.ramp, stage.days) | ~stage.possible
    served = np.where(live, np.where(own, share.served, taken), 0.0)
    return StageShares(taken, served, np.broadcast_to(live, served.shape), ends)


# What a plan costs ---------------------------------------------------------------------------------------------------


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


# The running bill of a plan, which its pressure is about -------------------------------------------------------------


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
    able = [_able_if_live(stage, first) for stage, first in zip(plan.stages, firsts, strict=True)]
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


def _able_if_live(stage: PlanStage, first: Bools) -> Floats:
    """Share of all requests that a step can answer: the first one always, the others from their ramp on."""
    return np.where(stage.possible, np.where(first, stage.prospect.coverage, stage.able_as_planned), 0.0)


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
