"""The course of one candidate: its project started on one day, followed to the end of the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from switchpoint.clock import NEVER, Floats, Ints, first_day, per_day, per_start
from switchpoint.finance import BreakEven, break_even, internal_rate, peak_cash
from switchpoint.timeline.ledger import PROJECT, Component, Ledger
from switchpoint.timeline.path import Path, begun_days
from switchpoint.timeline.prospect import Prospect


@dataclass(frozen=True)
class Course:
    """One row of a travelled path. Days are day numbers, NEVER for none."""

    prospect: Prospect
    path: Path
    row: int
    stay: Floats
    """Dollars a day of staying, shape (days,)."""

    def milestone(self, name: str) -> int:
        """Day of a milestone of the project."""
        return int(getattr(self.path.schedule, name)[self.row])

    @cached_property
    def start(self) -> int:
        """First day of the project; of one prepared first, that of its first spending, NEVER if not committed."""
        return int(started_days(self.path)[self.row])

    @property
    def cutover(self) -> int:
        """First day on which the candidate carries its whole share."""
        return self.milestone("cutover")

    @cached_property
    def ledger(self) -> Ledger:
        """Dollars a day."""
        return self.path.ledger.row(self.row)

    @property
    def total(self) -> float:
        """Undiscounted dollars of the switch path."""
        return float(self.ledger.total.sum())

    def saving(self, discount: Floats) -> float:
        """Net present value of what it saves against staying, dollars."""
        return float((self.stay - self.ledger.total) @ discount)

    @cached_property
    def break_even(self) -> BreakEven:
        """When savings have paid for the project."""
        if self.start >= NEVER:
            return BreakEven()
        begun = min(self.start, int(begun_days(self.path.schedule)[self.row]))
        return break_even(self.ledger.flow, self.ledger.capital, self.stay, self.start, begun)

    @cached_property
    def peak_cash(self) -> tuple[float, int]:
        """The most by which it is behind staying at the end of a day, dollars, and that day; NEVER with 0."""
        return peak_cash(self.ledger.flow, self.ledger.capital, self.stay)

    @cached_property
    def internal_rate(self) -> tuple[float | None, str]:
        """The yearly rate of return, or None and why there is none."""
        return internal_rate(self.stay - self.ledger.total, self.stay)

    @property
    def end_credit(self) -> float:
        """What bought GPUs are worth on the last day, undiscounted dollars."""
        return float(self.ledger.end_credit)

    @property
    def one_off(self) -> float:
        """What the project spends until cutover, capital up to and on that day included, dollars."""
        return float(one_off_usd(self.prospect, self.path)[self.row])


def started_days(path: Path) -> Ints:
    """First day of each project; of one prepared first, that of its first spending, NEVER if not committed; shape
    (…, starts)."""
    schedule = path.schedule
    if not schedule.committed:
        return schedule.start
    entries = path.ledger.entries
    spent = sum((entries[part] for part in PROJECT if part in entries), np.zeros(path.answered.shape))
    return np.where(schedule.ready < NEVER, np.minimum(schedule.ready, first_day(spent > 0)), NEVER)


def one_off_usd(prospect: Prospect, path: Path) -> Floats:
    """What projects spend until cutover, capital up to and on that day included, dollars; shape (…, starts)."""
    entries, schedule, days = path.ledger.entries, path.schedule, prospect.setting.clock.days
    spent = np.zeros(path.answered.shape[:-1])
    for component in PROJECT:
        if component in entries and component is not Component.TRAINING:
            spent = spent + entries[component].sum(axis=-1)
    if schedule.trainings:
        due = np.stack(np.broadcast_arrays(*(schedule.ready + offset for offset in schedule.trainings)), axis=-1)
        spent = spent + per_start(prospect.iteration_usd) * ((due >= 0) & (due < days)).sum(axis=-1)
    if Component.CAPITAL in entries:
        until = np.arange(days) <= per_day(schedule.cutover)
        spent = spent + np.where(until, path.ledger.capital, 0.0).sum(axis=-1)
    return spent
