"""Readiness of a programme: gates, layer, phases, experiments, diagnosis, five measures and nine steps, in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from switchpoint.decision.clauses import gates_json
from switchpoint.decision.gates import CALLED, ProgrammeGates, known_programme, programme_gates
from switchpoint.decision.result import JudgedWorld
from switchpoint.readiness.diagnosis import DRAWS, Diagnosis, ProjectEffect, diagnosis_plans, effects_of
from switchpoint.readiness.experiments import ExperimentOutlook, experiments_needed
from switchpoint.readiness.measures import Measure, Measured
from switchpoint.readiness.phases_and_layers import LayerChoice, Phase, phases
from switchpoint.readiness.steps import Facts, ProgrammeStep, delay_words, steps
from switchpoint.scenario.programme import LoggedCost, Programme, ProgrammeLog
from switchpoint.study.draws import Worlds
from switchpoint.text import day, join_names

Json = dict[str, Any]


@dataclass(frozen=True)
class Readiness:
    """Everything that is said of a programme."""

    result: JudgedWorld
    gates: ProgrammeGates
    effects: Mapping[str, ProjectEffect]
    seed: int = 0

    @cached_property
    def experiments(self) -> ExperimentOutlook:
        """What the experiments promise."""
        return ExperimentOutlook.of(self.gates)

    @cached_property
    def layers(self) -> LayerChoice:
        """Which layer to work on."""
        return LayerChoice(self.gates)

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """Prototype and production."""
        return phases(self.gates, self.experiments)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What the errors are made of."""
        return Diagnosis(self.gates, self.effects)

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """The five measures."""
        return Measured(self.gates, self.result.case, self.experiments, self.layers, self.effects).all

    @cached_property
    def steps(self) -> tuple[ProgrammeStep, ...]:
        """The nine steps."""
        facts = Facts(self.result, self.gates, self.experiments, self.layers, self.diagnosis, self.phases)
        return steps(facts)

    @property
    def now(self) -> ProgrammeStep | None:
        """The first step that is not done."""
        return next((step for step in self.steps if not step.done), None)

    @property
    def ready(self) -> bool:
        """Whether nothing holds up the commit."""
        return not self.gates.blocking

    @property
    def sentence(self) -> str:
        """Whether the team is on the right road, in one sentence."""
        met = len(self.gates.each) - len(self.gates.open)
        text = f"{met} of {len(self.gates.each)} gates {'is' if met == 1 else 'are'} met"
        if self.gates.outlook is None:
            return f"{text}; no project is advised as of {day(self.result.case.scenario.start)}."
        names = [CALLED[gate.name] for gate in self.gates.blocking]
        if not names:
            return f"{text}, and nothing holds up the commit{self._commit}."
        return f"{text}; the commit{self._commit} waits for {join_names(names)}{self._moved_words}."

    @property
    def _commit(self) -> str:
        commit = self.date(self.gates.commit)
        return f" on {day(commit)}" if commit else ""

    @property
    def _moved_words(self) -> str:
        """Where the commit moves to with the dates that gates have, and what that comes to."""
        then, cost = self.date(self.gates.earliest_commit), self.gates.slip_costs
        if then is None or cost is None:
            return ""
        return f", which moves it to {day(then)}: that {delay_words(cost)}"

    def date(self, number: int) -> date | None:
        """A day within the horizon as a date."""
        return self.gates.clock.date_or_none(number)

    def as_json(self) -> Json:
        """All of it; dates are `datetime.date`, None is not known or not reached."""
        gates, verdict = self.gates, self.result.verdict
        return {
            "scenario": self.result.case.scenario.name,
            "as_of": gates.as_of,
            "application": asdict_of(gates.programme, "application"),
            "data": asdict_of(gates.programme, "data"),
            "status": gates.programme.status,
            "action": verdict.action.value,
            "candidate": gates.outlook and gates.outlook.name,
            "start_by": self.date(verdict.start_by),
            "commit_by": self.date(verdict.commit_by),
            "earliest_commit": self.date(gates.earliest_commit),
            "ready": self.ready,
            "blocked_by": [gate.name for gate in gates.blocking],
            "sentence": self.sentence,
            "gates": gates_json(gates),
            "layer": self._layer_json(),
            "phases": [phase.as_json() for phase in self.phases],
            "experiments": self._experiments_json(),
            "diagnosis": self._diagnosis_json(),
            "measures": {measure.name: measure.as_json() for measure in self.measures},
            "steps": [asdict(step) for step in self.steps],
        }

    def _layer_json(self) -> Json:
        layers = self.layers
        return {
            "start_at": layers.starts_at,
            "current": layers.current,
            "since": layers.since,
            "box_ends": layers.box_ends,
            "days_left": layers.days_left,
            "over": layers.over,
            "gap_closed": layers.gap_closed,
            "go_to": layers.go_to,
            "sentence": layers.sentence,
            "decisions": [
                {"layer": box.layer, "date": box.since, "reason": box.reason, "days_overdue": box.overdue}
                for box in layers.boxes
            ],
        }

    def _experiments_json(self) -> Json:
        tried = self.experiments
        return {
            "done": tried.done,
            "viable": tried.viable,
            "wanted": tried.wanted,
            "odds": tried.odds,
            "odds_from": tried.odds_from or None,
            "odds_interval": tried.odds_interval,
            "velocity_per_month": tried.per_month,
            "needed_to_be_80_percent_sure": None if tried.odds is None else experiments_needed(tried.odds),
            "months_to_viable": tried.months_to_viable,
            "expected_best_score": tried.best_of_wanted,
            "curve": [{"experiments": n, "probability": share} for n, share in tried.curve],
        }

    def _diagnosis_json(self) -> Json:
        found = self.diagnosis
        best = found.pays_most
        return {
            "interventions": found.interventions,
            "diagnosed": found.diagnosed_count,
            "ratio": found.ratio,
            "interval": found.interval if found.interventions else None,
            "assumed": found.assumed_share if self.gates.outlook is not None else None,
            "errors": [asdict(each) for each in found.errors],
            "pays_most": best and best.category,
            "effects": {name: asdict(effect) for name, effect in self.effects.items()},
            "sentences": list(found.sentences),
        }


def asdict_of(programme: Programme, name: str) -> Json:
    """A table of the programme as plain values."""
    told: Json = getattr(programme, name).model_dump()
    return told


def assess(
    result: JudgedWorld,
    draws: int = DRAWS,
    seed: int = 0,
    log: ProgrammeLog | None = None,
    costs: tuple[LoggedCost, ...] = (),
) -> Readiness:
    """The readiness of a scenario's programme; one that states none is taken to state an empty one.

    Args:
        result: the scenario's base case.
        draws: worlds over which diagnosis is priced; with 0 it is not.
        seed: of them.
        log: taken in place of the programme's own log files.
        costs: taken in place of those that are logged, where there are any: the same traffic, as it was billed.

    Raises:
        ScenarioError: where a log file has faults by now.
        CannotCompute: where a draw cannot be computed.
    """
    scenario = result.case.scenario
    stated = scenario if scenario.programme is not None else scenario.model_copy(update={"programme": Programme()})
    gates = programme_gates(known_programme(stated, log), result.verdict, result.case.clock)
    assert gates is not None
    if costs:
        gates = replace(gates, known=replace(gates.known, log=replace(gates.log, costs=costs)))
    plans = diagnosis_plans(gates) if draws else {}
    effects: Mapping[str, ProjectEffect] = {}
    if plans and gates.outlook is not None:
        effects = effects_of(Worlds(scenario, seed), gates.outlook.name, gates.start, plans, draws)
    return Readiness(result, gates, effects, seed)
