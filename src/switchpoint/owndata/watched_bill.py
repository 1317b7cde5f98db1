"""A real bill and its limit, day by day; what the monitor says each Monday, and what is due by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from switchpoint.errors import CannotCompute
from switchpoint.finance import WINDOW, trailing_mean
from switchpoint.horizon import MONTH_DAYS, NEVER, PER_DAY, Bools, Floats, first_day
from switchpoint.owndata.bill_price import BilledPrice
from switchpoint.owndata.fit_scenario import NO_USAGE, fitted_scenario, has_usage
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.owndata.usage_history import UsageHistory, fill_missing_days
from switchpoint.owndata.usage_sums import filled_words, future_words
from switchpoint.scenario.errors import Fault, ScenarioError
from switchpoint.scenario.load import Loaded
from switchpoint.scenario.routes import PricedRoute
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import num
from switchpoint.simulation.limits import is_reached, ratio
from switchpoint.simulation.prices import counted_changes
from switchpoint.study.draws import quantile_day
from switchpoint.warning.monitor import monitor

if TYPE_CHECKING:
    from pandas import DataFrame


# A real bill and its limit, day by day, and what the monitor says of it each Monday ----------------------------------


@dataclass(frozen=True, eq=False)
class RealBill:
    """The bill of a history against the limit of a scenario.

    Args:
        history: the days.
        scenario: whose limit, revenue and announced changes count.
    """

    history: UsageHistory
    scenario: Scenario

    @cached_property
    def price(self) -> BilledPrice:
        """What was billed, and what the catalogue lists."""
        return BilledPrice.beside(self.history, self.scenario.current)

    @cached_property
    def daily(self) -> Floats:
        """Dollars of each day; one without a row is like those around it.

        Raises:
            ScenarioError: where neither dollars nor tokens of listed models are there.
        """
        bill = self.price.filled_bill
        if bill is None:
            lacks = "no file has dollars, and the catalogue does not list the models: there is no bill to watch"
            raise ScenarioError([Fault("files", 1, "cost_usd", lacks)])
        return np.nan_to_num(bill)

    @cached_property
    def doubts(self) -> list[str]:
        """What the figures rest on that may not be so: days without a bill, days ahead of today, and units."""
        ahead = future_words(self.history.last_day, date.today())
        return [*filled_words(self.price.unbilled_days, "bill"), *ahead, *filter(None, [self.price.unit_doubt])]

    @cached_property
    def requests(self) -> Floats | None:
        """Requests of each day, as counted."""
        counted = self.history.daily.get("requests")
        return None if counted is None else np.nan_to_num(fill_missing_days(counted))

    @cached_property
    def limit(self) -> Floats | None:
        """Dollars a day of the tightest limit, shape (days,); None without one.

        Raises:
            ScenarioError: where a limit follows requests that no file counts.
        """
        stated = self.scenario.limit
        if stated is None:
            return None
        each = []
        if stated.usd_per_month is not None:
            each.append(np.full(self.history.days, stated.usd_per_month * PER_DAY))
        if stated.share_of_revenue is not None:
            each.append(stated.share_of_revenue * PER_DAY * self._revenue_per_month())
        if stated.usd_per_1000_requests is not None:
            each.append(stated.usd_per_1000_requests * self._counted_requests() / 1000)
        tightest: Floats = np.min(each, axis=0)
        return tightest

    def _revenue_per_month(self) -> Floats:
        revenue = self.scenario.revenue
        first = (self.history.first_day - self.scenario.start).days
        months = (first + np.arange(self.history.days) + 0.5) / MONTH_DAYS
        grown = num(revenue.usd_per_month) * (1 + num(revenue.growth_per_month)) ** months
        own: Floats = np.asarray(grown, dtype=np.float64)
        by_request = num(revenue.usd_per_1000_requests)
        return own + by_request * self._counted_requests() * MONTH_DAYS / 1000 if by_request else own

    def _counted_requests(self) -> Floats:
        if self.requests is None:
            lacks = "the limit follows requests, but no file counts them; give --requests-per-day or a file with them"
            raise ScenarioError([Fault("files", 1, "requests", lacks)])
        return self.requests

    @cached_property
    def pressure(self) -> Floats | None:
        """The mean bill of 28 days over their mean limit, shape (days,); None without a limit."""
        return None if self.limit is None else ratio(trailing_mean(self.daily), trailing_mean(self.limit))

    @cached_property
    def threat(self) -> date | None:
        """First day on which the bill was at its limit."""
        day = int(first_day(self._at_limit))
        return None if day >= NEVER else self.history.first_day + timedelta(days=day)

    @cached_property
    def _at_limit(self) -> Bools:
        """On which days the bill was at its limit, shape (days,)."""
        if self.pressure is None:
            return np.zeros(self.history.days, dtype=bool)
        reached = is_reached(self.pressure)
        reached[: min(WINDOW, reached.size) - 1] = False  # a mean of fewer days is no month
        return reached

    def at_limit_since(self, last: date) -> date | None:
        """From which day on the bill was at its limit without a break up to a day; None where it was not on that."""
        reached = self._at_limit[: (last - self.history.first_day).days + 1]
        if not reached.size or not reached[-1]:
            return None
        below = np.flatnonzero(~reached)
        return self.history.first_day + timedelta(days=int(below[-1]) + 1 if below.size else 0)

    @cached_property
    def monday_table(self) -> DataFrame:
        """What the monitor says each Monday from the days before it; see `switchpoint.monitor`.

        Raises:
            ScenarioError: without a limit, or with less than a whole week.
        """
        from pandas import Series, date_range

        assert self.limit is not None
        dates = date_range(self.history.first_day, periods=self.history.days, freq="D")
        months = self.scenario.decision.warn_months
        return monitor(
            Series(self.daily, index=dates),
            Series(self.limit, index=dates),
            months,
            price_changes=self._known_changes(),
        )

    def _known_changes(self) -> list[tuple[date, float]]:
        """Announced changes of the price, and launches that are still ahead where the limit does not follow them."""
        route = self.scenario.current
        changes = [
            (change.date, num(change.factor))
            for change in (counted_changes(route) if isinstance(route, PricedRoute) else ())
            if change.probability == 1 and change.date > self.history.first_day
        ]
        limit = self.scenario.limit
        if limit is not None and limit.usd_per_1000_requests is None:
            ahead = [event for event in self.scenario.usage.events if event.date > self.history.last_day]
            changes += [(event.date, num(event.factor)) for event in ahead if event.probability == 1]
        return changes


# The lead-aware call -------------------------------------------------------------------------------------------------

SURE = 0.8
"""Share of the draws in which the project is no longer than what is reckoned with."""
CLEAR = 1.2
"""The limit is clearly further away than it takes from this many times as far away on."""
CLEAR_MONDAYS = 8
"""Mondays running on which it must be, before a call ends: a project cannot be begun and stopped by the month."""
REFIT_WEEKS = 4
"""Weeks between two refits of the scenario that calls go by; the monitor speaks every week."""
WAS_CLOSE, WAS_TIME = "the limit was close within the last eight weeks", "it was time within the last eight weeks"
START_BY = "the start-by date is reached"


class Call(IntEnum):
    """What is due; its number is the exit code."""

    CALM = 0
    PREPARE = 10
    START_NOW = 11
    LATE = 12

    @property
    def word(self) -> str:
        """As it is written."""
        return self.name.lower().replace("_", "-")


GROWTH = ("usage", "growth")
EXPLODES = "these days grow so fast that the months of the scenario cannot be computed"
OVER = "over"
LATE_STATES = ("late", OVER)
OPEN_STATES = ("open", *LATE_STATES)


@dataclass(frozen=True)
class RefitAdvice:
    """What is advised on a scenario that was refitted on the days up to one.

    Args:
        as_of: the last of those days.
        candidate: the advised one, if any.
        action: the advice.
        lead_days: days that its project takes from the day after, in 80 % of the draws no more; None where it is never
            live, or nothing is advised.
        middle_days: the same in half of the draws.
        label_by: None where nothing is to be labelled, as with the two after it.
        crossover: days after which the candidate is cheaper, in 10, 50 and 90 % of the draws; NEVER for none.
        lacks: why nothing can be advised, if so.
    """

    as_of: date
    candidate: str | None = None
    action: str = "stay"
    lead_days: int | None = None
    middle_days: int | None = None
    label_by: date | None = None
    hire_by: date | None = None
    start_by: date | None = None
    crossover: tuple[int, ...] = (NEVER, NEVER, NEVER)
    lacks: str = ""

    @property
    def today(self) -> date:
        """The day after the last whole one."""
        return self.as_of + timedelta(days=1)

    def told_on(self, monday: date) -> RefitAdvice:
        """The same, looked at on a later Monday, so that a date that passes in between is due."""
        return replace(self, as_of=monday - timedelta(days=1))

    @cached_property
    def start_is_due(self) -> bool:
        """Whether the start-by date is reached."""
        return self.start_by is not None and self.start_by <= self.today

    @cached_property
    def preparing_is_due(self) -> bool:
        """Whether labelling or hiring has to begin."""
        return any(each is not None and each <= self.today for each in (self.label_by, self.hire_by))


def advise(fit: OwnFit, loaded: Loaded, draws: int, seed: int = 0) -> RefitAdvice:
    """The advice on a scenario refitted on a history, as of the day after it.

    Args:
        fit: of the history, beginning on that day.
        loaded: the scenario.
        draws: worlds that are drawn.
        seed: of the draws.

    Raises:
        ScenarioError: where the scenario cannot be refitted or computed.
    """
    from switchpoint.decision.case import simulate
    from switchpoint.decision.result import JudgedWorld
    from switchpoint.study.monte_carlo import MonteCarlo

    as_of = fit.history.last_day
    if not has_usage(fit):  # money alone is watched, without a refit
        return RefitAdvice(as_of, lacks=NO_USAGE)
    refitted = fitted_scenario(fit, loaded)
    try:
        base = JudgedWorld(simulate(refitted.scenario))
        found = MonteCarlo(draws, seed).study(refitted.scenario, base)
    except CannotCompute as problem:
        if problem.path[:2] == GROWTH:
            # Days that grow so fast are no fault of the scenario: the monitor speaks, and nothing is advised.
            return RefitAdvice(as_of, lacks=EXPLODES)
        raise ScenarioError([loaded.fault(problem.path, problem.message)], loaded.source) from None
    verdict = found.verdict
    if verdict.candidate is None:
        main = found.base.main_candidate
        never = found.candidates[main.name].crossover if main is not None else None
        reached = (NEVER,) * 3 if never is None else (never.p10, never.p50, never.p90)
        return RefitAdvice(as_of, action=verdict.action.value, crossover=reached)
    best = found.candidates[verdict.candidate.name]
    cutover = best.weighed.seen.cutover[:, 0]
    lead, middle = (quantile_day(cutover, share) for share in (SURE, 0.5))
    crossover = best.crossover
    return RefitAdvice(
        as_of,
        best.name,
        verdict.action.value,
        None if lead >= NEVER else int(lead),
        None if middle >= NEVER else int(middle),
        base.date(verdict.label_by),
        base.date(verdict.hire_by),
        base.date(verdict.start_by),
        (crossover.p10, crossover.p50, crossover.p90),
    )


def refits_on(monday: date) -> bool:
    """Whether calls are told from a refit of that Monday on: each fourth one of the calendar, whoever asks and when.

    A refit of every day moves with every day, and its dates come and go; the months to the limit are told each Monday.
    """
    return monday.toordinal() // 7 % REFIT_WEEKS == 0


def hold_call(due: Bools, clear: Bools) -> Bools:
    """On which Mondays a call stands: from one on which it is due, until it was clear on eight Mondays running.

    Args:
        due: on which Mondays it is, shape (mondays,).
        clear: on which Mondays it is clearly not, same shape. Neither keeps a call as it is.

    >>> hold_call(np.array([0, 1] + [0] * 9, dtype=bool), np.array([1, 0] + [1] * 9, dtype=bool)).astype(int)
    array([0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0])
    """
    number = np.arange(len(due))
    broken = np.maximum.accumulate(np.where(clear, -1, number))
    opened = np.maximum.accumulate(np.where(due, number, -1))
    ended = np.maximum.accumulate(np.where(number - broken >= CLEAR_MONDAYS, number, -1))
    held: Bools = opened > ended
    return held


def calls_of_mondays(
    months: Floats, states: Sequence[str], advices: Sequence[RefitAdvice], closes: float
) -> list[tuple[Call, str]]:
    """What is due on each Monday, and why.

    Late at or shortly before the limit. Start now while the warning is open, once the start-by date is reached, and
    from the forecast threat less the length of the project on. Prepare once labelling or hiring is due, and from the
    first of `warn_months` before that on. Else calm. Each is held: see `hold_call`.

    Args:
        months: months to the limit, shape (mondays,); infinite where nothing is said.
        states: of the monitor.
        advices: what was advised as of each Monday.
        closes: the first of `warn_months`.
    """
    lead = np.array([np.nan if each.lead_days is None else each.lead_days / MONTH_DAYS for each in advices])
    is_late, is_open = np.isin(states, LATE_STATES), np.isin(states, OPEN_STATES)
    to_start = np.array([each.start_is_due for each in advices], dtype=bool)
    to_prepare = np.array([each.preparing_is_due for each in advices], dtype=bool)
    with np.errstate(invalid="ignore"):  # without a length nothing is near, and all is clear
        late = hold_call(is_late, ~is_late & (months > CLEAR * closes))
        start = hold_call(is_open | to_start | (months <= lead), ~is_open & ~to_start & ~(months <= CLEAR * lead))
        prepare = hold_call(to_prepare | (months <= lead + closes), ~to_prepare & ~(months <= CLEAR * (lead + closes)))
        near = months <= lead
    return [
        _call(state, advice, bool(late[place]), bool(start[place]), bool(prepare[place]), bool(near[place]))
        for place, (state, advice) in enumerate(zip(states, advices, strict=True))
    ]


def _call(state: str, advice: RefitAdvice, late: bool, start: bool, prepare: bool, is_near: bool) -> tuple[Call, str]:
    if late:
        why = {OVER: "the bill is at its limit", "late": "the limit is close"}
        return Call.LATE, why.get(state, WAS_CLOSE)
    if start:
        if state == "open":
            return Call.START_NOW, "the warning window is open"
        if is_near:
            return Call.START_NOW, "the project takes as long as the limit is away"
        return Call.START_NOW, START_BY if advice.start_is_due else WAS_TIME
    if prepare:
        due = advice.preparing_is_due
        return Call.PREPARE, "labelling or hiring is due" if due else "the project must soon begin to be live in time"
    return Call.CALM, "nothing is due"
