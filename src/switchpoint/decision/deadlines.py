"""By when the steps of a project begin: labelling, recruiting, the first training."""

from __future__ import annotations

from dataclasses import dataclass

from switchpoint.horizon import NEVER
from switchpoint.simulation.schedule import Planner, Schedule


@dataclass(frozen=True)
class Deadlines:
    """Days on which labelling, recruiting and the first training of a project begin; NEVER for none or before day 0."""

    label: int = NEVER
    hire: int = NEVER
    commit: int = NEVER


def deadlines_of(planner: Planner, schedule: Schedule) -> Deadlines:
    """When they begin by the first start of a schedule.

    A project without training, evaluation, shadow or ramp is committed when it starts.
    """
    start, commit = int(schedule.start[0]), int(schedule.ready[0])
    if start >= NEVER:
        return Deadlines()
    if planner.project.iterations_done:
        commit = NEVER
    elif not planner.steps.to_be_live:
        commit = start
    return Deadlines(*(ahead(day) for day in (int(schedule.label[0]), int(schedule.recruit[0]), commit)))


def ahead(day: int) -> int:
    """A day that is not past, else NEVER."""
    return day if day >= 0 else NEVER
