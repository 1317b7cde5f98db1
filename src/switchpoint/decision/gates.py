"""Gates of a programme: what must be there before a commit, by when for the advised start, and what a delay costs.

A gate blocks a commit, never a preparation: labelling and hiring may begin before it is met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from math import ceil
from typing import Any, TypeAlias

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.start_dates import StartDates
from switchpoint.decision.verdict import Verdict
from switchpoint.horizon import MONTH_DAYS, NEVER, Horizon, Ints, add_months
from switchpoint.scenario.log_files import read_logs
from switchpoint.scenario.programme import NO, NOTHING_LOGGED, YES, Answer, Programme, ProgrammeLog
from switchpoint.scenario.project import Project
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.candidate import planner
from switchpoint.simulation.schedule import AFTER_TRAINING, Schedule, later, schedule_of_worlds
from switchpoint.text import count, day, join_names, percent

GATES = ("product_market_fit", "twenty_experiments", "evaluation_set", "labelled_data", "skills", "clearance")
CALLED = {
    "product_market_fit": "product-market fit",
    "twenty_experiments": "twenty experiments",
    "evaluation_set": "an evaluation set with error categories",
    "labelled_data": "labelled data",
    "skills": "the team",
    "clearance": "clearance of sensitive data",
}
"""What each gate is called within a sentence."""
TO_DO = {
    "product_market_fit": "prove product-market fit",
    "twenty_experiments": "finish the twenty experiments",
    "evaluation_set": "have an evaluation set with error categories",
    "labelled_data": "label",
    "skills": "hire",
    "clearance": "clear the sensitive data",
}
"""What is to be done for it by its date."""
BOX_MONTHS = 1
"""A layer has so many months to close its gap."""
VELOCITY_DAYS = 91
"""Days over which the velocity of experiments is measured."""
Judged: TypeAlias = tuple[Answer, str]
"""The state of a gate, and what it rests on."""
Shift: TypeAlias = Callable[[int], Schedule]
"""The schedule of the advised project with something in it so many days later."""


@dataclass(frozen=True)
class MonthsDelay:
    """What it comes to if a gate is met a month after its date."""

    usd: float
    """Expected weighed dollars that the switch costs more; below 0 it costs less."""
    live: int
    """Cutover then."""
    days: int
    """Days by which that is later; 0 where it is never live either way."""

    @classmethod
    def of(cls, before: Schedule, after: Schedule, usd: float) -> MonthsDelay:
        """What one schedule comes to more than another, with what it costs more."""
        first, then = int(before.cutover[0]), int(after.cutover[0])
        return cls(usd, then, then - first if then < NEVER else 0)


@dataclass(frozen=True)
class Gate:
    """One gate. Days are day numbers, NEVER for none."""

    name: str
    state: Answer
    basis: str
    """What that rests on, in words."""
    met: bool
    by: int = NEVER
    """Day by which it must be met for the advised start."""
    begin_by: int = NEVER
    """Day on which work towards it begins at the latest, where the project plans it."""
    due: int = NEVER
    """Day on which it is expected, where it is a date."""

    @property
    def asked_by(self) -> int:
        """The day that is told: that of the first work, else that by which it must be met."""
        return min(self.begin_by, self.by)

    @property
    def late(self) -> int:
        """Days by which it is expected too late; 0 where it is not, or nobody knows."""
        return max(self.due - self.by, 0) if self.due < NEVER and self.by < NEVER else 0

    @property
    def in_plan(self) -> bool:
        """Whether the project itself brings it: it labels, or it hires."""
        return self.begin_by < NEVER and self.due == NEVER

    @property
    def blocks(self) -> bool:
        """Whether it holds up the commit as things stand: not met, and neither planned nor expected in time."""
        return not self.met and not self.in_plan and (self.due == NEVER or self.late > 0)


@dataclass(frozen=True)
class KnownProgramme:
    """What is known of a programme before anything is advised; the same in all worlds of a scenario."""

    programme: Programme
    log: ProgrammeLog
    as_of: date

    @cached_property
    def judgements(self) -> dict[str, Judged]:
        """The gates that hang on no project, judged."""
        return {name: judge(self) for name, judge in JUDGES.items()}


@dataclass(frozen=True)
class ProgrammeGates:
    """The gates of a scenario's programme, for the start that a verdict advises."""

    known: KnownProgramme
    verdict: Verdict
    clock: Horizon

    @property
    def programme(self) -> Programme:
        """The programme."""
        return self.known.programme

    @property
    def log(self) -> ProgrammeLog:
        """What its team has logged."""
        return self.known.log

    @property
    def as_of(self) -> date:
        """The day as of which it is judged."""
        return self.known.as_of

    @property
    def outlook(self) -> CandidateResult | None:
        """The advised candidate."""
        return self.verdict.candidate

    @property
    def project(self) -> Project:
        """Its project; an empty one where nothing is advised."""
        return Project() if self.outlook is None else self.outlook.prospect.spec.project

    @property
    def start(self) -> int:
        """The advised start."""
        if self.outlook is None:
            return NEVER
        return self.verdict.start_by if self.verdict.start_by < NEVER else self.outlook.starts.advised_start

    @property
    def commit(self) -> int:
        """The day of the commit for that start; NEVER where there is none, or it is past."""
        return self.verdict.commit_by

    @cached_property
    def each(self) -> tuple[Gate, ...]:
        """All of them, in their order."""
        return tuple(self._gate(name) for name in GATES)

    @property
    def open(self) -> tuple[Gate, ...]:
        """Those that are not met."""
        return tuple(gate for gate in self.each if not gate.met)

    @property
    def blocking(self) -> tuple[Gate, ...]:
        """Those that hold up the commit as things stand."""
        return tuple(gate for gate in self.each if gate.blocks)

    @property
    def earliest_commit(self) -> int:
        """The commit as things stand: the advised one, or where late gates move it; NEVER where a gate has no date."""
        if self.commit == NEVER or any(gate.due == NEVER for gate in self.blocking):
            return NEVER
        return self.commit if self.moved_schedule is None else int(self.moved_schedule.ready[0])

    @cached_property
    def moved_schedule(self) -> Schedule | None:
        """The advised project with the gate that moves its commit most met on its own date; None where none is late."""
        late = [gate for gate in self.each if not gate.met and gate.late]
        plans = [self._shift(gate)(gate.late) for gate in late]
        return max(plans, key=lambda plan: int(plan.ready[0]), default=None)

    @cached_property
    def slip_costs(self) -> MonthsDelay | None:
        """What that comes to; None where nothing slips."""
        return None if self.moved_schedule is None else self._compare(self.planned_schedule, self.moved_schedule)

    def commit_later(self, days: int) -> MonthsDelay | None:
        """What it comes to if the commit is so many days later than advised; None where there is none to come."""
        known = self.outlook is not None and self.commit < NEVER
        return self._delay(self._committed_later, days) if known else None

    def _gate(self, name: str) -> Gate:
        state, basis = self._judgement(name)
        due = self.clock.day_of(state) if isinstance(state, date) else NEVER
        met = state == YES or (isinstance(state, date) and state <= self.as_of)
        asked = self.outlook is not None and self.commit < NEVER
        by, begin_by = (self._by(name), self._begin_by(name)) if asked else (NEVER, NEVER)
        return Gate(name, state, basis, met, by, begin_by, NEVER if met else due)

    def _judgement(self, name: str) -> Judged:
        stated = getattr(self.programme.gates, name)
        if stated is not None:
            return stated, "stated"
        return JUDGES_OF_PROJECT[name](self) if name in JUDGES_OF_PROJECT else self.known.judgements[name]

    @property
    def sensitive_labels(self) -> bool:
        """Whether sensitive data are labelled."""
        return self.programme.data.sensitivity != "none" and self.verdict.label_by < NEVER

    def _by(self, name: str) -> int:
        """Examples made of data that are not cleared are not usable, so clearance is due when labelling begins."""
        return self.verdict.label_by if name == "clearance" and self.sensitive_labels else self.commit

    def _begin_by(self, name: str) -> int:
        if name == "labelled_data":
            return self.verdict.label_by
        return self.verdict.hire_by if name == "skills" else NEVER

    # What a delay costs ----------------------------------------------------------------------------------------------

    @cached_property
    def delays(self) -> dict[str, MonthsDelay | None]:
        """What a month's delay of each gate comes to: the same day of the next month; None where it is met already, or
        no commit is to come. Those that move the same thing by as much are found once."""
        found: dict[tuple[Shift, int], MonthsDelay] = {}
        told: dict[str, MonthsDelay | None] = {}
        for gate in self.each:
            told[gate.name] = None
            if not gate.met and gate.by < NEVER:
                first = self.clock.date_of(gate.asked_by)
                key = self._shift(gate), (add_months(first, 1) - first).days
                found[key] = told[gate.name] = found.get(key) or self._delay(*key)
        return told

    def _shift(self, gate: Gate) -> Shift:
        """What is later where a gate is met later: recruiting, labelling, or else the commit."""
        if gate.name == "skills" and gate.begin_by < NEVER:
            return self._hired_later
        if gate.begin_by < NEVER or (gate.name == "clearance" and self.sensitive_labels):
            return self._labelled_later
        return self._committed_later

    def _delay(self, shift: Shift, length: int) -> MonthsDelay:
        return self._compare(shift(0), shift(length))

    def _compare(self, before: Schedule, after: Schedule) -> MonthsDelay:
        """What one schedule of the advised project comes to more than another."""
        assert self.outlook is not None
        each = [self.outlook.starts.weighed_cost_of(plan) for plan in (before, after)]
        return MonthsDelay.of(before, after, float(each[1][0] - each[0][0]))

    @cached_property
    def planned_schedule(self) -> Schedule:
        """The advised project as it is planned."""
        return self._schedule()

    def _schedule(self, **changes: Any) -> Schedule:
        """The advised project with other fields."""
        assert self.outlook is not None
        prospect, start = self.outlook.prospect, np.array([self.start])
        if not changes:
            return prospect.planner.schedule(start)
        spec = prospect.spec.model_copy(update={"project": self.project.model_copy(update=changes)})
        return planner(prospect.name, spec, prospect.setting).schedule(start)

    def _labelled_later(self, length: int) -> Schedule:
        first = self.clock.date_of(self.verdict.label_by) + timedelta(days=length)
        return self._schedule(labelling=first) if length else self.planned_schedule

    def _hired_later(self, length: int) -> Schedule:
        first = self.clock.date_of(self.verdict.hire_by) + timedelta(days=length)
        return self._schedule(hiring=first) if length else self.planned_schedule

    def _committed_later(self, length: int) -> Schedule:
        """Prepared as advised, and first trained so many days later; until then only found people are paid."""
        planned = self.planned_schedule
        ready: Ints = later(planned.ready, length)
        tail: dict[str, Any] = {name: later(getattr(planned, name), length) for name in AFTER_TRAINING}
        waits = self.project.staffing == "just-in-time"
        return replace(planned, ready=ready, committed=waits, **tail)


def known_programme(scenario: Scenario, log: ProgrammeLog | None = None) -> KnownProgramme | None:
    """What is known of a scenario's programme; None where it states none.

    Args:
        scenario: with its programme.
        log: taken in place of the programme's own log files.

    Raises:
        ScenarioError: where a log file has changed since the scenario was read, and has faults now.
    """
    if scenario.programme is None:
        return None
    if log is None:
        log = read_logs(scenario.programme.log) if scenario.programme.log else NOTHING_LOGGED
    return KnownProgramme(scenario.programme, log, max(scenario.start, log.last_day or scenario.start))


def programme_gates(known: KnownProgramme | None, verdict: Verdict, clock: Horizon) -> ProgrammeGates | None:
    """The gates of a programme for what a verdict advises; None where none is known."""
    return None if known is None else ProgrammeGates(known, verdict, clock)


def tell_slips(starts: StartDates, each: Sequence[ProgrammeGates | None]) -> None:
    """Find at once what it costs in many worlds that late gates move the commit.

    Args:
        starts: the advised candidate in all of the worlds.
        each: the gates of each world in which it is advised; None for the others.
    """
    told = {place: (gates, gates.moved_schedule) for place, gates in enumerate(each) if gates is not None}
    late = {place: (gates, moved) for place, (gates, moved) in told.items() if moved is not None}
    before = _costs_of(starts, {place: gates.planned_schedule for place, (gates, _) in late.items()}, len(each))
    after = _costs_of(starts, {place: moved for place, (_, moved) in late.items()}, len(each))
    for place, (gates, moved) in late.items():
        slip = MonthsDelay.of(gates.planned_schedule, moved, after[place] - before[place])
        gates.__dict__["slip_costs"] = slip


def _costs_of(starts: StartDates, plans: Mapping[int, Schedule], count: int) -> dict[int, float]:
    """Weighed dollars of one schedule in each of some of many worlds, by their places."""
    found: dict[int, float] = {}
    for committed in {plan.committed for plan in plans.values()}:
        those = {place: plan for place, plan in plans.items() if plan.committed is committed}
        costs = np.broadcast_to(starts.weighed_cost_of(schedule_of_worlds(those, count)), (count, 1))
        found |= {place: float(costs[place, 0]) for place in those}
    return found


# What a gate is judged from ------------------------------------------------------------------------------------------


def _fit(known: KnownProgramme) -> Judged:
    proof = known.programme.usage
    proven, stay = proof.months >= proof.months_needed, proof.churn_per_month <= proof.churn_at_most
    if not proof.months:
        return NO, "no usage is proven"
    churn = f"{percent(proof.churn_per_month)} of the users leave a month"
    wanted = f"{proof.months:g} months of usage, {churn}"
    if proven and stay:
        return YES, wanted
    return NO, f"{wanted}; wanted: {proof.months_needed:g} months, at most {percent(proof.churn_at_most)}"


def _experiments(known: KnownProgramme) -> Judged:
    done, wanted = len(known.log.experiments), known.programme.prototype.experiments_wanted
    if done >= wanted:
        return YES, f"{count(done)} experiments"
    ends = box_end(known.programme, known.log)
    if ends is not None and ends <= known.as_of:
        return YES, f"{count(done)} experiments, and the time box was over on {day(ends)}"
    speed = experiments_per_month(known.programme, known.log, known.as_of)
    through = known.as_of + timedelta(days=ceil((wanted - done) / speed * MONTH_DAYS)) if speed else None
    dates = [each for each in (ends, through) if each is not None]
    if not dates:
        return NO, f"{count(done)} of {count(wanted)} experiments"
    then = "then the rest are done, or the time box is over"
    return min(dates), f"{count(done)} of {count(wanted)} experiments; {then}"


def _evaluation(known: KnownProgramme) -> Judged:
    kept, seen = known.programme.data.evaluation_examples, known.log.categorised_share
    if kept and seen:
        return YES, f"{count(kept)} examples for evaluation, {percent(seen)} of the errors in categories"
    missing = [each for each, there in (("no evaluation examples", kept), ("no error categories", seen)) if not there]
    return NO, join_names(missing)


def _labels(gates: ProgrammeGates) -> Judged:
    needed, stated = num(gates.project.examples), gates.programme.data.labels
    have = num(gates.project.examples_in_hand) if stated is None else float(stated)
    if not needed:
        return YES, "training needs no labels"
    return (YES if have >= needed else NO), f"{count(have)} of {count(needed)} usable labelled examples"


def _skills(gates: ProgrammeGates) -> Judged:
    project = gates.project
    if project.to_hire:
        return NO, f"{project.to_hire:g} of {project.engineers:g} engineers to hire"
    if num(project.upskilling_weeks):
        return NO, f"{num(project.upskilling_weeks):.2g} weeks of learning to come"
    return YES, "everybody is on board"


def _clearance(known: KnownProgramme) -> Judged:
    data = known.programme.data
    if data.sensitivity == "none":
        return YES, "the data are not sensitive"
    said = {
        "not-needed": "no consent is needed",
        "given": "consent is given",
        "asked": "consent is asked for",
        "missing": "consent is missing",
    }
    cleared = data.consent in ("not-needed", "given")
    return (YES if cleared else NO), f"{data.sensitivity} data, {said[data.consent]}"


JUDGES: dict[str, Callable[[KnownProgramme], Judged]] = {
    "product_market_fit": _fit,
    "twenty_experiments": _experiments,
    "evaluation_set": _evaluation,
    "clearance": _clearance,
}
JUDGES_OF_PROJECT: dict[str, Callable[[ProgrammeGates], Judged]] = {"labelled_data": _labels, "skills": _skills}


def layer_since(programme: Programme, log: ProgrammeLog) -> date | None:
    """Since when the present layer is worked on; None where nobody has said."""
    return programme.layer_since or (log.decisions[-1].date if log.decisions else None)


def box_end(programme: Programme, log: ProgrammeLog) -> date | None:
    """The day on which the layer's month is over; None where it has not begun."""
    since = layer_since(programme, log)
    return None if since is None else add_months(since, BOX_MONTHS)


def experiments_per_month(programme: Programme, log: ProgrammeLog, as_of: date) -> float:
    """Experiments a month: as stated, else those of the last 91 days (or since the first), 0 without any."""
    if programme.prototype.experiments_per_month is not None:
        return programme.prototype.experiments_per_month
    if not log.experiments:
        return 0.0
    first = max(log.experiments[0].date, as_of - timedelta(days=VELOCITY_DAYS - 1))
    days = max((as_of - first).days + 1, 7)
    return sum(each.date >= first for each in log.experiments) / days * MONTH_DAYS
