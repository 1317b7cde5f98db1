"""Following starts: what becomes of a candidate in each draw when its project starts on a given day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from switchpoint.clock import NEVER, Bools, Floats, Ints
from switchpoint.decision.course import Course
from switchpoint.decision.outlook import Outlook
from switchpoint.engine import Case
from switchpoint.study.draws.columns import Row, stacked
from switchpoint.timeline.path import travel


@dataclass(frozen=True)
class Followed:
    """One candidate in each draw for each of some starts; arrays of shape (draws, starts)."""

    start: Ints
    cutover: Ints
    break_even: Ints
    saving: Floats
    """Net present value, dollars."""
    remedy: Bools
    one_off: Floats


def follow(case: Case, starts: Mapping[str, Sequence[int]]) -> Row:
    """What becomes of some candidates of one world, by name and by the fields of `Followed`."""
    return {name: _candidate(case.outlook(name), days) for name, days in starts.items()}


def gathered(rows: Sequence[Row]) -> dict[str, Followed]:
    """The columns of some draws from what `follow` says of each."""
    return {name: Followed(**columns) for name, columns in stacked(rows).items()}


def _candidate(outlook: Outlook, starts: Sequence[int]) -> Row:
    prospect, limit = outlook.prospect, outlook.clock.days
    days, place = np.unique(np.array(starts, dtype=np.int64), return_inverse=True)
    path = travel(prospect, days)
    courses = [Course(prospect, path, row, outlook.starts.stay) for row in range(len(days))]
    columns = {
        "start": days,
        "cutover": np.array([_within(course.cutover, limit) for course in courses]),
        "break_even": np.array([_within(course.break_even.day, limit) for course in courses]),
        "saving": np.array([course.saving(outlook.starts.discount) for course in courses]),
        "remedy": np.array([outlook.possible and outlook.running.is_remedy(course.cutover) for course in courses]),
        "one_off": np.array([course.one_off for course in courses]),
    }
    return {name: column[place] for name, column in columns.items()}


def _within(day: int, days: int) -> int:
    return day if day < days else NEVER
