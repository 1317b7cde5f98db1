"""The schedule of a project: when its team and data are there, and what follows from then on.

What follows training's first day takes the same time whenever the project starts; what comes before it depends on the
start through hiring and labelling. So one simulated project tells the schedule of every other start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from switchpoint.clock import NEVER, Clock, Floats, Ints
from switchpoint.finance import SAME
from switchpoint.scenario.project import Begin, Project
from switchpoint.scenario.quantity import Quantity, num


def whole_days(quantity: Quantity, days: int = 1) -> int:
    """A length in whole days, fractions rounded up; `days` per unit of the quantity.

    >>> whole_days(1.5, 7)
    11
    """
    return math.ceil(num(quantity) * days - SAME)


@dataclass(frozen=True)
class Steps:
    """Lengths of a project's steps in whole days."""

    hiring: int
    upskilling: int
    training: int
    evaluation: int
    intervention: int
    hardening: int
    shadow: int
    ramp: int

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
        requests: requests a day, shape (days,); before day 0 those of day 0.
    """

    project: Project
    requests: Floats

    @cached_property
    def needed(self) -> float:
        """Examples still to be labelled."""
        return max(num(self.project.examples) - num(self.project.examples_in_hand), 0.0)

    @cached_property
    def sums(self) -> Floats:
        """Examples that could be labelled before each day, shape (days + 1,).

        Of a day: min(labels_per_day, usable_share x requests).
        """
        rate = self.project.usable_share * self.requests
        if self.project.labels_per_day is not None:
            rate = np.minimum(rate, num(self.project.labels_per_day))
        return np.concatenate(([0.0], np.cumsum(rate)))

    def before(self, day: Ints) -> Floats:
        """`sums` at any day, at day 0's rate before the start."""
        made: Floats = self.sums[np.minimum(np.maximum(day, 0), self.requests.size)] + np.minimum(day, 0) * self.sums[1]
        return made

    def complete(self, begin: Ints) -> Ints:
        """First day on which the data set that was begun on `begin` is complete; NEVER beyond the horizon."""
        if not self.needed:
            return begin
        goal = self.before(begin) + self.needed * (1 - SAME)
        day = np.searchsorted(self.sums, goal, side="left") - 1
        day = np.where(day >= self.requests.size, NEVER, day)
        if begin.size and begin.min() < 0 and self.sums[1] > 0:
            day = np.where(goal <= 0, np.ceil(goal / self.sums[1]).astype(np.int64) - 1, day)
        return np.where(begin >= NEVER, NEVER, day)

    def daily(self, begin: Ints) -> Floats:
        """Examples labelled each day from `begin` on, shape (*begin, days)."""
        done = np.minimum(self.sums - self.before(begin)[..., None], self.needed)
        done = np.where(np.arange(self.sums.size) >= np.maximum(begin, 0)[..., None], done, 0.0)
        at_zero = np.minimum(-np.minimum(begin, 0) * self.sums[1], self.needed)
        daily: Floats = np.diff(np.maximum(done, at_zero[..., None]), axis=-1)
        return daily


@dataclass(frozen=True)
class Schedule:
    """The days of a project for several starts; arrays of shape (starts,), NEVER where a day is not reached.

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
    trainings: tuple[int, ...]

    def column(self, name: str) -> Ints:
        """One milestone as shape (starts, 1)."""
        days: Ints = getattr(self, name)[:, None]
        return days


@dataclass(frozen=True)
class Tail:
    """What follows the first training day, as offsets from it; None for what an abandoned project never reaches."""

    trainings: tuple[int, ...]
    finished: int
    hardening: int | None = None
    shadow: int | None = None
    ramp: int | None = None
    cutover: int | None = None


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
    def _add(ready: Ints, offset: int | None) -> Ints:
        return np.full_like(ready, NEVER) if offset is None else np.where(ready >= NEVER, NEVER, ready + offset)


def ready_days(
    project: Project, steps: Steps, labelling: Labelling, clock: Clock, start: Ints
) -> tuple[Ints, Ints, Ints]:
    """First day of labelling, day on which hired engineers join, and first training day; shape of `start` each."""
    label = begins(project.labelling, start, clock)
    recruiting = begins(project.hiring, start, clock) if project.to_hire else start
    joined = np.where(start >= NEVER, NEVER, np.maximum(start, recruiting + steps.hiring))
    if project.iterations_done:
        return np.full_like(start, NEVER), start, np.full_like(start, steps.intervention)
    ready = np.maximum(start + steps.upskilling, joined)
    if labelling.needed:
        complete = labelling.complete(label)
        ready = np.maximum(ready, np.where(complete >= NEVER, NEVER, complete + 1))
    return label, joined, np.where(start >= NEVER, NEVER, ready)
