"""Prototype and production as phases, with a gate between them, dates and cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

import numpy as np

from switchpoint.decision.gates import ProgrammeGates
from switchpoint.horizon import MONTH_DAYS, NEVER
from switchpoint.readiness.experiments import ExperimentOutlook
from switchpoint.simulation.ledger import PROJECT, Component
from switchpoint.simulation.switch_costs import begun_days, switch_costs

SPENT = (*PROJECT, Component.SHADOW)
"""What production costs until cutover."""


@dataclass(frozen=True)
class Phase:
    """One phase: from when until when, what it costs, and which gates end it. None for a day that nobody knows."""

    name: str
    begins: date | None
    ends: date | None
    usd: float | None
    """Undiscounted dollars; of the prototype its experiments, of production the project from the commit to cutover."""
    gates: tuple[str, ...]
    what: str

    def as_json(self) -> dict[str, Any]:
        """The phase as JSON."""
        return {
            "phase": self.name,
            "from": self.begins,
            "until": self.ends,
            "usd": self.usd,
            "gates": list(self.gates),
            "what": self.what,
        }


def phases(gates: ProgrammeGates, experiments: ExperimentOutlook) -> tuple[Phase, ...]:
    """The prototype, preparation, and the steps of production for the advised start."""
    return (_prototype(gates, experiments), *_production(gates))


def _prototype(gates: ProgrammeGates, experiments: ExperimentOutlook) -> Phase:
    tried = gates.log.experiments
    begins = tried[0].date if tried else gates.as_of
    if not experiments.left:
        ends: date | None = tried[experiments.wanted - 1].date if tried else begins
    elif experiments.per_month:
        ends = gates.as_of + timedelta(days=ceil(experiments.left / experiments.per_month * MONTH_DAYS))
    else:
        ends = None
    cost = max(experiments.wanted, experiments.done) * gates.programme.prototype.usd_per_experiment
    what = "a sandbox without sensitive data: cheap experiments, one change each"
    return Phase("prototype", begins, ends, cost, ("twenty_experiments", "evaluation_set"), what)


def _production(gates: ProgrammeGates) -> Iterator[Phase]:
    outlook = gates.outlook
    if outlook is None or gates.start >= NEVER:
        return
    costs = switch_costs(outlook.prospect, np.array([gates.start]))
    schedule, clock = costs.schedule, gates.clock
    daily = sum(
        (costs.ledger.entries[each][0] for each in SPENT if each in costs.ledger.entries),
        np.zeros(clock.days),
    )
    steps = (
        ("preparation", begun_days(schedule), schedule.ready, OF_THE_COMMIT, PREPARATION),
        ("training", schedule.ready, schedule.hardening, (), TRAINING),
        ("hardening", schedule.hardening, schedule.shadow, (), HARDENING),
        ("shadow and ramp", schedule.shadow, schedule.cutover, (), SHADOW),
    )
    for name, first, end, held, what in steps:
        begins, ends = int(first[0]), int(end[0])
        if begins < ends:
            spent = daily[max(begins, 0) : min(ends, clock.days)].sum() if begins < clock.days else None
            dates = clock.date_or_none(begins), clock.date_or_none(ends)
            yield Phase(name, *dates, None if spent is None else float(spent), held, what)


OF_THE_COMMIT = ("product_market_fit", "labelled_data", "skills", "clearance")
PREPARATION = "labels and people are gathered; nothing of it waits for a gate"
TRAINING = "the commit: train, evaluate, diagnose, change one thing, train again until it passes"
HARDENING = "security, privacy, scale and reliability: project time, not a favour"
SHADOW = "both routes run and are paid; then traffic moves step by step"
