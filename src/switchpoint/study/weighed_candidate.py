"""A candidate weighed over all draws: when to start it, and how sure that day is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from switchpoint.decision.candidate_result import CandidateResult
from switchpoint.decision.policies import Deadlines, ahead, commit_days, lead_months, within, within_months
from switchpoint.decision.start_search import AsGood, StartBy, as_good, beats_staying, best_start, earlier
from switchpoint.decision.verdict import CandidateFacts
from switchpoint.finance import SAME
from switchpoint.horizon import NEVER, STAY, Bools, Floats, Horizon, Ints
from switchpoint.scenario.schema import Decision
from switchpoint.simulation.schedule import later
from switchpoint.study.draw_survey import (
    ADVISED,
    ENDLESS,
    IN_TIME,
    TOO_LATE,
    AskedStarts,
    CandidateDraws,
    DrawTable,
    FollowedCandidate,
)
from switchpoint.study.draws import MAJORITY, latest_kept, quantile_day
from switchpoint.warning.plain import Forecast, mondays

SURE = 0.8
"""A start is in time when it is so in this part of the draws; so long a project is reckoned with."""


@dataclass(frozen=True)
class WeighedCandidate:
    """One candidate over all draws.

    Args:
        outlook: the candidate in the base case.
        seen: what was surveyed of it.
        world: what was surveyed of the world around it.
        for_money: started on its best start, whatever becomes of the limit, since nothing keeps that.
    """

    outlook: CandidateResult
    seen: CandidateDraws
    world: DrawTable
    for_money: bool = False

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.outlook.name

    @property
    def clock(self) -> Horizon:
        """The horizon."""
        return self.outlook.clock

    @property
    def days(self) -> int:
        """Days of the horizon."""
        return self.clock.days

    @property
    def decision(self) -> Decision:
        """What the scenario says of deciding."""
        return self.outlook.prospect.setting.scenario.decision

    @property
    def searched_starts(self) -> Ints:
        """Days of the searched starts, shape (starts,)."""
        return self.outlook.starts.searched_starts

    @property
    def under_way(self) -> int | None:
        """Start of a project under way, which is the only start it has."""
        return self.outlook.starts.under_way

    @cached_property
    def weighed_cost(self) -> Floats:
        """Discounted dollars of each searched start, days above the limit with their price, shape (draws, starts)."""
        priced = self.outlook.starts.limit_is_a_price
        return self.seen.cost + self.seen.above if priced else self.seen.cost

    @cached_property
    def expected_cost(self) -> Floats:
        """Expected weighed dollars of each searched start, shape (starts,)."""
        cost: Floats = self.weighed_cost.mean(axis=0)
        return cost

    @cached_property
    def expected_stay(self) -> float:
        """Expected weighed dollars of staying."""
        return float(self.world.weighed_stay.mean())

    @property
    def possible(self) -> bool:
        """Whether it can carry its share throughout the horizon in most draws."""
        return bool(self.seen.possible.mean() >= MAJORITY)

    @cached_property
    def live(self) -> Bools:
        """Which searched starts count: live within the horizon in most draws, shape (starts,)."""
        return np.asarray(((self.seen.cutover < self.days).mean(axis=0) >= MAJORITY) & self.possible)

    @cached_property
    def best(self) -> int:
        """The best start: that of the base case with expected weighed costs, live in the majority of draws."""
        return int(best_start(self.searched_starts, self.expected_cost, self.live, np.array(self.expected_stay)))

    @cached_property
    def as_good(self) -> AsGood | None:
        """How far the best start may be moved without harm."""
        if self.best == NEVER or self.under_way is not None:
            return None
        good = beats_staying(self.expected_cost, self.live, np.array(self.expected_stay))
        return as_good(self.searched_starts, self.expected_stay - self.expected_cost, good, self.best, self.in_time)

    @cached_property
    def in_time(self) -> int:
        """Latest start that is live by the threat, if there is one, in 80 % of all draws, never before day 0.

        NEVER without a threat in half of the draws, and where no draw that has one ever goes live.
        """
        threatened = self.world.threat < NEVER
        goes_live = threatened & (self.seen.cutover[:, 0] < NEVER)
        if threatened.mean() < MAJORITY or not goes_live.any():
            return NEVER
        latest = latest_kept(self.seen.in_time, SURE)
        return int(self.searched_starts[0]) if latest == TOO_LATE else latest

    @property
    def start_by(self) -> StartBy:
        """The earlier of the two; the best start where nothing keeps the limit, or its days have a price."""
        if self.for_money:
            return StartBy(self.best, None if self.best == NEVER else "money")
        return earlier(self.in_time, self.best, limit_is_a_price=self.outlook.starts.limit_is_a_price)

    @property
    def judged_start(self) -> int:
        """The start that it is judged by: its start-by day, else the earliest."""
        return int(self.searched_starts[0]) if self.start_by.day == NEVER else self.start_by.day

    @cached_property
    def start_by_each(self) -> Ints:
        """Start-by day of each draw, had one known its world; shape (draws,)."""
        live = (self.seen.cutover < self.days) & self.seen.possible[:, None]
        best = best_start(self.searched_starts, self.weighed_cost, live, self.world.weighed_stay)
        if self.outlook.starts.limit_is_a_price:
            return best
        in_time = np.where(self.seen.in_time == TOO_LATE, self._if_late, self.seen.in_time)
        return np.minimum(in_time, best)

    @property
    def _if_late(self) -> Ints:
        """What counts as the latest start in time where it is too late: the earliest one, if it ever goes live."""
        return np.where(self.seen.cutover[:, 0] < NEVER, self.searched_starts[0], NEVER)

    def chance_in_time(self) -> Floats:
        """Share of draws in which each searched start is live by the threat or there is none, shape (starts,)."""
        return np.asarray((self.seen.cutover <= self.world.threat[:, None]).mean(axis=0))

    @property
    def forecast(self) -> Forecast:
        """What the monitor says in each draw, shape (draws, mondays)."""
        return Forecast(mondays(self.clock), self.world.months)

    @cached_property
    def lead_days(self) -> Ints:
        """How long the project is reckoned to take from each Monday, the same in all draws; NEVER for no end."""
        place = max(int(np.ceil(SURE * self.world.draws - 1e-9)) - 1, 0)
        days = np.partition(self.seen.lead, place, axis=0)[place].astype(np.int64)
        return np.where(days == ENDLESS, NEVER, days)

    @cached_property
    def remaining_lead(self) -> int:
        """Days from the first training to cutover that are reckoned with; NEVER for no end."""
        return quantile_day(self.seen.remaining, SURE)

    @cached_property
    def lead_start(self) -> Ints:
        """Start under `lead` in each draw: as long before the threat as the project takes, and warned at least."""
        forecast, opens = self.forecast, self.decision.warn_months[1]
        cutover = later(forecast.mondays, self.lead_days)
        return np.asarray(within(forecast.first_within(lead_months(cutover, forecast.mondays, opens)), self.clock))

    @cached_property
    def commit(self) -> Ints:
        """Day of commitment under `staged` in each draw."""
        months = within_months(self.remaining_lead, self.decision.warn_months[0])
        return commit_days(self.forecast, self.seen.prepared[:, None], months, self.clock)[:, 0]

    def starts_to_follow(self) -> AskedStarts:
        """The starts of it that are to be followed."""
        own, never = self.policy_start, self.everywhere(NEVER)
        starts = np.stack([own, self.everywhere(self.judged_start)], axis=1)
        if self.under_way is not None:
            return AskedStarts(starts, np.stack([own, own, own, own, never], axis=1))
        in_time = self.everywhere(self.in_time)
        return AskedStarts(starts, np.stack([self.world.warning, self.lead_start, in_time, never, self.commit], axis=1))

    @property
    def policy_start(self) -> Ints:
        """Start under the scenario's policy in each draw, shape (draws,); under `staged` the day of commitment, or
        without a limit to watch none at all."""
        return self.start_under(self.decision.policy)

    def start_under(self, policy: object) -> Ints:
        """Start under any policy in each draw, as of `policy_start`."""
        if self.under_way is not None:
            return self.everywhere(self.under_way)
        if isinstance(policy, date):
            return self.everywhere(within(max(self.clock.day_of(policy), 0), self.clock))
        match policy:
            case "warn":
                return self.world.warning.astype(np.int64)
            case "lead":
                return self.lead_start
            case "staged":
                return self.commit if self.outlook.limited else self.everywhere(STAY)
        return self.everywhere({"now": 0, "never": STAY, "best": self.best}[str(policy)])

    def everywhere(self, day: int) -> Ints:
        """One day in each draw."""
        return np.full(self.world.draws, day)

    def expected_at(self, came: FollowedCandidate) -> float:
        """Expected weighed dollars of its judged start, from what came of that."""
        followed = came.followed
        saved = followed.saving[:, ADVISED].mean() - followed.above[:, ADVISED].mean()
        return float(self.world.present_stay.mean() - saved)

    def standing(self, came: FollowedCandidate) -> CandidateFacts:
        """How it stands before the verdict, from what came of its `judged` start."""
        followed, today = came.followed, self.expected_stay - float(self.expected_cost[0])
        return CandidateFacts(
            outlook=self.outlook,
            possible=self.possible,
            saves=self.best != NEVER,
            remedy=bool(followed.remedy[:, ADVISED].mean() >= MAJORITY),
            cost=self.expected_at(came),
            stay=self.expected_stay,
            one_off=float(followed.one_off[:, ADVISED].mean()),
            start_by=self.start_by,
            live=quantile_day(self.seen.cutover[:, 0], MAJORITY),
            in_time=bool((self.seen.cutover[:, 0] <= self.world.threat).mean() >= MAJORITY),
            saves_today=self.possible and today > SAME * self.expected_stay,
            bridges=quantile_day(self.seen.over, MAJORITY),
            deadlines=self._deadlines(came),
            as_good=self.as_good if self.start_by.binds == "money" else None,
            remaining_lead=self.remaining_lead,
            in_time_costs=self._in_time_costs(came),
        )

    def _deadlines(self, came: FollowedCandidate) -> Deadlines:
        """The median days on which the steps of the project begin that starts on its start-by day."""
        if self.start_by.day == NEVER:
            return Deadlines()
        followed, planner = came.followed, self.outlook.prospect.planner
        label, hire, commit = (
            ahead(quantile_day(days[:, ADVISED], MAJORITY))
            for days in (followed.label, followed.recruit, followed.ready)
        )
        if planner.project.iterations_done:
            commit = NEVER
        elif not planner.steps.to_be_live:
            commit = ahead(self.start_by.day)
        return Deadlines(label, hire, commit)

    def _in_time_costs(self, came: FollowedCandidate) -> float | None:
        """Expected weighed dollars that the start in time costs more than the best one, or than staying without one."""
        if self.in_time == NEVER or self.chance_in_time()[0] < SURE:
            return None
        if self.best <= self.in_time:
            return 0.0
        saved = came.waited.saving[:, IN_TIME].mean() - came.waited.above[:, IN_TIME].mean()
        least = self.expected_stay if self.best == NEVER else self.expected_cost[self.place_of_best]
        return float(self.world.present_stay.mean() - saved - least)

    @property
    def place_of_best(self) -> int:
        """Its place among the searched starts."""
        return int(np.searchsorted(self.searched_starts, self.best))


RESAMPLES = 200
MOST_AT_ONCE = 2_000_000
"""Weights that are held at once."""
LOW, HIGH = 0.1, 0.9
STREAM = 0xB007
"""Keeps the resampling apart from the streams of the draws."""


def start_by_range(weighed: WeighedCandidate, seed: int) -> tuple[int, int]:
    """Days between which the start-by day of a candidate lies in 80 % of resamples of its draws; NEVER for none.

    Args:
        weighed: the candidate over all draws.
        seed: of the draws.
    """
    found = np.concatenate([start_by_of(weighed, weights) for weights in _resamples(weighed.world.draws, seed)])
    low, high = np.quantile(found, (LOW, HIGH), method="inverted_cdf")
    return int(low), int(high)


def _resamples(draws: int, seed: int) -> Iterator[Floats]:
    """How much each draw counts in some resamples with replacement, shape (resamples, draws)."""
    stream = np.random.default_rng([seed, STREAM])
    block = max(MOST_AT_ONCE // draws, 1)
    for first in range(0, RESAMPLES, block):
        picked = stream.integers(draws, size=(min(block, RESAMPLES - first), draws))
        yield np.stack([np.bincount(row, minlength=draws) for row in picked]) / draws


def start_by_of(weighed: WeighedCandidate, weights: Floats) -> Ints:
    """The start-by day with each draw counting so much, shape (resamples,).

    Args:
        weighed: the candidate over all draws.
        weights: of the draws, shape (resamples, draws), each row of sum 1.
    """
    seen, world = weighed.seen, weighed.world
    live = (weights @ (seen.cutover < weighed.days) >= MAJORITY) & (weights @ seen.possible >= MAJORITY)[:, None]
    best = best_start(weighed.searched_starts, weights @ weighed.weighed_cost, live, weights @ world.weighed_stay)
    if weighed.for_money or weighed.outlook.starts.limit_is_a_price or weighed.in_time == NEVER:
        return np.asarray(best)
    threatened = weights @ (world.threat < NEVER) >= MAJORITY
    return np.asarray(np.minimum(best, np.where(threatened, _in_time(weighed, weights), NEVER)))


def _in_time(weighed: WeighedCandidate, weights: Floats) -> Ints:
    """Latest start that is in time in 80 % of the draws."""
    order = np.argsort(weighed.seen.in_time, kind="stable")
    before = np.cumsum(weights[:, order], axis=1)
    latest = weighed.seen.in_time[order][(before > 1 - SURE + 1e-9).argmax(axis=1)]
    return np.asarray(np.where(latest == TOO_LATE, weighed.searched_starts[0], latest))
