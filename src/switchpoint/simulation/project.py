"""The project as a simulation: people are found, examples labelled, models trained, evaluated and put in charge.

Each step is a SimPy process; engineers, the data set and the training GPUs are SimPy resources. Nothing ticks: a
process sleeps until the day on which something happens.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import simpy

from switchpoint.horizon import NEVER, Days
from switchpoint.scenario.project import Project
from switchpoint.simulation.chance import Chance, RandomSource, Trial
from switchpoint.simulation.schedule import Steps, Tail
from switchpoint.text import weeks

Process: TypeAlias = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Entry:
    """One line of the story: what happened on a day (fractions never occur), and what it was about."""

    day: int
    subject: str
    text: str


AFTER_TRAINING = ("hardening", "shadow", "ramp", "cutover", "finished")


@dataclass(frozen=True)
class FirstDays:
    """When recruiting and labelling begin, when the data set is complete, and how many examples it takes."""

    recruiting: int
    labelling: int
    complete: int
    examples: float


@dataclass
class Site:
    """Where a project happens: its resources, its odds, and the story so far."""

    env: simpy.Environment
    project: Project
    steps: Steps
    trial: Trial
    story: list[Entry] = field(default_factory=list)
    days: dict[str, int] = field(default_factory=dict)
    trainings: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        in_house = self.project.engineers - self.project.to_hire
        self.engineers = simpy.Container(self.env, init=in_house)
        self.examples = simpy.Container(self.env)
        self.trainer = simpy.Resource(self.env)
        self.live = self.env.event()

    @property
    def today(self) -> int:
        """Day number."""
        return int(self.env.now)

    def note(self, subject: str, text: str) -> None:
        """Add a line to the story."""
        self.story.append(Entry(self.today, subject, text))

    def mark(self, milestone: str, text: str) -> None:
        """Remember a milestone and tell of it."""
        self.days[milestone] = self.today
        self.note("project", text)

    def until(self, day: int) -> simpy.Event:
        """The morning of a day; right now where it has passed."""
        return self.env.timeout(max(day - self.today, 0))


def run_project(site: Site, start: int, first: FirstDays, commit: int | None = None) -> Process:
    """The whole project: team and data side by side, then build, harden, shadow, ramp.

    A staged one waits with the first training until the day on which it is committed.
    """
    env, project, steps = site.env, site.project, site.steps
    gathering = gather(site, first)
    yield site.until(start)
    site.mark("start", "the project starts" if commit is None else "preparation begins")
    yield env.timeout(steps.upskilling if not project.iterations_done else 0)
    yield gathering
    if project.iterations_done:
        yield site.until(0)
        yield env.timeout(steps.intervention)
    if commit is not None:
        yield site.until(commit)
        site.note("project", "the project is committed")
    yield from finish(site)


def gather(site: Site, first: FirstDays) -> simpy.Event:
    """Recruiting and labelling side by side; the event that both are done."""
    return site.env.process(recruit(site, first.recruiting)) & site.env.process(label(site, first))


def finish(site: Site) -> Process:
    """With team and data in hand: build, then go live or give up."""
    yield from build(site)
    if "passed" in site.days:
        yield from go_live(site)
    else:
        site.mark("finished", "given up: no iteration passed its evaluation")


def recruit(site: Site, begin: int) -> Process:
    """Find the missing engineers; they join on the day on which they are found."""
    missing = site.project.to_hire
    if not missing or site.project.iterations_done:
        return
    yield site.until(begin)
    yield site.env.timeout(site.steps.hiring)
    yield site.engineers.put(missing)
    site.note("team", "the hired engineer joins" if missing == 1 else f"{missing:g} hired engineers join")


def label(site: Site, first: FirstDays) -> Process:
    """Label examples from production traffic until the data set is complete; a flow, so one event is enough."""
    if not first.examples or site.project.iterations_done:
        return
    yield site.until(first.labelling)
    site.note("data", f"labelling begins: {first.examples:,.0f} examples")
    yield site.until(first.complete + 1)
    yield site.examples.put(first.examples)
    site.note("data", "the data set is complete")


def build(site: Site) -> Process:
    """Train and evaluate until an iteration passes; between two, diagnose and change something."""
    project, steps = site.project, site.steps
    if site.engineers.level:
        yield site.engineers.get(site.engineers.level)
    for iteration in range(project.iterations_done + 1, project.max_iterations + 1):
        with site.trainer.request() as gpus:
            yield gpus
            site.trainings.append(site.today)
            site.note("training", f"iteration {iteration} trains")
            yield site.env.timeout(steps.training)
        yield site.env.timeout(steps.evaluation)
        if site.trial.passes():
            site.days["passed"] = site.today
            site.note("evaluation", f"iteration {iteration} passes")
            return
        site.note("evaluation", f"iteration {iteration} fails")
        if iteration < project.max_iterations:
            site.trial.intervene()
            yield site.env.timeout(steps.intervention)


def go_live(site: Site) -> Process:
    """Harden, shadow, ramp, cut over."""
    env, steps = site.env, site.steps
    site.mark("hardening", "hardening begins")
    yield env.timeout(steps.hardening)
    site.mark("shadow", "shadow begins: both routes are paid")
    yield env.timeout(steps.shadow)
    site.mark("ramp", "traffic begins to move")
    yield env.timeout(steps.ramp)
    site.mark("finished", "the project ends")
    site.mark("cutover", "the candidate carries its whole share")
    site.live.succeed()


def retrain(site: Site, every: list[int]) -> Process:
    """Train anew on fixed days after cutover."""
    yield site.live
    cutover = site.today
    for age in every:
        yield site.until(cutover + age)
        with site.trainer.request() as gpus:
            yield gpus
            site.note("training", "the live model is retrained")
            yield site.env.timeout(site.steps.training)


def break_down(site: Site, spans: Sequence[tuple[int, int]]) -> Process:
    """Incidents, from first day to the day after the last: traffic goes back to the current route for a while."""
    yield site.live
    cutover = site.today
    for begin, over in spans:
        yield site.until(cutover + begin)
        site.note("incident", f"traffic goes back to the current route for {weeks(over - begin)}")


COUNTED = ("training", "evaluation", "intervention", "hardening", "shadow", "ramp")
"""The steps that follow the first training day."""
DIGIT = 20
"""Bits in which the steps of one kind are counted."""
Counts: TypeAlias = tuple[int, ...]
"""How many steps of each kind, in the order of COUNTED, lie between the first training day and an event."""


@dataclass(frozen=True)
class Course:
    """What follows the first training day, whatever the lengths of steps: those before each training and milestone."""

    trainings: tuple[Counts, ...]
    after: dict[str, Counts]


@dataclass
class Foretold:
    """A trial of which it is known when it passes."""

    evaluations: int

    def passes(self) -> bool:
        """Whether it is time."""
        self.evaluations -= 1
        return not self.evaluations

    def intervene(self) -> None:
        """Nothing hangs on it."""


@lru_cache(maxsize=4096)
def tell_course(done: int, most: int, passing: int) -> Course:
    """Run a project with its team and data in hand, once for all whose iterations go alike.

    Its clock counts steps instead of days: each kind of step lasts a power of 2^DIGIT, so that the moment of an event
    says how many of each kind there have been.

    Args:
        done: iterations that have failed before.
        most: iterations after which it is given up.
        passing: the iteration that passes; NEVER where none does.
    """
    project = Project.model_construct(iterations_done=done, max_iterations=most)
    lengths = {name: 1 << DIGIT * place for place, name in enumerate(COUNTED)}
    site = Site(simpy.Environment(), project, Steps(hiring=0, upskilling=0, **lengths), Foretold(passing - done))
    site.env.process(finish(site))
    site.env.run()
    after = {name: _counts(site.days[name]) for name in AFTER_TRAINING if name in site.days}
    return Course(tuple(map(_counts, site.trainings)), after)


def _counts(moment: int) -> Counts:
    return tuple(moment >> DIGIT * place & (1 << DIGIT) - 1 for place in range(len(COUNTED)))


def rehearse(project: Project, chance: Chance) -> Tail:
    """What follows the first training day of a project, in one world or in many."""
    steps, passing = Steps.of(project), chance.of(RandomSource.TRIAL).passing(project)
    kinds, which = np.unique(passing, return_inverse=True)
    which = which.reshape(np.shape(passing))
    courses = [tell_course(project.iterations_done, project.max_iterations, kind) for kind in kinds.tolist()]
    lengths = np.stack(np.broadcast_arrays(*(getattr(steps, name) for name in COUNTED)), axis=-1)

    def days(told: Sequence[Counts | None]) -> Days:
        """Offset of an event that each kind of course tells of, or does not."""
        counts = np.array([each or (0,) * len(COUNTED) for each in told])
        reached = np.array([each is not None for each in told])
        offset = np.where(reached[which], (counts[which] * lengths).sum(axis=-1), NEVER)
        return offset if offset.ndim else int(offset)

    trained = [[*course.trainings, *[None] * project.max_iterations] for course in courses]
    trainings = range(max(len(course.trainings) for course in courses))
    after = {name: days([course.after.get(name) for course in courses]) for name in AFTER_TRAINING}
    return Tail(tuple(days([each[n] for each in trained]) for n in trainings), **after)
