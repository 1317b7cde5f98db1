"""The phases of a programme, and which layer to work on: whether its month is over, what comes next, dates and cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np

from switchpoint.decision.gates import BOX_MONTHS, ProgrammeGates, box_end, layer_since
from switchpoint.horizon import MONTH_DAYS, NEVER, add_months
from switchpoint.readiness.experiments import ExperimentOutlook
from switchpoint.scenario.programme import Layer, Modality
from switchpoint.simulation.ledger import PROJECT, Component
from switchpoint.simulation.switch_costs import begun_days, switch_costs
from switchpoint.text import day, weeks

# Which layer to work on, and whether its month is over ---------------------------------------------------------------

LAYERS: tuple[Layer, ...] = ("generative", "deep-learning", "machine-learning", "fundamentals")
"""From the top, where work is cheapest to try, down."""
CALLED: dict[Layer, str] = {
    "generative": "generative AI",
    "deep-learning": "deep learning",
    "machine-learning": "machine learning",
    "fundamentals": "computer-science fundamentals",
}
WORK: dict[Layer, str] = {
    "generative": "prompts, retrieval and tools around an API model",
    "deep-learning": "training or fine-tuning a model of your own",
    "machine-learning": "features and a model that learns from tables",
    "fundamentals": "rules, search and data structures",
}
"""What is done on each layer."""


def first_layer(modality: Modality) -> Layer:
    """The layer to start at: text at the generative one through an API, everything else straight at deep learning.

    >>> first_layer("text"), first_layer("audio")
    ('generative', 'deep-learning')
    """
    return "generative" if modality == "text" else "deep-learning"


def layer_below(layer: Layer) -> Layer | None:
    """The next layer down; None below the lowest."""
    place = LAYERS.index(layer) + 1
    return LAYERS[place] if place < len(LAYERS) else None


@dataclass(frozen=True)
class LayerBox:
    """The time on one layer, from the decision for it to the next one."""

    layer: Layer
    since: date
    until: date
    """The day of the next decision, or today for the last."""
    reason: str
    closed: bool
    """Whether the gap was closed, so that nothing had to be decided any more."""

    @property
    def ends(self) -> date:
        """The day on which its month is over."""
        return add_months(self.since, BOX_MONTHS)

    @property
    def overdue(self) -> int:
        """Days beyond its month; 0 where the gap is closed."""
        return 0 if self.closed else max((self.until - self.ends).days, 0)


@dataclass(frozen=True)
class LayerChoice:
    """The layer that is worked on, the box of its month, and what that means."""

    gates: ProgrammeGates

    @property
    def starts_at(self) -> Layer:
        """The layer to start at."""
        return first_layer(self.gates.programme.application.modality)

    @property
    def current(self) -> Layer:
        """The layer that is worked on: stated, else the last decided, else the one to start at."""
        decided = self.gates.log.decisions
        return self.gates.programme.layer or (decided[-1].layer if decided else self.starts_at)

    @property
    def gap_closed(self) -> bool:
        """Whether it is good enough: as stated, else once an experiment is viable."""
        stated = self.gates.programme.gap_closed
        return any(each.viable for each in self.gates.log.experiments) if stated is None else stated

    @property
    def since(self) -> date | None:
        """Since when it is worked on; None where nobody has said."""
        return layer_since(self.gates.programme, self.gates.log)

    @property
    def box_ends(self) -> date | None:
        """When its month is over."""
        return box_end(self.gates.programme, self.gates.log)

    @property
    def days_left(self) -> int | None:
        """Days of the month that are left; below 0 it is over."""
        return None if self.box_ends is None else (self.box_ends - self.gates.as_of).days

    @property
    def over(self) -> bool:
        """Whether the month is over and the gap still open."""
        return self.days_left is not None and self.days_left <= 0 and not self.gap_closed

    @property
    def go_to(self) -> Layer | None:
        """The layer to go down to; None where there is no reason to, or nothing below."""
        return layer_below(self.current) if self.over else None

    @cached_property
    def boxes(self) -> tuple[LayerBox, ...]:
        """The time on each layer so far, by its decision."""
        decided = self.gates.log.decisions
        ends = [each.date for each in decided[1:]] + [self.gates.as_of] * bool(decided)
        last = len(decided) - 1
        return tuple(
            LayerBox(each.layer, each.date, end, each.reason, place == last and self.gap_closed)
            for place, (each, end) in enumerate(zip(decided, ends, strict=True))
        )

    @property
    def sentence(self) -> str:
        """What that means, in one sentence."""
        at = f"{CALLED[self.current]} ({WORK[self.current]})"
        if self.gap_closed:
            return f"Stay at {at}: the gap is closed."
        if self.over and self.box_ends is not None:
            past = weeks(-(self.days_left or 0)) if self.days_left else "today"
            when = f"since {day(self.box_ends)}, {past} ago" if self.days_left else past
            if self.go_to is None:
                return (
                    f"The month at {at} is over {when} and the gap is open; there is no layer below: change the task."
                )
            down = f"{CALLED[self.go_to]} ({WORK[self.go_to]})"
            return f"Go down to {down}: the month at {CALLED[self.current]} is over {when}, and the gap is open."
        if self.box_ends is None:
            return f"Work at {at}, and log the decision: from that day it has a month to close the gap."
        return f"Work at {at} until {day(self.box_ends)}; if the gap is open then, go down a layer."


# Prototype and production as phases, with a gate between them, dates and cost ----------------------------------------

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
