"""A candidate started on one day, followed to the end; and as if it were live since the first day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from switchpoint.finance import (
    NO_RETURN,
    SAME,
    WINDOW,
    BreakEven,
    break_even_moments,
    peak_cash,
    rates_of_return,
    trailing_mean,
)
from switchpoint.horizon import (
    NEVER,
    Bools,
    Days,
    Floats,
    Ints,
    first_day,
    mean_since,
    on_days,
    per_day,
    per_start,
    start_of,
    weighed_sum,
)
from switchpoint.simulation.candidate import SimulatedCandidate
from switchpoint.simulation.ledger import PROJECT, Component, Ledger
from switchpoint.simulation.limits import BillLimits, is_reached, ratio
from switchpoint.simulation.switch_costs import SwitchCosts, first_spending, outgrown_with, running_bill, running_cost

# One start of a candidate followed to the end ------------------------------------------------------------------------


@dataclass(frozen=True)
class Staged:
    """A project that is prepared from one day on and committed, that is trained first, on another or NEVER."""

    prepare_from: int
    commit: int


Start: TypeAlias = int | Staged | None
"""How a policy starts a project: on a day (NEVER where it never fires, STAY where nothing is begun), in stages, or on
its best start, which each candidate finds itself."""


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


# What a candidate does for the bill and the limit, as if it were live since the first day ----------------------------

SIX_MONTHS = 182
WITHIN = 90
"""Days within which a remedy must have brought the pressure below 1."""


@dataclass(frozen=True)
class Strain:
    """The days on which a candidate, as if live since day 0, does not keep the limit; shape (…, days)."""

    over: Bools
    """Over the limit."""
    outgrown: Bools | None = None
    """With more left on the current route than it can carry; None where it always can."""

    @cached_property
    def _strained_days(self) -> Bools:
        """Days that a remedy must not have: over the limit, or with more left on the current route than it carries."""
        return self.over if self.outgrown is None else self.over | self.outgrown

    @cached_property
    def _lasting(self) -> Ints:
        """How many days before each have pressure below 1 from there on for six months, or to a horizon that is 28 days
        off or more; shape (…, days + 1)."""
        days = self._strained_days.shape[-1]
        day = np.arange(days)
        ahead = np.where(self._strained_days, day, days)
        next_over = np.minimum.accumulate(ahead[..., ::-1], axis=-1)[..., ::-1]
        lasts = (next_over >= np.minimum(day + SIX_MONTHS, days)) & (day <= days - WINDOW)
        before = np.zeros((*lasts.shape[:-1], days + 1), dtype=np.int32)
        np.cumsum(lasts, axis=-1, out=before[..., 1:])
        return before

    def is_remedy(self, cutover: Days, threat: Days) -> Bools:
        """Whether, once live, pressure falls below 1 within 90 days of the threat and stays there.

        With D the later of cutover and threat date: from some day of [D, D + 90] on it is below 1 for 182 days, or to a
        horizon that is at least 28 days off. Where the horizon is nearer than that to D, its last day is judged.

        Args:
            cutover: first day live, shape (…).
            threat: day of the threat, NEVER without one.
        """
        days = self.over.shape[-1]
        since = np.maximum(np.minimum(np.maximum(cutover, np.where(np.less(threat, NEVER), threat, 0)), days - 1), 0)
        until = np.minimum(since + WITHIN, days - WINDOW)
        some = on_days(self._lasting, np.maximum(until, since) + 1) - on_days(self._lasting, since) > 0
        short = days - since < WINDOW
        return np.asarray(
            (np.less(cutover, days)) & np.where(short, ~self._strained_days[..., -1], some & (until >= since))
        )


@dataclass(frozen=True)
class RunningCost:
    """Running cost of a candidate as if live since day 0, against the stay cost; dollars a day, shape (…, days).

    Neither counts what it takes to move to the successor of a retired model: that is a project, not a bill.
    """

    cost: Floats
    bill: Floats
    """The part of it that the limit is about: all but the price of its quality."""
    stay: Floats
    limits: BillLimits
    outgrown: Bools | None = None
    """Days on which the current route cannot carry what is left on it; None where it always can."""
    stay_mean: Floats | None = None
    """The trailing mean of staying, where it is known already."""

    @classmethod
    def of(cls, prospect: SimulatedCandidate, limits: BillLimits, stay_mean: Floats | None = None) -> RunningCost:
        """What a candidate does for the bill."""
        bill, outgrown = running_bill(prospect), outgrown_with(prospect)
        return cls(running_cost(prospect, bill), bill, prospect.setting.route_bill, limits, outgrown, stay_mean)

    @cached_property
    def _means(self) -> tuple[Floats, Floats]:
        stay = trailing_mean(self.stay) if self.stay_mean is None else self.stay_mean
        return self._mean_bill if self.cost is self.bill else trailing_mean(self.cost), stay

    @cached_property
    def _mean_bill(self) -> Floats:
        return trailing_mean(self.bill)

    @cached_property
    def crossover(self) -> Days:
        """First day on which its trailing mean is no more than that of staying."""
        cost, stay = self._means
        return first_day(cost <= stay * (1 + SAME))

    @property
    def cheaper_at_the_end(self) -> bool:
        """Whether it costs less than staying over the last 28 days."""
        cost, stay = self._means
        return bool(cost[-1] < stay[-1] * (1 - SAME))

    @property
    def keeps_at_the_end(self) -> bool:
        """Whether its pressure is below 1 on the last day."""
        return not bool(self.over[-1])

    @cached_property
    def reverts(self) -> Days:
        """First day after the crossover on which it costs more than staying again."""
        cost, stay = self._means
        return first_day(cost > stay * (1 + SAME), self.crossover)

    @cached_property
    def pressure(self) -> Floats:
        """Pressure of the running bill; shape (…, days)."""
        return ratio(self._mean_bill, self.limits.trailing)

    @cached_property
    def over(self) -> Bools:
        """Days on which it is over the limit, shape (…, days)."""
        return is_reached(self.pressure)

    def below_from(self, cutover: Days) -> Days:
        """First day at or after cutover with pressure below 1; NEVER where the limit is not kept."""
        return first_day(~self.over, cutover)

    def limit_again(self, cutover: Days) -> Days:
        """First day after cutover with pressure >= 1 again, having been below 1 on or after cutover."""
        return first_day(self.over, self.below_from(cutover))

    @cached_property
    def strain(self) -> Strain:
        """The days that a remedy must not have."""
        return Strain(self.over, self.outgrown)

    def is_remedy(self, cutover: Days, threat: Days) -> Bools:
        """Whether, once live, pressure falls below 1 within 90 days of the threat and stays there; see `Strain`."""
        return self.strain.is_remedy(cutover, threat)


@dataclass(frozen=True)
class LimitKept:
    """How a candidate keeps the limit: first day below it once live, first day at it again, and the part of the days
    from the threat on that lie below it; NEVER and NaN where that is not told. In many worlds of shape (worlds, 1)."""

    since: Days
    until: Days
    share: Any

    @property
    def share_of_days(self) -> float | None:
        """That part in one world, None where it is not told."""
        return None if math.isnan(self.share) else float(self.share)


NOT_TOLD = LimitKept(NEVER, NEVER, math.nan)


def limit_kept_by(running: RunningCost, staying: Bools, threat: Days, live: Days) -> LimitKept:
    """How the limit is kept by what is live from a day on.

    Args:
        running: what it does for the bill.
        staying: days on which staying is over the limit, shape (…, days).
        threat: the day of the threat.
        live: the day on which it is live.
    """
    over = np.where(np.arange(staying.shape[-1]) >= per_day(live), running.over, staying)
    return LimitKept(running.below_from(live), running.limit_again(live), 1 - mean_since(threat, over))
