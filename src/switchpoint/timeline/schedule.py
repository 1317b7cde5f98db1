"""The schedule of a project: when its team and data are there, and what follows from then on.

What follows training's first day takes the same time whenever the project starts; what comes before it depends on the
start through hiring and labelling. So one simulated project tells the schedule of every other start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.clock import NEVER, Amount, Clock, Days, Floats, Ints, on_days, per_day, per_start
from switchpoint.finance import SAME
from switchpoint.scenario.project import Begin, Project
from switchpoint.scenario.quantity import Quantity, amount


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


def begins(begin: Begin, start: Ints, clock: Clock) -> Ints:
    """First day of labelling or recruiting for projects that start on `start`; NEVER where it waits for one in vain."""
    if begin == "with-project":
        return start
    if begin == "from-start":
        return np.minimum(start, 0)
    assert isinstance(begin, date)
    return np.full_like(start, max(clock.day_of(begin), 0))


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
    def needed(self) -> Amount:
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
        needed = per_start(self.needed)
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

    def daily(self, begin: Ints) -> Floats:
        """Examples labelled each day from `begin` on, shape (*begin, days)."""
        done = np.minimum(self.sums - per_day(self.before(begin)), self.needed)
        done = np.where(np.arange(self.days + 1) >= per_day(np.maximum(begin, 0)), done, 0.0)
        at_zero = np.minimum(-np.minimum(begin, 0) * self.sums[..., 1], per_start(self.needed))
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

    `joined` is when hired engineers come, `ready` the first training day, `finished` the day after the last one that is
    paid as project: cutover, or the end of an abandoned project. `trainings` are offsets from `ready`.
    """

    start: Ints
    label: Ints
    joined: Ints
    ready: Ints
    hardening: Ints
    shadow: Ints
    ramp: Ints
    cutover: Ints
    finished: Ints
    trainings: tuple[Days, ...]

    def column(self, name: str) -> Ints:
        """One milestone as shape (…, starts, 1)."""
        days: Ints = getattr(self, name)[..., None]
        return days

    def part(self, starts: slice) -> Schedule:
        """The schedule of some of the starts."""
        days = {name: getattr(self, name)[..., starts] for name in MILESTONES}
        return Schedule(**days, trainings=self.trainings)


MILESTONES = ("start", "label", "joined", "ready", "hardening", "shadow", "ramp", "cutover", "finished")


@dataclass(frozen=True)
class Tail:
    """What follows the first training day, as offsets from it; NEVER for what an abandoned project never reaches."""

    trainings: tuple[Days, ...]
    finished: Days
    hardening: Days = NEVER
    shadow: Days = NEVER
    ramp: Days = NEVER
    cutover: Days = NEVER


@dataclass(frozen=True)
class Planner:
    """The schedule of a project for any start, from one simulated run of it."""

    project: Project
    steps: Steps
    labelling: Labelling
    clock: Clock
    tail: Tail

    def schedule(self, start: Ints) -> Schedule:
        """Milestones for projects that start on the given days, shape (starts,); NEVER for one that does not start."""
        label, joined, ready = ready_days(self.project, self.steps, self.labelling, self.clock, start)
        after = {
            name: self._add(ready, getattr(self.tail, name))
            for name in ("hardening", "shadow", "ramp", "cutover", "finished")
        }
        return Schedule(start, label, joined, ready, trainings=self.tail.trainings, **after)

    @staticmethod
    def _add(ready: Ints, offset: Days) -> Ints:
        return np.where((ready >= NEVER) | np.greater_equal(offset, NEVER), NEVER, ready + offset)


def ready_days(
    project: Project, steps: Steps, labelling: Labelling, clock: Clock, start: Ints
) -> tuple[Ints, Ints, Ints]:
    """First day of labelling, day on which hired engineers join, and first training day, for each start."""
    label = begins(project.labelling, start, clock)
    recruiting = begins(project.hiring, start, clock) if project.to_hire else start
    joined = np.where(start >= NEVER, NEVER, np.maximum(start, recruiting + steps.hiring))
    if project.iterations_done:
        return np.full_like(start, NEVER), start, np.zeros_like(start) + steps.intervention
    ready = np.maximum(start + steps.upskilling, joined)
    needed = per_start(labelling.needed)
    if np.any(needed):
        complete = labelling.complete(label)
        there = np.where(complete >= NEVER, NEVER, complete + 1)
        ready = np.maximum(ready, there if np.all(needed) else np.where(needed > 0, there, ready))
    return label, joined, np.where(start >= NEVER, NEVER, ready)
