"""The lead-aware call: what is due, from the months to the limit and how long going live takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cached_property

import numpy as np

from switchpoint.errors import CannotCompute
from switchpoint.horizon import MONTH_DAYS, NEVER, Bools, Floats
from switchpoint.owndata.fit_scenario import fitted_scenario
from switchpoint.owndata.own_fit import OwnFit
from switchpoint.scenario.errors import ScenarioError
from switchpoint.scenario.load import Loaded
from switchpoint.study.draws import quantile_day
from switchpoint.warning.states import open_mondays

SURE = 0.8
"""Share of the draws in which the project is no longer than what is reckoned with."""
CLEAR = 1.2
"""A call ends once the limit was this many times as far away as it takes, on four Mondays running."""
HELD = 0.45
"""Neither near enough to open a call nor clear enough to end one: see `open_mondays`."""


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


OVER = "over"
LATE_STATES = ("late", OVER)


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

    @property
    def today(self) -> date:
        """The day after the last whole one."""
        return self.as_of + timedelta(days=1)

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
    refitted = fitted_scenario(fit, loaded)
    try:
        base = JudgedWorld(simulate(refitted.scenario))
        found = MonteCarlo(draws, seed).study(refitted.scenario, base)
    except CannotCompute as problem:
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


def hold_near(months: Floats, reach: Floats) -> Bools:
    """On which Mondays the limit is near: within reach, and held until it was clear on four Mondays running.

    Args:
        months: months to the limit on each Monday, shape (mondays,); infinite where nothing is said.
        reach: months within which it is near, same shape.

    >>> hold_near(np.array([9.0, 6.0, 6.6, 9.0, 9.0, 9.0, 9.0]), np.full(7, 6.5)).astype(int)
    array([0, 1, 1, 1, 1, 1, 0])
    """
    near, clear = months <= reach, months > CLEAR * reach
    chance = np.where(near, 1.0, np.where(clear, 0.0, HELD))
    held: Bools = open_mondays(chance[None])[0]
    return held


def hold_late(months: Floats, states: Sequence[str], closes: float) -> Bools:
    """On which Mondays it is late: from such a state on, until the limit was clear on four Mondays running."""
    is_late = np.isin(states, LATE_STATES)
    away = np.where(is_late, 0.0, np.maximum(months, 1.01 * closes))
    held: Bools = hold_near(away, np.full(len(months), closes)) & (np.cumsum(is_late) > 0)
    return held


def calls_of_mondays(
    months: Floats, states: Sequence[str], advices: Sequence[RefitAdvice], closes: float
) -> list[tuple[Call, str]]:
    """What is due on each Monday, and why.

    Late at or shortly before the limit. Start now while the warning is open, once the start-by date is reached, and
    from the forecast threat less the length of the project on. Prepare once labelling or hiring is due, and from the
    first of `warn_months` before that on. Else calm. What the months to the limit call for is held: see `hold_near`.

    Args:
        months: months to the limit, shape (mondays,); infinite where nothing is said.
        states: of the monitor.
        advices: what was advised as of each Monday.
        closes: the first of `warn_months`.
    """
    lead = np.array([np.nan if each.lead_days is None else each.lead_days / MONTH_DAYS for each in advices])
    reach = np.where(np.isnan(lead), -1.0, lead)
    start, prepare = hold_near(months, reach), hold_near(months, np.where(reach >= 0, reach + closes, -1.0))
    late = hold_late(months, states, closes)
    return [
        _call(state, advice, bool(late[place]), bool(start[place]), bool(prepare[place]))
        for place, (state, advice) in enumerate(zip(states, advices, strict=True))
    ]


def _call(state: str, advice: RefitAdvice, late: bool, near_start: bool, near_preparing: bool) -> tuple[Call, str]:
    if state in LATE_STATES:
        return Call.LATE, "the bill is at its limit" if state == OVER else "the limit is close"
    if late:
        return Call.LATE, "the limit was close within the last four weeks"
    if state == "open":
        return Call.START_NOW, "the warning window is open"
    if near_start:
        return Call.START_NOW, "the project takes as long as the limit is away"
    if advice.start_is_due:
        return Call.START_NOW, "the start-by date is reached"
    if advice.preparing_is_due:
        return Call.PREPARE, "labelling or hiring is due"
    if near_preparing:
        return Call.PREPARE, "the project must soon begin to be live in time"
    return Call.CALM, "nothing is due"
