"""The days and the money of a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from switchpoint.scenario.project import Project
from switchpoint.scenario.uncertain import num
from tests.twin.clock import DAILY, Clock, whole_days
from tests.twin.usage import Demand


@dataclass
class Plan:
    """What happens on which day, and what the project spends by the day. None: never, or beyond what can be said."""

    start: int | None = None
    label: int | None = None
    recruit: int | None = None
    found: int | None = None
    ready: int | None = None
    """First day on which data, people and skills are there."""
    first_training: int | None = None
    trainings: list[int] = field(default_factory=list)
    given_up: int | None = None
    hardening: int | None = None
    shadow: int | None = None
    ramp: int | None = None
    cutover: int | None = None
    spend: dict[int, float] = field(default_factory=dict)
    labelling_days: set[int] = field(default_factory=set)
    recruiting_days: set[int] = field(default_factory=set)

    def pay(self, day: int, usd: float) -> None:
        self.spend[day] = self.spend.get(day, 0.0) + usd


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
    """The project started on a day (a project under way: on its own, whatever `start` says); None: it never starts,
    though what begins by itself does."""
    if project.started is not None:
        start = clock.day(project.started)
    it = Plan(start=start)
    _prepare(it, project, demand, clock, start)
    if start is not None:
        it.pay(start, num(project.usd_one_off))
        if it.ready is not None:
            _train(it, project, it.ready)
    _pay_engineers(it, project, clock)
    return it


def staged(project: Project, demand: Demand, clock: Clock, prepare_from: int, commit: int | None) -> Plan:
    """Prepared from one day on and committed, that is trained first, on another; None: never."""
    early = project.model_copy(update={"staffing": "just-in-time"})
    it = Plan(start=prepare_from)
    _prepare(it, early, demand, clock, prepare_from, at_the_latest=prepare_from)
    if commit is not None:
        it.pay(commit, num(project.usd_one_off))
        _train(it, project, commit)
    _pay_staged(it, early, clock, commit)
    return it


def _prepare(
    it: Plan, project: Project, demand: Demand, clock: Clock, start: int | None, at_the_latest: int | None = None
) -> None:
    """Label, recruit and learn; the first day on which all that is done."""
    if project.iterations_done:
        it.ready, it.found = whole_days(num(project.intervention_days)), 0
        return
    complete = _label(it, project, demand, clock, start, at_the_latest)
    _recruit(it, project, clock, start, complete, at_the_latest)
    if start is None or complete is None:
        return
    it.ready = max(start + whole_days(7 * num(project.upskilling_weeks)), complete + 1)
    if project.to_hire > 0:
        it.ready = max(it.ready, it.found)


def _own_day(when: str | date, clock: Clock, start: int | None) -> int | None:
    """The day on which labelling or recruiting begins by itself, None where it comes with the project."""
    if when == "with-project":
        return None
    if when == "from-start":
        return 0 if start is None else min(start, 0)
    return max(clock.day(when), 0)


def _label(
    it: Plan, project: Project, demand: Demand, clock: Clock, start: int | None, at_the_latest: int | None
) -> int | None:
    """Pay for labelling; the day with which the data are complete (start - 1 where nothing is to be labelled or it was
    done before), None if never."""
    if not to_label(project):
        return None if start is None else start - 1
    it.label = _own_day(project.labelling, clock, start)
    if it.label is None:
        it.label = start
    elif at_the_latest is not None:
        it.label = min(it.label, at_the_latest)
    if it.label is None:
        return None
    counts, complete = labels(project, demand, clock, it.label)
    for day, count in enumerate(counts, start=it.label):
        it.pay(day, count * num(project.usd_per_example))
        it.labelling_days.add(day)
    if not complete:
        return None
    last = it.label + len(counts) - 1
    return last if start is None else max(last, start - 1)


def _recruit(
    it: Plan, project: Project, clock: Clock, start: int | None, complete: int | None, at_the_latest: int | None
) -> None:
    """Find the missing engineers, and pay for finding them."""
    if project.to_hire <= 0:
        return
    takes = whole_days(7 * num(project.hiring_weeks))
    it.recruit = _own_day(project.hiring, clock, start)
    if it.recruit is None and start is not None:
        it.recruit = start
        if project.staffing == "just-in-time" and complete is not None:
            it.recruit = max(start, complete + 1 - takes)
    elif at_the_latest is not None and it.recruit is not None:
        it.recruit = min(it.recruit, at_the_latest)
    if it.recruit is None:
        return
    it.found = it.recruit + takes
    it.recruiting_days = set(range(it.recruit, it.found))
    it.pay(it.found, project.to_hire * num(project.usd_per_hire))


def _train(it: Plan, project: Project, first: int) -> None:
    it.first_training = day = first
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


def _last_paid(it: Plan, clock: Clock) -> int:
    """The day after the last one on which the team is paid."""
    until = clock.days if it.cutover is None else it.cutover
    return min(clock.days, until if it.given_up is None else it.given_up)


def _pay_hired(it: Plan, project: Project, clock: Clock) -> None:
    """Hired engineers, from the day they are found."""
    if it.found is None:
        return
    for day in range(max(it.found, 0), _last_paid(it, clock)):
        it.pay(day, project.to_hire * num(project.usd_per_engineer_month) * DAILY)


def _pay_engineers(it: Plan, project: Project, clock: Clock) -> None:
    """In-house engineers by the staffing rule, hired ones from the day they are found."""
    _pay_hired(it, project, clock)
    pay = (project.engineers - project.to_hire) * num(project.usd_per_engineer_month) * DAILY
    learns = whole_days(7 * num(project.upskilling_weeks))
    for day in range(_last_paid(it, clock)):
        it.pay(day, pay * _part_of_pay(it, project, day, learns))


def _part_of_pay(it: Plan, project: Project, day: int, learns: int) -> float:
    """Part of their pay that in-house engineers cost the project on a day before it ends; they learn for some days."""
    begun = it.start is not None and day >= it.start
    if project.staffing == "with-project" or project.iterations_done:
        return 1.0 if begun else 0.0
    if it.first_training is not None and day >= it.first_training:
        return 1.0
    if begun and not to_label(project) and project.to_hire <= 0:
        return 1.0
    return _part_while_preparing(it, project, day, learns)


def _part_while_preparing(it: Plan, project: Project, day: int, learns: int) -> float:
    if it.start is not None and it.start <= day < it.start + learns:
        return 1.0
    if day in it.labelling_days or day in it.recruiting_days:
        return project.preparing_share
    return 0.0


def _pay_staged(it: Plan, project: Project, clock: Clock, commit: int | None) -> None:
    """As just in time until ready, then hired engineers alone until the commit, then the whole team."""
    _pay_hired(it, project, clock)
    learns = whole_days(7 * num(project.upskilling_weeks))
    pay = (project.engineers - project.to_hire) * num(project.usd_per_engineer_month) * DAILY
    for day in range(_last_paid(it, clock)):
        if commit is not None and day >= commit:
            part = 1.0
        elif it.ready is not None and day >= it.ready:
            part = 0.0
        else:
            part = _part_while_preparing(it, project, day, learns)
        it.pay(day, pay * part)
