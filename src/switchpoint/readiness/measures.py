"""Five measures of the work, month by month: formula, target, trend, and what each does to the start-by date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite, log
from typing import Any

import numpy as np

from switchpoint.decision.case import SimulatedWorld, simulate
from switchpoint.decision.gates import ProgrammeGates
from switchpoint.decision.result import JudgedWorld
from switchpoint.errors import CannotCompute
from switchpoint.horizon import MONTH_DAYS, NEVER, add_months
from switchpoint.owndata.usage_history import UsageHistory
from switchpoint.readiness.diagnosis import COVERED, MEASURED, ProjectEffect
from switchpoint.readiness.experiments import ExperimentOutlook
from switchpoint.readiness.phases_and_layers import LayerChoice
from switchpoint.scenario.programme import LoggedCost, ProgrammeLog
from switchpoint.scenario.uncertain import num

TARGET_SHARE = 0.8
"""Target of both shares (assumption)."""
TARGET_VELOCITY = 20.0
HISTORY_MONTHS = 12
TREND_MONTHS = 6
FLAT = 0.005
"""Part of the mean below which a change a month is none."""
FEWEST_COSTS = 3
"""Entries of cost from which a trajectory is told."""


@dataclass(frozen=True)
class StartByEffect:
    """What a measure does to the start-by date, against what the scenario assumes."""

    days: int | None
    """Days by which the project must start (or its commit come) earlier to be as surely in time; None where unknown."""
    usd: float | None
    """Dollars that it costs more; below 0 it costs less."""
    usd_error: float | None
    """Standard error of that, where it is from draws."""
    what: str
    """What was simulated."""


@dataclass(frozen=True)
class Measure:
    """One measure over time."""

    name: str
    formula: str
    unit: str
    value: float | None
    target: float
    at_least: bool
    """Whether more is better; else the target is a most."""
    history: tuple[tuple[date, float | None], ...]
    """First of each month, and its value; None for a month without anything to measure."""
    effect: StartByEffect | None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is nothing to measure."""
        if self.value is None:
            return None
        return self.value >= self.target - 1e-9 if self.at_least else self.value <= self.target + 1e-9

    @property
    def trend(self) -> float | None:
        """Change a month over the last six months: slope of a line through those that have a value; None below two."""
        known = [(place, value) for place, (_, value) in enumerate(self.history[-TREND_MONTHS:]) if value is not None]
        if len(known) < 2:
            return None
        places, values = (np.array(each, dtype=float) for each in zip(*known, strict=True))
        centred = places - places.mean()
        return float(centred @ values / (centred @ centred))

    @property
    def improving(self) -> bool | None:
        """Whether the trend goes the right way; None without one, or where it is flat, under half a percent a month."""
        trend, known = self.trend, [abs(value) for _, value in self.history[-TREND_MONTHS:] if value is not None]
        if trend is None or abs(trend) < FLAT * sum(known) / len(known):
            return None
        return (trend > 0) is self.at_least

    def as_json(self) -> dict[str, Any]:
        """The measure as JSON."""
        effect = self.effect
        return {
            "value": self.value,
            "unit": self.unit,
            "formula": self.formula,
            "target": self.target,
            "target_is": "at least" if self.at_least else "at most",
            "met": self.met,
            "trend_per_month": self.trend,
            "improving": self.improving,
            "history": [{"month": f"{month:%Y-%m}", "value": value} for month, value in self.history],
            "effect": effect
            and {
                "start_by_days_earlier": effect.days,
                "usd": effect.usd,
                "usd_error": effect.usd_error,
                "what": effect.what,
            },
        }


@dataclass(frozen=True)
class Measured:
    """What all measures are made from."""

    gates: ProgrammeGates
    case: SimulatedWorld
    experiments: ExperimentOutlook
    layers: LayerChoice
    effects: Mapping[str, ProjectEffect]

    @property
    def log(self) -> ProgrammeLog:
        """The log."""
        return self.gates.log

    @property
    def all(self) -> tuple[Measure, ...]:
        """The five."""
        return (self.coverage(), self.ratio(), self.velocity(), self.cost_trajectory(), self.layer_decisions())

    def coverage(self) -> Measure:
        """Part of the errors seen that have a category."""
        return Measure(
            "error_categorisation_coverage",
            "errors with a category / all errors logged",
            "share",
            self.log.categorised_share,
            TARGET_SHARE,
            True,
            self._history(lambda log: log.categorised_share),
            self._effect_over_draws(COVERED, "no more interventions are diagnosed than errors are understood"),
        )

    def ratio(self) -> Measure:
        """Part of the interventions that follow from a diagnosis."""
        return Measure(
            "intervention_to_diagnostic_ratio",
            "interventions that followed from a diagnosis / all interventions logged",
            "share",
            self.log.diagnosed_share,
            TARGET_SHARE,
            True,
            self._history(lambda log: log.diagnosed_share),
            self._effect_over_draws(MEASURED, "the project with the measured share of diagnosed interventions"),
        )

    def velocity(self) -> Measure:
        """Experiments a month."""
        tried = self.experiments
        value = tried.per_month if tried.done or tried.per_month else None
        return Measure(
            "experiment_velocity",
            "experiments of the last 91 days / 91 x 30.4375 (since the first, where that is less)",
            "experiments a month",
            value,
            TARGET_VELOCITY,
            True,
            self._history(lambda log: float(len(log.experiments)) or None),
            self._wait_for_experiments(),
        )

    def cost_trajectory(self) -> Measure:
        """How the cost of an inference changes a month, against what the scenario assumes."""
        modelled, measured = modelled_trajectory(self.case), trajectory(self.log.costs)
        return Measure(
            "cost_per_inference_trajectory",
            "slope of log(dollars per request) over the months logged",
            "share a month",
            measured,
            modelled,
            False,
            self._history(lambda log: usd_per_1000(log.costs)),
            None if measured is None else self._dearer(measured - modelled),
        )

    def layer_decisions(self) -> Measure:
        """Part of the layers on which the gap was closed, or the next layer chosen, within a month."""
        boxes = self.layers.boxes
        value = sum(not box.overdue for box in boxes) / len(boxes) if boxes else None
        overdue = max(-(self.layers.days_left or 0), 0) if self.layers.over else 0
        return Measure(
            "layer_decisions",
            "layers left, or good enough, within a month / layers worked on",
            "share",
            value,
            1.0,
            True,
            self._history(lambda log: float(len(log.decisions)) or None),
            self._committed_later(overdue, f"the commit comes later by the {overdue} days beyond the month"),
        )

    # Effects ---------------------------------------------------------------------------------------------------------

    def _effect_over_draws(self, name: str, what: str) -> StartByEffect | None:
        effect = self.effects.get(name)
        return None if effect is None else StartByEffect(effect.days, effect.usd, effect.usd_error, what)

    def _committed_later(self, days: int, what: str) -> StartByEffect | None:
        if not days:
            return StartByEffect(0, 0.0, None, "nothing is late") if self.gates.commit < NEVER else None
        delay = self.gates.commit_later(days)
        return None if delay is None else StartByEffect(days, delay.usd, None, what)

    def _wait_for_experiments(self) -> StartByEffect | None:
        """The commit waits until the wanted experiments are done at this velocity, or the layer's month is over."""
        gate = next(gate for gate in self.gates.each if gate.name == "twenty_experiments")
        if not self.experiments.per_month:
            return None
        what = (
            f"the commit waits for {self.experiments.wanted} experiments at this velocity, or for the end of the month"
        )
        return self._committed_later(0 if gate.met else gate.late, what)

    def _dearer(self, more: float) -> StartByEffect | None:
        """The base case with the cost of a request growing as measured."""
        scenario = self.case.scenario
        growth = num(scenario.usage.token_growth_per_month)
        faster = max((1 + growth) * (1 + more) - 1, -0.99)
        usage = scenario.usage.model_copy(update={"token_growth_per_month": faster})
        what = "the base case with the cost of a request growing as measured"
        try:
            then = JudgedWorld(simulate(scenario.model_copy(update={"usage": usage}))).verdict
        except CannotCompute:
            return None
        before = self.case.verdict.start_by
        known = before < NEVER and then.start_by < NEVER
        return StartByEffect(before - then.start_by if known else None, None, None, what)

    def _history(self, of: Callable[[ProgrammeLog], float | None]) -> tuple[tuple[date, float | None], ...]:
        """A value of the entries of each month alone, from the first one logged on, the last twelve."""
        first = self.log.first_day
        if first is None:
            return ()
        month = max(first, add_months(self.gates.as_of, -HISTORY_MONTHS)).replace(day=1)
        found = []
        while month <= self.gates.as_of:
            after = add_months(month, 1)
            found.append((month, of(self.log.between(month, after))))
            month = after
        return tuple(found[-HISTORY_MONTHS:])


def costs_of_usage(history: UsageHistory) -> tuple[LoggedCost, ...]:
    """Requests and dollars of each whole week that ends with a history, as a log would have them; none where its files
    lack either. Days without a row count for nothing."""
    if not (history.counts_requests and history.has("cost_usd")):
        return ()
    weeks = history.days // 7
    both = [np.nan_to_num(history.daily[name])[history.days - 7 * weeks :] for name in ("requests", "cost_usd")]
    sums = np.array(both).reshape(2, weeks, 7).sum(axis=2)
    last = history.last_day
    return tuple(
        LoggedCost(date=last - timedelta(weeks=weeks - 1 - week), requests=float(requests), usd=float(usd))
        for week, (requests, usd) in enumerate(sums.T)
        if requests > 0 and usd >= 0
    )


def usd_per_1000(costs: Sequence[LoggedCost]) -> float | None:
    """Dollars per 1,000 requests over all entries; None without any."""
    requests = sum(each.requests for each in costs)
    return 1000 * sum(each.usd for each in costs) / requests if requests else None


def trajectory(costs: Sequence[LoggedCost]) -> float | None:
    """By which share the cost of a request changes a month: e^b - 1, b the slope of a line through log(usd/requests)
    over months; None below three entries with a cost, or where they are of one day."""
    points = [(each.date.toordinal() / MONTH_DAYS, log(each.usd / each.requests)) for each in costs if each.usd > 0]
    if len(points) < FEWEST_COSTS:
        return None
    months, logs = (np.array(each) for each in zip(*points, strict=True))
    centred = months - months.mean()
    if not centred.any():
        return None
    return float(np.expm1(centred @ logs / (centred @ centred)))


def modelled_trajectory(case: SimulatedWorld) -> float:
    """The same of the scenario: from the first day's cost of a request to that a year later, or at the end."""
    cost = case.usd_per_1000
    last = min(len(cost) - 1, round(12 * MONTH_DAYS))
    if last < 1 or not (isfinite(cost[0]) and isfinite(cost[last]) and cost[0] > 0 and cost[last] > 0):
        return 0.0
    return float((cost[last] / cost[0]) ** (MONTH_DAYS / last) - 1)
