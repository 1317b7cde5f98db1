"""The schedule of a project: when its team and data are there, and what follows from then on.

What follows training's first day takes the same time whenever the project starts; what comes before it depends on the
start through hiring and labelling. So one simulated project tells the schedule of every other start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from switchpoint.finance import SAME
from switchpoint.horizon import (
    LONGEST_MONTHS,
    MONTH_DAYS,
    NEVER,
    STAY,
    Amount,
    Bools,
    Days,
    Floats,
    Horizon,
    Ints,
    on_days,
    per_day,
    per_start,
)
from switchpoint.scenario.project import Begin, Project
from switchpoint.scenario.uncertain import Quantity, amount


def whole_days(quantity: Quantity, days: int = 1) -> Days:
    """A length in whole days, fractions rounded up; `days` per unit of the quantity.

    >>> whole_days(1.5, 7)
    11
    """
    length = np.ceil(per_start(amount(quantity)) * days - SAME)
    return length.astype(np.int64) if np.ndim(length) else int(length)


@dataclass(frozen=True)
class Steps:
    """Lengths of a project's steps in whole days."""

    hiring: Days
    upskilling: Days
    training: Days
    evaluation: Days
    intervention: Days
    hardening: Days
    shadow: Days
    ramp: Days

    @classmethod
    def of(cls, project: Project) -> Steps:
        """The steps of a scenario's project; nobody to hire, no hiring."""
        return cls(
            hiring=whole_days(project.hiring_weeks, 7) if project.to_hire else 0,
            upskilling=whole_days(project.upskilling_weeks, 7),
            training=whole_days(project.training_days),
            evaluation=whole_days(project.evaluation_days),
            intervention=whole_days(project.intervention_days),
            hardening=whole_days(project.hardening_days),
            shadow=whole_days(project.shadow_days),
            ramp=whole_days(project.ramp_days),
        )

    @property
    def to_be_live(self) -> bool:
        """Whether anything lies between the commitment and cutover: training, evaluation, shadow or ramp."""
        return any(np.any(step) for step in (self.training, self.evaluation, self.shadow, self.ramp))


def own_day(begin: Begin, start: Ints, clock: Horizon, early: bool = False) -> Ints | None:
    """First day of labelling or recruiting that begins by itself; None where it comes with the project.

    It comes whether the project starts or not, but not where nothing of it is ever begun. `early` moves it forward to
    the start where it would come later.
    """
    if begin == "with-project":
        return None
    if begin == "from-start":
        day = np.minimum(start, 0)
    else:
        assert isinstance(begin, date)
        day = np.full_like(start, max(clock.day_of(begin), 0))
    own = np.where(start >= STAY, NEVER, day)
    return np.minimum(own, start) if early else own


@dataclass(frozen=True)
class Labelling:
    """The data set: how many examples can be labelled each day, and when it is complete.

    Args:
        project: the scenario's project.
        requests: requests a day, shape (days,) or (worlds, 1, days); before day 0 those of day 0.
    """

    project: Project
    requests: Floats

    @cached_property
    def needed_examples(self) -> Amount:
        """Examples still to be labelled."""
        examples = amount(self.project.examples) - amount(self.project.examples_in_hand)
        return np.maximum(examples, 0.0) if isinstance(examples, np.ndarray) else max(examples, 0.0)

    @cached_property
    def sums(self) -> Floats:
        """Examples that could be labelled before each day, shape (days + 1,) or (worlds, 1, days + 1).

        Of a day: min(labels_per_day, usable_share x requests).
        """
        rate = self.project.usable_share * self.requests
        if self.project.labels_per_day is not None:
            rate = np.minimum(rate, amount(self.project.labels_per_day))
        return np.concatenate((np.zeros((*rate.shape[:-1], 1)), np.cumsum(rate, axis=-1)), axis=-1)

    def before(self, day: Ints) -> Floats:
        """`sums` at any day, at day 0's rate before the start."""
        inside = np.minimum(np.maximum(day, 0), self.days)
        made: Floats = on_days(self.sums, inside) + np.minimum(day, 0) * self.sums[..., 1]
        return made

    @property
    def days(self) -> int:
        """Days of the horizon."""
        return int(self.requests.shape[-1])

    def complete(self, begin: Ints) -> Ints:
        """First day on which the data set that was begun on `begin` is complete; NEVER beyond the horizon."""
        needed = per_start(self.needed_examples)
        if not np.any(needed):
            return begin
        goal = self.before(begin) + needed * (1 - SAME)
        day = _places(self.sums, goal, "left") - 1
        day = np.where(day >= self.days, NEVER, day)
        first = self.sums[..., 1]
        if begin.size and begin.min() < 0 and np.any(first > 0):
            at_once = np.ceil(goal / np.where(first > 0, first, 1.0)).astype(np.int64) - 1
            day = np.where((goal <= 0) & (first > 0), at_once, day)
        return np.where(begin >= NEVER, NEVER, day if np.all(needed) else np.where(needed > 0, day, begin))

    def can_be_complete(self, begin: Ints) -> Bools:
        """Whether the longest horizon there is could see the data set complete that was begun on `begin`: after the
        days of this one examples come in as on its last day."""
        made = self.sums[..., -1] - self.before(begin)
        later = max(LONGEST_MONTHS * MONTH_DAYS - self.days, 0.0) * (self.sums[..., -1] - self.sums[..., -2])
        enough: Bools = made + later >= per_start(self.needed_examples) * (1 - SAME)
        return enough

    def daily(self, begin: Ints) -> Floats:
        """Examples labelled each day from `begin` on, shape (*begin, days)."""
        done = np.minimum(self.sums - per_day(self.before(begin)), self.needed_examples)
        done = np.where(np.arange(self.days + 1) >= per_day(np.maximum(begin, 0)), done, 0.0)
        at_zero = np.minimum(-np.minimum(begin, 0) * self.sums[..., 1], per_start(self.needed_examples))
        daily: Floats = np.diff(np.maximum(done, per_day(at_zero)), axis=-1)
        return daily


def _places(sums: Floats, goal: Floats, side: Any) -> Ints:
    """Where goals lie in sums that do not fall, as `np.searchsorted` says it; in each of many worlds among its own."""
    if sums.ndim == 1:
        return np.asarray(np.searchsorted(sums, goal, side=side))
    wanted = np.broadcast_to(goal, (len(sums), *goal.shape[1:]))
    return np.array([own.searchsorted(each, side) for own, each in zip(sums[:, 0], wanted, strict=True)])


@dataclass(frozen=True)
class Schedule:
    """The days of a project for several starts; arrays of shape (starts,) or (worlds, starts), NEVER where not reached.

    `complete` is the day with which the data are complete, `recruit` the first day of recruiting, `joined` when hired
    engineers are found, `prepared` the first day on which data, people and skills are there, `ready` the first training
    day, `finished` the day after the last one that is paid as project: cutover, or the end of an abandoned project.
    `trainings` are offsets from `ready`.
    """

    start: Ints
    label: Ints
    complete: Ints
    recruit: Ints
    joined: Ints
    prepared: Ints
    ready: Ints
    hardening: Ints
    shadow: Ints
    ramp: Ints
    cutover: Ints
    finished: Ints
    trainings: tuple[Days, ...]
    committed: bool = False
    """Prepared first, and started, that is trained first, only on a commitment."""

    def column(self, name: str) -> Ints:
        """One milestone as shape (…, starts, 1)."""
        days: Ints = getattr(self, name)[..., None]
        return days

    def part(self, starts: slice | Bools) -> Schedule:
        """The schedule of some of the starts."""
        days = {name: getattr(self, name)[..., starts] for name in MILESTONES}
        return replace(self, **days)

    @property
    def is_same_throughout(self) -> bool:
        """Whether all starts are one and the same."""
        return all((days == days[..., :1]).all() for days in (getattr(self, name) for name in MILESTONES))

    @property
    def paid_on(self) -> Ints:
        """Day on which a project's one-off sum is paid: its start, or the commitment to it."""
        return self.ready if self.committed else self.start


MILESTONES = (
    "start",
    "label",
    "complete",
    "recruit",
    "joined",
    "prepared",
    "ready",
    "hardening",
    "shadow",
    "ramp",
    "cutover",
    "finished",
)


def schedule_of_worlds(plans: Mapping[int, Schedule], count: int) -> Schedule:
    """One schedule of many worlds, shape (worlds, 1).

    Args:
        plans: by the places of some of the worlds, each with one start and committed as the others; the worlds left out
            take the first of them.
        count: worlds.
    """
    first = next(iter(plans.values()))
    each = [plans.get(place, first) for place in range(count)]
    days = {name: np.array([getattr(plan, name) for plan in each]) for name in MILESTONES}
    trainings = tuple(np.array(offsets)[:, None] for offsets in zip(*(plan.trainings for plan in each), strict=True))
    return Schedule(**days, trainings=trainings, committed=first.committed)


@dataclass(frozen=True)
class Tail:
    """What follows the first training day, as offsets from it; NEVER for what an abandoned project never reaches."""

    trainings: tuple[Days, ...]
    finished: Days
    hardening: Days = NEVER
    shadow: Days = NEVER
    ramp: Days = NEVER
    cutover: Days = NEVER


AFTER_TRAINING = ("hardening", "shadow", "ramp", "cutover", "finished")


@dataclass(frozen=True)
class Expectation:
    """What is expected of a project before anyone knows: in which order people come and data are complete."""

    labelling: Labelling
    hiring: int
    """Days that recruiting takes."""

    def recruiting(self, project: Project, start: Ints, clock: Horizon, early: bool = False) -> Ints:
        """First day of recruiting just in time, so that people come when the data are complete: the later of the start
        and the day after that less the time that recruiting takes. `early` moves labelling forward to the start."""
        if not np.any(self.labelling.needed_examples):
            return start
        label = own_day(project.labelling, start, clock, early)
        complete = np.maximum(self.labelling.complete(start if label is None else label), start - 1)
        return np.where(complete >= NEVER, start, np.maximum(start, complete + 1 - self.hiring))


@dataclass(frozen=True)
class Planner:
    """The schedule of a project for any start, from one simulated run of it."""

    project: Project
    steps: Steps
    labelling: Labelling
    clock: Horizon
    tail: Tail
    expected: Expectation | None = None
    """By which people are recruited; what comes true where left out."""

    def schedule(self, start: Ints) -> Schedule:
        """Milestones for projects that start on the given days, shape (starts,); NEVER for one that does not start."""
        days = self._preparation_days(start)
        days = {**days, "start": start, "ready": days["prepared"], **self._after(days["prepared"])}
        return Schedule(trainings=self.tail.trainings, committed=False, **days)

    def staged_schedule(self, prepare_from: Ints, commit: Ints) -> Schedule:
        """Milestones of a project that is prepared from some days on and committed, trained first, on others."""
        days = {**self._preparation_days(prepare_from, early=True), "start": prepare_from, "ready": commit}
        return Schedule(trainings=self.tail.trainings, committed=True, **days, **self._after(commit))

    def _after(self, ready: Ints) -> dict[str, Ints]:
        return {name: later(ready, getattr(self.tail, name)) for name in AFTER_TRAINING}

    def _preparation_days(self, start: Ints, early: bool = False) -> dict[str, Ints]:
        """Labelling, recruiting and learning. `early` moves forward what would begin by itself only later."""
        never = np.full_like(start, NEVER)
        if self.project.iterations_done:
            ready = np.zeros_like(start) + self.steps.intervention
            return {"label": never, "complete": never, "recruit": never, "joined": start, "prepared": ready}
        label, complete, there = self._labelling_days(start, early)
        recruit, joined = self._hiring_days(start, early)
        ready = np.maximum(start + self.steps.upskilling, there)
        if self.project.to_hire:
            ready = np.maximum(ready, joined)
        prepared = np.where((start >= NEVER) | (ready >= NEVER), NEVER, ready)
        return {"label": label, "complete": complete, "recruit": recruit, "joined": joined, "prepared": prepared}

    def _labelling_days(self, start: Ints, early: bool) -> tuple[Ints, Ints, Ints]:
        """First day of labelling, the day with which the data are complete, and the first one on which they are there.

        Where nothing is to be labelled they are there when the project starts, and labelling has no days.
        """
        needed = per_start(self.labelling.needed_examples)
        if not np.any(needed):
            return np.full_like(start, NEVER), np.full_like(start, NEVER), start
        own = own_day(self.project.labelling, start, self.clock, early)
        label = start if own is None else own
        complete = self.labelling.complete(label)
        there = np.maximum(later(complete, 1), start)
        if np.all(needed):
            return label, complete, there
        some = needed > 0
        return np.where(some, label, NEVER), np.where(some, complete, NEVER), np.where(some, there, start)

    def _hiring_days(self, start: Ints, early: bool) -> tuple[Ints, Ints]:
        """First day of recruiting, and the day on which people are found."""
        project = self.project
        if not project.to_hire:
            return np.full_like(start, NEVER), start
        own = own_day(project.hiring, start, self.clock, early)
        if own is not None:
            recruit = own
        elif project.staffing == "with-project" and not early:
            recruit = start
        else:
            expected = self.expected or Expectation(self.labelling, self.steps.hiring)
            recruit = expected.recruiting(project, start, self.clock, early)
        return recruit, later(recruit, self.steps.hiring)


Span: TypeAlias = tuple[Any, Ints, Ints]
"""So many people, from a day to the one before another."""


def people_paid(project: Project, steps: Steps, needed: Amount, schedule: Schedule) -> Iterator[Span]:
    """Spans whose people add up, some of them with a minus, to all who are paid by a project on each day.

    Hired engineers are paid from the day they are found. Those in house: with the project, from its start; just in time
    in full while they learn and from the first training on (from the start where nothing is to be labelled and nobody
    to be found), and a share of it on other days on which labelling or recruiting runs.

    Args:
        project: the scenario's project.
        steps: its lengths.
        needed: examples to be labelled.
        schedule: its days.
    """
    here, finished = project.engineers - project.to_hire, schedule.finished
    if project.to_hire:
        yield project.to_hire, schedule.joined, finished
    if not here:
        return
    if paid_throughout(project, schedule):
        yield here, schedule.start, finished
        return
    at_once = np.logical_not(waits_for_any(project, needed)) & (not schedule.committed)
    learnt = later(schedule.start, steps.upskilling)
    whole = np.where(at_once, schedule.start, schedule.ready)
    yield here, whole, finished
    yield here, schedule.start, np.minimum(learnt, whole)
    share = here * project.preparing_share
    labelling = schedule.label, later(schedule.complete, 1)
    recruiting = schedule.recruit, schedule.joined
    learning = schedule.start, learnt
    if not project.to_hire:
        yield from ((share, *labelling), (-share, *overlap(labelling, learning)))
        return
    both = overlap(labelling, recruiting)
    yield from ((share, *labelling), (share, *recruiting), (-share, *both))
    yield from ((-share, *overlap(labelling, learning)), (-share, *overlap(recruiting, learning)))
    yield share, *overlap(both, learning)


def paid_throughout(project: Project, schedule: Schedule) -> bool:
    """Whether in-house engineers cost their whole pay from the project's start on, whatever it waits for."""
    return (project.staffing == "with-project" or project.iterations_done > 0) and not schedule.committed


def waits_for_any(project: Project, needed: Amount) -> Bools:
    """Whether anything is to be labelled or anybody to be found."""
    return np.not_equal(per_start(needed), 0) | (project.to_hire > 0)


def overlap(one: tuple[Ints, Ints], other: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """The days that two spans share; none where the end does not come after the first."""
    return np.maximum(one[0], other[0]), np.minimum(one[1], other[1])


def later(day: Ints, offset: Days) -> Ints:
    """Days so much later; NEVER where either is never."""
    return np.where((day >= NEVER) | np.greater_equal(offset, NEVER), NEVER, day + offset)
