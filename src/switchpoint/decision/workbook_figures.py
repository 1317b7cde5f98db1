"""What a simulation settled about a candidate: the days of its project and what a replica carries, as plain data.

All else that a candidate costs follows from these and the scenario by arithmetic, so an export can show it as formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.finance import replacements
from switchpoint.horizon import Amount, Floats
from switchpoint.scenario.candidates import Candidate
from switchpoint.scenario.project import Project
from switchpoint.simulation.candidate import earliest_live
from switchpoint.simulation.current_route import Endpoints
from switchpoint.simulation.deferrable import gpus_paid
from switchpoint.simulation.fleet import FleetServing
from switchpoint.simulation.ledger import CURRENT_ROUTE, total
from switchpoint.simulation.schedule import Schedule, later, paid_throughout, waits_for_any
from switchpoint.simulation.switch_costs import shares

MILESTONES = {
    "start": "project starts",
    "begun": "project begins to count for break-even",
    "label": "labelling begins",
    "complete": "last example is labelled",
    "recruit": "recruiting begins",
    "joined": "hired engineers have joined",
    "learnt": "in-house engineers have learnt",
    "ready": "first training begins",
    "hardening": "hardening begins",
    "shadow": "candidate runs in shadow",
    "ramp": "traffic begins to move",
    "cutover": "candidate carries its whole share",
    "finished": "project is no longer paid",
}
"""The days of a project, in their usual order, and what each means."""


@dataclass(frozen=True)
class WorkbookFleet:
    """What is known of a fleet before its size.

    Args:
        capacity: requests per second of one replica on each day, shape (days,).
        measured: whether the scenario states it.
        usd_per_gpu_hour: rent on the first day; 0 where GPUs are bought.
        hours: distinct parts of a day's load, batching left out, that size the fleet, shape (levels,), rising.
        hours_of: hours of the day that each of them does.
        simulated: what only the simulation tells, where something is packed, left over or reserved.
    """

    capacity: Floats
    measured: bool
    usd_per_gpu_hour: float
    hours: Floats
    hours_of: Floats
    simulated: SimulatedFleet | None = None


@dataclass(frozen=True)
class SimulatedFleet:
    """A fleet on its path where simple formulas do not size it; each of shape (days,).

    Args:
        gpu_hours: paid on demand.
        most: replicas of the busiest hour.
        gpus: owned, where they are bought; else 0.
        powered: GPUs owned, by what they draw.
        can: whether it carries its whole share, or may leave what it cannot.
        served: part of what it is asked for that it serves.
        overflow_usd: what the current route costs more for the rest.
        usd: all that serving costs, capital left out.
        reserved: GPUs that are reserved.
    """

    gpu_hours: Floats
    most: Floats
    gpus: Floats
    powered: Floats
    can: Floats
    served: Floats
    overflow_usd: Floats
    usd: Floats
    reserved: Floats


@dataclass(frozen=True)
class SimulatedRoute:
    """What the current route costs on a candidate's path, where it has more than tokens; each of shape (days,).

    Args:
        usd: all of it, GPUs bought, sold and credited included, migrations left out.
        capital_beyond: GPUs bought and sold, credits left out, less what staying spends on them.
        credit_beyond: credit of the last day, below 0, less that of staying.
    """

    usd: Floats
    capital_beyond: Floats
    credit_beyond: Floats

    @classmethod
    def of(cls, outlook: CandidateResult) -> SimulatedRoute | None:
        """That of a candidate as it is started; None where the current route is paid by tokens and fees alone."""
        setting, ledger = outlook.prospect.setting, outlook.ledger
        if setting.beside_tokens.is_plain:
            return None
        staying = setting.stay
        credit = np.zeros(outlook.clock.days)
        credit[-1] = float(staying.current_credit) - float(ledger.current_credit)
        return cls(
            usd=total({c: ledger.entries[c] for c in CURRENT_ROUTE if c in ledger.entries}),
            capital_beyond=ledger.capital - ledger.own_capital - staying.capital,
            credit_beyond=credit,
        )


@dataclass(frozen=True)
class Pay:
    """How a project pays its people.

    Args:
        whole_from: the milestone from which in-house engineers are paid in full until the project's end.
        share_before: whether they are paid a share before it, on days of labelling or recruiting.
        one_off_on: the milestone on which the one-off sum is paid.
        fee_per_hire: whether finding engineers is paid for.
    """

    whole_from: str
    share_before: bool
    one_off_on: str
    fee_per_hire: bool

    @classmethod
    def of(cls, project: Project, needed: Amount, schedule: Schedule) -> Pay:
        """That of a project with these days, of which so many examples are to be labelled."""
        waits, throughout = bool(waits_for_any(project, needed).all()), paid_throughout(project, schedule)
        at_once = throughout or not (waits or schedule.committed)
        return cls(
            whole_from="start" if at_once else "ready",
            share_before=waits and not throughout,
            one_off_on="ready" if schedule.committed else "start",
            fee_per_hire=project.to_hire > 0 and not project.iterations_done,
        )


@dataclass(frozen=True)
class WorkbookFigures:
    """One candidate under the result's policy. Days are day numbers, `NEVER` for none.

    Args:
        name: its name in the scenario.
        spec: what the scenario says of it.
        days: the milestones of its project, see `MILESTONES`.
        iterations: first days of its project's trainings.
        retrainings: days of retrainings within the horizon.
        examples: examples labelled each day, shape (days,).
        usd_per_iteration: price of a training.
        fleet: of a model of your own, else None.
        cost: dollars of each day, shape (days,).
        pay: how the project pays its people.
        earliest_live: first day on which it could carry its whole share.
        current: the current route on its path, where only the simulation tells.
    """

    name: str
    spec: Candidate
    days: dict[str, int]
    iterations: tuple[int, ...]
    retrainings: tuple[int, ...]
    examples: Floats
    usd_per_iteration: float
    fleet: WorkbookFleet | None
    cost: Floats
    pay: Pay
    earliest_live: int
    current: SimulatedRoute | None = None

    @classmethod
    def of(cls, outlook: CandidateResult) -> WorkbookFigures:
        """What the simulation settled about a candidate, as it is started."""
        prospect, schedule, row = outlook.prospect, outlook.course.path.schedule, outlook.course.row
        days, spec, planner = outlook.clock.days, prospect.spec, prospect.planner
        milestones = _milestones(outlook)
        every = spec.upkeep.retrain_every_months
        again = [milestones["cutover"] + age for age in (replacements(every, days) if every else ())]
        return cls(
            name=outlook.name,
            spec=spec,
            days=milestones,
            iterations=tuple(milestones["ready"] + offset for offset in schedule.trainings),
            retrainings=tuple(day for day in again if day < days),
            examples=planner.labelling.daily(schedule.label[row : row + 1])[0],
            usd_per_iteration=float(prospect.iteration_usd),
            fleet=_settled_fleet(outlook),
            cost=outlook.cost_per_day,
            pay=Pay.of(spec.project, planner.labelling.needed_examples, schedule),
            earliest_live=int(earliest_live(spec, planner)[0]),
            current=SimulatedRoute.of(outlook),
        )


def _milestones(outlook: CandidateResult) -> dict[str, int]:
    """The days of a project by name, those of `MILESTONES`."""
    learning = outlook.prospect.planner.steps.upskilling
    told = {
        "begun": outlook.project_start,
        "learnt": int(later(np.array(outlook.milestone("start")), learning)),
    }
    return {name: told[name] if name in told else outlook.milestone(name) for name in MILESTONES}


def _settled_fleet(outlook: CandidateResult) -> WorkbookFleet | None:
    carrier = outlook.prospect.carrier
    if not isinstance(carrier, FleetServing):
        return None
    hours, hours_of = carrier.sizing.levels
    fleet = carrier.sizing.fleet
    measured = fleet.requests_per_second_per_replica is not None and fleet.measured_at is None
    only_simulated = carrier.sizing.is_packed or isinstance(fleet, Endpoints)
    simulated = _simulated_fleet(outlook, carrier) if only_simulated else None
    rent = float(carrier.costs.usd_per_gpu_hour)
    return WorkbookFleet(carrier.sizing.capacity, measured, rent, hours, hours_of, simulated)


def _simulated_fleet(outlook: CandidateResult, carrier: FleetServing) -> SimulatedFleet:
    prospect, row = outlook.prospect, outlook.course.row
    share = shares(prospect, outlook.course.path.schedule)
    served, live = share.served[row], share.live[row]
    sizes, days = carrier.sizes(served, live), carrier.clock.days
    owned = carrier.costs.owned_gpus(sizes.peak) if carrier.costs.bought else np.zeros(days)
    can = carrier.clock.day < carrier.outgrown_from
    part, usd = np.ones(days), np.zeros(days)
    if (overflow := carrier.overflow_of(sizes, carrier.requests * served)) is not None:
        answered = np.where(carrier.clock.day < carrier.impossible_from, share.answered[row], 0.0)
        part, setting = overflow.served, prospect.setting
        with_it = total(setting.current_costs(1 - answered, overflow.while_(answered > 0)).entries)
        usd = with_it - total(setting.current_costs(1 - answered).entries)
        if setting.current.migration is not None:
            usd = usd + np.where(answered < 1, 0.0, setting.current.migration)
    powered = carrier.costs.powered_gpus(owned, sizes.work)
    paid = total(carrier.costs.serving(sizes, live))
    reserved = gpus_paid(carrier.costs.fleet, np.full(days, float(carrier.costs.fleet.reserved_replicas)))
    return SimulatedFleet(sizes.gpu_hours, sizes.peak, owned, powered, can.astype(float), part, usd, paid, reserved)
