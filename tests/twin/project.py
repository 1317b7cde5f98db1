"""The days and the money of a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from switchpoint.scenario.quantity import num
from switchpoint.scenario.schema import Project
from tests.twin.clock import DAILY, Clock, whole_days
from tests.twin.usage import Demand


@dataclass
class Plan:
    """What happens on which day, and what the project spends by the day. None: never, or beyond what can be said."""

    start: int | None = None
    first_training: int | None = None
    trainings: list[int] = field(default_factory=list)
    given_up: int | None = None
    hardening: int | None = None
    shadow: int | None = None
    ramp: int | None = None
    cutover: int | None = None
    spend: dict[int, float] = field(default_factory=dict)

    def pay(self, day: int, usd: float) -> None:
        self.spend[day] = self.spend.get(day, 0.0) + usd


def begin(when: str | date, start: int | None, clock: Clock) -> int | None:
    """The day on which labelling or recruiting begins."""
    if when == "with-project":
        return start
    if when == "from-start":
        return 0
    return clock.day(when)


def labels(project: Project, demand: Demand, clock: Clock, first: int) -> tuple[list[float], bool]:
    """Examples labelled on each day from `first` on, and whether the count is reached before the horizon ends."""
    missing = num(project.examples) - num(project.examples_in_hand)
    counts: list[float] = []
    day = first
    while missing > 1e-9 and day < clock.days:
        count = project.usable_share * demand.requests[max(day, 0)]
        if project.labels_per_day is not None:
            count = min(count, num(project.labels_per_day))
        if count >= missing * (1 - 1e-9):
            count = missing
        missing -= count
        counts.append(count)
        day += 1
    return counts, missing <= 1e-9


def to_label(project: Project) -> bool:
    return num(project.examples) > num(project.examples_in_hand) and not project.iterations_done


def passing_iteration(project: Project) -> int | None:
    """The first iteration at which the odds of having passed reach one half; None: given up before."""
    failed = 1.0
    for iteration in range(project.iterations_done + 1, project.max_iterations + 1):
        entry = iteration - 1 if project.diagnosed_share >= 0.5 else 0
        failed *= 1 - project.pass_probability[min(entry, len(project.pass_probability) - 1)]
        if failed <= 0.5 + 1e-12:
            return iteration
    return None


def plan(project: Project, demand: Demand, clock: Clock, start: int | None) -> Plan:
    """The project started on a day (a project under way: on its own, whatever `start` says)."""
    if project.started is not None:
        start = clock.day(project.started)
    it = Plan(start=start)
    labelled = _label(it, project, demand, clock)
    if start is None:
        return it
    it.pay(start, num(project.usd_one_off))
    joined = _hired(project, start, clock)
    if project.iterations_done:
        joined = 0
        ready = whole_days(num(project.intervention_days))
    elif labelled is None:
        ready = None
    else:
        ready = max(start, joined, start + whole_days(7 * num(project.upskilling_weeks)), labelled)
    if ready is not None:
        _train(it, project, ready)
    _engineers(it, project, clock, joined)
    return it


def _label(it: Plan, project: Project, demand: Demand, clock: Clock) -> int | None:
    """Pay for labelling; the first day on which training may start as far as it is concerned, None if it never ends."""
    if not to_label(project):
        return -(10**6)
    first = begin(project.labelling, it.start, clock)
    if first is None:
        return None
    counts, complete = labels(project, demand, clock, first)
    for day, count in enumerate(counts, start=first):
        it.pay(day, count * num(project.usd_per_example))
    return first + len(counts) if complete else None


def _hired(project: Project, start: int, clock: Clock) -> int:
    """The day on which the missing engineers join."""
    if project.to_hire <= 0:
        return start
    recruiting = begin(project.hiring, start, clock)
    return max(start, recruiting + whole_days(7 * num(project.hiring_weeks)))


def _train(it: Plan, project: Project, ready: int) -> None:
    it.first_training = day = ready
    passing = passing_iteration(project)
    for iteration in range(project.iterations_done + 1, project.max_iterations + 1):
        it.trainings.append(day)
        it.pay(day, num(project.usd_per_iteration))
        day += whole_days(num(project.training_days)) + whole_days(num(project.evaluation_days))
        if iteration == passing:
            break
        if iteration < project.max_iterations:
            day += whole_days(num(project.intervention_days))
    if passing is None:
        it.given_up = day
        return
    it.hardening = day
    it.pay(day, num(project.usd_hardening))
    it.shadow = it.hardening + whole_days(num(project.hardening_days))
    it.ramp = it.shadow + whole_days(num(project.shadow_days))
    it.cutover = it.ramp + whole_days(num(project.ramp_days))


def _engineers(it: Plan, project: Project, clock: Clock, joined: int) -> None:
    """In-house ones from the project's start, hired ones from the day they join, all until cutover or giving up."""
    until = clock.days
    if it.cutover is not None:
        until = it.cutover
    if it.given_up is not None:
        until = it.given_up
    a_day = num(project.usd_per_engineer_month) * DAILY
    for day in range(max(it.start, 0), min(until, clock.days)):
        people = project.engineers - project.to_hire
        if day >= joined:
            people += project.to_hire
        it.pay(day, people * a_day)
