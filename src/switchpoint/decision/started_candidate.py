"""One start of a candidate followed to the end: its days, its dollars, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from switchpoint.finance import NO_RETURN, BreakEven, break_even_moments, peak_cash, rates_of_return
from switchpoint.horizon import NEVER, Days, Floats, Ints, per_day, per_start, start_of, weighed_sum
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.ledger import PROJECT, Component, Ledger
from switchpoint.simulation.switch_costs import SwitchCosts, first_spending


@dataclass(frozen=True)
class StartedCandidate:
    """One row of a travelled path. Days are day numbers, NEVER for none.

    In many worlds it is one row of each, and what is said of it has shape (worlds, 1).
    """

    prospect: SimulatedCandidate
    path: SwitchCosts
    row: Any
    """Of the path; in many worlds shape (worlds, 1)."""
    stay: Floats
    """Dollars a day of staying, shape (…, days)."""

    def milestone(self, name: str) -> int:
        """Day of a milestone of the project."""
        return int(getattr(self.path.schedule, name)[self.row])

    @cached_property
    def start(self) -> Days:
        """First day of the project; of one prepared first, that of its first spending, NEVER if not committed."""
        return _whole(start_of(started_days(self.path), self.row))

    @property
    def cutover(self) -> int:
        """First day on which the candidate carries its whole share."""
        return self.milestone("cutover")

    @cached_property
    def ledger(self) -> Ledger:
        """Dollars a day."""
        return self.path.ledger.row(self.row)

    @cached_property
    def cash(self) -> Ledger:
        """The same, of its components capital alone; all that is needed to add up."""
        return self.path.ledger.cash_of(self.row)

    @cached_property
    def total(self) -> Any:
        """Undiscounted dollars of the switch path."""
        return _number(self.cash.total.sum(axis=-1))

    def saving(self, discount: Floats) -> float:
        """Net present value of what it saves against staying, dollars."""
        return float(weighed_sum(self.stay - self.cash.total, discount))

    @cached_property
    def break_even(self) -> BreakEven:
        """When savings have paid for the project."""
        spent = start_of(first_spending(self.path), self.row)
        return BreakEven(_number(break_even_moments(*self._beside_staying, self.start, spent)))

    @cached_property
    def _beside_staying(self) -> tuple[Floats, Floats, Floats]:
        return beside_staying(self.cash, self.prospect, self.stay)

    @cached_property
    def peak_cash(self) -> tuple[Any, Days]:
        """The most by which it is behind staying at the end of a day, dollars, and that day; NEVER with 0."""
        most, day = peak_cash(*self._beside_staying)
        return _number(most), _whole(day)

    @cached_property
    def rate_of_return(self) -> tuple[Any, Any]:
        """The yearly rate of return, NaN for none, and the place of the reason in `finance.NO_RETURN`."""
        rate, why = rates_of_return(self.stay - self.cash.total, self.stay)
        return _number(rate), _whole(why)

    @property
    def internal_rate(self) -> tuple[float | None, str]:
        """The yearly rate of return, or None and why there is none."""
        rate, why = self.rate_of_return
        return (None if why else rate), NO_RETURN[why]

    @cached_property
    def end_credit(self) -> Any:
        """What bought GPUs are worth on the last day, less what they would be when staying, undiscounted dollars."""
        return _number(self.cash.credits - self.prospect.setting.stay.credits)

    def sold_on(self, day: int) -> float:
        """What the GPUs of the current route fetch on the day on which all are sold, dollars."""
        capital = self.cash.entries.get(Component.CURRENT_CAPITAL)
        return 0.0 if capital is None else abs(float(capital[day]))

    @cached_property
    def one_off(self) -> Any:
        """What the project spends until cutover, capital up to and on that day included, dollars."""
        return _number(start_of(one_off_usd(self.prospect, self.path), self.row))


def _number(value: Any) -> Any:
    """A plain number in one world, an array in many."""
    return value if np.ndim(value) else float(value)


def _whole(value: Any) -> Any:
    """The same of a day."""
    return value if np.ndim(value) else int(value)


def beside_staying(ledger: Ledger, prospect: SimulatedCandidate, stay: Floats) -> tuple[Floats, Floats, Floats]:
    """Flow and capital of a path, and flow of staying, dollars a day, credits of the last day left out.

    What staying pays as capital is taken off that of the path, as both fall at the start of the day.
    """
    staying = prospect.setting.stay
    if not (staying.has_capital or ledger.has_capital):
        return ledger.total, np.zeros(1), stay
    if not staying.has_capital:
        return ledger.flow, ledger.capital, stay
    return ledger.flow, ledger.capital - staying.capital, staying.flow


def started_days(path: SwitchCosts) -> Ints:
    """First day of each project; of one prepared first, that of its first spending, NEVER if not committed; shape
    (…, starts)."""
    schedule = path.schedule
    if not schedule.committed:
        return schedule.start
    return np.where(schedule.ready < NEVER, np.minimum(schedule.ready, first_spending(path)), NEVER)


def one_off_usd(prospect: SimulatedCandidate, path: SwitchCosts) -> Floats:
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
        spent = spent + np.where(until, path.ledger.own_capital, 0.0).sum(axis=-1)
    return spent
